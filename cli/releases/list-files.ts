import { constants, type Stats } from 'node:fs';
import { access, lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { printable } from '../../functions/shared/foreign-text.ts';
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

/** A certificate can come before the key; no key file is longer. */
const READ_BYTES = 65_536;

interface SecretKind {
  readonly name: RegExp;
  readonly what: string;
  /** What its content has where it is a secret. @default it is one whatever is in it */
  readonly content?: RegExp;
}

/** By the path in the release. Templates of settings, without values, are published on purpose. */
const KINDS: readonly SecretKind[] = [
  { name: /(^|\/)\.(git|hg|svn)$/, what: 'the history of the code' },
  { name: /(^|\/)\.env([.-](?!(.*[.-])?(example|sample|template|dist|defaults?)$)[^/]+)?$/i, what: 'settings, often with passwords' },
  { name: /(^|\/)id_(rsa|dsa|ecdsa|ed25519)$/, what: 'a private key' },
  { name: /\.(pem|key)$/i, what: 'a private key', content: /-----BEGIN [A-Z ]*PRIVATE KEY/ },
  { name: /(^|\/)\.npmrc$/, what: 'a token of a package registry', content: /^\s*[^#;\n]*_(authToken|auth|password)\s*=\s*(?!\$\{)\S/m },
  { name: /(^|\/)\.aws\/credentials$/, what: 'credentials of AWS' },
  { name: /(^|\/)(\.netrc|\.pgpass|\.git-credentials)$/, what: 'passwords' },
];

export interface SecretFile {
  /** Path in the release. */
  readonly name: string;
  readonly what: string;
}

/** @param folder the release's */
export async function findSecrets(folder: string, files: readonly ReleaseFile[]): Promise<readonly SecretFile[]> {
  const found: SecretFile[] = [];
  for (const { type, name } of files) {
    const kind = type === 'symlink' ? undefined : KINDS.find((each) => each.name.test(name));
    // What is below the history is in it.
    if (kind === undefined || found.some((each) => name.startsWith(`${each.name}/`))) continue;
    if (kind.content && (type !== 'file' || !kind.content.test(await headOf(join(folder, name))))) continue;
    found.push({ name, what: kind.what });
  }
  return found;
}

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Warned about, and published: a server can need such a file, and a release is read by its servers and publishers alone. */
export function secretWarning(secrets: readonly SecretFile[]): string {
  const shown = secrets.slice(0, 10).map(({ name, what }) => `  ${name} (${what})`);
  const more = secrets.length > shown.length ? [`  and ${secrets.length - shown.length} more`] : [];
  return [
    `warning: the release contains ${secrets.length === 1 ? 'a file' : `${secrets.length} files`} that can hold secrets, for everyone who can read releases, and each server:`,
    ...shown,
    ...more,
    'They are published as well. If that was not meant, publish a folder without them under a new version, and replace the secrets.',
  ].join('\n');
}

/** The server's limit for a path, and for the text of a link. */
const LONGEST_NAME = 1024;
const CONTROL = /\p{Cc}/u;

export const NOT_UTF8 = 'has a name that is not UTF-8: rename it, or pack the archive with names in UTF-8';

/** What is wrong with a path, relative and with `/` between its parts, as the end of a sentence; undefined for a right one. */
export function nameProblem(name: string): string | undefined {
  // The instance refuses it: on another system it would be a separator.
  if (name.includes('\\')) return 'has a backslash in its name';
  // What a reader puts in the place of bytes that are no text: the file would get another name.
  if (name.includes('\ufffd')) return NOT_UTF8;
  if (CONTROL.test(name)) return 'has a control character in its name: rename it';
  if (printable(name) !== name) return 'has a character in its name that is not seen, or turns the direction of the text: rename it';
  return name.length > LONGEST_NAME ? `has a path of more than ${LONGEST_NAME} characters` : undefined;
}

/**
 * What is wrong with a link by its text alone, as the end of a sentence; undefined for one that cannot lead out. Since nothing is below a
 * link, no chain of such links leads out either.
 * @param name the link's own path
 */
export function linkProblem(name: string, target: string): string | undefined {
  if (target === '') return ', which is empty';
  if (target.startsWith('/')) return ': a link in a release must be relative';
  if (target.includes('\ufffd')) return ', which is not UTF-8';
  if (CONTROL.test(target) || target.includes('\\')) return ', which has a control character or a backslash';
  if (printable(target) !== target) return ', which has a character that is not seen, or turns the direction of the text';
  if (target.length > LONGEST_NAME) return `, which has more than ${LONGEST_NAME} characters`;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const down = parts.findIndex((part) => part !== '..');
  const ups = down < 0 ? parts.length : down;
  if (parts.slice(ups).includes('..')) return ': ".." is allowed only at the beginning';
  return ups > name.split('/').length - 1 ? ', which is outside the release' : undefined;
}

export type PathKind = 'file' | 'folder' | 'link';

/** The paths of an archive, which are refused before they are written when one of them is two things. */
export class ArchivePaths {
  private readonly kinds = new Map<string, PathKind>();

  /** Number of paths, with the folders that only the paths below them name. */
  get count(): number {
    return this.kinds.size;
  }

  /** What a path is by now. */
  kindOf(name: string): PathKind | undefined {
    return this.kinds.get(name);
  }

  /** @returns the folders to make before `name` is written, or why it must not be: the end of a sentence */
  add(name: string, kind: PathKind): { readonly folders: readonly string[] } | { readonly problem: string } {
    const parts = name.split('/');
    const above = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
    const blocked = above.find((each) => this.kinds.has(each) && this.kinds.get(each) !== 'folder');
    if (blocked !== undefined) return { problem: `is below ${JSON.stringify(blocked)}, which is a ${this.kinds.get(blocked)}` };
    const before = this.kinds.get(name);
    if (before !== undefined && !(before === 'folder' && kind === 'folder')) return { problem: `is there twice, as a ${before} before` };
    const folders = [...above, ...(kind === 'folder' ? [name] : [])].filter((each) => !this.kinds.has(each));
    for (const each of folders) this.kinds.set(each, 'folder');
    this.kinds.set(name, kind);
    return { folders };
  }
}

/** Why a new path is there already: the disk of the machine, such as macOS's, takes two names for one. */
export const SAME_ON_DISK =
  'and another name in it are the same name on the disk of this machine, which does not distinguish capitals or accents: rename one of them, or publish on Linux';
