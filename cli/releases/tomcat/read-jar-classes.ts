/** Reads the classes of a jar that nobody has checked, within bounds. */
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import type { Entry } from '@zip.js/zip.js';
import type { InvalidRelease } from '../release-errors.ts';
import { type ClassFile, readClassFile } from './class-file.ts';
import { readDirectory } from './unpack-zip.ts';

/** The largest class by far in many applications has some 300 KB. */
export const LONGEST_CLASS_BYTES = 1024 ** 2;
const LONGEST_JAR_BYTES = 256 * 1024 ** 2;
const MOST_ENTRIES = 100_000;
/** Of all classes of one jar, unpacked. */
const MOST_BYTES = 512 * 1024 ** 2;
/** Of a file's own header in a ZIP, without its name and what follows that. */
const HEADER_BYTES = 30;

/** Not counted: classes for another Java than the one that runs, and descriptions of modules, which a class path does not load. */
export const isCounted = (name: string): boolean =>
  name.endsWith('.class') && !name.startsWith('META-INF/') && !/(^|\/)module-info\.class$/.test(name);

/** Of a class, by that of its file below the root of a class path. */
export const nameOf = (file: string): string => file.replace(/\.class$/, '');

/**
 * @returns nothing of a jar that is past the bounds: the server's own error describes it
 * @throws InvalidRelease by `refuse` for a jar that Java cannot open
 */
export async function readJarClasses(file: string, refuse: (problem: string) => InvalidRelease): Promise<readonly ClassFile[]> {
  const blob = await openAsBlob(file);
  const { entries } = await readDirectory(blob, refuse);
  if (blob.size > LONGEST_JAR_BYTES || entries.length > MOST_ENTRIES) return [];
  const bytes = await readFile(file);
  const classes: ClassFile[] = [];
  let left = MOST_BYTES;
  for (const entry of entries) {
    if (entry.directory || !isCounted(entry.filename)) continue;
    const content = contentOf(entry, bytes);
    left -= content?.length ?? 0;
    if (left < 0) return classes;
    const found = content && readClassFile(content, nameOf(entry.filename));
    if (found) classes.push(found);
  }
  return classes;
}

/** A few milliseconds less per jar than through the library, which makes a stream for each class. */
function contentOf({ offset, compressedSize, compressionMethod }: Entry, bytes: Buffer): Buffer | undefined {
  if (offset + HEADER_BYTES > bytes.length) return undefined;
  const begin = offset + HEADER_BYTES + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  const raw = bytes.subarray(begin, begin + compressedSize);
  if (compressionMethod === 0) return raw.length <= LONGEST_CLASS_BYTES ? raw : undefined;
  try {
    return inflateRawSync(raw, { maxOutputLength: LONGEST_CLASS_BYTES });
  } catch {
    // Damaged, or larger than any class.
    return undefined;
  }
}
