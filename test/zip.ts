import { writeFile } from 'node:fs/promises';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

type Contents = Readonly<Record<string, string | Uint8Array>>;

/** A ZIP of these files by name, hostile names too. */
export async function zip(files: Contents): Promise<Uint8Array> {
  const archive = new ZipWriter(new Uint8ArrayWriter());
  for (const [name, content] of Object.entries(files))
    await archive.add(name, new Uint8ArrayReader(Buffer.from(content)), { msDosCompatible: false });
  return archive.close();
}

/** @returns `file` */
export async function writeZip(file: string, files: Contents): Promise<string> {
  await writeFile(file, await zip(files));
  return file;
}
