/** What set-up found and installed. */
import { pathsOf, readIfPresent } from './checkout.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * @typedef {object} Setup
 * @property {string} node absolute path of Node 24 or newer
 * @property {string} python absolute path of the Python with MiniStack
 * @property {string} storeServer absolute path of valkey-server or redis-server; never resolve its links, it checks its own name
 * @property {string} [storeCli] valkey-cli or redis-cli of the same installation
 * @property {'valkey' | 'redis'} storeEngine
 * @property {readonly import('./find-store-server.mjs').StoreServer[]} stores every engine at hand, the one above first; that one alone where HOLDFAST_STORE_SERVER names it
 * @property {{ node: string, python: string, storeServer: string }} versions
 */

/**
 * @param {string} [checkout] absolute path
 * @returns {Setup}
 * @throws SetupError when this checkout is not set up
 */
export function readSetup(checkout) {
  const text = readIfPresent(pathsOf(checkout).setupFile);
  if (text === undefined) throw new SetupError('This checkout is not set up yet: run `npm start` once.');
  return JSON.parse(text);
}
