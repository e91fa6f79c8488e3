import type { LockRecord } from '../../records/types.ts';

/** A lease lasts for minutes and each step renews it: one that expired this long ago belongs to no deploy that makes progress. */
const SILENT_MS = 300_000;

export interface LeftoverFacts {
  readonly lock: LockRecord | undefined;
  /** Deploys whose own execution or clean-up runs. */
  readonly running: readonly string[];
  /** Deploys whose last clean-up has failed: what they suspended stays suspended. */
  readonly givenUp: readonly string[];
  readonly nowMs: number;
}

/**
 * Finds what the alarms `deploy-stuck` and `orphaned-lock` report: a deploy that is running but makes no progress, and a lock or suspended
 * processes of a deploy that has ended.
 */
export function findLeftovers({ lock, running, givenUp, nowMs }: LeftoverFacts): { readonly stuck: boolean; readonly orphaned: boolean } {
  const isSilent = lock?.deployId !== undefined && lock.expiresAtMs !== undefined && nowMs - lock.expiresAtMs >= SILENT_MS;
  const isRunning = lock?.deployId !== undefined && running.includes(lock.deployId);
  // A deploy has handed it back to an incident that has died since: it stays suspended until the next deploy.
  const isAbandoned = lock?.kept !== undefined && lock.deployId === undefined && nowMs - lock.kept.untilMs >= SILENT_MS;
  return { stuck: isSilent && isRunning, orphaned: givenUp.length > 0 || isAbandoned || (isSilent && !isRunning) };
}
