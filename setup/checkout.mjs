/** Paths in this checkout. Set-up and the local cloud write only below `.holdfast` and `node_modules`. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CHECKOUT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * @typedef {object} StepContext what each step of set-up is given
 * @property {ReturnType<typeof pathsOf>} paths
 * @property {NodeJS.ProcessEnv} env
 * @property {(pid: number) => void} noteCommand records the running command in the set-up lock, so that a start after a kill can end it
 */

/**
 * @param {string} [checkout] absolute path
 * @returns the paths that set-up uses, absolute
 */
export function pathsOf(checkout = CHECKOUT) {
  const state = join(checkout, '.holdfast');
  return {
    checkout,
    state,
    logs: join(state, 'logs'),
    bin: join(state, 'bin'),
    stores: join(state, 'stores'),
    venv: join(state, 'venv'),
    lintVenv: join(state, 'venv-lint'),
    clientsVenv: join(state, 'venv-clients'),
    djangoVenv: join(state, 'venv-django'),
    localStackVenv: join(state, 'venv-localstack'),
    localStackLibraries: join(state, 'localstack', 'lib'),
    monitoring: join(state, 'monitoring'),
    java: join(state, 'java'),
    mavenRepository: join(state, 'java', 'repository'),
    setupFile: join(state, 'setup.json'),
    lockFile: join(state, 'setup.lock'),
    emulatorLock: join(checkout, 'lab', 'local-aws', 'emulator', 'ministack', 'requirements.lock'),
    lintLock: join(checkout, 'setup', 'requirements-lint.lock'),
    clientsLock: join(checkout, 'setup', 'requirements-clients.lock'),
    djangoLock: join(checkout, 'setup', 'requirements-django.lock'),
    localStackLock: join(checkout, 'setup', 'requirements-localstack.lock'),
  };
}

/**
 * @param {string} file
 * @returns {string} SHA-256 of the file's bytes, in hex
 */
export function hashOfFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * @param {string} file
 * @returns {string | undefined} the text, or undefined when there is no such file
 */
export function readIfPresent(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Replaces the file atomically.
 *
 * @param {string} file
 * @param {string} text
 */
export function writeWhole(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  writeFileSync(partial, text);
  renameSync(partial, file);
}

/**
 * Prints on standard error: standard output belongs to the script (`--json`).
 *
 * @param {string} line
 */
export function printProgress(line) {
  process.stderr.write(`set-up: ${line}\n`);
}
