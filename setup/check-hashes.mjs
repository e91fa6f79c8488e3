/** Which packages of a lock file are installed by version alone, without a hash of their content. Pure. */
import { SetupError } from './setup-error.mjs';

/**
 * Two kinds of entries need no hash: this repository's own folders and the links to them, and what is inside another package, whose hash
 * covers it. Packages of other platforms need one too: somebody's set-up installs them.
 *
 * @param {{ packages: Record<string, any> }} lock content of package-lock.json
 * @returns {string[]} paths of the entries
 */
export function npmWithoutHash(lock) {
  const entries = Object.entries(lock.packages);
  const linked = new Set(entries.flatMap(([, entry]) => (entry.link ? [entry.resolved] : [])));
  return entries
    .filter(([path, entry]) => path !== '' && !linked.has(path) && !entry.link && !isCovered(lock.packages, path))
    .map(([path]) => path);
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
