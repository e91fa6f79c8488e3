import { open, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { APP_CONTRACT_FILE } from '../../functions/shared/app-contract.ts';
import { InvalidRelease, reasonOf } from './release-errors.ts';

/** What a path of the release leads to, links followed. */
export type Found =
  /** `head` are its first bytes, as Latin-1. */
  { readonly kind: 'file'; readonly mode: number; readonly head: string } | { readonly kind: 'folder' } | { readonly kind: 'nothing' };

/** Linux reads no more of a script's first line. */
const HEAD_BYTES = 256;
/** They run a script whatever its executable bit and first line, and stumble over CRLF. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']);
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

/**
 * Checks that a server can run `start`: a mistake in it shows otherwise on a server only, after its release was stopped.
 * @param folder of a release whose links are known to stay in it
 * @throws InvalidRelease with one sentence that quotes the program and what to correct
 */
export async function checkStart(start: readonly string[], folder: string): Promise<void> {
  const at = new Map<string, Found>();
  for (const name of pathsToRead(start)) at.set(name, await find(join(folder, name)));
  const problem = startProblem(start, (name) => at.get(name) ?? { kind: 'nothing' });
  if (problem !== undefined) throw new InvalidRelease(`${APP_CONTRACT_FILE}: "start" names ${problem}.`);
}

/** What is wrong with `start`, as the end of a sentence. What lies outside the release is not judged: it is on the servers. */
export function startProblem(start: readonly string[], at: (name: string) => Found): string | undefined {
  const [program = '', ...rest] = start;
  const shown = JSON.stringify(program);
  if (start.some((part) => part.includes('\0'))) return `${shown}, and it or an argument contains a NUL character`;
  const script = scriptOf(program, rest);
  if (script !== undefined) return scriptProblem(script, at(insideName(script) ?? ''));
  const name = insideName(program);
  if (name === undefined) return undefined;
  const found = at(name);
  if (program.includes('/')) return programProblem(program, found);
  if (found.kind === 'file')
    return `${shown}, which servers search for in their PATH and not in the release: write ${JSON.stringify(`./${program}`)}`;
  if (/\s/.test(program))
    return `${shown} as the program: write each argument as a text of its own, ${JSON.stringify(program.trim().split(/\s+/))}`;
  return undefined;
}

function programProblem(program: string, found: Found): string | undefined {
  const shown = JSON.stringify(program);
  if (found.kind === 'nothing') return `${shown}, which is not in the release`;
  if (found.kind === 'folder') return `${shown}, which is a folder`;
  const { mode, head } = found;
  // Root owns it on the servers, and the service runs as another user.
  if ((mode & 0o001) === 0) {
    return `${shown}, which is not executable for all users (mode ${mode.toString(8).padStart(3, '0')}): run chmod 755 on it, and in Git git update-index --chmod=+x`;
  }
  if (head.startsWith('\u007fELF')) return undefined;
  if (head.startsWith(`${BYTE_ORDER_MARK}#!`)) return `${shown}, which has a byte order mark before "#!": save it as UTF-8 without one`;
  if (!head.startsWith('#!')) {
    return `${shown}, which is neither a program for Linux nor a script that begins with "#!": add such a line, for example "#!/bin/sh", or put its interpreter first in "start"`;
  }
  if (hasCrlf(head)) return crlf(shown);
  return firstLine(head).slice(2).trim() === '' ? `${shown}, whose first line has no interpreter after "#!"` : undefined;
}

function scriptProblem(script: string, found: Found): string | undefined {
  const shown = JSON.stringify(script);
  if (found.kind === 'nothing') return `the script ${shown}, which is not in the release`;
  if (found.kind === 'folder') return `the script ${shown}, which is a folder`;
  return hasCrlf(found.head) ? crlf(`the script ${shown}`) : undefined;
}

export const crlf = (what: string): string =>
  `${what}, which has Windows line ends (CRLF): save it with those of Linux (LF), and in Git put "* text=auto eol=lf" in .gitattributes`;

const firstLine = (head: string): string => head.split('\n', 1)[0] ?? '';
export const hasCrlf = (head: string): boolean => head.includes('\n') && firstLine(head).endsWith('\r');

/** The script of the release that a shell is given; undefined without a shell, or with `-c` or a script elsewhere. */
function scriptOf(program: string, rest: readonly string[]): string | undefined {
  if (!SHELLS.has(basename(program)) || rest[0] === undefined || /^[-+]/.test(rest[0])) return undefined;
  return insideName(rest[0]) === undefined ? undefined : rest[0];
}

/** A relative path's name in the release; undefined for a path out of it. */
function insideName(path: string): string | undefined {
  const name = posix.normalize(path).replace(/\/$/, '');
  return path.includes('\0') || name.startsWith('/') || name === '..' || name.startsWith('../') ? undefined : name;
}

function pathsToRead([program = '', ...rest]: readonly string[]): string[] {
  const paths = [program, scriptOf(program, rest) ?? program];
  return paths.flatMap((path) => insideName(path) ?? []);
}

export async function find(path: string): Promise<Found> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) return { kind: 'folder' };
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      return { kind: 'file', mode: stats.mode & 0o777, head: buffer.toString('latin1', 0, bytesRead) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException).code ?? '')) return { kind: 'nothing' };
    throw new InvalidRelease(`Cannot read the start command's file ${JSON.stringify(basename(path))}: ${reasonOf(error)}.`);
  }
}
