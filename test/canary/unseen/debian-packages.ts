/** Debian's packages with everything that they depend on, unpacked: an application there runs with nothing of the machine's but its C library. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Packages } from '../../../lab/corpus/library.ts';
import { pathsOf } from '../../../setup/checkout.mjs';
import { NotInLists, openPrivateApt } from '../../../setup/private-apt.mjs';
import { runCommand } from '../../../setup/run-command.mjs';

const UNPACK_MS = 60_000;
/** The machine's own, of the same release: a program of one with the library of another does not start. */
const C_LIBRARY = /^(libc6|libc-bin|dpkg|tar)_/;
/** Where Debian's libraries are. */
export const LIBRARIES = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;

/** Downloads what is not there yet into `folder/root`. @throws NotInLists, SetupError */
export async function unpackDebian(name: string, packages: Packages, folder: string): Promise<void> {
  const stamp = path.join(folder, '.stamp');
  const wanted = JSON.stringify(packages);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Its lists are those of all applications.
  const shared = path.join(path.dirname(folder), 'apt');
  mkdirSync(shared, { recursive: true });
  const apt = await openPrivateApt({ paths: pathsOf(), env: process.env, noteCommand: () => {} }, shared);
  if (apt === undefined) throw new NotInLists("this machine has no apt, or its release is in none of apt's sources");
  const files = await apt.downloadWhole(Object.entries(packages).map((one) => one.join('=')));
  for (const file of files.filter((one) => !C_LIBRARY.test(path.basename(one))))
    await runCommand(`Unpacking ${name}`, apt.unpack, ['-x', file, path.join(folder, 'root')], {
      logFile: path.join(folder, 'unpack.log'),
      append: true,
      timeoutMs: UNPACK_MS,
    });
  for (const file of files) rmSync(file);
  writeFileSync(stamp, wanted);
}
