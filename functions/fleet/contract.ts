/**
 * Payloads of the two lifecycle-hook state machines: a launching instance installs the fleet's current release before it
 * serves, a terminating one is waited for until it is idle. Environment names are the deploy's (deploy/contract.ts).
 */
import type { GateProgress, TaskError, Verdict } from '../deploy/contract.ts';

/** Detail types of the EventBridge events that start the machines; their source is `aws.autoscaling`. */
export const LIFECYCLE_EVENTS = {
  launch: 'EC2 Instance-launch Lifecycle Action',
  terminate: 'EC2 Instance-terminate Lifecycle Action',
} as const;

/** From the event's detail: AutoScalingGroupName, LifecycleHookName, LifecycleActionToken, EC2InstanceId. */
export interface LifecycleAction {
  readonly autoScalingGroupName: string;
  readonly lifecycleHookName: string;
  readonly lifecycleActionToken: string;
  readonly instanceId: string;
}

/** A launching instance, as its machine carries it. The first request holds the event's fields only. */
export interface Launch extends LifecycleAction {
  /** The fleet's current release when the install was sent. */
  readonly version?: string;
  readonly commandId?: string;
  /** When the current phase began, milliseconds since the epoch. */
  readonly phaseStartedAtMs?: number;
  readonly gate?: GateProgress;
}

/**
 * Order: prepare (WAIT: ask again; DONE: prepared, or nothing to prepare) → sendInstall (WAIT: no release yet, or the
 * agent is not online; ask again; AGAIN: nothing to install, complete) → checkInstall (WAIT, DONE) →
 * sendGate → checkGate (WAIT, AGAIN: sendGate, DONE) → complete (AGAIN: the current release has changed, back to
 * sendInstall; DONE). On an error: abandon, so that Auto Scaling replaces the instance.
 * sendInstall replies DONE once the command is sent, sendGate too.
 */
export type LaunchRequest =
  | { readonly step: 'prepare' | 'sendInstall' | 'checkInstall' | 'sendGate' | 'checkGate' | 'complete'; readonly launch: Launch }
  | { readonly step: 'abandon'; readonly launch: Launch; readonly error?: TaskError };

export interface LaunchReply {
  readonly verdict: Verdict;
  readonly launch: Launch;
}

/** A terminating instance, as its machine carries it. The first request holds the event's fields only. */
export interface Termination extends LifecycleAction {
  readonly commandId?: string;
  readonly phaseStartedAtMs?: number;
  readonly previousRequests?: number;
  readonly quietSeconds?: number;
}

/**
 * Order: sendWaitIdle (DONE: sent, or nothing can be sent) → checkWaitIdle (WAIT, AGAIN: sendWaitIdle, DONE: idle, or
 * the drain's time is up) → completeTermination. On an error: completeTermination, for a termination is never blocked.
 */
export interface TerminationRequest {
  readonly step: 'sendWaitIdle' | 'checkWaitIdle' | 'completeTermination';
  readonly termination: Termination;
}

export interface TerminationReply {
  readonly verdict: Verdict;
  readonly termination: Termination;
}

export type FleetRequest = LaunchRequest | TerminationRequest;
export type FleetReply = LaunchReply | TerminationReply;
