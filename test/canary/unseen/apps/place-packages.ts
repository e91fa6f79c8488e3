/** Debian's packages in a folder of their own: what they look for below `/usr/share`, `/etc` and `/var` is there instead. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { LIBRARIES } from '../debian-packages.ts';

const COPY_MS = 120_000;
/** Between quotes, in files of programs. */
const PLACES = /(?<!vendorDir \. )(['"])(\/(?:etc|usr\/share|var\/lib|var\/cache|var\/log)\/[a-z])/g;
const EDITED = /\.(php|inc|rb)$|^Gemfile$/;

/** Where its libraries are, as LD_LIBRARY_PATH. */
export const librariesOf = (root: string): string =>
  [LIBRARIES, LIBRARIES.slice('usr/'.length)].map((one) => path.join(root, one)).join(':');

/** Copies the packages. @param names folders below `usr/share`, `etc` and `var/lib` whose files name places @returns the copy's root */
export async function placePackages(installed: string, folder: string, names: readonly string[]): Promise<string> {
  const root = path.join(folder, 'root');
  await promisify(execFile)('cp', ['-a', installed, root], { timeout: COPY_MS });
  for (const name of names)
    for (const place of ['usr/share', 'etc', 'var/lib'])
      if (existsSync(path.join(root, place, name))) await relocate(root, path.join(root, place, name));
  return root;
}

async function relocate(root: string, folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const kind = await lstat(file);
    if (kind.isSymbolicLink()) {
      const target = await readlink(file);
      if (!target.startsWith('/')) continue;
      await rm(file);
      await symlink(path.join(root, target), file);
    } else if (kind.isDirectory()) await relocate(root, file);
    else if (EDITED.test(name)) {
      const text = await readFile(file, 'utf8');
      const changed = text.replace(PLACES, (_, quote, place) => `${quote}${root}${place}`);
      if (changed !== text) await writeFile(file, changed);
    }
  }
}
