/** Puts jars, and Tomcat itself, into a release: from a folder, a .tar.gz or a .zip. */
import { cp, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TomcatApp } from '../../../infra/config/app-kind.ts';
import { DEFAULT_LIMITS, listFiles } from '../list-files.ts';
import { InvalidRelease, reasonOf } from '../release-errors.ts';
import { unpackArchive } from '../unpack-archive.ts';
import { unpackZip } from '../unpack-zip.ts';

/** What a release takes of Tomcat. */
const PARTS = ['bin', 'conf', 'lib'];
const REDISSON_MANAGER = /^redisson-tomcat-[0-9]+-.*\.jar$/;

/** @throws InvalidRelease when there are no jars, or those of the session manager are missing */
export async function addLibraries(libraries: string | undefined, lib: string, manager: TomcatApp['sessionManager']): Promise<void> {
  if (libraries === undefined) {
    await mkdir(lib, { recursive: true });
    return;
  }
  await unpacked(libraries, `${lib}.new`, 'app.libraries');
  await mkdir(lib, { recursive: true });
  const jars = (await readdir(`${lib}.new`, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.jar'),
  );
  const pathOf = (jar: { parentPath: string; name: string }) => path.join(jar.parentPath, jar.name);
  const shown = (jar: { parentPath: string; name: string }) => JSON.stringify(path.relative(`${lib}.new`, pathOf(jar)));
  for (const [at, jar] of jars.entries()) {
    const same = jars.slice(0, at).find(({ name }) => name === jar.name);
    if (same)
      throw new InvalidRelease(
        `app.libraries ${JSON.stringify(libraries)} has two jars of one name, and a release has one folder for them: ${shown(same)} and ${shown(jar)}. Remove one of them.`,
      );
  }
  for (const jar of jars) await rename(pathOf(jar), path.join(lib, jar.name));
  await rm(`${lib}.new`, { recursive: true, force: true });
  if (jars.length === 0) throw new InvalidRelease(`app.libraries ${JSON.stringify(libraries)} contains no .jar.`);
  if (manager === 'redisson' && !jars.some(({ name }) => REDISSON_MANAGER.test(name))) {
    throw new InvalidRelease(
      `app.libraries ${JSON.stringify(libraries)} has no redisson-tomcat-….jar, and the fleet's sessions are kept by it: add Redisson's jars, or set app.sessionManager to "application" or "memory".`,
    );
  }
}

/** Tomcat's own archive, without the folder around it and its own applications. @throws InvalidRelease */
export async function addTomcat(archive: string, folder: string): Promise<void> {
  await unpacked(archive, `${folder}.new`, 'app.archive');
  const [only, another] = await readdir(`${folder}.new`, { withFileTypes: true });
  const home = only?.isDirectory() && another === undefined ? path.join(`${folder}.new`, only.name) : `${folder}.new`;
  // Entries that are links are not folders: what they lead to belongs to the machine.
  const folders = (await readdir(home, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const missing = PARTS.find((name) => !folders.includes(name));
  if (missing) throw new InvalidRelease(`app.archive ${JSON.stringify(archive)} is not Tomcat's: it has no folder ${missing}.`);
  await mkdir(folder, { recursive: true });
  for (const name of PARTS) await rename(path.join(home, name), path.join(folder, name));
  await rm(`${folder}.new`, { recursive: true, force: true });
}

async function unpacked(source: string, folder: string, key: string): Promise<void> {
  const refuse = (reason: string) => new InvalidRelease(`Cannot read ${key} ${JSON.stringify(source)}: ${reason}.`);
  const stats = await stat(source).catch((error: unknown) => {
    throw refuse(reasonOf(error));
  });
  await mkdir(path.dirname(folder), { recursive: true });
  if (stats.isDirectory()) {
    // Judged first: the file that a link leads to is copied in its place, and must be in the folder as well.
    const files = await listFiles(source, DEFAULT_LIMITS).catch((error: unknown) => {
      throw refuse(reasonOf(error).replace(/\.$/, ''));
    });
    for (const { type, name } of files) {
      if (type !== 'symlink' || !(await stat(path.join(source, name))).isDirectory()) continue;
      throw refuse(`the link ${JSON.stringify(name)} leads to a folder, and could lead in circles: put the folder itself there`);
    }
    return cp(source, folder, { recursive: true, dereference: true });
  }
  await mkdir(folder);
  const magic = Buffer.alloc(2);
  const file = await open(source);
  await file.read(magic, 0, 2, 0).finally(() => file.close());
  if (magic.toString('latin1') === 'PK') return unpackZip(source, folder, DEFAULT_LIMITS, key);
  if (magic[0] === 0x1f && magic[1] === 0x8b) return unpackArchive(source, folder, DEFAULT_LIMITS);
  throw refuse('it is neither a folder, a .tar.gz nor a .zip');
}
