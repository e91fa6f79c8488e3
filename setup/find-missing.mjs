/** Everything that the user has to install before set-up can do its work, found before anything is downloaded. */
import { needsOf } from './command-needs.mjs';
import { findPrograms, searchFolders } from './find-program.mjs';
import { findPython } from './find-python.mjs';
import { findStoreServers, storeFolders } from './find-store-server.mjs';
import { findManager } from './install-valkey.mjs';
import { canInstallVenv, venvMissing } from './install-venv-module.mjs';
import { requireNode } from './node-binary.mjs';
import { isInstalled, npmCommand } from './npm-packages.mjs';
import { hasApt } from './private-apt.mjs';
import { problemsOf } from './problems-of.mjs';
import { installedPackages } from './python-packages.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { storeServerMissing } from './store-server.mjs';

/**
 * @typedef {object} Machine replaced in tests
 * @property {NodeJS.Platform} platform
 * @property {boolean} isRoot
 * @property {readonly string[]} folders where programs are
 */

/** @param {NodeJS.ProcessEnv} env @returns {Machine} */
export const thisMachine = (env) => ({ platform: process.platform, isRoot: process.getuid?.() === 0, folders: searchFolders(env) });

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {readonly string[]} command the script that set-up runs afterwards, and its arguments
 * @param {Machine} [machine]
 * @returns {string[]} what is missing, each with how to install it; empty when set-up can go on
 */
export function findMissing(context, command, machine = thisMachine(context.env)) {
  const missing = problemsOf([
    () => requireStore(context, machine),
    () => requirePython(context, machine),
    ...needsOfNpm(context),
    ...needsOf(command, { ...context, folders: machine.folders }),
  ]);
  return missing.length > 0 && lacksGit(machine)
    ? [...missing, `${GIT_MISSING}. Set-up itself does not need it; your own work on this checkout does.`]
    : missing;
}

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {Machine} [machine]
 * @returns {string | undefined} a remark on the first set-up of a checkout: set-up itself needs no git, so its absence stops nothing
 */
export function remarkOnGit({ env, paths }, machine = thisMachine(env)) {
  if (isInstalled(paths.checkout) || !lacksGit(machine)) return undefined;
  return `${GIT_MISSING}. Set-up goes on, as only your own work on this checkout needs it.`;
}

const GIT_MISSING =
  'git is missing: install it with `apt-get install git` (Debian, Ubuntu), `dnf install git` (Fedora) or `xcode-select --install` (macOS)';

/** git that does not run is missing: that of macOS waits for its developer tools. */
const lacksGit = ({ folders }) => findPrograms('git', folders).every((git) => outputOf(git, ['--version']) === undefined);

function requireStore({ env, paths }, { platform, isRoot, folders }) {
  const { servers, old } = findStoreServers(env, storeFolders(env, paths, folders));
  if (servers.length > 0 || hasApt(folders) || findManager(folders, isRoot).program) return;
  if (platform !== 'darwin' || isRoot) throw storeServerMissing(old, 'this machine has no package manager that set-up can install it with');
  throw new SetupError(
    'Homebrew is missing, with which set-up installs the store Valkey: install it with the command on https://brew.sh, ' +
      'or set HOLDFAST_STORE_SERVER to the path of a valkey-server or redis-server 7 or newer, then start again.',
  );
}

function requirePython(context, { folders }) {
  if (installedPackages(context.env, { venv: context.paths.venv, lock: context.paths.emulatorLock })) return;
  const python = findPython(context.env, folders);
  if (!python.hasVenv && !canInstallVenv(context.env, python)) throw venvMissing(python);
}

function needsOfNpm({ env, paths }) {
  if (isInstalled(paths.checkout)) return [];
  return [requireNode, () => requireNpm(env)];
}

function requireNpm(env) {
  // It is started by its name, so that it has to be on PATH.
  if (npmCommand(env, process.execPath)[0] !== 'npm' || findPrograms('npm', searchFolders(env, [])).length > 0) return;
  throw new SetupError(
    'npm is missing on PATH: install it with `apt-get install npm` (Debian, Ubuntu), `dnf install nodejs-npm` (Fedora), or with Node.js from ' +
      'https://nodejs.org (or `brew install node` on macOS), then start again.',
  );
}
