/** Installs the npm packages exactly as package-lock.json lists them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { npmWithoutHash, refuseWithoutHash } from './check-hashes.mjs';
import { hashOfFile, printProgress, readIfPresent } from './checkout.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';

const TIMEOUT_MS = 10 * 60_000;
/**
 * NODE_ENV=production or `omit` in the user's settings would leave out packages that Holdfast needs, and `engine-strict`
 * would check the packages against the Node that runs set-up instead of the pinned one.
 */
const COMPLETE = ['--include=dev', '--include=optional', '--engine-strict=false'];

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @returns {Promise<boolean>} whether anything had to be installed
 * @throws SetupError when an entry of the lock file has no hash
 */
export async function ensureNpmPackages({ paths, noteCommand }) {
  const lockFile = join(paths.checkout, 'package-lock.json');
  const stampFile = join(paths.checkout, 'node_modules', '.holdfast-stamp');
  if (!existsSync(lockFile))
    throw new SetupError(`package-lock.json is missing in ${paths.checkout}: restore it with \`git checkout package-lock.json\`.`);
  const stamp = `${machineName()} ${hashOfFile(lockFile)}\n`;
  if (readIfPresent(stampFile) === stamp) return false;
  if (isInstalled(paths.checkout)) {
    // The user ran npm here, and it installed what the lock lists.
    writeFileSync(stampFile, stamp);
    return false;
  }
  refuseWithoutHash('package-lock.json', npmWithoutHash(JSON.parse(readFileSync(lockFile, 'utf8'))));
  printProgress('installing the npm packages…');
  const args = ['ci', ...COMPLETE, '--no-audit', '--no-fund', '--no-progress', '--no-update-notifier', '--loglevel=notice'];
  const [command, ...first] = npmCommand(process.env, process.execPath);
  await runCommand('npm ci', command, [...first, ...args], {
    cwd: paths.checkout,
    logFile: join(paths.logs, 'setup-npm.log'),
    timeoutMs: TIMEOUT_MS,
    advice: 'Check that this machine reaches its npm registry (`npm ping`), then start again.',
    onStart: noteCommand,
  });
  writeFileSync(stampFile, stamp);
  return true;
}

/** Some packages contain binaries, so node_modules of one platform are useless on another. */
const machineName = () => `${process.platform}-${process.arch}`;

/**
 * @param {string} checkout
 * @returns {boolean} whether npm has nothing to install
 */
export function isInstalled(checkout) {
  const lockFile = join(checkout, 'package-lock.json');
  if (!existsSync(lockFile)) return false;
  const modules = join(checkout, 'node_modules');
  const previous = readIfPresent(join(modules, '.holdfast-stamp'));
  if (previous === `${machineName()} ${hashOfFile(lockFile)}\n`) return true;
  const sameMachine = previous === undefined || previous.startsWith(`${machineName()} `);
  return sameMachine && matchesLock(lockFile, join(modules, '.package-lock.json'));
}

/**
 * Whether npm has installed what the lock file lists. Optional packages of other platforms may be absent.
 *
 * @param {string} lockFile package-lock.json
 * @param {string} installedFile node_modules/.package-lock.json, which npm writes last
 */
export function matchesLock(lockFile, installedFile) {
  const text = readIfPresent(installedFile);
  if (text === undefined) return false;
  const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
  const installed = JSON.parse(text).packages;
  const same = ([name, entry]) => {
    const found = installed[name];
    if (found === undefined) return name === '' || entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  };
  return Object.entries(wanted).every(same) && Object.keys(installed).every((name) => name in wanted);
}

/**
 * The npm that started set-up, else the one on PATH. `npm_execpath` is a script: it runs under the Node that runs set-up.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} node
 * @returns {[string, ...string[]]}
 */
export function npmCommand(env, node) {
  const script = env.npm_execpath;
  return script !== undefined && /^npm-cli\.c?js$/.test(basename(script)) && existsSync(script) ? [node, script] : ['npm'];
}
