/** What a command needs before set-up has run: one sentence instead of a module that cannot be found. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './checkout.mjs';
import { SetupError } from './setup-error.mjs';

/** Every command imports it first. */
const FIRST_PACKAGE = 'commander';

/**
 * @param {string} [checkout] absolute path
 * @throws SetupError when the checkout has no npm packages
 */
export function requirePackages(checkout = CHECKOUT) {
  if (existsSync(join(checkout, 'node_modules', FIRST_PACKAGE, 'package.json'))) return;
  throw new SetupError(`This checkout is not set up yet: run \`npm start\` in ${checkout} first. It installs what Holdfast needs.`);
}
