/** What a deploy, a refresh or a runbook suspended of an Auto Scaling group, as the lock's record keeps it. */

/** What Suspend Auto Scaling changed, so that Resume restores exactly that. */
export interface Suspension {
  readonly autoScalingGroupName: string;
  /** Suspended before the deploy: they stay suspended. */
  readonly alreadySuspended: readonly string[];
  readonly suspendedByDeploy: readonly string[];
  /** Which suspension of its holder it is, from 1: a deploy suspends once more for instances that come after its promotion. */
  readonly round: number;
  /** The incident that had suspended processes before the deploy took them over. */
  readonly takenFrom?: string;
}

/**
 * What an incident wants to stay suspended. A deploy that takes its suspension over leaves this as it is, and hands the suspension back at
 * its end; when the incident ends before that, this is removed, and the deploy resumes everything.
 */
export interface Kept {
  readonly incidentId: string;
  readonly suspended: readonly string[];
  /** The incident extends it as long as it lives: nothing is handed back to one that has died. */
  readonly untilMs: number;
}

/** Processes that a deploy has suspended and not resumed. */
export interface OpenSuspension extends Suspension {
  readonly deployId: string;
  /** Its holder's token and its round, by {@link epochOf}. */
  readonly epoch: number;
}

/** Rounds of one holder that an epoch has room for: each takes minutes, and an execution is limited to a day. */
const MOST_ROUNDS = 1_000;

/** What a lock's record shows of suspended processes. */
interface Recorded {
  readonly suspension?: OpenSuspension;
  readonly resumedEpoch?: number;
  readonly kept?: Kept;
  readonly deployId?: string;
  readonly heldBy?: string;
}

/** Orders suspensions: by the token of their holder, and of one holder by their round. */
export const epochOf = (fencingToken: number, round: number): number => fencingToken * MOST_ROUNDS + round;

/** What an incident keeps suspended, as long as it lives. */
export const keptAt = ({ kept }: Pick<Recorded, 'kept'> = {}, nowMs: number): Kept | undefined =>
  kept !== undefined && nowMs < kept.untilMs ? kept : undefined;

/**
 * Which of these processes nobody is going to resume, by the record as it is after they were suspended. A holder that has not begun to resume
 * resumes what it has on record; one that has begun leaves what it hands back to an incident, which resumes that.
 */
export function unclaimed({ suspension, resumedEpoch = 0, kept }: Recorded, processes: readonly string[]): readonly string[] {
  if (suspension === undefined) return processes;
  const hasBegun = resumedEpoch >= suspension.epoch;
  const handsBack = kept !== undefined && kept.incidentId !== suspension.deployId;
  const claimed = hasBegun ? (handsBack ? kept.suspended : []) : suspension.suspendedByDeploy;
  return processes.filter((process) => !claimed.includes(process));
}

export type ResumePlan =
  /** Another holder has what is suspended, or a later round. */
  | { readonly action: 'leave' }
  | { readonly action: 'resume'; readonly processes: readonly string[] }
  /** `processes` are resumed; the others are the incident's again. */
  | { readonly action: 'handBack'; readonly processes: readonly string[]; readonly kept: Kept }
  /** The incident that wanted some to stay suspended has died. */
  | { readonly action: 'drop'; readonly kept: Kept };

/** What a holder that has begun to resume does next, by the record. */
export function planResume(
  { suspension, kept, deployId, heldBy }: Recorded,
  holder: { readonly deployId: string; readonly epoch: number },
  processes: readonly string[],
  nowMs: number,
): ResumePlan {
  if (suspension !== undefined && suspension.epoch > holder.epoch) return { action: 'leave' };
  // A deploy is about to take over what an incident has suspended.
  if (deployId !== undefined && deployId !== holder.deployId && heldBy === undefined) return { action: 'leave' };
  if (kept === undefined || kept.incidentId === holder.deployId) return { action: 'resume', processes };
  if (suspension?.deployId === kept.incidentId) return { action: 'leave' };
  if (nowMs >= kept.untilMs) return { action: 'drop', kept };
  return { action: 'handBack', processes: processes.filter((process) => !kept.suspended.includes(process)), kept };
}
