/** One target while it is rolled: what its phases carry from look to look, and the steps of the functions that roll it. */
import type { DeployContext, Lease, TaskError, Verdict } from './contract.ts';

/** One target while it is rolled: what the RollTarget state machine carries. */
export interface Roll {
  readonly instanceId: string;
  /** Release on the instance before. */
  readonly fromVersion: string;
  /** Absent in a deploy, which rolls its own version; of a rollback the release to go back to. */
  readonly toVersion?: string;
  /** Name of the execution that rolls it, on record before it starts, so that a clean-up can stop it. */
  readonly executionName: string;
  /** SSM command that is being waited for. */
  readonly commandId?: string;
  /** When it was sent, milliseconds since the epoch. */
  readonly commandSentAtMs?: number;
  /** When the current phase began, milliseconds since the epoch. */
  readonly phaseStartedAtMs: number;
  /** How long no request has to arrive; chosen when the roll began, from how busy the fleet is. */
  readonly quietSeconds: number;
  /** Its archive did not come whole once: the second time counts. */
  readonly installedAgain?: true;
  readonly drain?: DrainProgress;
  readonly gate?: GateProgress;
  readonly bake?: BakeProgress;
}

/** Carried from one slice of wait-idle to the next. */
export interface DrainProgress {
  /** Requests counter at the end of the last slice; absent before the first and for servers without counts. */
  readonly requests?: number;
  readonly inFlight?: number;
  /** In the server's memory when it was first looked at; absent for servers that hold none. */
  readonly sessions?: number;
  /** How long, at the end of the last slice, no request had arrived. */
  readonly quietSeconds: number;
}
export interface GateProgress {
  readonly upInARow: number;
  /** Status and first 200 characters of the last answer, or the connection's error. */
  readonly lastAnswer: string;
}
export interface BakeProgress {
  /** 5xx counter when the bake began; absent for servers without counts. */
  readonly errorsAtStart?: number;
  readonly errors?: number;
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
      | 'bakeAnew'
      | 'checkBake';
    readonly deploy: DeployContext;
    readonly lease: Lease;
    readonly roll: Roll;
  };

/**
 * Reply to each step on a target: the roll as it goes on, and what the Choice does. Steps that send or register say WAIT
 * (look later with the check that follows); deregister and putBack say DONE. Prepare sends at first and looks from then
 * on, and says DONE at once for a server that its user data has prepared.
 */
export interface RollReply {
  readonly verdict: Verdict;
  readonly roll: Roll;
}
