import { type StdioOptions, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import path from 'node:path';
import { readSetup } from '../setup/read-setup.mjs';
import { COMPILE_CACHE } from './compile-cache.ts';

export const REPOSITORY = path.resolve(import.meta.dirname, '..');

export interface RunOptions {
  /** Where the output goes. @default the terminal; `held` prints it in one piece at the end */
  readonly output?: 'terminal' | 'held' | 'stderr' | 'result';
  /** Gets standard output where `output` is `result`, and the terminal gets the rest. */
  readonly onResult?: (text: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** From 0 to 19, and inherited by what it starts: other processes are scheduled before it. @default 0 */
  readonly niceness?: number;
}

/** Runs a script under the pinned Node and returns its exit code; signals are passed on to it. */
export function runNode(
  args: readonly string[],
  { output = 'terminal', env = {}, niceness = 0, onResult }: RunOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(readSetup().node, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: REPOSITORY,
      env: { ...process.env, ...COMPILE_CACHE, ...env },
      stdio: {
        terminal: 'inherit',
        held: ['inherit', 'pipe', 'pipe'],
        stderr: ['inherit', process.stderr, process.stderr],
        result: ['inherit', 'pipe', 'inherit'],
      }[output] as StdioOptions,
    });
    // A child that could not be started has no id: its error comes below.
    if (niceness > 0 && child.pid !== undefined) setPriority(child.pid, niceness);
    const printed: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => (onResult ? onResult(chunk.toString()) : printed.push(chunk)));
    child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(printed));
      resolve(code ?? 1);
    });
  });
}
