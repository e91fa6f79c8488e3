/** Ends what an earlier version's mitigation keep-servers left in effect: this version has none that tends it. */
import { resumeOnRecord } from '../../records/lease.ts';
import type { Records } from '../../records/records.ts';
import type { LockRecord } from '../../records/types.ts';
import type { AutoScalingGroup } from '../../shared/aws/auto-scaling.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { chooseMembersToMarkHealthy } from '../scaling/plan-suspension.ts';

export interface KeptServersPorts {
  readonly records: Records;
  readonly group?: Pick<AutoScalingGroup, 'describe' | 'resume' | 'markHealthy'>;
  readonly log: Log;
  readonly now: () => number;
  readonly fleet: string;
}

const LEASE_MS = 120_000;

/**
 * Takes the lock that an incident holds, or that is free while its suspension is on record: marks servers Healthy, since Auto Scaling would
 * replace the others at once, resumes exactly what it suspended, and releases the lock. A deploy that has taken the suspension over resumes
 * it itself.
 * @returns the lock as it is then
 */
export async function endKeptServers(
  { records, group, log, now, fleet }: KeptServersPorts,
  lock: LockRecord | undefined,
): Promise<LockRecord | undefined> {
  const suspension = lock?.suspension?.deployId.startsWith('inc-') ? lock.suspension : undefined;
  // Its own lock is one of a turn before, which failed in between.
  const isHeld = lock?.heldBy === 'incident' || (lock?.heldBy === 'reconcile' && lock.deployId?.startsWith('inc-'));
  const incidentId = isHeld ? lock?.deployId : lock?.deployId === undefined ? suspension?.deployId : undefined;
  // The clean-up of an open deploy takes the suspension over, and must find the lock free.
  if (incidentId === undefined || (lock?.openDeploys?.size ?? 0) > 0) return lock;
  const nowMs = now();
  const request = { fleet, deployId: incidentId, executionArn: incidentId, requestedBy: 'reconcile', version: 'none', nowMs };
  const taken = await records.takeOverLock({ ...request, expiresAtMs: nowMs + LEASE_MS, heldBy: 'reconcile' });
  if (!taken.acquired) return records.getLock(fleet);
  const hold = { fleet, deployId: incidentId, fencingToken: taken.fencingToken };
  if (suspension?.deployId === incidentId && group !== undefined) {
    const prepare = async () => {
      const described = await group.describe();
      const all = new Set(described.members.map(({ instanceId }) => instanceId));
      // One that has left meanwhile keeps none of the others from it; after any other error the next turn goes on.
      for (const instanceId of chooseMembersToMarkHealthy(described, all))
        await group.markHealthy(instanceId).catch((error: unknown) => {
          if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
        });
    };
    const resumed = await resumeOnRecord({ records, group, prepare }, hold, suspension);
    log.info(LOG_EVENTS.processesResumed, { deployId: incidentId, resumed: resumed ?? [] });
  }
  await records.releaseLock(hold);
  return records.getLock(fleet);
}
