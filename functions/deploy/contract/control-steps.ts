/** Payloads of the control function: how a deploy begins and ends. */
import type { EndedAs, Lease, TaskError } from '../../records/types.ts';
import type { DeployContext } from './common.ts';

/**
 * Requests to the control function. `step` names what the function is to do; the rest is the state machine's data. The deploy's
 * functions are divided by what they are allowed to touch, so that each role stays narrow.
 */
export type ControlRequest =
  // DynamoDB only
  | {
      readonly step: 'validate';
      readonly input: unknown;
      readonly executionName: string;
      readonly executionArn: string;
      readonly startTime: string;
    }
  | { readonly step: 'acquireLock'; readonly deploy: DeployContext }
  | { readonly step: 'promote'; readonly deploy: DeployContext; readonly lease: Lease }
  | { readonly step: 'keepLock'; readonly deploy: DeployContext; readonly lease: Lease }
  /** The deploy waits to be continued from now on. */
  | { readonly step: 'beginPause'; readonly deploy: DeployContext; readonly lease: Lease }
  | { readonly step: 'releaseLock'; readonly deploy: DeployContext; readonly lease: Lease }
  /** `error` and `endedAs` come from the clean-up; a deploy that succeeded has neither. */
  | { readonly step: 'report'; readonly deploy: DeployContext; readonly error?: TaskError; readonly endedAs?: EndedAs };

/** Reply to validate is the {@link DeployContext}, to acquireLock, keepLock, beginPause and promote the {@link Lease}, to releaseLock this. */
export interface ReleasedLock {
  /** False when this deploy no longer held the lock. */
  readonly released: boolean;
}

/** Reply to report. REFUSED: the deploy never began (another one holds the lock), so it has no record. */
export interface Report {
  readonly status: 'SUCCEEDED' | 'REFUSED' | EndedAs;
  /** The deploy's own error by name, and its sentence: what Fail states as Error and Cause. */
  readonly error?: TaskError;
  /** Whether every target that a failed deploy touched has its previous release again. */
  readonly rolledBack?: boolean;
  readonly durationSeconds: number;
}
