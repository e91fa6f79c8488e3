/** Finds or installs the server behind the local ElastiCache. */

import { candidateVersion, canUseApt, installPackage, updatePackageLists } from './apt.mjs';
import { findStoreServers, MINIMUM, storeFolders } from './find-store-server.mjs';
import { SetupError } from './setup-error.mjs';
import { isAtLeast } from './versions.mjs';

/** Debian 12 and Ubuntu 24.04 have redis-server ≥ 7; later releases may have Valkey only. */
const PACKAGES = ['redis-server', 'valkey-server'];

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @returns {Promise<import('./find-store-server.mjs').StoreServer>}
 * @throws SetupError naming what to install
 */
export async function ensureStoreServer(context) {
  const { env, paths } = context;
  const find = () => findStoreServers(env, storeFolders(env, paths));
  const found = find();
  if (found.servers[0]) return found.servers[0];
  if (!canUseApt(env)) throw storeServerMissing(found.old);
  const newEnough = () => PACKAGES.find((name) => isAtLeast(candidateVersion(name, env), MINIMUM));
  let name = newEnough();
  if (name === undefined) {
    await updatePackageLists(context);
    name = newEnough();
  }
  if (name === undefined) throw storeServerMissing(found.old, "this release's packages contain none");
  await installPackage(context, name);
  const installed = find();
  if (!installed.servers[0]) throw storeServerMissing(installed.old, `the package ${name} did not install one`);
  return installed.servers[0];
}

/**
 * The error when the machine has no usable server and set-up cannot install one.
 *
 * @param {import('./find-store-server.mjs').StoreServer} [old]
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
