import { constants, type Stats } from 'node:fs';
import { access, lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { linkProblem, nameProblem } from './member-rules.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

/** One member of a release. `name` is relative, with `/` whatever the machine's separator. */
export type ReleaseFile =
  | { readonly type: 'file'; readonly name: string; readonly mode: number; readonly sizeBytes: number }
  | { readonly type: 'directory'; readonly name: string; readonly mode: number }
  | { readonly type: 'symlink'; readonly name: string; readonly mode: number; readonly target: string };

/** Bounds on what one release holds: content before compression, and members. */
export interface ReleaseLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}
export const DEFAULT_LIMITS: ReleaseLimits = { maxBytes: 1024 ** 3, maxFiles: 100_000 };

/**
 * Everything under `folder`, in an order that depends on the names alone.
 *
 * @throws InvalidRelease for a link out of the folder, to one that it is in or to nothing, for what is neither file, folder nor link, and past the limits
 */
export async function listFiles(folder: string, limits: ReleaseLimits): Promise<readonly ReleaseFile[]> {
  const root = await realpath(folder);
  const files: ReleaseFile[] = [];
  let bytes = 0;
  const visit = async (directory: string): Promise<void> => {
    for (const entry of await readdir(join(root, directory))) {
      const name = directory === '' ? entry : `${directory}/${entry}`;
      const file = await describe(root, name);
      files.push(file);
      if (file.type === 'file') bytes += file.sizeBytes;
      if (bytes > limits.maxBytes) throw tooLarge(limits);
      if (files.length > limits.maxFiles) throw tooMany(limits);
      if (file.type === 'directory') await visit(name);
    }
  };
  await visit('').catch((error: unknown) => {
    throw error instanceof InvalidRelease ? error : new InvalidRelease(`Cannot read the release: ${reasonOf(error)}.`);
  });
  // Names are compared by code units, because a locale's order differs between machines.
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const tooLarge = (limits: ReleaseLimits): InvalidRelease =>
  new InvalidRelease(`The release is larger than ${limits.maxBytes} bytes, which is the limit.`);
export const tooMany = (limits: ReleaseLimits): InvalidRelease =>
  new InvalidRelease(`The release has more than ${limits.maxFiles} files, which is the limit.`);

async function describe(root: string, name: string): Promise<ReleaseFile> {
  const path = join(root, name);
  const problem = nameProblem(name);
  if (problem) throw new InvalidRelease(`${JSON.stringify(name)} ${problem}.`);
  const stats: Stats = await lstat(path);
  // Owner's, group's and others' bits; set-user-id has no place in a release.
  const mode = stats.mode & 0o777;
  if (stats.isDirectory()) return { type: 'directory', name, mode };
  if (stats.isSymbolicLink()) return { type: 'symlink', name, mode: 0o777, target: await targetInside(root, name) };
  if (!stats.isFile()) throw new InvalidRelease(`${JSON.stringify(name)} is neither a file, a folder nor a link.`);
  await access(path, constants.R_OK).catch(() => {
    throw new InvalidRelease(`Cannot read ${JSON.stringify(name)}: no permission to read it.`);
  });
  return { type: 'file', name, mode, sizeBytes: stats.size };
}

/** Where a link's own text leads, in the release: the path of a file or folder, or of another link. */
export const linkEnd = ({ name, target }: Pick<Extract<ReleaseFile, { type: 'symlink' }>, 'name' | 'target'>): string =>
  posix.join(posix.dirname(name), target);

/** The text of a link whose end, all links on the way followed, lies in the release. */
async function targetInside(root: string, name: string): Promise<string> {
  const target = await readlink(join(root, name));
  const shown = `The link ${JSON.stringify(name)} points to ${JSON.stringify(target)}`;
  const problem = linkProblem(name, target);
  if (problem) throw new InvalidRelease(`${shown}${problem}.`);
  let end: string;
  try {
    end = await realpath(join(root, name));
  } catch (error) {
    throw new InvalidRelease(`${shown}: ${reasonOf(error)}.`);
  }
  if (end !== root && !end.startsWith(root + sep)) throw new InvalidRelease(`${shown}, which is outside the release.`);
  // The link's own path has no other link in it: folders are visited, and what links lead to is not.
  if (join(root, name).startsWith(end + sep))
    throw new InvalidRelease(`${shown}, a folder that the link itself is in: who follows it walks without end. Remove the link.`);
  return target;
}
