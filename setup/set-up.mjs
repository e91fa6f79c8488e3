/** The steps of set-up, in order. Each does nothing if its work is done. */

import { removeOrphanedPolicy } from './apt.mjs';
import { ensureChromium } from './browser.mjs';
import { pathsOf, printProgress, readIfPresent, writeWhole } from './checkout.mjs';
import { findMissing, remarkOnGit } from './find-missing.mjs';
import { ensureLowest, ensureOldestOfPackage } from './lowest-node.mjs';
import { ensurePrograms } from './monitoring-programs.mjs';
import { findNode } from './node-binary.mjs';
import { ensureNpmPackages } from './npm-packages.mjs';
import { refuseProblems } from './problems-of.mjs';
import { ensurePythonPackages } from './python-packages.mjs';
import { readSetup } from './read-setup.mjs';
import { SetupError } from './setup-error.mjs';
import { withSetupLock } from './setup-lock.mjs';
import { ensureBothEngines, ensureStoreServer } from './store-server.mjs';

/**
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv, command?: readonly string[] }} [options] `command` is the script that follows,
 *   with its arguments
 * @returns {Promise<import('./read-setup.mjs').Setup>} the content of `.holdfast/setup.json` afterwards
 * @throws SetupError written for the user
 */
export async function setUp({ checkout, env = process.env, command = [] } = {}) {
  const paths = pathsOf(checkout);
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new SetupError(
      `Holdfast's local cloud runs on Linux and macOS, and this machine runs ${process.platform}: on Windows, use WSL 2.`,
    );
  }
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const context = { paths, env, noteCommand };
    removeOrphanedPolicy();
    // What the user has to install, all at once, so that the error appears within a second and not after a download.
    refuseProblems(findMissing(context, command));
    const remark = remarkOnGit(context);
    if (remark !== undefined) printProgress(remark);
    // npm mostly waits for its registry. The other two may both need the machine's one apt.
    const { stores, python } = await bothEnd(storeAndPython(context), ensureNpmPackages(context));
    const node = findNode(paths.checkout);
    const setup = {
      node: node.path,
      python: python.path,
      ...recordOf(stores, env),
      versions: { node: node.version, python: python.version, storeServer: stores[0].version },
    };
    record(paths, setup);
    return setup;
  });
}

/** @param {import('./checkout.mjs').StepContext} context */
async function storeAndPython(context) {
  const { venv, emulatorLock: lock } = context.paths;
  const stores = await ensureStoreServer(context);
  return { stores, python: await ensurePythonPackages(context, { name: 'ministack', venv, lock }) };
}

/**
 * What the first gives, once both have ended: a program that still runs would write into the checkout after the lock on it is gone.
 *
 * @template T
 * @param {Promise<T>} first
 * @param {Promise<unknown>} second
 * @returns {Promise<T>}
 */
async function bothEnd(first, second) {
  await Promise.allSettled([first, second]);
  await second;
  return first;
}

/**
 * Brings the other store engine, which only the tests that hold on each engine need, and records it.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<readonly import('./find-store-server.mjs').StoreServer[]>} at most one per engine, the default first
 */
export async function ensureStoreEngines({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const stores = await ensureBothEngines({ paths, env, noteCommand });
    record(paths, { ...readSetup(checkout), ...recordOf(stores, env) });
    return stores;
  });
}

/** A server that the user has chosen plays the nodes of every engine. */
function recordOf(stores, env) {
  const [{ path, cli, engine }] = stores;
  return { storeServer: path, storeCli: cli, storeEngine: engine, stores: env.HOLDFAST_STORE_SERVER ? stores.slice(0, 1) : stores };
}

function record({ setupFile }, setup) {
  const text = `${JSON.stringify(setup, null, 2)}\n`;
  if (readIfPresent(setupFile) !== text) writeWhole(setupFile, text);
}

/**
 * Installs cfn-lint, which only the tests of the templates need.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ command: string, args: readonly string[] }>} the command that runs it; its own arguments follow `args`
 */
export async function ensureLint({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const list = { name: 'cfn-lint', venv: paths.lintVenv, lock: paths.lintLock };
    const { path } = await ensurePythonPackages({ paths, env, noteCommand }, list);
    // Its start script contains the checkout's path at install time, and it cannot be run as a module.
    return { command: path, args: ['-c', 'import sys; from cfnlint.runner import main; sys.exit(main())'] };
  });
}

/**
 * Installs boto3 and the AWS CLI, which only the tests of the local cloud's answers need.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} the Python that imports both; `python -m awscli` is the CLI
 */
export async function ensureAwsClients({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const list = { name: 'aws-clients', venv: paths.clientsVenv, lock: paths.clientsLock };
    return (await ensurePythonPackages({ paths, env, noteCommand }, list)).path;
  });
}

/**
 * Installs Django, whose admin pages the check of the canary examines.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} the Python that imports it
 */
export async function ensureDjango({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, async (noteCommand) => {
    const list = { name: 'django', venv: paths.djangoVenv, lock: paths.djangoLock };
    return (await ensurePythonPackages({ paths, env, noteCommand }, list)).path;
  });
}

/**
 * Finds or downloads Prometheus, promtool and redis_exporter, which only the check of `ops/monitoring` needs.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<import('./monitoring-programs.mjs').MonitoringPrograms>}
 * @throws SetupError naming what to install
 */
export async function ensureMonitoringPrograms({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, (noteCommand) => ensurePrograms({ paths, env, noteCommand }));
}

/**
 * Finds or installs Chromium, which only the tests of the console need.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string>} its absolute path
 * @throws SetupError naming what to install
 */
export async function ensureBrowser({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, (noteCommand) => ensureChromium({ paths, env, noteCommand }));
}

/**
 * Finds or downloads the lowest Node that set-up gives a platform, which only tests need.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {ReturnType<typeof ensureLowest>}
 */
export async function ensureLowestNode({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, (noteCommand) => ensureLowest({ paths, env, noteCommand }));
}

/**
 * Finds or downloads the oldest Node that the package supports, which only its tests need.
 *
 * @param {{ checkout?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {ReturnType<typeof ensureOldestOfPackage>}
 */
export async function ensureNodeOfPackage({ checkout, env = process.env } = {}) {
  const paths = pathsOf(checkout);
  return withSetupLock(paths.lockFile, (noteCommand) => ensureOldestOfPackage({ paths, env, noteCommand }));
}
