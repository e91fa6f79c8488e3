import type { LockRecord } from './types.ts';

/** `deploy ID of 1.4.2`, `refresh ID to lt-0abc version 7` or `incident ID`: who holds a lock, for sentences about it. */
export function describeHolder({ deployId = 'unknown', version, heldBy }: Pick<LockRecord, 'deployId' | 'version' | 'heldBy'>): string {
  if (heldBy === 'incident') return `incident ${deployId}`;
  if (heldBy === 'reconcile') return 'the check for what deploys left';
  return heldBy === 'refresh'
    ? `refresh ${deployId} to ${version ?? 'an unknown launch template'}`
    : `deploy ${deployId} of ${version ?? 'an unknown release'}`;
}

/** True while a deploy, whichever it is, renews its lease on the lock. A lock without an end of its lease counts as held. */
export const isLockHeld = (lock: LockRecord | undefined, nowMs: number): boolean =>
  lock?.deployId !== undefined && (lock.expiresAtMs ?? Number.POSITIVE_INFINITY) > nowMs;
