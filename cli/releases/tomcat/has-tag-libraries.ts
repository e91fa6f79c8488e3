import { openAsBlob } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { BlobReader, ZipReader } from '@zip.js/zip.js';
import { InvalidRelease } from '../release-errors.ts';

/** Where a jar has the descriptors of its tags. */
const DESCRIPTOR = /^META-INF\/.*\.tld$/;

/**
 * Whether a jar in `lib` has tags for JSP pages, which Tomcat finds there only when it reads every jar at its start.
 *
 * @throws InvalidRelease when a jar cannot be read
 */
export async function hasTagLibraries(lib: string): Promise<boolean> {
  for (const name of (await readdir(lib)).filter((each) => each.endsWith('.jar'))) {
    const reader = new ZipReader(new BlobReader(await openAsBlob(path.join(lib, name))));
    const entries = await reader.getEntries().catch(() => {
      throw new InvalidRelease(`${name} in app.libraries is not a jar: it cannot be read as a ZIP archive.`);
    });
    if (entries.some(({ filename }) => DESCRIPTOR.test(filename))) return true;
  }
  return false;
}
