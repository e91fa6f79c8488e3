/**
 * `node setup/complete-package-lock.mjs [FOLDER]`, to run after a change of dependencies. A registry mirror that lags behind
 * may lack optional packages of other platforms. npm then omits them from package-lock.json, and `npm ci` refuses that lock
 * on every machine. This adds the missing entries, and the registry's hash of each that has none: set-up installs nothing without one.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { npmWithoutHash } from './check-hashes.mjs';
import { CHECKOUT, writeWhole } from './checkout.mjs';
import { completePackageLock } from './optional-packages.mjs';

const file = join(resolve(process.argv[2] ?? CHECKOUT), 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = completePackageLock(lock);
const withoutHash = npmWithoutHash(lock);
for (const path of withoutHash) {
  const { version, ...rest } = lock.packages[path];
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const integrity = execFileSync('npm', ['view', `${name}@${version}`, 'dist.integrity'], { encoding: 'utf8', timeout: 30_000 }).trim();
  if (!integrity.startsWith('sha512-'))
    throw new Error(`The registry has no SHA-512 of ${name}@${version}: package-lock.json is unchanged.`);
  lock.packages[path] = { version, integrity, ...rest };
}
if (added.length + withoutHash.length > 0) writeWhole(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(
  added.length > 0 ? `added ${added.length}:\n${added.map((name) => `  ${name}\n`).join('')}` : 'package-lock.json is complete\n',
);
