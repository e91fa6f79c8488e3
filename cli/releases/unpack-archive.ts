import { constants, createReadStream, createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { createMemberJudge, type JudgedMember } from './judge-member.ts';
import { type ReleaseLimits, tooLarge } from './list-files.ts';
import { SAME_ON_DISK } from './member-rules.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

/** What a member takes in the archive next to its content, with a long name. */
const HEADER_BYTES = 4_096;

/**
 * Unpacks a .tar.gz into an empty `folder`. Each member is judged before anything of it is written, and links are made when all else is
 * done: nothing is written, copied or changed through one. Memory does not grow with the archive: tar-stream refuses a header of more than
 * 4 MB by the size that it declares.
 *
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

/** Copies of hard links, modes, and then the links. */
async function finish(members: readonly JudgedMember[], folder: string): Promise<void> {
  for (const { type, name, ...member } of members) {
    if (type === 'copy' && 'target' in member)
      await orRefuse(name, copyFile(join(folder, member.target), join(folder, name), constants.COPYFILE_EXCL));
    else if ('mode' in member) await chmod(join(folder, name), member.mode);
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
