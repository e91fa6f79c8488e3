/** Unpacks ZIP archives: WARs, and what a release gets of Tomcat and its libraries. */

import { constants, createWriteStream, openAsBlob } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import * as zip from '@zip.js/zip.js';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { ArchivePaths, NOT_UTF8, nameProblem, type ReleaseLimits, SAME_ON_DISK, tooLarge, tooMany } from './list-files.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

/** Methods of compression that Java reads: stored and deflated. The library reads more. */
const METHODS = [0, 8];
const DAMAGED = 'it is damaged: its directory cannot be read';

/** What is wrong with an archive, or with a file in it, by the message of the library's error. */
const PROBLEMS: Readonly<Record<string, string>> = {
  [zip.ERR_BAD_FORMAT]: 'it is no ZIP archive',
  [zip.ERR_EOCDR_NOT_FOUND]: 'it is no ZIP archive',
  [zip.ERR_AMBIGUOUS_ARCHIVE]: 'it is no ZIP archive',
  [zip.ERR_EOCDR_LOCATOR_ZIP64_NOT_FOUND]: DAMAGED,
  [zip.ERR_CENTRAL_DIRECTORY_NOT_FOUND]: DAMAGED,
  [zip.ERR_INVALID_CRC32]: 'is damaged: its checksum is wrong',
  [zip.ERR_INVALID_UNCOMPRESSED_SIZE]: 'is longer than the archive says',
};

/** A jar's names are UTF-8 whether or not it says so; `inside` checks them. The directory's sizes and checksums are the ones that count. */
const OPTIONS = { filenameEncoding: 'utf-8', filenameValidation: 'tolerant', checkLocalDirectory: false, checkCrc32: true } as const;

type Refuse = (problem: string) => InvalidRelease;

/**
 * @returns the entries of a ZIP, and whether they are all that its directory has
 * @throws InvalidRelease by `refuse` when Java cannot open it
 */
export async function readDirectory(source: Blob, refuse: Refuse): Promise<{ entries: readonly zip.Entry[]; isWhole: boolean }> {
  const reader = new zip.ZipReader(new zip.BlobReader(source), OPTIONS);
  const entries = await reader.getEntries().catch((error: Error) => {
    throw refuse(PROBLEMS[error.message] ?? reasonOf(error));
  });
  const warns = (of: string): boolean => reader.warnings?.some(({ reason }) => reason === of) ?? false;
  if (warns(zip.WARNING_MISMATCHED_CENTRAL_DIRECTORY_OFFSET)) throw refuse(DAMAGED);
  for (const { filename, encrypted, directory, compressionMethod } of entries) {
    const refuseEntry = (problem: string) => refuse(`${JSON.stringify(filename)} in it ${problem}`);
    if (encrypted) throw refuseEntry('is encrypted');
    if (!directory && !METHODS.includes(compressionMethod)) throw refuseEntry('is packed in a way that Java does not read');
    if (filename.includes('\ufffd')) throw refuseEntry(NOT_UTF8);
  }
  return { entries, isWhole: !warns(zip.WARNING_TRAILING_CENTRAL_DIRECTORY_DATA) };
}

/**
 * Unpacks a ZIP into `folder`. Memory does not grow with the archive.
 * @param what for the message: `a WAR`
 * @throws InvalidRelease when it is no ZIP, is damaged or encrypted, a name leaves the folder, an entry is a link or is below a file, or it is past the limits
 */
