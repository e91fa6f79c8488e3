/** Virtual environments below `.holdfast`, each with exactly the packages of one hash-locked list. */
import { join, relative } from 'node:path';
import { pythonWithoutHash, refuseWithoutHash } from './check-hashes.mjs';
import { hashOfFile, printProgress, readIfPresent, writeWhole } from './checkout.mjs';
import { findPython } from './find-python.mjs';
import { ensureVenvModule } from './install-venv-module.mjs';
import { outputOf, runCommand } from './run-command.mjs';
import { formatVersion, parsePythonVersion } from './versions.mjs';

const VENV_TIMEOUT_MS = 2 * 60_000;
const PIP_TIMEOUT_MS = 5 * 60_000;

/**
 * @param {import('./checkout.mjs').StepContext} context
 * @param {{ name: string, venv: string, lock: string, built?: readonly string[],
 *   find?: (env: NodeJS.ProcessEnv) => import('./find-python.mjs').Python, keepsCache?: boolean }} list `name` appears in the progress line and in the log's name;
 *   `built` are packages without a wheel, which the setuptools of the same list builds; `find` finds the Python, the default one without it; with
 *   `keepsCache` false pip leaves nothing in the user's cache
 * @returns {Promise<{ path: string, version: string }>} the environment's Python
 * @throws SetupError when the list has a package without a hash
 */
export async function ensurePythonPackages(context, { name, venv, lock, built = [], find = findPython, keepsCache = true }) {
  const { env } = context;
  const installed = installedPackages(env, { venv, lock });
  if (installed) return installed;

  const path = join(venv, 'bin', 'python');
  refuseWithoutHash(relative(context.paths.checkout, lock), pythonWithoutHash(readIfPresent(lock) ?? ''));
  const python = await ensureVenvModule(context, find(env));
  printProgress(`installing ${name} for Python ${python.version} into .holdfast…`);
  const logFile = join(context.paths.logs, `setup-${name}.log`);
  const options = { logFile, cwd: context.paths.checkout, env: pipEnvironment(env), onStart: context.noteCommand };
  await runCommand('Creating a Python virtual environment', python.path, ['-m', 'venv', '--clear', venv], {
    ...options,
    timeoutMs: VENV_TIMEOUT_MS,
  });
  const install = ['-m', 'pip', 'install', '--require-hashes', '--no-deps', '--no-compile', '--no-input', '--disable-pip-version-check'];
  if (!keepsCache) install.push('--no-cache-dir');
  const pip = (requirements, more) =>
    runCommand(`Installing ${name} with pip`, path, [...install, ...more, '-r', requirements], {
      ...options,
      append: true,
      timeoutMs: PIP_TIMEOUT_MS,
      advice: 'Check that this machine reaches its Python package index, then start again.',
    });
  // Wheels only: a source package would run its own build, with build tools that are not hash-locked.
  const { wheels, sources } = splitLock(readIfPresent(lock) ?? '', built);
  const files = { wheels: join(venv, 'wheels.lock'), sources: join(venv, 'sources.lock') };
  writeWhole(files.wheels, wheels);
  writeWhole(files.sources, sources);
  await pip(files.wheels, ['--only-binary=:all:']);
  if (sources !== '') await pip(files.sources, ['--no-build-isolation', '--no-binary=:all:']);
  writeWhole(stampOf(venv), JSON.stringify({ ...wantedBy(env, lock), python: minor(parsePythonVersion(python.version)) }));
  return { path, version: python.version };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {{ venv: string, lock: string }} list
 * @returns {{ path: string, version: string } | undefined} the environment's Python, or undefined when it has to be made
 */
export function installedPackages(env, { venv, lock }) {
  const wanted = wantedBy(env, lock);
  const previous = readStamp(stampOf(venv));
  if (!previous || previous.lock !== wanted.lock || (wanted.asked !== '' && previous.asked !== wanted.asked)) return undefined;
  // Upgrading or removing the underlying Python breaks the environment, so it has to run.
  const path = join(venv, 'bin', 'python');
  const version = parsePythonVersion(outputOf(path, ['--version']));
  return version && previous.python === minor(version) ? { path, version: formatVersion(version) } : undefined;
}

const stampOf = (venv) => join(venv, '.holdfast-stamp');
const wantedBy = (env, lock) => ({ lock: hashOfFile(lock), asked: env.HOLDFAST_PYTHON ?? '' });

/**
 * @param {string} text a lock
 * @param {readonly string[]} built names of packages
 * @returns {{ wheels: string, sources: string }} the lock in two
 */
export function splitLock(text, built) {
  const entries = text.split(/\n(?! )/).filter((entry) => entry !== '');
  const isBuilt = (entry) => built.includes(entry.split('==', 1)[0]);
  const lines = (some) => some.map((entry) => `${entry}\n`).join('');
  return { wheels: lines(entries.filter((entry) => !isBuilt(entry))), sources: lines(entries.filter(isBuilt)) };
}

const minor = (version) => version.slice(0, 2).join('.');

function readStamp(stampFile) {
  try {
    return JSON.parse(readIfPresent(stampFile) ?? 'null');
  } catch {
    return null;
  }
}

/**
 * The user's pip settings apply (index, certificates, proxy), except those that would install outside the environment.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function pipEnvironment(env) {
  const { PIP_TARGET, PIP_PREFIX, PIP_ROOT, PYTHONHOME, PYTHONPATH, ...rest } = env;
  // Zero rather than absent: pip's configuration file may set it.
  return { ...rest, PIP_USER: '0' };
}
