/** Requests and replies of the assess function: the plan, the preflight, the next target, the settle window. */

import type { TaskError } from '../../records/types.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { Held } from './common.ts';
import type { Roll } from './roll.ts';

/** Reply to plan. The order is a forecast: nextTarget reads the fleet again each time. */
export interface Plan {
  /** Release that the fleet record names; `none` before the first. */
  readonly from: string;
  readonly to: string;
  readonly targets: readonly PlannedTarget[];
}

export interface PlannedTarget {
  readonly instanceId: string;
  /** Release on the instance by its record; `none` for the placeholder, `unknown` when nothing was recorded. */
  readonly version: string;
  /** Load balancer's target state: `healthy`, `unhealthy`, `unused`, … */
  readonly health: string;
}

/**
 * Replies: to pinDocuments the versions of the documents, to plan the {@link Plan}, to preflight {@link Preflight}, to
 * nextTarget {@link NextTarget}, to awaitTargets {@link AwaitedTargets}, to beginNothing {@link BegunNothing}, to settle {@link Settle}.
 * A time of 0: not begun.
 */
export type AssessRequest =
  // reads ELB, Auto Scaling, SSM, CloudWatch alarms and DynamoDB; writes only the deploy's record
  | ({ readonly step: 'pinDocuments' | 'plan' } & Held)
  | ({ readonly step: 'preflight'; readonly plan: Plan } & Held)
  | ({
      readonly step: 'nextTarget';
      readonly waitingSinceMs: number;
      /** The session store's primary changed in mid-deploy. @default false */
      readonly storeFailedOver?: boolean;
    } & Held)
  /** Waits until one of the targets at work has ended. `atWork` is that of the previous reply. */
  | ({ readonly step: 'awaitTargets'; readonly atWork: readonly string[] } & Held)
  /** A step of the deploy itself has failed while targets can be at work: no other is begun. */
  | ({ readonly step: 'beginNothing'; readonly error: TaskError } & Held)
  | ({
      readonly step: 'settle';
      readonly settleStartedAtMs: number;
      /** The session store's primary changed in mid-deploy. */
      readonly storeFailedOver: boolean;
    } & Held);

/** Reply to preflight, which throws when the fleet cannot be rolled. */
export interface Preflight {
  readonly healthyTargets: number;
  /** Alarms that were in ALARM before the deploy; they do not block it. */
  readonly alreadyInAlarm: readonly string[];
}

/** Reply to settle: WAIT until the settle time has passed, then DONE. Pass `settleStartedAtMs` back in. */
export interface Settle {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
  readonly settleStartedAtMs: number;
}

/**
 * Reply to awaitTargets. DONE: one has ended; FAILED: the deploy has failed, and all have ended; REPEAT: look again at once; WAIT: look
 * again after `waitSeconds`.
 */
export interface AwaitedTargets {
  readonly verdict: VerdictOf<'DONE' | 'FAILED' | 'REPEAT' | 'WAIT'>;
  readonly waitSeconds: number;
  /** This and `atWork` are as in {@link NextTarget}: the reply takes the place of that one. */
  readonly waitingSinceMs: number;
  readonly atWork: readonly string[];
  /** With FAILED: what failed first. */
  readonly error?: TaskError;
}

/** Reply to beginNothing. */
export interface BegunNothing {
  readonly verdict: VerdictOf<'DONE'>;
}

/**
 * Reply to nextTarget. WAIT: an instance is starting; AWAIT: one of the targets at work has to end first; FAILED: the deploy has failed,
 * and none is at work; PAUSE: nobody has continued the deploy yet, look again after `waitSeconds`; DONE: every member has the version, or was
 * left out.
 */
export interface NextTarget {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'ROLL' | 'AWAIT' | 'PAUSE' | 'FAILED'>;
  /** With ROLL: the target, and the name of the execution that is to roll it. */
  readonly roll?: Roll;
  readonly executionName?: string;
  /** With ROLL: whether another one can be asked for at once. */
  readonly room?: boolean;
  /** With FAILED: what failed first. */
  readonly error?: TaskError;
  /** 0 while the deploy is not waiting. Pass it back in. */
  readonly waitingSinceMs: number;
  /** Names of the executions at work, with the one that is to be started: pass them to awaitTargets, which sees what ended since. */
  readonly atWork: readonly string[];
  /** With PAUSE: the time to the next look, 1 at least. */
  readonly waitSeconds?: number;
  /** With PAUSE: the pause begins now, and is to be recorded and published. */
  readonly announces?: true;
  /** With WAIT: an instance is in service with another release, or about to be, because its launch was completed before a promotion. */
  readonly comesOutdated?: true;
}
