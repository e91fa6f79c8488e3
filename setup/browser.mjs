/** Finds the Chromium or Chrome that the tests of the console use. */
import { resolve } from 'node:path';
import { canUseApt, installPackage } from './apt.mjs';
import { findPrograms, isExecutable, searchFolders } from './find-program.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** On macOS, applications are not on PATH. */
const APPLICATIONS = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];
/** Debian's. Ubuntu's package of that name installs a snap, which does not run as root in a container. */
const PACKAGE = 'chromium';

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @returns {Promise<string>} absolute path
 * @throws SetupError that says what to install
 */
export async function ensureChromium(context) {
  const { env } = context;
  const found = findChromium(env, searchFolders(env));
  if (found !== undefined) return found;
  if (!canUseApt(env)) throw browserMissing();
  await installPackage(context, PACKAGE);
  const installed = findChromium(env, searchFolders(env));
  if (installed === undefined) throw browserMissing(` after installing the package ${PACKAGE}`);
  return installed;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} folders
 * @returns {string | undefined} the first that runs
 * @throws SetupError when HOLDFAST_BROWSER names something else
 */
export function findChromium(env, folders) {
  const chosen = env.HOLDFAST_BROWSER && resolve(env.HOLDFAST_BROWSER);
  if (chosen) {
    if (runs(chosen)) return chosen;
    throw new SetupError(
      `HOLDFAST_BROWSER is ${chosen}, which does not run as Chromium or Chrome: set it to the path of one, or unset it.`,
    );
  }
  return [...NAMES.flatMap((name) => findPrograms(name, folders)), ...APPLICATIONS.filter(isExecutable)].find(runs);
}

const runs = (path) => isExecutable(path) && /^(Chromium|Google Chrome)/.test(outputOf(path, ['--version'])?.trim() ?? '');

/**
 * The error when the machine has no browser and set-up cannot install one.
 *
 * @param {string} [because] goes after "none was found"
 */
export function browserMissing(because = '') {
  return new SetupError(
    `The tests of the console need Chromium or Chrome, and none was found${because}: install one with \`sudo apt-get install chromium\` (Debian), ` +
      'or from google.com/chrome (Ubuntu, macOS), or set HOLDFAST_BROWSER to the path of one, then start again.',
  );
}
