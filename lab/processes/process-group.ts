/** Processes in groups of their own, so that stopping one also stops everything that it started. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from '../../setup/signal-group.mjs';
import { endWithThisProcess } from './end-with-this-process.ts';
import type { ProcessLedger, ProcessRecord } from './process-ledger.ts';
import { within } from './wait.ts';

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
  /** Its entry in the ledger; undefined without a ledger, or when it ended at once. */
  readonly record: ProcessRecord | undefined;
  /** Settles when the first process ends; never rejects. */
  readonly exited: Promise<ProcessExit>;
}

export interface GroupOptions extends Pick<SpawnOptions, 'cwd' | 'env' | 'stdio'> {
  /** Name of the process in the ledger, for people. */
  readonly name: string;
  /**
   * Where the process is entered while it runs, so that it ends with its run even after a crash.
   * @default nowhere; the group is killed when this process exits, also by a signal
   */
  readonly ledger?: Pick<ProcessLedger, 'record' | 'forget'> | undefined;
}

/** Starts a program, without a shell, as the leader of a new process group. */
export function startGroup(command: string, args: readonly string[], options: GroupOptions): GroupProcess {
  const { name, ledger, ...spawnOptions } = options;
  const child = spawn(command, args, { ...spawnOptions, detached: true });
  const pid = child.pid ?? 0;
  const forgetGroup = ledger === undefined && pid !== 0 ? endWithThisProcess(pid) : undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    // Later errors are those of signals; they show in what still runs.
    child.on('error', (error) => resolve({ code: null, signal: null, error: error.message }));
    child.once('exit', (code, signal) => {
      // The entry stays while something of the group lives.
      if (!signalGroup(pid, 0)) ledger?.forget(pid);
      forgetGroup?.();
      resolve({ code, signal });
    });
  });
  return { pid, child, record: pid === 0 ? undefined : ledger?.record(pid, name), exited };
}

/** Ends a whole group: `signal`, and SIGKILL for what still runs after `timeoutMs`. Resolves when the leader has ended. */
export async function stopGroup(group: GroupProcess, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (!signalGroup(group.pid, signal)) return;
  const deadline = performance.now() + timeoutMs;
  await within(group.exited, timeoutMs);
  while (performance.now() < deadline && signalGroup(group.pid, 0)) await sleep(20);
  signalGroup(group.pid, 'SIGKILL');
  // A process in uninterruptible sleep ends no sooner for being waited for.
  await within(group.exited, 5_000);
}
