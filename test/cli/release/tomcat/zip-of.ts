import { writeFile } from 'node:fs/promises';
import { zip } from '../../../../examples/tomcat-app/zip.mjs';

/** Writes a ZIP of these files, hostile names too. */
export async function writeZip(file: string, files: Readonly<Record<string, string>>): Promise<string> {
  await writeFile(file, zip(Object.entries(files).map(([name, content]) => ({ name, content: Buffer.from(content) }))));
  return file;
}
