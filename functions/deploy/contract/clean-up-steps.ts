/** The clean-up's payloads: what its state machine carries, and what starts it. */

import type { EndedAs, Lease, TaskError } from '../../records/types.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { DeployContext, Held } from './common.ts';
import type { Roll } from './roll.ts';

/**
 * What starts the clean-up state machine. `error`: what stopped the deploy, if the deploy itself waits for the clean-up. Where it is absent,
 * the deploy's execution has to have ended.
 */
export interface CleanUpInput {
  readonly deployId: string;
  readonly error?: TaskError;
}

/** After this number of clean-ups the reconciler leaves a deploy to the operator: an hour of attempts, one every 5 minutes. */
export const MAX_CLEAN_UPS = 12;

/**
 * Reply to claim. SKIP: the deploy needs no clean-up, still runs, or another clean-up works on it. OVERTAKEN: this clean-up
 * only writes the report, for a later deploy holds the lock and repairs the rest, or has succeeded already.
 */
export type CleanUpTask =
  | { readonly verdict: VerdictOf<'SKIP'>; readonly reason: string }
  | {
      readonly verdict: VerdictOf<'OVERTAKEN' | 'DONE'>;
      readonly deploy: DeployContext;
      /** A token above any that the deploy has. Absent while another deploy holds the lock. */
      readonly lease?: Lease;
      readonly endedAs: EndedAs;
      readonly error: TaskError;
      /** How long calls that the deploy has under way can still take. 0 when the deploy itself waits, and a function has reported its error. */
      readonly strayCallSeconds: number;
    };

/**
 * Reply to nextTarget. ROLL: roll it back; REGISTER: register it if the release on it is fit to serve; WAIT: too few others are
 * healthy to take the next one out; AWAIT: one of those at work has to end first. Pass `waitingSinceMs` back in; 0: it does not wait.
 */
export interface NextCleanUpTarget {
  readonly verdict: VerdictOf<'ROLL' | 'REGISTER' | 'WAIT' | 'AWAIT' | 'DONE'>;
  readonly waitingSinceMs: number;
  readonly roll?: Roll;
  /** With ROLL: whether another one can be asked for at once. */
  readonly room?: boolean;
  /** With ROLL: the name of the execution that is to roll it back. */
  readonly executionName?: string;
  /** Names of the clean-up's own executions at work, with the one that is to be started: pass them to awaitTargets. */
  readonly atWork: readonly string[];
}

/** Reply to awaitTargets. DONE: one has ended; REPEAT: look again at once; WAIT: look again after `waitSeconds`. */
export interface AwaitedRollbacks {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT' | 'WAIT'>;
  readonly waitSeconds: number;
  /** This and `atWork` are as in {@link NextCleanUpTarget}: the reply takes the place of that one. */
  readonly waitingSinceMs: number;
  readonly atWork: readonly string[];
}

/** Reply to stopExecutions and cancelCommands. */
export interface StepResult {
  readonly verdict: VerdictOf<'DONE' | 'WAIT'>;
}

/** Reply to checkServing. REGISTER: nextTarget has a target that left the load balancer. Pass `waitingSinceMs` back in; 0: not begun. */
export interface Serving {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REGISTER'>;
  readonly waitingSinceMs: number;
}

/** Replies: to claim the {@link CleanUpTask}, to nextTarget {@link NextCleanUpTarget}, to awaitTargets {@link AwaitedRollbacks}, to checkServing {@link Serving}, else {@link StepResult}. */
export type CleanUpRequest =
  | { readonly step: 'claim'; readonly executionArn: string; readonly input: CleanUpInput }
  | ({ readonly step: 'stopExecutions' | 'cancelCommands' } & Held)
  | ({ readonly step: 'awaitTargets'; readonly atWork: readonly string[] } & Held)
  | ({ readonly step: 'nextTarget' | 'checkServing'; readonly waitingSinceMs: number } & Held);
