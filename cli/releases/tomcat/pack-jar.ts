import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

export interface JarEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

/** Content alone decides the bytes, not the clock or zlib's version: the SHA-256 of a release covers them. */
const ZIP_OPTIONS = {
  level: 0,
  lastModDate: new Date(2000, 0, 1),
  version: 20,
  extendedTimestamp: false,
  dataDescriptor: false,
  msDosCompatible: true,
};

/** Makes a jar of stored entries. */
export async function packJar(entries: readonly JarEntry[]): Promise<Uint8Array> {
  const jar = new ZipWriter(new Uint8ArrayWriter(), ZIP_OPTIONS);
  for (const { name, content } of entries) await jar.add(name, new Uint8ArrayReader(content));
  return jar.close();
}
