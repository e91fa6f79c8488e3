/** Finds the server behind the local ElastiCache: a real Valkey or Redis, which is also its Sentinel. */

import { resolve } from 'node:path';
import { candidateVersion, canUseApt, installPackage, updatePackageLists } from './apt.mjs';
import { findPrograms, isExecutable, searchFolders } from './find-program.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { formatVersion, isAtLeast, parseStoreServerVersion } from './versions.mjs';

/** The oldest engine that the local cloud's default parameter group covers. */
const MINIMUM = [7, 0];
const NAMES = ['valkey-server', 'redis-server'];
/** Debian 12 and Ubuntu 24.04 have redis-server ≥ 7; later releases may have Valkey only. */
const PACKAGES = ['redis-server', 'valkey-server'];

/**
 * @typedef {object} StoreServer
 * @property {string} path absolute, links kept
 * @property {string} version `7.0.15`
 * @property {'valkey' | 'redis'} engine
 */

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @returns {Promise<StoreServer>}
 * @throws SetupError naming what to install
 */
export async function ensureStoreServer(context) {
  const { env, paths } = context;
  const folders = [paths.bin, ...searchFolders(env)];
  const found = findStoreServer(env, folders);
  if (found.server) return found.server;
  if (!canUseApt(env)) throw storeServerMissing(found.old);
  const newEnough = () => PACKAGES.find((name) => isAtLeast(candidateVersion(name, env), MINIMUM));
  let name = newEnough();
  if (name === undefined) {
    await updatePackageLists(context);
    name = newEnough();
  }
  if (name === undefined) throw storeServerMissing(found.old, "this release's packages contain none");
  await installPackage(context, name);
  const installed = findStoreServer(env, folders);
  if (!installed.server) throw storeServerMissing(installed.old, `the package ${name} did not install one`);
  return installed.server;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} folders
 * @returns {{ server?: StoreServer, old?: StoreServer }} the first new enough server, and the first older one
 * @throws SetupError when HOLDFAST_STORE_SERVER names something else
 */
export function findStoreServer(env, folders) {
  const chosen = env.HOLDFAST_STORE_SERVER && resolve(env.HOLDFAST_STORE_SERVER);
  if (chosen) {
    const server = isExecutable(chosen) ? probe(chosen) : undefined;
    if (server && isAtLeast(parseStoreServerVersion(server.printed), MINIMUM)) return { server: described(server) };
    throw new SetupError(
      `HOLDFAST_STORE_SERVER is ${chosen}, which is ${server ? `${server.engine} ${server.version}` : 'not a valkey-server or redis-server that runs'}: ` +
        'set it to the path of a valkey-server or redis-server 7 or newer, or unset it.',
    );
  }
  let old;
  for (const file of NAMES.flatMap((name) => findPrograms(name, folders))) {
    const server = probe(file);
    if (server && isAtLeast(parseStoreServerVersion(server.printed), MINIMUM)) return { server: described(server) };
    if (server) old ??= described(server);
  }
  return { old };
}

function probe(path) {
  const printed = outputOf(path, ['--version']);
  const version = parseStoreServerVersion(printed);
  if (version === undefined) return undefined;
  return { path, version: formatVersion(version), engine: /^valkey/i.test(printed) ? 'valkey' : 'redis', printed };
}

const described = ({ path, version, engine }) => ({ path, version, engine });

/**
 * The error when the machine has no usable server and set-up cannot install one.
 *
 * @param {StoreServer} [old]
 * @param {string} [because]
 */
export function storeServerMissing(old, because = '') {
  const found = old ? `${old.path} is ${old.engine} ${old.version}` : 'neither was found on PATH';
  return new SetupError(
    `Holdfast needs valkey-server or redis-server 7 or newer, and ${found}${because ? ` and ${because}` : ''}: install it with ` +
      '`sudo apt-get install redis-server` (Debian 12, Ubuntu 24.04 and newer) or `brew install valkey` (macOS), ' +
      'or set HOLDFAST_STORE_SERVER to the path of one, then start again.',
  );
}
