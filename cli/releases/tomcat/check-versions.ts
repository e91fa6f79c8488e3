import { openAsBlob } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { BlobReader, TextWriter, ZipReader } from '@zip.js/zip.js';
import { InvalidRelease } from '../release-errors.ts';

const REDISSON_MANAGER = /^redisson-tomcat-([0-9]+)-.*\.jar$/;
const MAJOR = /^Specification-Version: ([0-9]+)\b/m;
/** Tomcat's have less than a kilobyte. tomcat_cluster.py has the same limit. */
const LONGEST_MANIFEST_BYTES = 65_536;
const VERSION = /^Implementation-Version: ([0-9]+\.[0-9]+\.[0-9]+)/m;

/**
 * Refuses a session manager for another Tomcat than the release's own.
 *
 * @param folder the release, with its libraries
 * @throws InvalidRelease
 */
export async function checkVersions(folder: string): Promise<void> {
  const [jar, manager] = (await readdir(path.join(folder, 'lib'))).map((name) => REDISSON_MANAGER.exec(name)).find((found) => found) ?? [];
  const tomcat = MAJOR.exec(await manifestOf(path.join(folder, 'tomcat')))?.[1];
  if (manager === undefined || tomcat === undefined || manager === tomcat) return;
  throw new InvalidRelease(
    `app.libraries has ${jar}, and app.archive is Tomcat ${tomcat}: take Redisson's jars for it, redisson-tomcat-${tomcat}.`,
  );
}

/**
 * The main version of the release's Tomcat, and what shows it: Tomcat itself, else the name of its folder on the servers, else Redisson's jar.
 *
 * @param ofHome by the name of the folder
 */
export async function tomcatOf(folder: string, ofHome: number | undefined): Promise<{ major: number; by: string } | undefined> {
  const own = MAJOR.exec(await manifestOf(path.join(folder, 'tomcat')))?.[1];
  if (own !== undefined) return { major: Number(own), by: 'app.archive' };
  if (ofHome !== undefined) return { major: ofHome, by: 'app.home' };
  const [jar, major] = (await readdir(path.join(folder, 'lib'))).map((name) => REDISSON_MANAGER.exec(name)).find((found) => found) ?? [];
  return major === undefined ? undefined : { major: Number(major), by: `${jar} in app.libraries` };
}

/** The version of the Tomcat in a folder, such as `10.1.59`; undefined when its main jar does not show it. */
export const tomcatVersionOf = async (home: string): Promise<string | undefined> => VERSION.exec(await manifestOf(home))?.[1];

/** The manifest of Tomcat's main jar; empty without it. */
async function manifestOf(home: string): Promise<string> {
  try {
    const catalina = await openAsBlob(path.join(home, 'lib', 'catalina.jar'));
    const entries = await new ZipReader(new BlobReader(catalina)).getEntries();
    const manifest = entries.find(({ filename }) => filename === 'META-INF/MANIFEST.MF');
    // The library unpacks no more than the directory's size, so that no jar fills the memory.
    const isReadable = manifest !== undefined && !manifest.directory && manifest.uncompressedSize <= LONGEST_MANIFEST_BYTES;
    return !isReadable ? '' : await manifest.getData(new TextWriter());
  } catch {
    // An unreadable jar counts as one without a version here. If the server cannot read it either, its start fails with a message about it.
    return '';
  }
}
