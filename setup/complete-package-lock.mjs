/**
 * `node setup/complete-package-lock.mjs [FOLDER]`, to run after a change of dependencies. A registry mirror that lags behind
 * may lack optional packages of other platforms. npm then omits them from package-lock.json, and `npm ci` refuses that lock
 * on every machine. This adds the missing entries without a hash: npm skips them on every platform but their own.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CHECKOUT, writeWhole } from './checkout.mjs';
import { completePackageLock } from './optional-packages.mjs';

const file = join(resolve(process.argv[2] ?? CHECKOUT), 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = completePackageLock(lock);
if (added.length > 0) writeWhole(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(
  added.length > 0 ? `added ${added.length}:\n${added.map((name) => `  ${name}\n`).join('')}` : 'package-lock.json is complete\n',
);
