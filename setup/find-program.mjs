/** Finds programs as a shell does, in folders that a test can choose. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Where Homebrew and manual installs put programs, for a PATH that lacks them. */
const USUAL_FOLDERS = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin'];

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} [more] folders after those of PATH
 * @returns {string[]} without duplicates, in search order; relative entries are dropped, as they depend on the current folder
 */
export function searchFolders(env, more = USUAL_FOLDERS) {
  return [...new Set([...(env.PATH ?? '').split(delimiter), ...more])].filter(isAbsolute);
}

/**
 * @param {string} name
 * @param {readonly string[]} folders
 * @returns {string[]} every executable of that name, absolute, symbolic links kept: redis-server is a link to a program that checks its own name
 */
export function findPrograms(name, folders) {
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