export async function unpackZip(archive: string, folder: string, limits: ReleaseLimits, what: string): Promise<void> {
  const refuse = (reason: string) => new InvalidRelease(`Cannot read ${JSON.stringify(archive)} as ${what}: ${reason}.`);
  try {
    await access(archive, constants.R_OK);
    const { entries, isWhole } = await readDirectory(await openAsBlob(archive), refuse);
    // Java reads the whole directory, and would run files that were neither checked nor published.
    if (!isWhole) throw refuse('its directory has more than the number of files that it names');
    if (entries.length > limits.maxFiles) throw refuse(`it has more than ${limits.maxFiles} files, which is the limit`);
    if (sumOf(entries, ({ uncompressedSize }) => uncompressedSize) > limits.maxBytes) throw tooLarge(limits);
    const refuseEntry = (entry: zip.Entry, problem: string) => refuse(`${JSON.stringify(entry.filename)} in it ${problem}`);
    const places = judgeEntries(entries, limits, refuseEntry);
    await mkdir(folder, { recursive: true });
    for (const place of places) await write(place, folder, refuse);
  } catch (error) {
    throw error instanceof InvalidRelease ? error : refuse(reasonOf(error));
  }
}

/** What to write for one entry: `folders` first. `again`: the archive has the file before, and the later one counts, as for Tomcat. */
interface Place {
  readonly entry: zip.Entry;
  readonly name: string;
  readonly folders: readonly string[];
  readonly again: boolean;
}

type RefuseEntry = (entry: zip.Entry, problem: string) => InvalidRelease;

/** The type of a file in the attributes of Unix, and its two values that a WAR can have; 0 where none is recorded. */
const FILE_TYPE = 0o170000;
const FILE_TYPES = [0, 0o100000, 0o040000];
/** Whether an entry is a file or folder. All bits are no type: Maven once wrote -1 for the attributes of its own folders. */
const isFileOrFolder = (attributes: number, name: string): boolean =>
  FILE_TYPES.includes(attributes & FILE_TYPE) || ((attributes & FILE_TYPE) === FILE_TYPE && name.endsWith('/'));

/** Judges every entry before anything is written. @throws InvalidRelease */
function judgeEntries(entries: readonly zip.Entry[], limits: ReleaseLimits, refuse: RefuseEntry): readonly Place[] {
  const paths = new ArchivePaths();
  return entries.flatMap((entry): Place[] => {
    const name = inside(entry.filename);
    if (name === undefined) throw refuse(entry, 'is outside of the folder');
    const problem = nameProblem(name);
    if (problem) throw refuse(entry, problem);
    // Java takes it for a file: what ends in a slash is a folder, whatever the attributes are.
    if (entry.directory && !entry.filename.endsWith('/')) throw refuse(entry, 'is a folder by its attributes, and a file by its name');
    // Java would write the text of a link as a file.
    if (!isFileOrFolder(entry.externalFileAttributes >>> 16, entry.filename)) throw refuse(entry, 'is neither a file nor a folder');
    if (name === '') return [];
    if (!entry.directory && paths.kindOf(name) === 'file') return [{ entry, name, folders: [], again: true }];
    const added = paths.add(name, entry.directory ? 'folder' : 'file');
    if ('problem' in added) throw refuse(entry, added.problem);
    if (paths.count > limits.maxFiles) throw tooMany(limits);
    return [{ entry, name, folders: added.folders, again: false }];
  });
}

async function write({ entry, name, folders, again }: Place, folder: string, refuse: Refuse): Promise<void> {
  const refuseEntry = (problem: string) => refuse(`${JSON.stringify(entry.filename)} in it ${problem}`);
  try {
    for (const each of folders) await mkdir(path.join(folder, each));
    if (entry.directory) return;
    // The directory's sizes were added up before; the library writes no more than them.
    await entry.getData(Writable.toWeb(createWriteStream(path.join(folder, name), { flags: again ? 'w' : 'wx' })));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refuseEntry(code === 'EEXIST' ? SAME_ON_DISK : (PROBLEMS[message] ?? 'is damaged'));
  }
}

/** A name without the slash at the end, empty for the root itself; undefined outside of the folder. */
function inside(name: string): string | undefined {
  const normal = path.posix.normalize(name).replace(/\/$/, '');
  if (normal.startsWith('/') || normal === '..' || normal.startsWith('../') || /[\0\\]/.test(name)) return undefined;
  return normal === '.' ? '' : normal;
}
