/** The clean-up's payloads: what its state machine carries, and what starts it. */
import type { DeployContext, Lease, Roll, Suspension, TaskError, Verdict } from './contract.ts';

/** How a deploy ended that did not succeed. */
export type EndedAs = 'FAILED' | 'ABORTED' | 'TIMED_OUT';

/**
 * What starts the clean-up state machine. `error`: the deploy itself waits for the clean-up, and this is what stopped it.
 * Without one the deploy's execution has to have ended.
 */
export interface CleanUpInput {
  readonly deployId: string;
  readonly error?: TaskError;
}

/** A clean-up's mark in the deploy's record. */
export interface CleanUpClaim {
  readonly executionArn: string;
  readonly startedAtMs: number;
  /** How many clean-ups there were, this one included. */
  readonly attempt: number;
}

/** After as many the reconciler leaves a deploy to the operator: an hour of attempts at one every 5 minutes. */
export const MOST_CLEAN_UPS = 12;

/**
 * Reply to claim. NOTHING: the deploy is tidy, still runs, or another clean-up works on it. OVERTAKEN: another deploy
 * holds the lock, so that nothing but the report is this one's to do.
 */
export type CleanUpTask =
  | { readonly verdict: 'NOTHING'; readonly reason: string }
  | {
      readonly verdict: 'OVERTAKEN' | 'DONE';
      readonly deploy: DeployContext;
      /** Of DONE: a token above any that the deploy has. Absent with OVERTAKEN. */
      readonly lease?: Lease;
      readonly endedAs: EndedAs;
      readonly error: TaskError;
      /** How long calls that the deploy has under way may still take. 0 when it waits for the clean-up itself. */
      readonly strayCallSeconds: number;
      /** What the deploy suspended and has not resumed. */
      readonly suspension?: Suspension;
    };

/** Reply to nextTarget. AGAIN: roll it back; PUT_BACK: register it if what is on it is fit to serve. */
export interface NextToPutRight {
  readonly verdict: 'AGAIN' | 'PUT_BACK' | 'DONE';
  readonly roll?: Roll;
}

/** Reply to checkServing. Hand `waitingSinceMs` back in; 0: not begun. */
export interface Serving {
  readonly verdict: Verdict;
  readonly waitingSinceMs: number;
}

type Held = { readonly deploy: DeployContext; readonly lease: Lease };

/** Reply to claim is the {@link CleanUpTask}, to nextTarget {@link NextToPutRight}, to checkServing {@link Serving}, to the others a {@link Verdict}. */
export type CleanUpRequest =
  | ({ readonly step: 'claim'; readonly executionArn: string } & { readonly input: CleanUpInput })
  | ({ readonly step: 'stopExecutions' | 'cancelCommands' | 'nextTarget' } & Held)
  | ({ readonly step: 'noteFailure'; readonly roll: Roll; readonly error: TaskError } & Held)
  | ({ readonly step: 'checkServing'; readonly waitingSinceMs: number } & Held);
