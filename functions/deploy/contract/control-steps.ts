/** Payloads of the control function: how a deploy begins and ends. */
import type { EndedAs, Lease, Phase, TaskError } from '../../records/types.ts';
import type { DeployContext, Held } from './common.ts';

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
  /** beginPause: the deploy waits to be continued from now on. */
  | ({ readonly step: 'promote' | 'keepLock' | 'beginPause' | 'releaseLock' } & Held)
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

/** Of each event. Contains no secret and no session id. An event can come twice for one deploy: `deployId` identifies it. */
interface EventDetail {
  readonly deployId: string;
  /** Identifies the fleet and the installation, which share the bus with others. */
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  readonly requestedBy: string;
  /** All of it in a sentence or two, without characters that would break a rule's quoted input template. */
  readonly text: string;
}

/** On the default bus. */
export const FINISH_EVENT = { source: 'holdfast', detailType: 'Holdfast Deploy Finished' } as const;

export interface FinishDetail extends EventDetail {
  /** Id of the instance that was restarted, with the release that it had: no release was deployed. */
  readonly restart?: string;
  /** Every server was restarted with the release that it had. */
  readonly restartAll?: true;
  readonly status: 'SUCCEEDED' | EndedAs;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationSeconds: number;
  /** Each target's phase, by instance id. */
  readonly targets: Readonly<Record<string, Phase>>;
  readonly error?: TaskError;
  /** Whether every target that a failed deploy touched has its previous release again. */
  readonly rolledBack?: boolean;
  /** The state of the fleet after a deploy that failed, and what to run. */
  readonly outcome?: string;
  /** Sessions that servers still had when the wait for them ended. Absent of a deploy that did not wait for sessions. */
  readonly sessionsCutOff?: number;
  /** Requests that drains have cut, by the fleet's setting or an operator's word. Absent for none. */
  readonly requestsCut?: number;
}

/** A deploy waits to be continued: on the default bus, with the source of the finished event, and, as a message, for the fleet's topic. */
export const WAITING_EVENT = { source: 'holdfast', detailType: 'Holdfast Deploy Waiting' } as const;

export interface WaitingDetail extends EventDetail {
  /** Ids of the instances that have the release. */
  readonly done: readonly string[];
  /** The number of servers that the deploy rolls, those included. */
  readonly servers: number;
  /** ISO 8601. */
  readonly waitingSince: string;
  /** When it rolls back unless it is continued. ISO 8601. */
  readonly waitsUntil: string;
  readonly continueCommand: string;
  readonly rejectCommand: string;
}
