import type { AutoScalingGroup } from '../shared/aws/auto-scaling.ts';
import { TransientServiceError } from '../shared/errors.ts';
import type { LockHold, LockRecords } from './records.ts';
import { epochOf, planResume, type Suspension, unclaimed } from './suspension.ts';

interface SuspendPorts {
  readonly records: Pick<LockRecords, 'getLock' | 'putSuspension'>;
  readonly group: Pick<AutoScalingGroup, 'suspend' | 'resume'>;
}

/** What {@link resumeOnRecord} needs of the records. */
export type ResumeRecords = Pick<LockRecords, 'getLock' | 'beginResume' | 'deleteSuspension' | 'dropKept' | 'handBack'>;

interface ResumePorts {
  readonly records: ResumeRecords;
  readonly group: Pick<AutoScalingGroup, 'resume'>;
  /** Comes before the processes that replace servers are resumed, and not when they are handed back. */
  readonly prepare: () => Promise<void>;
  readonly now: () => number;
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
 * @param keptUntilMs of an incident, as of `putSuspension`
 */
export async function suspendOnRecord(
  { records, group }: SuspendPorts,
  hold: LockHold,
  suspension: Suspension,
  keptUntilMs?: number,
): Promise<Suspended> {
  if (!(await records.putSuspension(hold, suspension, keptUntilMs))) return 'refused';
  const { suspendedByDeploy } = suspension;
  if (suspendedByDeploy.length === 0) return 'suspended';
  await group.suspend(suspendedByDeploy);
  const left = unclaimed((await records.getLock(hold.fleet)) ?? {}, suspendedByDeploy);
  if (left.length === 0) return 'suspended';
  await group.resume(left);
  return 'resumed';
}

/** What was resumed, and the incident that has the rest again. */
export interface ResumedOnRecord {
  readonly resumed: readonly string[];
  readonly leftTo?: string;
}

/** The incident can end, or die, once between the read and the write. */
const MOST_READS = 4;

/**
 * Resumes what a holder has suspended, and removes the record of it. What is kept for an incident becomes the incident's again, in one
 * conditional write: when the incident has ended meanwhile, it is resumed too. A step that is delivered again leaves a later round alone, and
 * what a deploy is about to take over from an incident is left to that deploy: undefined.
 * @see suspendOnRecord
 */
export async function resumeOnRecord(
  { records, group, prepare, now }: ResumePorts,
  hold: LockHold,
  suspension: Suspension,
): Promise<ResumedOnRecord | undefined> {
  const { fleet, deployId, fencingToken } = hold;
  const { round, suspendedByDeploy } = suspension;
  await records.beginResume(hold, round);
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const lock = (await records.getLock(fleet)) ?? {};
    const plan = planResume(lock, { deployId, epoch: epochOf(fencingToken, round) }, suspendedByDeploy, now());
    if (plan.action === 'leave') return undefined;
    if (plan.action === 'drop') {
      await records.dropKept(fleet, plan.kept.incidentId, plan.kept.untilMs);
      continue;
    }
    const { processes } = plan;
    if (plan.action === 'resume') await prepare();
    if (processes.length > 0) await group.resume(processes);
    if (plan.action === 'resume') {
      await records.deleteSuspension(hold, round);
      return { resumed: processes };
    }
    if (await records.handBack(hold, suspension, plan.kept)) return { resumed: processes, leftTo: plan.kept.incidentId };
  }
  throw new TransientServiceError(new Error(`what is suspended in fleet ${fleet} changed ${MOST_READS} times while it was resumed`));
}
