/** Ends and removes what a killed run left behind. Called at every start, before anything new is started. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../setup/process-start.mjs';
import { endRunProcesses } from './end-processes.ts';
import { readOwner, readRecords } from './process-ledger.ts';
import type { ProcessInfo } from './process-table.ts';

/** Leftovers have nothing to save: a short grace, so that a start is not held up. */
const GRACE_MS = 1_500;
/** A folder without a readable owner may be one that is being made; that takes milliseconds. */
const NEWBORN_MS = 60_000;

/** What was found of earlier runs. */
export interface LeftoverReport {
  /** Processes that were ended. */
  readonly ended: readonly ProcessInfo[];
  /** Ids of runs whose folders were removed. */
  readonly removed: readonly string[];
  /** Runs whose owner lives: left alone. */
  readonly alive: readonly { readonly runId: string; readonly ownerPid: number }[];
  /** Processes that could not be ended (another user's): their run's folder is kept. */
  readonly remaining: readonly ProcessInfo[];
}

/**
 * @param runsFolder holds one folder a run; need not exist
 * @param nowMs milliseconds since the epoch
 */
export async function cleanUpLeftovers(runsFolder: string, nowMs: number = Date.now()): Promise<LeftoverReport> {
  const report = {
    ended: [] as ProcessInfo[],
    removed: [] as string[],
    alive: [] as { runId: string; ownerPid: number }[],
    remaining: [] as ProcessInfo[],
  };
  for (const name of listFolders(runsFolder)) {
    const folder = join(runsFolder, name);
    const runId = name.replace(/^\./, '');
    const owner = readOwner(folder);
    if (owner && isRunning(owner)) {
      // Another local cloud of this checkout, or our own run when it was opened before this call.
      if (owner.pid !== process.pid) report.alive.push({ runId, ownerPid: owner.pid });
      continue;
    }
    if (owner === undefined && isNewborn(folder, nowMs)) continue;
    const { ended, remaining } = await endRunProcesses({ runId, recorded: readRecords(folder) }, GRACE_MS);
    report.ended.push(...ended);
    report.remaining.push(...remaining);
    if (remaining.length > 0) continue;
    rmSync(folder, { recursive: true, force: true });
    report.removed.push(runId);
  }
  return report;
}

function listFolders(runsFolder: string): string[] {
  try {
    return readdirSync(runsFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isNewborn(folder: string, nowMs: number): boolean {
  return nowMs - statSync(folder).mtimeMs < NEWBORN_MS;
}
