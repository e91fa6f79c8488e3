import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { type ReleaseLimits, tooLarge } from './list-files.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

interface Link {
  readonly name: string;
  readonly target: string;
}

/**
 * Unpacks a .tar.gz into an empty `folder`. Links are made last, so that no file is written through one; where they lead
 * is for listFiles to judge. Memory does not grow with the archive.
 *
 * @throws InvalidRelease when it is no .tar.gz, a name leaves the folder, or it is past the limits
 */
export async function unpackArchive(archive: string, folder: string, limits: ReleaseLimits): Promise<void> {
  const tar = extract();
  const hardLinks: Link[] = [];
  const symlinks: Link[] = [];
  const fileModes = new Map<string, number>();
  const folderModes = new Map<string, number>();
  const sizes = new Map<string, number>();
  let bytes = 0;
  let members = 0;

  const reading = pipeline(createReadStream(archive), createGunzip(), tar);
  // The loop below reports the first error; this keeps the other rejection from being unhandled.
  reading.catch(() => {});
  try {
    for await (const entry of tar) {
      const header = entry.header;
      const name = insideName(header.name);
      // A hard link becomes a copy.
      const sizeBytes = header.type === 'link' ? sizes.get(insideName(header.linkname ?? '')) : (header.size ?? 0);
      if (sizeBytes === undefined) throw new InvalidRelease(`${quoted(name)} in the archive is a hard link to no file before it.`);
      sizes.set(name, sizeBytes);
      members += 1;
      bytes += sizeBytes;
      if (bytes > limits.maxBytes) throw tooLarge(limits);
      if (members > limits.maxFiles) throw new InvalidRelease(`The release has more than ${limits.maxFiles} files, which is the limit.`);
      if (name !== '') {
        const path = join(folder, name);
        await mkdir(header.type === 'directory' ? path : dirname(path), { recursive: true });
        // With any mode in the archive, its owner can read and delete what was unpacked.
        if (header.type === 'directory') folderModes.set(path, modeOf(header, 0o755) | 0o700);
        else if (header.type === 'link') hardLinks.push({ name, target: insideName(header.linkname ?? '') });
        else if (header.type === 'symlink') symlinks.push({ name, target: header.linkname ?? '' });
        else if (header.type === 'file' || header.type === 'contiguous-file') {
          await pipeline(entry, createWriteStream(path));
          fileModes.set(path, modeOf(header, 0o644) | 0o400);
          continue;
        } else throw new InvalidRelease(`${quoted(name)} in the archive is neither a file, a folder nor a link.`);
      }
      entry.resume();
    }
    await reading;
    for (const [path, mode] of fileModes) await chmod(path, mode);
    for (const link of hardLinks) await copyFile(join(folder, link.target), join(folder, link.name));
    for (const link of symlinks) await symlink(link.target, join(folder, link.name));
    for (const [path, mode] of folderModes) await chmod(path, mode);
  } catch (error) {
    tar.destroy();
    if (error instanceof InvalidRelease) throw error;
    throw new InvalidRelease(`Cannot unpack ${quoted(archive)} as a .tar.gz: ${reasonOf(error)}.`);
  }
}

const quoted = (text: string): string => JSON.stringify(text);
const modeOf = (header: Header, otherwise: number): number => (header.mode ?? otherwise) & 0o777;

/** A member's name without `./` and the slash at the end; empty for the root itself. */
function insideName(name: string): string {
  const normal = posix.normalize(name).replace(/\/$/, '');
  if (normal.startsWith('/') || normal === '..' || normal.startsWith('../') || name.includes('\0')) {
    throw new InvalidRelease(`${quoted(name)} in the archive is outside the release.`);
  }
  return normal === '.' ? '' : normal;
}
