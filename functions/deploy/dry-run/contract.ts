/** What `holdfast deploy VERSION --dry-run` asks a fleet's function, and what the function answers. Times are in seconds unless a name states another unit. */
import type { Phase } from '../../records/types.ts';
import type { Expected } from '../settings/settings.ts';

export const DRY_RUN_ROLE = 'deploy-dry-run';

/** The input of the deploy that it is about: the function checks it as the deploy does. */
export interface DryRunRequest {
  readonly version: string;
  readonly recover?: boolean;
  readonly pauseAfter?: number;
  readonly onFailure?: 'rollback' | 'halt';
  readonly expect?: Expected;
}

/** Something that would refuse the deploy. */
export interface Refusal {
  /** Which check found it. */
  readonly check: string;
  /** The error that the deploy would end with. */
  readonly error: string;
  /** What is wrong, with its numbers. */
  readonly message: string;
}

/** Something that only the deploy itself finds out, for it needs to act on a server or the load balancer. */
export interface Unchecked {
  readonly check: string;
  readonly why: string;
}

export interface PlannedServer {
  readonly instanceId: string;
  /** Availability Zone; absent where it is unknown. */
  readonly zone?: string;
  /** Release on it by its record; `none` for the placeholder, `unknown` when nothing was recorded. */
  readonly version: string;
  /** Load balancer's target state. */
  readonly health: string;
  /** What shows when its requests have ended; `none` for a placeholder, which serves nobody. */
  readonly drain: 'counts' | 'kernel' | 'blind' | 'none';
  /** Its sessions are waited for before its requests. */
  readonly waitsForSessions: boolean;
  /** Sessions in its memory now; absent where nothing counts them. */
  readonly sessions?: number;
  /** How the listener rule will know them, by the server's own answer: the cookie's name, and the part of its value. */
  readonly cookie?: string;
  readonly route?: string;
  /** When its roll begins, counted from the first one's, by the times of the last deploy. Absent when there is none to compare with. */
  readonly startsAfterSeconds?: number;
  /** Ids of the servers that are out of service at the same time. */
  readonly togetherWith: readonly string[];
}

/** The stop after the first servers. It is part of the expected time, in full, and of the worst one. */
export interface PlannedPause {
  /** How many servers have the release before it. */
  readonly after: number;
  /** How long the deploy waits at most; then it rolls back. */
  readonly seconds: number;
}

/** How long it takes, by the phases of the last deploy that succeeded. */
export interface ExpectedTime {
  readonly deployId: string;
  readonly seconds: number;
  /** For how long Auto Scaling stays suspended. */
  readonly suspendedSeconds: number;
  /** Mean time of a server in each phase. */
  readonly phases: Partial<Readonly<Record<Phase, number>>>;
}

/** How long it takes if every wait lasts as long as the settings allow and the deploy still succeeds. */
export interface WorstTime {
  readonly seconds: number;
  readonly suspendedSeconds: number;
}

export interface DryRunReport {
  readonly fleet: string;
  readonly version: string;
  /** Release that the fleet record names; `none` before the first. */
  readonly from: string;
  /** Whether the deploy would be refused: there are refusals. */
  readonly refused: boolean;
  readonly refusals: readonly Refusal[];
  readonly unchecked: readonly Unchecked[];
  /** What the deploy itself would warn of before it goes on, and what only a dry run checks. */
  readonly warnings: readonly string[];
  /** What the deploy looks at people by, and whether both releases' sessions are tried; absent when no server is rolled. */
  readonly people?: string;
  readonly sessions?: string;
  /** In the order of their rolls. */
  readonly servers: readonly PlannedServer[];
  /** Ids of the servers that have the release already, and are left alone. */
  readonly unchanged: readonly string[];
  /** The maximum number of servers that are out of service together. */
  readonly atATime: number;
  /** Absent when no deploy on record can be compared with. */
  readonly expected?: ExpectedTime;
  /** Absent when the settings are not valid. */
  readonly worst?: WorstTime;
  /** Absent of a deploy that does not stop after its first servers. */
  readonly pause?: PlannedPause;
  /** Whether an Auto Scaling group is suspended meanwhile. */
  readonly suspendsAutoScaling: boolean;
}
