/** A release that a newcomer can deploy to see one stopped: it has the application's contract, and a program whose readiness path answers 503. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { APP_CONTRACT_FILE } from '../../../functions/shared/app-contract.ts';
import type { LocalApp } from '../app/local-app.ts';

export const BAD_VERSION = '1.2.0-bad';

const PROGRAM = 'server.mjs';

export const badRelease = ({ build }: Pick<LocalApp, 'build'>): Pick<LocalApp, 'build'> => ({
  async build(given) {
    const contract = JSON.parse(await readFile(path.join(await build(given), APP_CONTRACT_FILE), 'utf8')) as object;
    // The built one can be the user's own folder.
    const folder = `${given.folder}-made`;
    await mkdir(folder, { recursive: true });
    await copyFile(path.join(import.meta.dirname, PROGRAM), path.join(folder, PROGRAM));
    await writeFile(path.join(folder, APP_CONTRACT_FILE), JSON.stringify({ ...contract, start: [process.execPath, PROGRAM] }));
    return folder;
  },
});
