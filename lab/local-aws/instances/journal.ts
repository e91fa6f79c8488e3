/**
 * The journal of one service on a local machine: a file that its processes write, with systemd's own lines between theirs.
 * It has no time per entry. Each line of systemd's notes where the file was then, so a read since a time begins behind the
 * last note before it, and a read until a time ends before the first note after it.
 */
import { appendFileSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';

interface Mark {
  readonly atMs: number;
  /** Where the note begins. */
  readonly from: number;
  /** Where it ends. */
  readonly to: number;
}

/** Enough for some ten minutes of a service that restarts every second. */
const MOST_MARKS = 2_000;

export class Journal {
  readonly file: string;
  readonly #now: () => number;
  #marks: readonly Mark[] = [];

  constructor(file: string, now: () => number = Date.now) {
    this.file = file;
    this.#now = now;
  }

  /** Opens the file for a process's output. The caller closes it. */
  open(): number {
    return openSync(this.file, 'a');
  }

  /** A line of systemd's own. */
  note(line: string): void {
    // A machine that is being removed has no folder any more.
    try {
      appendFileSync(this.file, `${line}\n`);
      const to = statSync(this.file).size;
      const from = to - Buffer.byteLength(`${line}\n`);
      this.#marks = [...this.#marks.slice(-MOST_MARKS), { atMs: this.#now(), from, to }];
    } catch {
      return;
    }
  }

  /** Removes every entry; a process that writes goes on, since it appends. */
  vacuum(): void {
    this.#marks = [];
    if (existsSync(this.file)) truncateSync(this.file);
  }

  /** The last lines of a time, in epoch milliseconds. @param sinceMs @default the beginning @param untilMs @default the end */
  read(lines: number, sinceMs = 0, untilMs = Number.POSITIVE_INFINITY): readonly string[] {
    if (!existsSync(this.file)) return [];
    const from = this.#marks.findLast(({ atMs }) => atMs <= sinceMs)?.to ?? 0;
    const to = this.#marks.find(({ atMs }) => atMs > untilMs)?.from;
    const entries = readFileSync(this.file).subarray(from, to).toString('utf8').split('\n');
    if (entries.at(-1) === '') entries.pop();
    return entries.slice(Math.max(0, entries.length - lines));
  }
}
