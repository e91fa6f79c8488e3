/** Where things are in this checkout. Everything that set-up and the local cloud write is below `.holdfast` or `node_modules`. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CHECKOUT = dirname(dirname(fileURLToPath(import.meta.url)));

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
    venv: join(state, 'venv'),
    lintVenv: join(state, 'venv-lint'),
    monitoring: join(state, 'monitoring'),
    setupFile: join(state, 'setup.json'),
    lockFile: join(state, 'setup.lock'),
    emulatorLock: join(checkout, 'local', 'emulator', 'ministack', 'requirements.lock'),
    lintLock: join(checkout, 'setup', 'requirements-lint.lock'),
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
 * Readers see the old text or the new, never half of it.
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
 * The progress of set-up goes to standard error: standard output belongs to the script (`--json`).
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}
