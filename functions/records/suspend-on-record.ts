import type { AutoScalingGroup } from '../shared/aws/auto-scaling.ts';
import type { LockHold, LockRecords } from './records.ts';
import { epochOf, type Suspension } from './suspension.ts';
import type { LockRecord } from './types.ts';

export interface SuspensionPorts {
  readonly records: Pick<LockRecords, 'getLock' | 'putSuspension' | 'beginResume' | 'deleteSuspension'>;
  readonly group: Pick<AutoScalingGroup, 'suspend' | 'resume'>;
}

type Resumable = Pick<Suspension, 'round' | 'suspendedByDeploy'>;

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
export async function suspendOnRecord({ records, group }: SuspensionPorts, hold: LockHold, suspension: Suspension): Promise<Suspended> {
  if (!(await records.putSuspension(hold, suspension))) return 'refused';
  const { suspendedByDeploy } = suspension;
  if (suspendedByDeploy.length === 0) return 'suspended';
  await group.suspend(suspendedByDeploy);
  if (!hasResumed(await records.getLock(hold.fleet))) return 'suspended';
  await group.resume(suspendedByDeploy);
  return 'resumed';
}

/**
 * Whether nobody is going to resume what this call suspended: nothing is on record any more, or the holder on record has begun to resume. A
 * later holder that has not begun has taken the suspension over, and resumes it.
 */
const hasResumed = ({ suspension, resumedEpoch = 0 }: Partial<LockRecord> = {}): boolean =>
  suspension === undefined || resumedEpoch >= (suspension.epoch ?? 0);

/**
 * Resumes what a holder has suspended, and removes the record of it. A step that is delivered again leaves a later round alone, and what a
 * deploy is about to take over from an incident is left to that deploy. False: nothing was resumed.
 * @see suspendOnRecord
 */
export async function resumeOnRecord({ records, group }: SuspensionPorts, hold: LockHold, suspension: Resumable): Promise<boolean> {
  const { round, suspendedByDeploy } = suspension;
  await records.beginResume(hold, round);
  const lock = await records.getLock(hold.fleet);
  const open = lock?.suspension;
  if (open?.epoch !== undefined && open.epoch > epochOf(hold.fencingToken, round)) return false;
  if (lock?.deployId !== undefined && lock.deployId !== hold.deployId && lock.heldBy === undefined) return false;
  if (suspendedByDeploy.length > 0) await group.resume(suspendedByDeploy);
  await records.deleteSuspension(hold, round);
  return true;
}
