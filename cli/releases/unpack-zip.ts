/** Unpacks ZIP archives: WARs, and bundles of CodeDeploy. */

import { constants, createWriteStream, openAsBlob } from 'node:fs';
import { access, chmod, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import * as zip from '@zip.js/zip.js';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { ArchivePaths, linkProblem, NOT_UTF8, nameProblem, type ReleaseLimits, SAME_ON_DISK, tooLarge, tooMany } from './list-files.ts';
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

interface ZipUse {
  /** For the message: `a WAR`. */
  readonly what: string;
  /** Keeps permissions and links, as `unzip` does: those in a WAR mean nothing. */
  readonly keepsModes?: boolean;
}

/**
 * Unpacks a ZIP into `folder`. Memory does not grow with the archive.
 *
 * @throws InvalidRelease when it is no ZIP, is damaged or encrypted, a name leaves the folder, an entry is a link or is below a file, or it is past the limits
 */
export async function unpackZip(archive: string, folder: string, limits: ReleaseLimits, { what, keepsModes }: ZipUse): Promise<void> {
  const refuse = (reason: string) => new InvalidRelease(`Cannot read ${JSON.stringify(archive)} as ${what}: ${reason}.`);
  try {
    await access(archive, constants.R_OK);
    const { entries: found, isWhole } = await readDirectory(await openAsBlob(archive), refuse);
    const entries = keepsModes ? found.map(asUnzipReads) : found;
    // Java reads the whole directory, and would run files that were neither checked nor published.
    if (!isWhole) throw refuse('its directory has more than the number of files that it names');
    if (entries.length > limits.maxFiles) throw refuse(`it has more than ${limits.maxFiles} files, which is the limit`);
    if (sumOf(entries, ({ uncompressedSize }) => uncompressedSize) > limits.maxBytes) throw tooLarge(limits);
    const refuseEntry = (entry: zip.Entry, problem: string) => refuse(`${JSON.stringify(entry.filename)} in it ${problem}`);
    const places = judgeEntries(entries, limits, refuseEntry, keepsModes === true);
    await mkdir(folder, { recursive: true });
    for (const place of places.filter(({ isLink }) => !isLink)) await write(place, folder, refuse);
    if (keepsModes) await finish(places, folder, refuseEntry);
  } catch (error) {
    throw error instanceof InvalidRelease ? error : refuse(reasonOf(error));
  }
}

/** A name of Windows. @see https://github.com/madler/unzip process.c: the separators are backslashes if no slash is in it */
const asUnzipReads = (entry: zip.Entry): zip.Entry =>
  entry.msDosCompatible && !entry.filename.includes('/')
    ? Object.assign(entry, { filename: entry.filename.replaceAll('\\', '/'), directory: entry.directory || entry.filename.endsWith('\\') })
    : entry;

/** What to write for one entry: `folders` first. `again`: the archive has the file before, and the later one counts, as for Tomcat. */
interface Place {
  readonly entry: zip.Entry;
  readonly name: string;
  readonly folders: readonly string[];
  readonly again: boolean;
  readonly isLink: boolean;
}

type RefuseEntry = (entry: zip.Entry, problem: string) => InvalidRelease;

/** The type of a file in the attributes of Unix, and its two values that a WAR can have; 0 where none is recorded. */
const FILE_TYPE = 0o170000;
const FILE_TYPES = [0, 0o100000, 0o040000];
/** Whether an entry is a file or folder. All bits are no type: Maven once wrote -1 for the attributes of its own folders. */
const isFileOrFolder = (attributes: number, name: string): boolean =>
  FILE_TYPES.includes(attributes & FILE_TYPE) || ((attributes & FILE_TYPE) === FILE_TYPE && name.endsWith('/'));

const LINK = 0o120000;
const LONGEST_LINK_BYTES = 4_096;
const modeOf = ({ externalFileAttributes }: zip.Entry): number => externalFileAttributes >>> 16;

/** Permissions, and then the links: nothing is written through one. Its owner can read and delete what was unpacked. */
async function finish(places: readonly Place[], folder: string, refuse: RefuseEntry): Promise<void> {
  for (const { entry, name, isLink } of places) {
    const [otherwise, least] = entry.directory ? [0o755, 0o700] : [0o644, 0o400];
    if (!isLink) await chmod(path.join(folder, name), ((modeOf(entry) || otherwise) & 0o777) | least);
  }
  for (const { entry, name } of places.filter(({ isLink }) => isLink)) {
    const target = entry.directory || entry.uncompressedSize > LONGEST_LINK_BYTES ? '' : await entry.getData(new zip.TextWriter());
    const problem = linkProblem(name, target);
    if (problem) throw refuse(entry, `is a link to ${JSON.stringify(target)}${problem}`);
    await symlink(target, path.join(folder, name));
  }
}

/** Judges every entry before anything is written. @throws InvalidRelease */
function judgeEntries(entries: readonly zip.Entry[], limits: ReleaseLimits, refuse: RefuseEntry, keepsLinks: boolean): readonly Place[] {
  const paths = new ArchivePaths();
  return entries.flatMap((entry): Place[] => {
    const name = inside(entry.filename);
    if (name === undefined) throw refuse(entry, 'is outside of the folder');
    const problem = nameProblem(name);
    if (problem) throw refuse(entry, problem);
    // Java takes it for a file: what ends in a slash is a folder, whatever the attributes are.
    if (entry.directory && !entry.filename.endsWith('/')) throw refuse(entry, 'is a folder by its attributes, and a file by its name');
    // Java would write the text of a link as a file.
    const isLink = keepsLinks && (modeOf(entry) & FILE_TYPE) === LINK;
    if (!isLink && !isFileOrFolder(modeOf(entry), entry.filename)) throw refuse(entry, 'is neither a file nor a folder');
    if (name === '') return [];
    if (!entry.directory && !isLink && paths.kindOf(name) === 'file') return [{ entry, name, folders: [], again: true, isLink }];
    const added = paths.add(name, entry.directory ? 'folder' : isLink ? 'link' : 'file');
    if ('problem' in added) throw refuse(entry, added.problem);
    if (paths.count > limits.maxFiles) throw tooMany(limits);
    return [{ entry, name, folders: added.folders, again: false, isLink }];
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
