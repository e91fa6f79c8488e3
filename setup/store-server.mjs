/** Finds or brings the server behind the local ElastiCache: Valkey 8 or newer where it can, as the templates name it. */
import { join } from 'node:path';
import { printProgress, readIfPresent, writeWhole } from './checkout.mjs';
import { findStoreServers, MINIMUM, storeFolders } from './find-store-server.mjs';
import { installValkey } from './install-valkey.mjs';
import { SetupError } from './setup-error.mjs';
import { unpackStore } from './unpack-store.mjs';

/** What the templates name. */
const WANTED = [8, 0];
/** A machine that could not get an engine tries again after this time, not at every start. */
const RETRY_AFTER_MS = 24 * 60 * 60_000;

/** @typedef {import('./find-store-server.mjs').StoreServer} StoreServer */

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @returns {Promise<readonly StoreServer[]>} at most one per engine, at least one, the one to use first
 * @throws SetupError naming what to install
 */
export async function ensureStoreServer(context) {
  const { env, paths } = context;
  const find = () => findStoreServers(env, storeFolders(env, paths));
  const before = find();
  if (env.HOLDFAST_STORE_SERVER || before.servers.some(isWanted)) return before.servers;
  const reason = await reasonOnce(paths, 'valkey', before.servers.length > 0, () => bringValkey(context));
  let found = find();
  if (found.servers.length === 0) {
    await reasonOf(() => unpackStore(context, 'redis', MINIMUM));
    found = find();
  }
  const [server] = found.servers;
  if (server === undefined) throw storeServerMissing(found.old, reason);
  if (!isWanted(server)) {
    const { engine, version, path } = server;
    printProgress(`no Valkey ${WANTED[0]} here, so the local ElastiCache runs ${engine} ${version} (${path}): ${reason}`);
  }
  return found.servers;
}

/**
 * For tests that hold on each engine: brings Redis as well, where the machine's release has it.
 *
 * @param {import('./checkout.mjs').StepContext} context
 * @returns {Promise<readonly StoreServer[]>} at most one per engine, the one to use first
 */
export async function ensureBothEngines(context) {
  const { env, paths } = context;
  const find = () => findStoreServers(env, storeFolders(env, paths)).servers;
  const servers = find();
  if (servers.some(({ engine }) => engine === 'redis')) return servers;
  const reason = await reasonOnce(paths, 'redis', true, () => unpackStore(context, 'redis', MINIMUM));
  if (reason !== undefined) printProgress(`no Redis here, so tests that hold on each engine run on Valkey alone: ${reason}`);
  return find();
}

const isWanted = ({ engine, version }) => engine === 'valkey' && Number(version.split('.')[0]) >= WANTED[0];

/** @returns why it could not, or undefined */
async function bringValkey(context) {
  const notUnpacked = await reasonOf(() => unpackStore(context, 'valkey', WANTED));
  if (notUnpacked === undefined) return undefined;
  const notInstalled = await installValkey(context);
  return notInstalled && `${notUnpacked}; ${notInstalled}`;
}

/** A failure is a reason: there may be another server. Only an interruption ends set-up. */
async function reasonOf(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SetupError) || error.exitCode !== 1) throw error;
    return error.message.split('\n')[0];
  }
}

/** As `reasonOf`, but where another server is at hand the failure of the last 24 hours stands. */
async function reasonOnce({ stores }, engine, hasOther, work) {
  const file = join(stores, `.${engine}-unavailable.json`);
  const previous = parse(readIfPresent(file));
  if (hasOther && previous && Date.now() - previous.atMs < RETRY_AFTER_MS) return previous.reason;
  const reason = await reasonOf(work);
  if (reason !== undefined) writeWhole(file, JSON.stringify({ atMs: Date.now(), reason }));
  return reason;
}

function parse(text) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/**
 * The error when the machine has no usable server and set-up cannot bring one.
 *
 * @param {StoreServer} [old]
 * @param {string} [because]
 */
export function storeServerMissing(old, because = '') {
  const found = old ? `${old.path} is ${old.engine} ${old.version}` : 'neither was found on PATH';
  return new SetupError(
    `Holdfast needs valkey-server or redis-server 7 or newer, and ${found}${because ? `, and set-up could not bring one (${because})` : ''}: ` +
      'install it with `sudo apt-get install valkey-server` or `redis-server` (Debian, Ubuntu), `sudo dnf install valkey` (Fedora) ' +
      'or `brew install valkey` (macOS), or set HOLDFAST_STORE_SERVER to the path of one, then start again.',
  );
}
