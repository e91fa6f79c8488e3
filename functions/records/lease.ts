import type { AutoScalingGroup } from '../shared/aws/auto-scaling.ts';
import { LeaseLost, type LockHold, type Records } from './records.ts';
import { epochOf, type Suspension, unclaimed } from './suspension.ts';
import type { Lease } from './types.ts';

interface SuspendPorts {
  readonly records: Records;
  readonly group: Pick<AutoScalingGroup, 'suspend' | 'resume'>;
}

interface ResumePorts {
  readonly records: Records;
  readonly group: Pick<AutoScalingGroup, 'resume'>;
  /** Comes before the processes that replace servers are resumed. */
  readonly prepare: () => Promise<void>;
}

/** `refused`: nothing was suspended. `resumed`: it was, after the same holder had begun to resume, and is resumed again. */
export type Suspended = 'suspended' | 'refused' | 'resumed';

/**
 * Suspends processes of a group. The record is written before the call, because a process that no record names would stay suspended for
 * ever.
 *
 * Lambda can deliver the step twice, and Auto Scaling takes no fencing token, so the second delivery can come at any point of the holder's
 * own resume. The record decides: a resume marks it before its call, and a suspend reads the mark after its own. Whichever of the two calls
 * comes last therefore knows of the other, and resumes.
 */
export async function suspendOnRecord({ records, group }: SuspendPorts, hold: LockHold, suspension: Suspension): Promise<Suspended> {
  if (!(await records.putSuspension(hold, suspension))) return 'refused';
  const { suspendedByDeploy } = suspension;
  if (suspendedByDeploy.length === 0) return 'suspended';
  await group.suspend(suspendedByDeploy);
  const left = unclaimed((await records.getLock(hold.fleet)) ?? {}, suspendedByDeploy);
  if (left.length === 0) return 'suspended';
  await group.resume(left);
  return 'resumed';
}

/**
 * Resumes what a holder has suspended, and removes the record of it. A step that is delivered again leaves a later round alone: undefined.
 * @returns what was resumed
 * @see suspendOnRecord
 */
export async function resumeOnRecord(
  { records, group, prepare }: ResumePorts,
  hold: LockHold,
  { round, suspendedByDeploy }: Suspension,
): Promise<readonly string[] | undefined> {
  await records.beginResume(hold, round);
  const { suspension } = (await records.getLock(hold.fleet)) ?? {};
  if (suspension !== undefined && suspension.epoch > epochOf(hold.fencingToken, round)) return undefined;
  await prepare();
  if (suspendedByDeploy.length > 0) await group.resume(suspendedByDeploy);
  await records.deleteSuspension(hold, round);
  return suspendedByDeploy;
}

/** The deploy that holds the lock, and for how long each renewal extends its lease. */
export interface LeaseHolder {
  readonly fleet: string;
  readonly deployId: string;
  readonly settings: { readonly leaseSeconds: number };
}

/**
 * Renews the deploy's lease right before a change. Load balancers and Auto Scaling take no fencing token, so nothing else stops
 * a deploy that lost its lock. The renewed lease outlives the function's time limit.
 * @throws LeaseLost when the lock is another deploy's, or was released
 */
export async function holdLease(records: Records, deploy: LeaseHolder, lease: Lease, nowMs: number): Promise<Lease> {
  const { deployId, fleet, settings } = deploy;
  const expiresAtMs = nowMs + settings.leaseSeconds * 1000;
  const hold = { fleet, deployId, fencingToken: lease.fencingToken };
  if (await records.renewLease(hold, expiresAtMs)) return { ...lease, expiresAtMs };
  throw new LeaseLost(`deploy ${deployId} no longer holds the lock of fleet ${fleet} with token ${lease.fencingToken}`);
}
