/** Finds the servers that can be the local ElastiCache: a real Valkey or Redis, which is also its own Sentinel. */
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findPrograms, isExecutable, searchFolders } from './find-program.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { formatVersion, isAtLeast, parseStoreServerVersion } from './versions.mjs';

/** The oldest engine that the local cloud's default parameter group covers. */
export const MINIMUM = [7, 0];
const NAMES = ['valkey-server', 'redis-server'];

/**
 * @typedef {object} StoreServer
 * @property {string} path absolute, links kept: the server checks its own name
 * @property {string} version `8.0.1`
 * @property {'valkey' | 'redis'} engine
 * @property {string} [cli] valkey-cli or redis-cli from the same folder, if it is there
 */

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {ReturnType<import('./checkout.mjs').pathsOf>} paths
 * @param {readonly string[]} [folders] of the machine; PATH and the usual ones by default
 * @returns {string[]} folders of the checkout's own programs, then those of the machine
 */
export function storeFolders(env, paths, folders = searchFolders(env)) {
  return [paths.bin, ...unpackedFolders(paths), ...folders];
}

/** Folders of the packages that set-up has unpacked into the checkout. */
function unpackedFolders({ stores }) {
  try {
    return readdirSync(stores)
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(stores, name, 'bin'));
  } catch {
    return [];
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} folders
 * @returns {{ servers: StoreServer[], old?: StoreServer }} new enough servers, at most one per engine, the preferred one first:
 *   HOLDFAST_STORE_SERVER, then Valkey, then Redis; and the first one that is too old
 * @throws SetupError when HOLDFAST_STORE_SERVER names something else
 */
export function findStoreServers(env, folders) {
  const chosen = env.HOLDFAST_STORE_SERVER && resolve(env.HOLDFAST_STORE_SERVER);
  const found = chosen ? [chosenServer(chosen)] : [];
  let old;
  for (const file of NAMES.flatMap((name) => findPrograms(name, folders))) {
    const server = probe(file);
    if (server === undefined) continue;
    if (isAtLeast(parseStoreServerVersion(server.printed), MINIMUM)) found.push(described(server));
    else old ??= described(server);
  }
  const servers = found.filter(({ engine }, at) => found.findIndex((other) => other.engine === engine) === at);
  return old === undefined ? { servers } : { servers, old };
}

function chosenServer(path) {
  const server = isExecutable(path) ? probe(path) : undefined;
  if (server && isAtLeast(parseStoreServerVersion(server.printed), MINIMUM)) return described(server);
  throw new SetupError(
    `HOLDFAST_STORE_SERVER is ${path}, which is ${server ? `${server.engine} ${server.version}` : 'not a valkey-server or redis-server that runs'}: ` +
      'set it to the path of a valkey-server or redis-server 7 or newer, or unset it.',
  );
}

function probe(path) {
  const printed = outputOf(path, ['--version']);
  const version = parseStoreServerVersion(printed);
  if (version === undefined) return undefined;
  return { path, version: formatVersion(version), engine: /^valkey/i.test(printed) ? 'valkey' : 'redis', printed };
}

function described({ path, version, engine }) {
  const cli = join(dirname(path), `${engine}-cli`);
  return isExecutable(cli) ? { path, version, engine, cli } : { path, version, engine };
}
