/** Which packages of a lock file are installed by version alone, without a hash of their content. Pure. */
import { SetupError } from './setup-error.mjs';

/**
 * @typedef {object} WithoutHash
 * @property {string[]} refused entries that no other hash covers: nothing is installed with them
 * @property {string[]} listed packages of this platform that no hash was available for when the lock file was written (complete-package-lock.mjs)
 */

/**
 * @typedef {object} Platform as npm names it
 * @property {string} os process.platform
 * @property {string} cpu process.arch
 * @property {'glibc' | 'musl'} [libc] of Linux
 */

/**
 * Three kinds of entries need no hash: this repository's own folders and the links to them, what is inside another package
 * (whose hash covers it), and what npm does not install on this platform.
 *
 * @param {{ packages: Record<string, any> }} lock content of package-lock.json
 * @param {Platform} platform
 * @returns {WithoutHash} paths of the entries
 */
export function npmWithoutHash(lock, platform) {
  const entries = Object.entries(lock.packages);
  const linked = new Set(entries.flatMap(([, entry]) => (entry.link ? [entry.resolved] : [])));
  const open = entries.filter(([path, entry]) => path !== '' && !linked.has(path) && !entry.link && !isCovered(lock.packages, path));
  const ofAPlatform = ([, entry]) => entry.optional === true && (entry.os !== undefined || entry.cpu !== undefined);
  const isInstalled = ([, entry]) =>
    ['os', 'cpu', 'libc'].every((name) => entry[name] === undefined || entry[name].includes(platform[name]));
  return {
    refused: open.filter((entry) => !ofAPlatform(entry)).map(([path]) => path),
    listed: open.filter((entry) => ofAPlatform(entry) && isInstalled(entry)).map(([path]) => path),
  };
}

/** By its own hash, or by the hash of the package that contains it. */
function isCovered(packages, path) {
  const entry = packages[path];
  if (entry === undefined) return false;
  if (entry.integrity !== undefined) return /^sha512-/.test(entry.integrity);
  return entry.inBundle === true && isCovered(packages, path.slice(0, path.lastIndexOf('/node_modules/')));
}

/**
 * @param {string} text content of a requirements.lock
 * @returns {string[]} requirements without a SHA-256
 */
export function pythonWithoutHash(text) {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#') && !/--hash=sha256:[0-9a-f]{64}(\s|$)/.test(line))
    .map((line) => line.split(/\s/)[0]);
}

/**
 * @param {string} file as the error names it
 * @param {readonly string[]} names
 * @throws SetupError when there are any
 */
export function refuseWithoutHash(file, names) {
  if (names.length === 0) return;
  throw new SetupError(
    `${file} has no hash for ${names.join(', ')}, so that whatever a registry has under that version would be installed. ` +
      `Nothing was installed: restore the file with \`git checkout ${file}\`, or write it again with hashes, then start again.`,
  );
}
