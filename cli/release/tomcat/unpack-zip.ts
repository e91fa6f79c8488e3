/** Unpacks ZIP archives, which WARs are. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { type ReleaseLimits, tooLarge } from '../list-files.ts';
import { InvalidRelease, reasonOf } from '../release-errors.ts';

/** The end of a ZIP, with the longest comment behind it. */
const LONGEST_END = 22 + 65_535;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** In the place of a number that only ZIP64 has. */
const ZIP64 = 0xffffffff;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

/**
 * Unpacks a ZIP into `folder`, with the permissions of new files: those in a WAR mean nothing. Memory does not grow with the archive.
 *
 * @param what it is for the message: `a WAR`
 * @throws InvalidRelease when it is no ZIP, is damaged or encrypted, a name leaves the folder, or it is past the limits
 */
export async function unpackZip(archive: string, folder: string, limits: ReleaseLimits, what: string): Promise<void> {
  const refuse = (reason: string) => new InvalidRelease(`Cannot read ${JSON.stringify(archive)} as ${what}: ${reason}.`);
  const file = await open(archive).catch((error: unknown) => {
    throw refuse(reasonOf(error));
  });
  try {
    const entries = await readDirectory(file);
    if (typeof entries === 'string') throw refuse(entries);
    if (entries.length > limits.maxFiles) throw refuse(`it has more than ${limits.maxFiles} files, which is the limit`);
    if (entries.reduce((sum, { bytes }) => sum + bytes, 0) > limits.maxBytes) throw tooLarge(limits);
    await mkdir(folder, { recursive: true });
    for (const entry of entries) {
      const target = inside(folder, entry.name);
      if (target === undefined) throw refuse(`${JSON.stringify(entry.name)} in it is outside of the folder`);
      const problem = entry.name.endsWith('/') ? await makeFolder(target) : await unpack(file, archive, entry, target);
      if (problem !== undefined) throw refuse(`${JSON.stringify(entry.name)} in it ${problem}`);
    }
  } catch (error) {
    throw error instanceof InvalidRelease ? error : refuse(reasonOf(error));
  } finally {
    await file.close();
  }
}

async function makeFolder(target: string): Promise<undefined> {
  await mkdir(target, { recursive: true });
}

async function readDirectory(file: FileHandle): Promise<Entry[] | string> {
  const { size } = await file.stat();
  const tail = await read(file, Math.max(0, size - LONGEST_END), Math.min(size, LONGEST_END));
  let end = tail.length - 22;
  while (end >= 0 && tail.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) return 'it is no ZIP archive';
  const [bytes, offset] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)];
  if (offset === ZIP64 || tail.readUInt16LE(end + 10) === 0xffff) return 'it is in the ZIP64 format, for archives of more than 4 GB';
  if (offset + bytes > size) return 'it is damaged: its directory is missing';
  const directory = await read(file, offset, bytes);
  const entries: Entry[] = [];
  for (let at = 0; at + 46 <= directory.length; ) {
    if (directory.readUInt32LE(at) !== ENTRY) return 'it is damaged: its directory cannot be read';
    const lengths = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [number, number, number];
    const name = directory.toString('utf8', at + 46, at + 46 + lengths[0]);
    if (directory.readUInt16LE(at + 8) & ENCRYPTED) return `${JSON.stringify(name)} in it is encrypted`;
    const number = (field: number) => directory.readUInt32LE(at + field);
    entries.push({
      name,
      method: directory.readUInt16LE(at + 10),
      crc: number(16),
      packedBytes: number(20),
      bytes: number(24),
      offset: number(42),
    });
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return entries;
}

/** @returns what is wrong with the file */
async function unpack(file: FileHandle, archive: string, entry: Entry, target: string): Promise<string | undefined> {
  const header = await read(file, entry.offset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL) return 'is damaged';
  if (entry.method !== STORED && entry.method !== DEFLATED) return 'is packed in a way that Java does not read';
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  await mkdir(path.dirname(target), { recursive: true });
  let [crc, bytes] = [0, 0];
  const measure = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      crc = crc32(chunk, crc);
      bytes += chunk.length;
      // The directory's sizes were added up before; more than them is not written.
      if (bytes > entry.bytes) done(new Error('is longer than the archive says'));
      else done(undefined, chunk);
    },
  });
  const source = entry.packedBytes === 0 ? Readable.from([]) : createReadStream(archive, { start, end: start + entry.packedBytes - 1 });
  const inflate = entry.method === DEFLATED ? [createInflateRaw()] : [];
  try {
    await pipeline([source, ...inflate, measure, createWriteStream(target)]);
  } catch (error) {
    return error instanceof Error && error.message.startsWith('is ') ? error.message : 'is damaged';
  }
  return crc === entry.crc && bytes === entry.bytes ? undefined : 'is damaged: its checksum is wrong';
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function inside(folder: string, name: string): string | undefined {
  const normal = path.posix.normalize(name).replace(/\/$/, '');
  return normal.startsWith('/') || normal === '..' || normal.startsWith('../') || /[\0\\]/.test(name)
    ? undefined
    : path.join(folder, normal);
}
