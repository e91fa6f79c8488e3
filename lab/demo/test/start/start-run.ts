/** Runs `npm start`'s script as a user does: a process of its own, a state folder, a home and a temporary folder that nobody else has. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { CloudState } from '../../../../cli/cloud-state.ts';
import { compileCache } from '../../../../test/compile-cache.ts';
import { until } from '../../../../test/until.ts';
import { listProcesses, type ProcessInfo, treeOf } from '../../../processes/process-table.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

/** What is printed when release 1.1.0 was rolled over 1.0.0 and nobody lost anything. */
export const nothingLost = (users: number) => ({
  deploy: { status: 'SUCCEEDED', from: '1.0.0', to: '1.1.0', targets: 3 },
  traffic: { users, failed: 0, sessions: users, sessionsLost: 0 },
});

export class Place {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'holdfast-start-'));
  readonly state = path.join(this.folder, 'state');
  readonly home = path.join(this.folder, 'home');
  readonly temporary = path.join(this.folder, 'tmp');

  constructor() {
    mkdirSync(this.home);
    mkdirSync(this.temporary);
  }

  environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      TMPDIR: this.temporary,
      HOLDFAST_STATE_FOLDER: this.state,
      ...compileCache(),
    };
  }

  /** What it prints about the cloud that is up. */
  cloud(): CloudState | undefined {
    const file = path.join(this.state, 'cloud.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CloudState) : undefined;
  }

  /** Folders of runs. */
  runs(): string[] {
    const folder = path.join(this.state, 'run');
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  /** Live processes that have this place in their environment, command line or working folder: all of ours do. Linux only. */
  processes(): ProcessInfo[] {
    if (process.platform !== 'linux') return [];
    return listProcesses().filter(
      ({ pid }) => pid !== process.pid && ['environ', 'cmdline'].some((what) => proc(pid, what).includes(this.folder)),
    );
  }

  remove(): void {
    for (const { pid } of this.processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

function proc(pid: number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return '';
  }
}

export interface StartRunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Below the checkout. @default `npm start`'s */
  readonly script?: string;
  /** @default the Node of the tests */
  readonly node?: string;
}

export class StartRun {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  stdout = '';
  stderr = '';
  readonly #ended: Promise<unknown>;

  constructor(place: Place, args: readonly string[], options: StartRunOptions = {}) {
    const script = path.join(ROOT, options.script ?? 'lab/demo/start.ts');
    this.child = spawn(options.node ?? process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...place.environment(), ...options.env },
      cwd: options.cwd ?? place.folder,
    });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#ended = once(this.child, 'close');
  }

  /** Waits until it has printed `text` on standard error. */
  async hasSaid(text: string, boundMs = 150_000): Promise<void> {
    await until(
      () => {
        if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}: ${this.stderr}${this.stdout}`);
        return this.stderr.includes(text);
      },
      () => `"${text}" in ${JSON.stringify(this.stderr.slice(-500))}`,
      boundMs,
    );
  }

  /** It with everything below it now. */
  tree(): ProcessInfo[] {
    return treeOf(listProcesses(), this.child.pid as number);
  }

  /** Its end: the exit code or signal, and what was on standard output as lines. */
  async ended(): Promise<{ code: number | NodeJS.Signals | null; lines: string[]; stderr: string }> {
    await this.#ended;
    const { stdout, stderr } = this;
    return {
      code: this.child.exitCode ?? this.child.signalCode,
      lines: stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n'),
      stderr,
    };
  }
}
