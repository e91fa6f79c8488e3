/** Finds a Python of one release, for programs that run on no other. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findPrograms, searchFolders } from './find-program.mjs';
import { probePython } from './find-python.mjs';
import { outputOf } from './run-command.mjs';
import { SetupError } from './setup-error.mjs';
import { parsePythonVersion } from './versions.mjs';

/**
 * @param {readonly [number, number]} release major and minor
 * @param {string} need who needs it, with the verb
 * @param {NodeJS.ProcessEnv} [env]
 * @param {readonly string[]} [folders] where to search; PATH and the usual ones by default. pyenv's versions are searched after them
 * @returns {import('./find-python.mjs').Python} HOLDFAST_PYTHON if it is of that release
 * @throws SetupError naming what to install
 */
export function findPythonRelease([major, minor], need, env = process.env, folders = searchFolders(env)) {
  const release = `${major}.${minor}`;
  const isOfRelease = (python) => {
    const version = parsePythonVersion(python?.version);
    return version?.[0] === major && version[1] === minor;
  };
  const names = [`python${release}`, 'python3'].flatMap((name) => findPrograms(name, folders));
  const chosen = env.HOLDFAST_PYTHON ? [env.HOLDFAST_PYTHON] : [];
  let withoutVenv;
  for (const candidate of [...chosen, ...names, ...ofPyenv(release, env)]) {
    // pyenv's shim of a version that is not selected does not run.
    const python = probePython(candidate);
    if (python === undefined || !isOfRelease(python)) continue;
    if (python.hasVenv) return python;
    withoutVenv ??= python;
  }
  if (withoutVenv) return withoutVenv;
  throw new SetupError(
    `${need} Python ${release}, which is neither on PATH nor under pyenv: install it with \`pyenv install ${release}\`, ` +
      `\`apt-get install python${release} python${release}-venv\` (where the distribution has it) or \`brew install python@${release}\` (macOS), ` +
      'or set HOLDFAST_PYTHON to the path of one, then start again. Nothing was changed.',
  );
}

/** Paths of pyenv's Pythons of a release, the newest first. */
function ofPyenv(release, env) {
  const roots = [env.PYENV_ROOT, outputOf('pyenv', ['root'], undefined, env)?.trim(), join(env.HOME ?? homedir(), '.pyenv')];
  const versions = join(roots.find(Boolean), 'versions');
  return foldersOf(versions)
    .filter((name) => new RegExp(`^${release.replace('.', '\\.')}(\\.\\d+)?$`).test(name))
    .sort((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
    .map((name) => join(versions, name, 'bin', `python${release}`));
}

function foldersOf(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
