/** What a deploy suspended of an Auto Scaling group, as the lock's record keeps it. */

/** What Suspend Auto Scaling changed, so that Resume restores exactly that. */
export interface Suspension {
  readonly autoScalingGroupName: string;
  /** Suspended before the deploy: they stay suspended. */
  readonly alreadySuspended: readonly string[];
  readonly suspendedByDeploy: readonly string[];
  /** Which suspension of its holder it is, from 1: a deploy suspends once more for instances that come after its promotion. */
  readonly round: number;
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
}

/** Orders suspensions: by the token of their holder, and of one holder by their round. */
export const epochOf = (fencingToken: number, round: number): number => fencingToken * MOST_ROUNDS + round;

/**
 * Which of these processes nobody is going to resume, by the record as it is after they were suspended. A holder that has not begun to resume
 * resumes what it has on record.
 */
export function unclaimed({ suspension, resumedEpoch = 0 }: Recorded, processes: readonly string[]): readonly string[] {
  const isClaimed = suspension !== undefined && resumedEpoch < suspension.epoch;
  return isClaimed ? processes.filter((process) => !suspension.suspendedByDeploy.includes(process)) : processes;
}
