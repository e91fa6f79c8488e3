/** One target while it is rolled: what its steps carry from one to the next, and the requests of the functions that roll it. */

import type { BakeProgress, DrainProgress, GateProgress } from '../../instance/progress.ts';
import type { Lease, TaskError } from '../../records/types.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { DeployContext } from './common.ts';

/**
 * What the RollTarget state machine carries: the clock, the command and the counts that the next step goes on from. The
 * target's record (TargetProgress) has the rest: which releases the roll replaces and brings, and which execution rolls it.
 * Three values are also on record, for other readers: when the phase began and the answers in a row, which the commands show,
 * and the command, which a clean-up cancels. Steps decide by their payload alone, so that one delivered twice decides alike.
 */
export interface Roll {
  readonly instanceId: string;
  /** The name of the execution that rolls it. Absent while a clean-up only registers the target. */
  readonly executionName?: string;
  /** When the current phase began, milliseconds since the epoch. A step that is delivered twice is judged by the same clock. */
  readonly phaseStartedAtMs: number;
  /** SSM command that is being waited for. */
  readonly commandId?: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly commandSentAtMs?: number;
  /** How long no request has to arrive; chosen when the roll began, by how busy the fleet is. */
  readonly quietSeconds: number;
  /** The deploy goes on without the target if it cannot be rolled. */
  readonly mayFail?: true;
  /** Its archive arrived incomplete once; a second time fails the roll. */
  readonly installedAgain?: true;
  readonly drain?: DrainProgress;
  readonly gate?: GateProgress;
  readonly bake?: BakeProgress;
}

export type TrafficRequest =
  // ELB target registration and DynamoDB
  | {
      readonly step: 'deregister' | 'register' | 'checkHealthy';
      readonly deploy: DeployContext;
      readonly lease: Lease;
      readonly roll: Roll;
    }
  /** After a failure: registers the target if the release on it is fit to serve, else keeps or takes it out. */
  | { readonly step: 'putBack'; readonly deploy: DeployContext; readonly lease: Lease; readonly roll: Roll; readonly error: TaskError };

export type CommandRequest =
  // Run Command, target health and DynamoDB
  {
    readonly step:
      | 'prepare'
      | 'sendWaitIdle'
      | 'checkWaitIdle'
      | 'sendInstall'
      | 'checkInstall'
      | 'sendGate'
      | 'checkGate'
      | 'sendBake'
      | 'bakeAgain'
      | 'checkBake';
    readonly deploy: DeployContext;
    readonly lease: Lease;
    readonly roll: Roll;
  };

/**
 * Reply to each step on a target: the roll as it goes on, and the verdict for the Choice. Steps that send or register report
 * WAIT (the check that follows reports the result); deregister and putBack report DONE. Prepare sends at first and checks
 * from then on; for a server that its user data has prepared it reports DONE at once.
 */
export interface RollReply {
  readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>;
  readonly roll: Roll;
}
