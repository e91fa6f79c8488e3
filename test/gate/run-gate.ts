/** Runs `holdfast gate` as a user does, in its own process, between the two releases of a site. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { GateResult } from '../../functions/gate/contract.ts';
import { COMPILE_CACHE } from '../compile-cache.ts';
import type { Site } from './two-releases.ts';

export interface GateRun {
  readonly code: number | null;
  /** Undefined where the command printed no result. */
  readonly result?: GateResult & { readonly seconds: number };
  /** As the clock on the wall has them, with the command's start. */
  readonly seconds: number;
  /** All that it printed. */
  readonly printed: string;
  readonly passwords: readonly string[];
}

export interface How {
  readonly folder: string;
  readonly caFile: string;
  /** The new release is taken for the old one. */
  readonly swapped?: boolean;
  /** One address, and a header that chooses the new release. @default two addresses */
  readonly byHeader?: boolean;
  /** Both addresses are the old one's. */
  readonly onlyOld?: boolean;
}

const LIMIT_MS = 90_000;
const MAIN = path.resolve(import.meta.dirname, '../../bin/main.ts');
let runs = 0;

export const passwordOf = (user: string): string => `secret of ${user}`;

export async function runGate({ url, testUrl, header }: Site, how: How): Promise<GateRun> {
  // Runs at the same time have users of their own.
  const run = String(++runs).padStart(4, '0');
  const users = [`anna-${run}`, `ben-${run}`] as const;
  const recipe = path.join(how.folder, `recipe-${run}.json`);
  await writeFile(recipe, JSON.stringify(recipeOf(users)));
  const there = how.onlyOld || how.byHeader ? url : testUrl;
  const [old, next] = how.swapped ? [there, url] : [url, there];
  const option = how.byHeader ? [how.swapped ? '--old-header' : '--new-header', header] : [];
  const words = ['gate', '--old', old, '--new', next, '--recipe', recipe, ...option, '--json'];
  const startedAtMs = Date.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    env: {
      ...{ PATH: process.env['PATH'] ?? '', HOME: how.folder, HOLDFAST_STATE_FOLDER: how.folder, AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ NODE_EXTRA_CA_CERTS: how.caFile, GATE_A: passwordOf(users[0]), GATE_B: passwordOf(users[1]) },
      ...COMPILE_CACHE,
    },
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const seconds = (Date.now() - startedAtMs) / 1_000;
  const printed = `${stdout}\n${stderr}`;
  const isResult = stdout.startsWith('{"verdict"');
  return { code, seconds, printed, passwords: users.map(passwordOf), ...(isResult && { result: JSON.parse(stdout) }) };
}

const recipeOf = (users: readonly [string, string]) => ({
  users: {
    a: { name: users[0], password: { environment: 'GATE_A' } },
    b: { name: users[1], password: { environment: 'GATE_B' } },
  },
  login: [{ post: '/login', form: { user: '{name}', password: '{password}' } }],
  who: { get: '/account' },
  logout: [{ post: '/logout' }],
  release: { get: '/', take: { header: 'x-release' } },
  cart: { change: [{ post: '/cart', form: { item: '1' } }], get: '/cart', take: { between: ['<p>Cart: ', ' items'] } },
});
