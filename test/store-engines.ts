/**
 * The store engines for tests that have to hold on each: `describe.each(STORE_ENGINES)('… on $name', (engine) => …)`. `npm test` runs
 * them on the engine that the templates name, and `npm run test:full` on every engine of this machine.
 */
import { pathsOf } from '../setup/checkout.mjs';
import { findStoreServers, storeFolders } from '../setup/find-store-server.mjs';
import { FULL } from './e2e/full-run.ts';

export interface StoreEngine {
  /** `valkey 8.0.1` */
  readonly name: string;
  readonly engine: 'valkey' | 'redis';
  readonly version: string;
  /** Path of valkey-server or redis-server. */
  readonly server: string;
  /** Path of valkey-cli or redis-cli of the same installation; undefined where only the server is installed. */
  readonly cli: string | undefined;
}

/** At most one per engine, the default first, where set-up finds them. HOLDFAST_STORE_SERVER chooses the default. */
const INSTALLED: readonly StoreEngine[] = findStoreServers(process.env, storeFolders(process.env, pathsOf())).servers.map(
  ({ engine, version, path, cli }) => ({ name: `${engine} ${version}`, engine, version, server: path, cli }),
);

export const STORE_ENGINES: readonly StoreEngine[] = FULL ? INSTALLED : INSTALLED.slice(0, 1);

/** The engine that a test runs on when it does not say which; the second one in the run that is for the other engine. */
export const DEFAULT_ENGINE = ((process.env['HOLDFAST_TEST_ENGINE'] === 'other' && INSTALLED[1]) || INSTALLED[0]) as StoreEngine;

if (DEFAULT_ENGINE === undefined)
  throw new Error('These tests need valkey-server or redis-server 7 or newer: run `npm start` once, which installs one where it can.');
