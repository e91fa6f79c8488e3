/** Finds a Python that can create the emulator's virtual environment. */
import { findPrograms, searchFolders } from './find-program.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { formatVersion, isAtLeast, parsePythonVersion } from './versions.mjs';

/** Required by MiniStack. */
const MINIMUM = [3, 10];
/** `python3` first: the user's default. Then the versions that the locks were resolved for, newest first. */
const NAMES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.14', 'python'];

/** Runs on any Python. Debian's own has `venv` without `ensurepip` until python3-venv is installed. */
const PROBE = `
import sys
print("%d.%d.%d" % sys.version_info[:3])
print(sys.executable)
try:
    import ensurepip, venv
    print("venv")
except ImportError:
    print("no venv")
`;

/**
 * @typedef {object} Python
 * @property {string} path absolute; `sys.executable`, so never a version manager's shim
 * @property {string} version `3.11.7`
 * @property {boolean} hasVenv
 */

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @param {readonly string[]} [folders] where to search; PATH and the usual ones by default
 * @returns {Python} one with venv if there is any; the caller checks `hasVenv`
 * @throws SetupError naming what was found instead, and what to install
 */
export function findPython(env = process.env, folders = searchFolders(env)) {
  const chosen = env.HOLDFAST_PYTHON;
  if (chosen) {
    const python = probePython(chosen);
    if (python === undefined)
      throw new SetupError(
        `HOLDFAST_PYTHON is ${chosen}, which does not run as a Python: set it to the path of Python 3.10 or newer, or unset it.`,
      );
    if (!isNewEnough(python)) throw tooOld(`HOLDFAST_PYTHON is ${chosen}, which is Python ${python.version}`);
    return python;
  }
  let withoutVenv;
  let old;
  for (const candidate of NAMES.flatMap((name) => findPrograms(name, folders))) {
    const python = probePython(candidate);
    if (python === undefined) continue;
    if (!isNewEnough(python)) old ??= { ...python, path: candidate };
    else if (python.hasVenv) return python;
    else withoutVenv ??= python;
  }
  if (withoutVenv) return withoutVenv;
  throw tooOld(old ? `${old.path} is Python ${old.version}` : 'no Python was found on PATH');
}

/**
 * @param {string} command
 * @returns {Python | undefined} undefined when it does not run as a Python
 */
export function probePython(command) {
  const [versionText, path, venv] = (outputOf(command, ['-I', '-c', PROBE]) ?? outputOf(command, ['-c', PROBE]) ?? '').trim().split('\n');
  const version = parsePythonVersion(versionText);
  return version && path ? { path, version: formatVersion(version), hasVenv: venv === 'venv' } : undefined;
}

function isNewEnough(python) {
  return isAtLeast(parsePythonVersion(python.version), MINIMUM);
}

function tooOld(what) {
  return new SetupError(
    `Holdfast's local cloud needs Python 3.10 or newer, and ${what}: install one with \`apt-get install python3 python3-venv\` (Debian, Ubuntu) ` +
      'or `brew install python` (macOS), or set HOLDFAST_PYTHON to the path of one, then start again.',
  );
}
