import { spawn } from 'node:child_process';
import { readSetup } from '../../setup/read-setup.mjs';

export interface Ended {
  /** Absent when it was ended at its time limit, or by a signal. */
  readonly code?: number;
  readonly stdout: string;
}

export interface Limits {
  readonly cwd: string;
  readonly limitMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

const LONGEST_OUTPUT = 8 * 2 ** 20;

/** Runs a script under the pinned Node, and ends it with everything that it started at its time limit: a mutant can loop for ever. */
export function runLimited(args: readonly string[], { cwd, limitMs, env = {} }: Limits): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(readSetup().node, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd,
      detached: true,
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const endGroup = () => {
      try {
        process.kill(-(child.pid as number), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (stdout.length < LONGEST_OUTPUT) stdout += chunk.toString();
    });
    const limit = setTimeout(endGroup, limitMs);
    process.once('exit', endGroup);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      process.off('exit', endGroup);
      // Servers that its tests left.
      endGroup();
      resolve({ ...(code === null ? {} : { code }), stdout });
    });
  });
}
