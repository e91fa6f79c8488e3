/** What a release's paths and links must be. Pure: a folder and an archive are judged by the same rules, as on the server. */
import { printable } from '../../functions/shared/foreign-text.ts';

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
 *
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
