import { spawn } from 'node:child_process';
import { readSetup } from '../../setup/read-setup.mjs';
import { signalGroup } from '../../setup/signal-group.mjs';
import { signal } from '../processes/end-processes.ts';
import { hasEnvironment, listProcesses, treeOf } from '../processes/process-table.ts';

export interface Ended {
  /** Absent when it was ended at its time limit, or by a signal. */
  readonly code?: number;
  readonly stdout: string;
  /** It took more than a quarter of its time limit. */
  readonly isSlow: boolean;
}

export interface Limits {
  readonly cwd: string;
  readonly limitMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

const LONGEST_OUTPUT = 8 * 2 ** 20;
/** Environment variable that has the folder in which a script was started: what that started is found by it, whatever its group and parent. */
const MARK = 'HOLDFAST_MUTANT_RUN';

/** Ends what scripts in a folder have started and left behind; the mark is readable on Linux alone. */
export function endProcessesOf(folder: string, rootPid = 0): void {
  const table = listProcesses();
  const below = new Set(treeOf(table, rootPid));
  for (const entry of table) {
    if (below.has(entry) || hasEnvironment(entry.pid, `${MARK}=${folder}`)) signal(entry, 'SIGKILL');
  }
}

/** Runs a script under the pinned Node, and ends it with everything that it started at its time limit: a mutant can loop for ever. */
export function runLimited(args: readonly string[], { cwd, limitMs, env = {} }: Limits): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(readSetup().node, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd,
      detached: true,
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', ...env, [MARK]: cwd },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const endAll = () => {
      endProcessesOf(cwd, child.pid);
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    };
    const startedMs = performance.now();
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (stdout.length < LONGEST_OUTPUT) stdout += chunk.toString();
    });
    const limit = setTimeout(endAll, limitMs);
    process.once('exit', endAll);
    child.once('error', reject);
    // A server that a test left can keep the output open for ever.
    child.once('exit', endAll);
    child.once('close', (code) => {
      clearTimeout(limit);
      process.off('exit', endAll);
      resolve({ ...(code === null ? {} : { code }), stdout, isSlow: performance.now() - startedMs > limitMs / 4 });
    });
  });
}
