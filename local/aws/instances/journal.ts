/**
 * The journal of one service on a local machine: a file that its processes write, with systemd's own lines between theirs.
 * It has no time per entry. Each line of systemd's notes where the file was then, so a read since a time begins at the last
 * of these places.
 */
import { appendFileSync, existsSync, openSync, readFileSync, statSync } from 'node:fs';

interface Mark {
  readonly atMs: number;
  readonly bytes: number;
}

/** Of a service that restarts every second: some ten minutes. */
const MOST_MARKS = 2_000;

export class Journal {
  readonly file: string;
  readonly #now: () => number;
  #marks: readonly Mark[] = [];

  constructor(file: string, now: () => number = Date.now) {
    this.file = file;
    this.#now = now;
  }

  /** For a process's output. The caller closes it. */
  open(): number {
    return openSync(this.file, 'a');
  }

  /** A line of systemd's own. */
  note(line: string): void {
    // A machine that is being removed has no folder any more.
    try {
      appendFileSync(this.file, `${line}\n`);
      this.#marks = [...this.#marks.slice(-MOST_MARKS), { atMs: this.#now(), bytes: statSync(this.file).size }];
    } catch {
      return;
    }
  }

  /** The last lines. @param sinceMs epoch milliseconds; undefined reads from the beginning */
  read(lines: number, sinceMs?: number): readonly string[] {
    if (!existsSync(this.file)) return [];
    const from = sinceMs === undefined ? 0 : (this.#marks.findLast(({ atMs }) => atMs <= sinceMs)?.bytes ?? 0);
    const entries = readFileSync(this.file).subarray(from).toString('utf8').split('\n');
    if (entries.at(-1) === '') entries.pop();
    return entries.slice(Math.max(0, entries.length - lines));
  }
}
