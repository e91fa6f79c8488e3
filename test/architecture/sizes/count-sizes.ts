/** How large the rooms of the house are: lines, bytes and files of code, and the words of its comments. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
export const PRODUCT = ['cli', 'console', 'infra', 'functions', 'server', 'advisor', 'session', 'package', 'bin'] as const;
/** The folders whose subfolders are rooms of their own. */
const HALLS: ReadonlySet<string> = new Set(['functions', 'lab', 'server']);
const CODE = /\.(?:[cm]?[jt]s|py|java|sh|json|ya?ml|xml|html|css|svg|properties)$/;
const TEST = /(?:^|\/)test\/|\.test\.ts$/;

export interface Size {
  readonly files: number;
  readonly lines: number;
  readonly bytes: number;
  /** Of comments and Python's docstrings. */
  readonly proseWords: number;
}

/** Tests are counted apart, those of lab from the product's, so that a room is what its users run. */
export interface Sizes {
  readonly product: Size;
  /** By folder; within functions, lab and server by subfolder: `functions/deploy`. */
  readonly rooms: Readonly<Record<string, Size>>;
}

const NOTHING: Size = { files: 0, lines: 0, bytes: 0, proseWords: 0 };

export function countSizes(): Sizes {
  const rooms: Record<string, Size> = {};
  let product = NOTHING;
  for (const file of listFiles()) {
    const size = sizeOf(readFileSync(path.join(REPOSITORY, file), 'utf8'), file.endsWith('.py'));
    const room = roomOf(file);
    rooms[room] = add(rooms[room] ?? NOTHING, size);
    if ((PRODUCT as readonly string[]).includes(file.slice(0, file.indexOf('/')))) product = add(product, size);
  }
  return { product, rooms: Object.fromEntries(Object.entries(rooms).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** What Git keeps, and what it would keep: a file that is new counts before it is committed. */
const listFiles = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...PRODUCT, 'lab', 'test'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
    .split('\0')
    // One that is deleted, and not yet committed so, is still listed.
    .filter((file) => CODE.test(file) && existsSync(path.join(REPOSITORY, file)));

function roomOf(file: string): string {
  const [hall = '', room = '', ...rest] = file.split('/');
  if (hall === 'test' || TEST.test(file)) return hall === 'lab' ? 'tests of lab' : 'test';
  return HALLS.has(hall) && rest.length > 0 ? `${hall}/${room}` : hall;
}

const sizeOf = (text: string, python: boolean): Size => ({
  files: 1,
  lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
  bytes: Buffer.byteLength(text),
  proseWords: (text.match(python ? PYTHON_PROSE : PROSE) ?? []).join(' ').match(/\p{L}[\p{L}'’-]+/gu)?.length ?? 0,
});

/** A block comment, or a comment from `//` to the end of its line; the second is none within an address. */
const PROSE = /\/\*[\s\S]*?\*\/|(?<![:'"`\\/])\/\/ .*/g;
const PYTHON_PROSE = /"""[\s\S]*?"""|# .*/g;

const add = (a: Size, b: Size): Size => ({
  files: a.files + b.files,
  lines: a.lines + b.lines,
  bytes: a.bytes + b.bytes,
  proseWords: a.proseWords + b.proseWords,
});
