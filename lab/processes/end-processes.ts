/** Ends process groups for sure and within a bound, and never a process that only has the same id. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../../setup/process-start.mjs';
import { hasEnvironment, listProcesses, type ProcessIdentity, type ProcessInfo, treeOf } from './process-table.ts';

/** Environment variable that every managed process carries: it identifies a run's processes, even orphaned ones. */
export const RUN_MARK = 'HOLDFAST_RUN_ID';

const POLL_MS = 20;
/** SIGKILL needs no consent, only the kernel's time to free memory: 2 s is ample for the few hundred MB of a store. */
const KILL_WAIT_MS = 2_000;

/** Processes of one run that are still there. */
export interface RunProcesses {
  /** The run's mark. Without it only recorded processes are found, and those below them or in their group. */
  readonly runId?: string;
  readonly recorded: readonly ProcessIdentity[];
}

/**
 * What is alive of a run: the recorded processes whose start matches, whatever is below them or in their group, and
 * whatever carries the run's mark (Linux only). Never the calling process.
 */
export function findRunProcesses(run: RunProcesses, table: readonly ProcessInfo[] = listProcesses()): ProcessInfo[] {
  const found = new Map<number, ProcessInfo>();
  const add = (entries: readonly ProcessInfo[]) => {
    for (const entry of entries) found.set(entry.pid, entry);
  };
  for (const { pid, start } of run.recorded) {
    const leader = table.find((entry) => entry.pid === pid && entry.start === start);
    if (leader === undefined) continue;
    add(treeOf(table, pid));
    // A managed process leads its own group. One that was only recorded can be in another group.
    if (leader.groupId === pid) add(table.filter((entry) => entry.groupId === pid));
  }
  const { runId } = run;
  if (runId !== undefined) add(table.filter((entry) => !found.has(entry.pid) && hasEnvironment(entry.pid, `${RUN_MARK}=${runId}`)));
  found.delete(process.pid);
  return [...found.values()];
}

/**
 * SIGTERM to all that is alive of the run, then SIGKILL to what is left after `graceMs`.
 *
 * @returns what was alive at the call, and what still is: normally nothing
 */
export async function endRunProcesses(run: RunProcesses, graceMs: number): Promise<{ ended: ProcessInfo[]; remaining: ProcessInfo[] }> {
  const ended = findRunProcesses(run);
  if (ended.length === 0) return { ended, remaining: [] };
  for (const entry of ended) signal(entry, 'SIGTERM');
  await allGone(ended, graceMs);
  // What a process started while it was ending, and what did not end.
  const stubborn = new Map([...ended.filter(isRunning), ...findRunProcesses(run)].map((entry) => [entry.pid, entry]));
  for (const entry of stubborn.values()) signal(entry, 'SIGKILL');
  await allGone([...stubborn.values()], KILL_WAIT_MS);
  return { ended, remaining: [...stubborn.values()].filter(isRunning) };
}

/** Sends the signal if that very process still runs. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // It ended by itself, or belongs to another user, which the caller sees in what remains.
  }
}

async function allGone(identities: readonly ProcessIdentity[], boundMs: number): Promise<void> {
  const deadline = performance.now() + boundMs;
  while (identities.some(isRunning) && performance.now() < deadline) await sleep(POLL_MS);
}
