import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import type { AppContract } from '../../functions/shared/app-contract.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { isVersion, VERSION_RULE } from '../../functions/shared/version.ts';
import { assetMembers, proposeAssets } from './assets.ts';
import { checkStart } from './check-start.ts';
import { findSecrets, type SecretFile } from './find-secrets.ts';
import { DEFAULT_LIMITS, listFiles, type ReleaseFile, type ReleaseLimits } from './list-files.ts';
import { readContract } from './read-contract.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';
import { unpackArchive } from './unpack-archive.ts';

interface PackedArchive {
  /** The .tar.gz, in a new folder of its own inside the work folder; the caller removes it. */
  readonly archivePath: string;
  /** Lower-case hex of the archive. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** A release ready to be uploaded. */
export interface PackagedRelease extends PackedArchive {
  /** Next to the release's own archive; absent for a release without. */
  readonly assets?: PackedArchive;
  readonly app: AppContract;
  readonly content: ReleaseContent;
}

/** What is in the archive: all of the folder. */
export interface ReleaseContent {
  readonly files: number;
  /** Before compression. */
  readonly bytes: number;
  readonly largest: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly secrets: readonly SecretFile[];
  /** The key "assets", where the names of files ask for it and the contract does not have it. */
  readonly proposal?: string;
}

const LARGEST_SHOWN = 3;
/** Every member's time: content decides the archive's bytes, not the clock. */
const MTIME = new Date('2000-01-01T00:00:00Z');

/**
 * Checks a release and makes its archive. The same content gives the same bytes on the same Node.js.
 *
 * @param path a folder with holdfast.app.json at its root, or a .tar.gz of one
 * @param workFolder where temporary files go; made when it is missing
 * @throws InvalidRelease with one sentence about what to correct
 */
export async function packageRelease(
  path: string,
  version: string,
  workFolder: string,
  limits: ReleaseLimits = DEFAULT_LIMITS,
): Promise<PackagedRelease> {
  checkVersion(version);
  const source = resolve(path);
  const kind = await kindOf(source, path);
  await mkdir(workFolder, { recursive: true });
  const temporary = await mkdtemp(join(workFolder, 'release-'));
  const unpacked = join(temporary, 'unpacked');
  try {
    if (kind === 'archive') {
      await mkdir(unpacked);
      await unpackArchive(source, unpacked, limits);
    }
    const folder = kind === 'archive' ? unpacked : source;
    // First: a contract that is a link out of the release is not read.
    const files = await listFiles(folder, limits);
    const app = await readContract(folder);
    await checkStart(app.start, folder);
    const members = assetMembers(app, files);
    const packed = await writeArchive(folder, files, join(temporary, 'release.tar.gz'));
    const assets = members && (await writeArchive(folder, members, join(temporary, 'assets.tar.gz')));
    const proposal = proposeAssets(
      app,
      files.map(({ name }) => name),
    );
    const content = { ...contentOf(files, await findSecrets(folder, files)), ...(proposal && { proposal }) };
    return { ...packed, ...(assets && { assets }), app, content };
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** @throws InvalidRelease quoting the version and the rule */
export function checkVersion(version: string): void {
  if (isVersion(version)) return;
  throw new InvalidRelease(`${JSON.stringify(version)} is not a valid version. ${VERSION_RULE}.`);
}

async function kindOf(source: string, given: string): Promise<'folder' | 'archive'> {
  const refuse = (reason: string) => new InvalidRelease(`Cannot read the release ${JSON.stringify(given)}: ${reason}.`);
  const stats = await stat(source).catch((error: unknown) => {
    throw refuse(reasonOf(error));
  });
  if (stats.isDirectory()) return 'folder';
  if (!stats.isFile()) throw refuse('it is neither a folder nor a file');
  const file = await open(source).catch((error: unknown) => {
    throw refuse(reasonOf(error));
  });
  try {
    const magic = new Uint8Array(2);
    await file.read(magic, 0, 2, 0);
    if (magic[0] === 0x50 && magic[1] === 0x4b) throw refuse(zipProblem(given));
    if (magic[0] !== 0x1f || magic[1] !== 0x8b) throw refuse('it is neither a folder nor a .tar.gz');
  } finally {
    await file.close();
  }
  return 'archive';
}

function zipProblem(path: string): string {
  if (/\.jar$/i.test(path)) return 'a .jar is not a release: put it into a folder with holdfast.app.json, and publish the folder';
  return 'a ZIP archive is neither a release nor, unless its name ends in .war, a WAR: unzip it and publish the folder that has holdfast.app.json, or publish the .war that your build made';
}

function contentOf(files: readonly ReleaseFile[], secrets: readonly SecretFile[]): ReleaseContent {
  const regular = files.filter((file) => file.type === 'file').sort((a, b) => b.sizeBytes - a.sizeBytes);
  const bytes = sumOf(regular, ({ sizeBytes }) => sizeBytes);
  const largest = regular.slice(0, LARGEST_SHOWN).map(({ name, sizeBytes }) => ({ name, sizeBytes }));
  return { files: regular.length, bytes, largest, secrets };
}

async function writeArchive(folder: string, files: readonly ReleaseFile[], archivePath: string): Promise<PackedArchive> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
      // Byte 9 of a gzip file names the operating system that made it: 255 is "unknown", on every one.
      if (sizeBytes === 0) chunk[9] = 255;
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(undefined, chunk);
    },
  });
  const tar = pack();
  try {
    await Promise.all([
      pipeline(tar, createGzip(), measure, createWriteStream(archivePath)),
      addAll(tar, folder, files).catch((error: Error) => {
        tar.destroy(error);
        throw error;
      }),
    ]);
  } catch (error) {
    throw error instanceof InvalidRelease ? error : new InvalidRelease(`Cannot pack the release: ${reasonOf(error)}.`);
  }
  return { archivePath, sha256: hash.digest('hex'), sizeBytes };
}

async function addAll(tar: Pack, folder: string, files: readonly ReleaseFile[]): Promise<void> {
  for (const file of files) {
    const header = { name: file.name, mode: file.mode, mtime: MTIME, uid: 0, gid: 0 };
    if (file.type === 'directory') tar.entry({ ...header, type: 'directory' });
    else if (file.type === 'symlink') tar.entry({ ...header, type: 'symlink', linkname: file.target });
    else await pipeline(createReadStream(join(folder, file.name)), tar.entry({ ...header, size: file.sizeBytes }));
  }
  tar.finalize();
}
