/** The SHA-256 of every file that a Maven project takes from a repository and that ends up on a server. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { hashOfFile } from './checkout.mjs';

/** As `sha256sum` prints it. */
const LINE = /^([0-9a-f]{64}) {2}(\S+)$/;
/** What a project makes itself, whose hash follows from the sources. */
const OWN = /^app\.(jar|war)$/;

/**
 * @param {string} text
 * @returns {Map<string, string>} SHA-256 by path, relative to the project's output
 */
export function parseLock(text) {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => LINE.exec(line)).map(([, hash, path]) => [path, hash]));
}

/**
 * @param {ReadonlyMap<string, string>} lock
 * @param {string} folder the project's output
 * @returns {string[]} one clause for each file that differs
 */
export function differencesFrom(lock, folder) {
  const found = lockedBelow(folder);
  const missing = [...lock.keys()].filter((path) => !found.includes(path)).map((path) => `${path} is missing`);
  const others = found.flatMap((path) => {
    const [hash, expected] = [hashOfFile(join(folder, path)), lock.get(path)];
    if (expected === undefined) return [`${path} is not in the lock`];
    return hash === expected ? [] : [`${path} has the SHA-256 ${hash}, and the lock has ${expected}`];
  });
  return [...missing, ...others];
}

/** @param {string} folder @returns {string} the lock of what is there */
export function lockOf(folder) {
  const lines = lockedBelow(folder).map((path) => `${hashOfFile(join(folder, path))}  ${path}`);
  return `${['# Written by `node setup/lock-maven.mjs`.', ...lines].join('\n')}\n`;
}

const lockedBelow = (folder) => filesBelow(folder).filter((path) => !OWN.test(path));

/** @param {string} folder @returns {string[]} paths of files, relative, sorted */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
