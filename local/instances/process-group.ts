/** Processes in groups of their own, so that stopping one takes everything that it began along. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** How a process ended: `code` or `signal`; `error` when it could not be started. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: string;
}

export interface GroupProcess {
  /** Process and group id; 0 when it could not be started. */
  readonly pid: number;
  readonly child: ChildProcess;
  /** Settles when the first process ends; never rejects. */
  readonly exited: Promise<ProcessExit>;
}

/** Starts a program, without a shell, as the leader of a new process group. */
export function startGroup(command: string, args: readonly string[], options: Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'>): GroupProcess {
  const child = spawn(command, args, { ...options, detached: true });
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { pid: child.pid ?? 0, child, exited };
}

/** Sends a signal to every process of a group; false when there is none left. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  if (pid <= 1) return false;
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Resolves with false after `milliseconds`, or earlier with true when `promise` settles. Leaves no timer behind. */
export async function within(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

export const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Ends a whole group: `signal`, and SIGKILL for what is left after `timeoutMs`. Resolves when the leader is gone. */
export async function stopGroup(group: GroupProcess, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (!signalGroup(group.pid, signal)) return;
  const deadline = performance.now() + timeoutMs;
  await within(group.exited, timeoutMs);
  while (performance.now() < deadline && signalGroup(group.pid, 0)) await sleep(20);
  signalGroup(group.pid, 'SIGKILL');
  // A process in uninterruptible sleep ends no sooner for being waited for.
  await within(group.exited, 5_000);
}
