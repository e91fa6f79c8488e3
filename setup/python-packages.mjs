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
 * @param {{ name: string, venv: string, lock: string }} list `name` appears in the progress line and in the log's name
 * @returns {Promise<{ path: string, version: string }>} the environment's Python
 * @throws SetupError when the list has a package without a hash
 */
export async function ensurePythonPackages(context, { name, venv, lock }) {
  const { env } = context;
  const path = join(venv, 'bin', 'python');
  const stampFile = join(venv, '.holdfast-stamp');
  const wanted = { lock: hashOfFile(lock), asked: env.HOLDFAST_PYTHON ?? '' };
  const previous = readStamp(stampFile);
  if (previous && previous.lock === wanted.lock && (wanted.asked === '' || previous.asked === wanted.asked)) {
    // Upgrading or removing the underlying Python breaks the environment, so it has to run.
    const version = parsePythonVersion(outputOf(path, ['--version']));
    if (version && previous.python === minor(version)) return { path, version: formatVersion(version) };
  }

  refuseWithoutHash(relative(context.paths.checkout, lock), pythonWithoutHash(readIfPresent(lock) ?? ''));
  const python = await ensureVenvModule(context, findPython(env));
  printProgress(`installing ${name} for Python ${python.version} into .holdfast…`);
  const logFile = join(context.paths.logs, `setup-${name}.log`);
  const options = { logFile, cwd: context.paths.checkout, env: pipEnvironment(env), onStart: context.noteCommand };
  await runCommand('Creating a Python virtual environment', python.path, ['-m', 'venv', '--clear', venv], {
    ...options,
    timeoutMs: VENV_TIMEOUT_MS,
  });
  // Wheels only: a source package would run its own build, with build tools that are not hash-locked.
  const install = [
    '-m',
    'pip',
    'install',
    '--require-hashes',
    '--no-deps',
    '--only-binary=:all:',
    '--no-compile',
    '--no-input',
    '--disable-pip-version-check',
  ];
  await runCommand(`Installing ${name} with pip`, path, [...install, '-r', lock], {
    ...options,
    append: true,
    timeoutMs: PIP_TIMEOUT_MS,
    advice: 'Check that this machine reaches its Python package index, then start again.',
  });
  writeWhole(stampFile, JSON.stringify({ ...wanted, python: minor(parsePythonVersion(python.version)) }));
  return { path, version: python.version };
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
