import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import {
  ArchivePaths,
  linkProblem,
  nameProblem,
  type PathKind,
  type ReleaseLimits,
  SAME_ON_DISK,
  tooLarge,
  tooMany,
} from './list-files.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

/** What a member takes in the archive next to its content, with a long name. */
const HEADER_BYTES = 4_096;

/**
 * Unpacks a .tar.gz into an empty `folder`, without its modes. Each member is judged before anything of it is written, and links are made
 * when all else is done: nothing is written or copied through one. Memory does not grow with the archive: tar-stream refuses a header of
 * more than 4 MB by the size that it declares.
 * @throws InvalidRelease when it is no .tar.gz, a member is not one that a release can have, or it is past the limits
 */
export async function unpackArchive(archive: string, folder: string, limits: ReleaseLimits): Promise<void> {
  const tar = extract();
  const judge = createMemberJudge(limits);
  const members: JudgedMember[] = [];
  const reading = pipeline(createReadStream(archive), createGunzip(), bounded(limits), tar);
  // The loop below reports the first error; this keeps the other rejection from being unhandled.
  reading.catch(() => {});
  try {
    for await (const entry of tar) {
      const member = judge(entry.header);
      if (member) {
        members.push(member);
        await makeFolders(folder, member);
        if (member.type === 'file') await writeNew(entry, folder, member.name);
      }
      entry.resume();
    }
    await reading;
    await finish(members, folder);
  } catch (error) {
    tar.destroy();
    if (error instanceof InvalidRelease) throw error;
    throw new InvalidRelease(`Cannot unpack ${JSON.stringify(archive)} as a .tar.gz: ${reasonOf(error)}.`);
  }
}

/** Headers and zeros without end are refused as well: they are in no member's size. */
function bounded(limits: ReleaseLimits) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > limits.maxBytes + limits.maxFiles * HEADER_BYTES) throw tooLarge(limits);
      yield chunk;
    }
  };
}

async function makeFolders(folder: string, { folders, name }: JudgedMember): Promise<void> {
  for (const each of folders) await orRefuse(name, mkdir(join(folder, each)));
}

const writeNew = (content: AsyncIterable<unknown>, folder: string, name: string): Promise<void> =>
  orRefuse(name, pipeline(content, createWriteStream(join(folder, name), { flags: 'wx' })));

/** Copies of hard links, and then the links. */
async function finish(members: readonly JudgedMember[], folder: string): Promise<void> {
  for (const member of members) {
    if (member.type !== 'copy') continue;
    await orRefuse(member.name, copyFile(join(folder, member.target), join(folder, member.name), constants.COPYFILE_EXCL));
  }
  for (const member of members) {
    if (member.type === 'symlink') await orRefuse(member.name, symlink(member.target, join(folder, member.name)));
  }
}

/** @throws InvalidRelease when the place is taken, which the archive's own names do not explain */
async function orRefuse<T>(name: string, work: Promise<T>): Promise<T> {
  return work.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new InvalidRelease(`${JSON.stringify(name)} in the archive ${SAME_ON_DISK}.`) : error;
  });
}

/** Decides what a member of a .tar.gz becomes, before anything of it is written. Pure. */

/** What to write: `folders` first. A hard link becomes a `copy`. */
export type JudgedMember = { readonly name: string; readonly folders: readonly string[] } & (
  | { readonly type: 'folder' | 'file' }
  | { readonly type: 'copy' | 'symlink'; readonly target: string }
);

type Judgement = JudgedMember | undefined;

/** Settings of a file with holes: what follows is a map of them and the parts between. */
const SPARSE = /^(GNU\.sparse\.|SCHILY\.realsize$|SUN\.holesdata$)/;
/** Types that the library does not know are all in a form of their own: old GNU's files with holes, a part of another volume, a label. */
const isSparse = ({ type, pax }: Header): boolean => type === null || Object.keys(pax ?? {}).some((key) => SPARSE.test(key));

const KINDS: Readonly<Record<string, PathKind>> = {
  file: 'file',
  'contiguous-file': 'file',
  link: 'file',
  directory: 'folder',
  symlink: 'link',
};

/**
 * Judges the members in their order. Undefined: the root itself, for which nothing is written.
 * @throws InvalidRelease for a member that leaves the folder, is below a link or a file, is there twice, is neither file, folder nor link,
 *   has holes, or is past the limits
 */
export function createMemberJudge(limits: ReleaseLimits): (header: Header) => Judgement {
  const paths = new ArchivePaths();
  const sizes = new Map<string, number>();
  let bytes = 0;
  return (header) => {
    const name = insideName(header.name);
    const kind = KINDS[header.type ?? ''];
    const refuse = (problem: string) => new InvalidRelease(`${quoted(name)} in the archive ${problem}.`);
    if (isSparse(header)) throw refuse('is not stored as a whole, as files with holes (sparse files): pack it without them');
    if (kind === undefined) throw refuse('is neither a file, a folder nor a link');
    if (name === '') {
      if (kind === 'folder') return undefined;
      throw new InvalidRelease('A member of the archive takes the place of the release itself and is not a folder.');
    }
    const target = header.linkname ?? '';
    const source = header.type === 'link' ? insideName(target) : undefined;
    const sizeBytes = source === undefined ? (kind === 'file' ? (header.size ?? 0) : 0) : sizes.get(source);
    if (sizeBytes === undefined) throw refuse(`is a hard link to no file before it, but to ${quoted(target)}: pack it again`);
    const problem = kind === 'link' ? linkProblem(name, target) : undefined;
    if (problem) throw refuse(`is a link to ${quoted(target)}${problem}`);
    const added = paths.add(name, kind);
    if ('problem' in added) throw refuse(added.problem);
    if (kind === 'file') sizes.set(name, sizeBytes);
    bytes += sizeBytes;
    if (bytes > limits.maxBytes) throw tooLarge(limits);
    if (paths.count > limits.maxFiles) throw tooMany(limits);
    const place = { name, folders: added.folders };
    if (kind === 'link') return { ...place, type: 'symlink', target };
    if (source !== undefined) return { ...place, type: 'copy', target: source };
    return { ...place, type: kind };
  };
}

const quoted = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** A member's name without `./` and the slash at the end; empty for the root itself. */
function insideName(name: string): string {
  const normal = posix.normalize(name).replace(/\/$/, '');
  if (normal.startsWith('/') || normal === '..' || normal.startsWith('../'))
    throw new InvalidRelease(`${quoted(name)} in the archive is outside the release.`);
  const problem = nameProblem(normal);
  if (problem) throw new InvalidRelease(`${quoted(name)} in the archive ${problem}.`);
  return normal === '.' ? '' : normal;
}
