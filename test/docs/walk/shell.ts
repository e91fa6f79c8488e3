/** A reader's shell: folder and variables stay from command to command, and each is timed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { signalGroup } from '../../../setup/signal-group.mjs';
import { until } from '../../until.ts';

const LIMIT_MS = 20 * 60_000;
const SECOND_MS = 1_000;

export interface Ran {
  readonly page: string;
  readonly command: string;
  readonly seconds: number;
  /** Longest time without a byte of output. */
  readonly silentSeconds: number;
  /** The same on a machine with a core for each process that wants one: others' work holds up a line as well. */
  readonly silentShareSeconds: number;
  /** Null where it stays up. */
  readonly code: number | null;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly printed: () => string;
}

export class Shell {
  readonly ran: Ran[] = [];
  page = '';
  folder: string;
  private env: Readonly<Record<string, string>>;
  private readonly first: Readonly<Record<string, string>>;
  private readonly staying: Running[] = [];

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.env = env;
    this.first = env;
  }

  /** A new terminal. */
  open(page: string, folder: string): void {
    Object.assign(this, { page, folder, env: this.first });
  }

  /**
   * @param staysUp what a command that stays up has printed when the reader goes on
   * @returns what it printed
   */
  async run(command: string, expected: readonly number[] = [0], staysUp?: RegExp): Promise<string> {
    const startedMs = performance.now();
    const { child, ended, printed } = this.start(command);
    let longestMs = 0;
    let lastMs = startedMs;
    const noteSilence = () => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', noteSilence);
    let found: number | null = null;
    if (staysUp === undefined) found = await ended;
    else {
      const early = ended.then((by) => `it ended with ${by}`);
      const seen = until(() => staysUp.test(printed()), `it prints ${staysUp}`, LIMIT_MS).then(() => undefined);
      const why = await Promise.race([early, seen]);
      if (why !== undefined) throw new Error(`${this.page}: "${command}" stays up, but ${why}:\n${printed().slice(-3_000)}`);
      this.staying.push({ child, ended, printed });
    }
    noteSilence();
    const [seconds, silentSeconds] = [performance.now() - startedMs, longestMs].map((ms) => Math.round(ms / 100) / 10) as [number, number];
    const silentShareSeconds = Math.round((silentSeconds * 10) / Math.max(1, (loadavg()[0] ?? 0) / availableParallelism())) / 10;
    this.ran.push({ page: this.page, command, seconds, silentSeconds, silentShareSeconds, code: found });
    process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  silent ${silentSeconds.toFixed(1).padStart(5)} s  ${command}\n`);
    if (staysUp === undefined && !expected.includes(found ?? -1))
      throw new Error(
        `${this.page}: "${command}" ended with ${found}, not ${expected}:\n${[...this.staying.map((one) => one.printed()), printed()].map((text) => text.slice(-3_000)).join('\n')}`,
      );
    return printed();
  }

  /** Ctrl-C in each terminal in which something stays up. */
  async interrupt(withinSeconds: number): Promise<void> {
    for (const { child, ended, printed } of this.staying.splice(0)) {
      signalGroup(child.pid as number, 'SIGINT');
      const late = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error(`Ctrl-C does not end it:\n${printed().slice(-2_000)}`)), withinSeconds * SECOND_MS).unref(),
      );
      await Promise.race([ended, late]);
    }
  }

  private start(command: string): Running {
    // Variables that a page sets without `export` are there for its next command as well. What a command leaves running lacks the third
    // stream, which would not end.
    const script = `set -a\neval "$1" 3>&-\ncode=$?\n{ pwd; env -0; } >&3\nexit $code`;
    // A group of its own: Ctrl-C reaches what the command started, as in a terminal.
    const child = spawn('bash', ['-c', script, 'bash', command], {
      cwd: this.folder,
      env: this.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => printed.push(chunk));
    const state = buffer(child.stdio[3] as Readable);
    const limit = setTimeout(() => signalGroup(child.pid as number, 'SIGKILL'), LIMIT_MS);
    const ended = once(child, 'exit').then(async ([code]) => {
      clearTimeout(limit);
      const [folder, variables] = (await state).toString().split(/\n(.*)/s) as [string, string?];
      if (variables !== undefined && !this.staying.some((one) => one.child === child)) {
        this.folder = folder;
        this.env = Object.fromEntries(
          variables.split('\0').flatMap((entry) => (entry.includes('=') ? [entry.split(/=(.*)/s).slice(0, 2) as [string, string]] : [])),
        );
      }
      return code as number | null;
    });
    return {
      child,
      ended,
      // The console's link has a token, and an error quotes this.
      printed: () =>
        Buffer.concat(printed)
          .toString()
          .replaceAll(/#token=\S+/g, ''),
    };
  }
}
