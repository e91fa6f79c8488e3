import { type StdioOptions, spawn } from 'node:child_process';
import path from 'node:path';
import { readSetup } from '../setup/read-setup.mjs';

export const REPOSITORY = path.resolve(import.meta.dirname, '..');

export interface RunOptions {
  /** Where the output goes. @default the terminal; `held` prints it in one piece at the end */
  readonly output?: 'terminal' | 'held' | 'stderr' | 'result';
  /** Gets standard output where `output` is `result`, and the terminal gets the rest. */
  readonly onResult?: (text: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a script under the pinned Node and returns its exit code; signals are passed on to it. */
export function runNode(args: readonly string[], { output = 'terminal', env = {}, onResult }: RunOptions = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(readSetup().node, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: REPOSITORY,
      // Vitest would keep a cache among the machine's temporary files.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', ...env },
      stdio: {
        terminal: 'inherit',
        held: ['inherit', 'pipe', 'pipe'],
        stderr: ['inherit', process.stderr, process.stderr],
        result: ['inherit', 'pipe', 'inherit'],
      }[output] as StdioOptions,
    });
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
