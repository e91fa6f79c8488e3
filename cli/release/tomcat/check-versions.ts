import { openAsBlob } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { BlobReader, TextWriter, ZipReader } from '@zip.js/zip.js';
import { InvalidRelease } from '../release-errors.ts';

const REDISSON_MANAGER = /^redisson-tomcat-([0-9]+)-.*\.jar$/;
const VERSION = /^Specification-Version: ([0-9]+)\b/m;

/**
 * Refuses a session manager for another Tomcat than the release's own.
 *
 * @param folder the release, with its libraries
 * @throws InvalidRelease
 */
export async function checkVersions(folder: string): Promise<void> {
  const [jar, manager] = (await readdir(path.join(folder, 'lib'))).map((name) => REDISSON_MANAGER.exec(name)).find((found) => found) ?? [];
  const tomcat = await majorVersionOf(path.join(folder, 'tomcat', 'lib', 'catalina.jar'));
  if (manager === undefined || tomcat === undefined || manager === tomcat) return;
  throw new InvalidRelease(
    `app.libraries has ${jar}, and app.archive is Tomcat ${tomcat}: take Redisson's jars for it, redisson-tomcat-${tomcat}.`,
  );
}

/** Tomcat's, by the manifest of its main jar; undefined without it. */
async function majorVersionOf(catalina: string): Promise<string | undefined> {
  try {
    const entries = await new ZipReader(new BlobReader(await openAsBlob(catalina))).getEntries();
    const manifest = entries.find(({ filename }) => filename === 'META-INF/MANIFEST.MF');
    const text = manifest === undefined || manifest.directory ? '' : await manifest.getData(new TextWriter());
    return VERSION.exec(text)?.[1];
  } catch {
    // The server says so at its start, if it cannot read it either.
    return undefined;
  }
}
