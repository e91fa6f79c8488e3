/** Where a command prints: with --json one line on standard output and nothing else, text for people otherwise; and how its process ends. */

import { constants } from 'node:os';
import type { Severity } from '../functions/shared/check.ts';
import { printable, printableJson } from '../functions/shared/foreign-text.ts';
import { linesView, type ProgressView, pausesView, terminalView } from './deploy/progress-view.ts';
import { wrapLine } from './wrap-line.ts';

/** Prints a text. Commands print by these three alone, so that no value of an application, a publisher or a site steers the terminal. */
const printText = (text: string): void => write(process.stdout, asLines(text));
/** Prints a text on standard error. */
export const printNote = (text: string): void => write(process.stderr, asLines(text));
/** A command that needs no options here ends in no space. */
const asLines = (text: string): string => printable(text).replace(/ +$/gm, '');
export const printJson = (value: unknown): void => write(process.stdout, printableJson(value));

/** The row of a wait that a terminal shows now. */
let eraseRow = () => {};
let texts = 0;
function write(stream: Pick<NodeJS.WriteStream, 'write'>, text: string, end = '\n'): void {
  eraseRow();
  eraseRow = () => {};
  texts += 1;
  stream.write(`${text}${end}`);
}

/** An editor's shell is a terminal that shows the codes themselves. */
const canRedraw = ({ isTTY }: Pick<NodeJS.WriteStream, 'isTTY'>): boolean => isTTY && process.env['TERM'] !== 'dumb';
const ERASE = '\r\u001b[2K';
const TICK_MS = 1_000;
const ROW_AFTER_MS = 2_000;
const LINE_AFTER_MS = 15_000;

/** What is awaited, each within the one before it: the last one is shown. */
const waits: object[] = [];

/**
 * Awaits work, and shows for what and how long on standard error, once nothing was printed for a while: on a terminal in a row that moves
 * each second, elsewhere in a line every 15 s.
 * @param what undefined shows nothing, also not what awaits this: a person is asked, or the work never ends
 */
export async function showWait<T>(
  what: string | undefined,
  work: () => Promise<T>,
  terminal: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'> = process.stderr,
): Promise<T> {
  const startedMs = performance.now();
  const isRow = canRedraw(terminal);
  const wait = {};
  waits.push(wait);
  let silent = { sinceMs: startedMs, texts };
  const show = () => {
    const nowMs = performance.now();
    if (silent.texts !== texts) silent = { sinceMs: nowMs, texts };
    const isSilent = nowMs - silent.sinceMs >= (isRow ? ROW_AFTER_MS : LINE_AFTER_MS);
    if (what === undefined || waits.at(-1) !== wait || !isSilent) return;
    const line = printable(`${what}, ${Math.round((nowMs - startedMs) / 1000)} s`);
    if (!isRow) {
      write(terminal, line);
      silent = { sinceMs: nowMs, texts };
      return;
    }
    terminal.write(`${ERASE}${wrapLine(line, terminal.columns)[0]}`);
    eraseRow = () => void terminal.write(ERASE);
  };
  const timer = setInterval(show, TICK_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    waits.splice(waits.indexOf(wait), 1);
    eraseRow();
    eraseRow = () => {};
  }
}

/** What a result belongs to. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly installation: string;
  readonly fleet: string;
}

export interface Output {
  readonly json: boolean;
  /** Says, once a cloud is connected, which one: its title for people, and the place in the result of --json. */
  at(cloud: Place & { readonly title?: string }): void;
  /** Prints a line for people; with --json nothing. */
  print(line: string): void;
  /** Prints progress on standard error, so that standard output has only the result. */
  progress(line: string): void;
  /** Prints the result, once: `text` for people, `value` as the one line of JSON. */
  result(value: object, text: () => string): void;
  /** How a deploy that is followed is shown; with --json, only its waits for a decision are, on standard error. */
  view(): ProgressView;
}

export function createOutput(json: boolean): Output {
  const print = (line: string) => {
    if (!json) printText(line);
  };
  let place: Place | undefined;
  return {
    json,
    at: ({ account, region, installation, fleet, title }) => {
      place = { account, region, installation, fleet };
      if (title !== undefined) print(title);
    },
    print,
    progress: printNote,
    result: (value, text) => {
      if (json) printJson(place ? { ...place, ...value } : value);
      else printText(text());
    },
    view: () => {
      if (json) return pausesView(printNote);
      return canRedraw(process.stdout) ? terminalView(process.stdout, (text) => write(process.stdout, text, '')) : linesView(print);
    },
  };
}

/** What shells report for a program whose reader has gone: 128 and the number of SIGPIPE. */
const READER_GONE = 128 + constants.signals.SIGPIPE;

/**
 * Runs the work of this process, and ends it with the work's exit code. A pipe takes 64 KiB at a time, and exiting earlier would cut off the
 * rest. Where standard output is closed, as by `| head`, the process ends with 141; what it started in AWS goes on.
 */
export async function endWith(work: () => Promise<number>): Promise<never> {
  process.stdout.on('error', gone);
  // Nobody reads the sentence that would report it.
  process.stderr.on('error', () => {});
  const code = await work();
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}

function gone(error: NodeJS.ErrnoException): void {
  // A terminal that was closed gives EIO.
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  process.exit(READER_GONE);
}

const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });

/** Time since something happened, in its largest unit: `40s`, `12m`, `5h`, `3d`. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Text with each column as wide as its widest cell, two spaces apart. A cell has no line feed, which would begin a row. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')));
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/** Before a finding of doctor or canary. */
export const MARKS: Readonly<Record<Severity, string>> = { ok: '✓', notice: '·', unknown: '?', warning: '!', error: '✗' };

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** A number of bytes in its largest unit of 1000: `812 B`, `3.1 MB`. */
export function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3)));
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
