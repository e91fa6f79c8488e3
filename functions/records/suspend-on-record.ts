import type { AutoScalingGroup } from '../shared/aws/auto-scaling.ts';
import type { LockHold, LockRecords } from './records.ts';
import { epochOf, type LockRecord, type Suspension } from './types.ts';

export interface SuspensionPorts {
  readonly records: Pick<LockRecords, 'getLock' | 'putSuspension' | 'beginResume' | 'deleteSuspension'>;
  readonly group: Pick<AutoScalingGroup, 'suspend' | 'resume'>;
}

type Resumable = Pick<Suspension, 'round' | 'suspendedByDeploy'>;

/** `refused`: nothing was suspended. `resumed`: it was, after the same holder had begun to resume, and is resumed again. */
export type Suspended = 'suspended' | 'refused' | 'resumed';

/**
 * Suspends processes of a group: on record first, for what no record names would stay suspended for ever. Lambda can deliver the step
 * twice, and Auto Scaling takes no fencing token, so the second delivery can come between any two calls of the holder's own resume. The
 * two meet on the record: a resume marks it before its call, and a suspend reads that mark after its own. Whichever comes last sees the other.
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
 * Whether nobody will resume: nothing is on record, or the holder whose suspension is on record has begun to. A later one that has not has
 * taken over what this call suspended.
 */
const hasResumed = ({ suspension, resumedEpoch = 0 }: Partial<LockRecord> = {}): boolean =>
  suspension === undefined || resumedEpoch >= (suspension.epoch ?? 0);

/**
 * Resumes what a holder has suspended, and removes the record of it. A step that is delivered again leaves a later round alone.
 * @see suspendOnRecord
 */
export async function resumeOnRecord({ records, group }: SuspensionPorts, hold: LockHold, suspension: Resumable): Promise<void> {
  const { round, suspendedByDeploy } = suspension;
  await records.beginResume(hold, round);
  const open = (await records.getLock(hold.fleet))?.suspension;
  if (open?.epoch !== undefined && open.epoch > epochOf(hold.fencingToken, round)) return;
  if (suspendedByDeploy.length > 0) await group.resume(suspendedByDeploy);
  await records.deleteSuspension(hold, round);
}
