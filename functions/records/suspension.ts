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

/** Processes that a deploy has suspended and not resumed. */
export interface OpenSuspension extends Suspension {
  readonly deployId: string;
  /** Its holder's token and its round, by {@link epochOf}. Absent in a record of an earlier version. */
  readonly epoch?: number;
}

/** Rounds of one holder that an epoch has room for: each takes minutes, and an execution is limited to a day. */
const MOST_ROUNDS = 1_000;

/** Orders suspensions: by the token of their holder, and of one holder by their round. */
export const epochOf = (fencingToken: number, round: number): number => fencingToken * MOST_ROUNDS + round;
