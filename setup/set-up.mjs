/** The steps of set-up, in order. Each does nothing when it finds its work done. */

import { removeLeftPolicy } from './apt.mjs';
import { pathsOf, readIfPresent, writeWhole } from './checkout.mjs';
import { findNode } from './node-binary.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { ensurePythonPackages } from './python-packages.mjs';
import { SetupError } from './setup-error.mjs';
import { withSetupLock } from './setup-lock.mjs';
import { ensureStoreServer } from './store-server.mjs';

/**
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<import('./read-setup.mjs').Setup>} what `.holdfast/setup.json` says afterwards
 * @throws SetupError with a sentence for the user
 */
export async function setUp({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new SetupError(
      `Holdfast's local cloud runs on Linux and macOS, and this is ${process.platform}: on Windows, run it inside WSL 2.`,
    );
  }
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const context = { paths, env, noteCommand };
    removeLeftPolicy();
    await ensureNpmPackages(context);
    const node = findNode(paths.checkout);
    const python = await ensurePythonPackages(context, { name: 'ministack', venv: paths.venv, lock: paths.emulatorLock });
    const store = await ensureStoreServer(context);
    const setup = {
      node: node.path,
      python: python.path,
      storeServer: store.path,
      storeEngine: store.engine,
      versions: { node: node.version, python: python.version, storeServer: store.version },
    };
    const text = `${JSON.stringify(setup, null, 2)}\n`;
    if (readIfPresent(paths.setupFile) !== text) writeWhole(paths.setupFile, text);
    return setup;
  });
}

/**
 * Installs cfn-lint, which only the tests of the templates need.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} absolute path of a Python that runs it: `<path> -m cfnlint …`
 */
export async function ensureLint({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const list = { name: 'cfn-lint', venv: paths.lintVenv, lock: paths.lintLock };
    return (await ensurePythonPackages({ paths, env, noteCommand }, list)).path;
  });
}
