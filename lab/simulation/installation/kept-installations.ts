/** Where the files of one run of the tests share the installations: a synthesis takes seconds, and is the same for all of them. */
import path from 'node:path';
import { KEPT_SYNTHESES_ENV } from '../../../test/infra/kept-syntheses.ts';

/** @returns their file, which may not be there yet; undefined outside of the tests: a user's run synthesizes what is checked out */
export function keptInstallationsFile(): string | undefined {
  const folder = process.env[KEPT_SYNTHESES_ENV];
  return folder === undefined ? undefined : path.join(folder, 'installations.json');
}

/** What this process synthesizes from now on is its own: its sources are not those of others. */
export function keepNoInstallations(): void {
  delete process.env[KEPT_SYNTHESES_ENV];
}
