import type { LockRecord } from './types.ts';

/** `deploy ID of 1.4.2` or `refresh ID to lt-0abc version 7`: who holds a lock, for sentences about it. */
export function describeHolder({ deployId = 'unknown', version, heldBy }: Pick<LockRecord, 'deployId' | 'version' | 'heldBy'>): string {
  return heldBy === 'refresh'
    ? `refresh ${deployId} to ${version ?? 'an unknown launch template'}`
    : `deploy ${deployId} of ${version ?? 'an unknown release'}`;
}
