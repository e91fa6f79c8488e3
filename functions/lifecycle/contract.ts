/** Payloads of two state machines: a launching instance installs the current release, a terminating one is held until it is idle. */
import type { DocumentVersions } from '../instance/document-contract.ts';
import type { DrainProgress, ReadyProgress } from '../instance/progress.ts';
import type { Phase, TaskError } from '../records/types.ts';
import type { LifecycleAction } from '../shared/aws/auto-scaling.ts';
import type { VerdictOf } from '../shared/verdict.ts';

/** Detail types of the EventBridge events that start the machines; their source is `aws.autoscaling`. */
export const LIFECYCLE_EVENTS = {
  launch: 'EC2 Instance-launch Lifecycle Action',
  terminate: 'EC2 Instance-terminate Lifecycle Action',
} as const;

/** Where an instance comes from and goes to, by the event; empty where the reconciler has started the machine. */
interface LifecycleWay {
  /** `EC2`, `AutoScalingGroup` or `WarmPool`. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pools-eventbridge-events.html */
  readonly event?: { readonly Origin?: string; readonly Destination?: string };
}

/** A launching instance, as its machine carries it. The first request holds the event's fields only. */
export interface Launch extends LifecycleAction {
  /** What it is going through: `waiting` for its agent, and then as in a deploy. */
  readonly phase?: Extract<Phase, 'waiting' | 'preparing' | 'installing' | 'checkingReadiness'>;
  /** From its first command on: a document that changes meanwhile changes nothing for this launch. */
  readonly documents?: DocumentVersions;
  /** The fleet's current release when the install was sent. */
  readonly version?: string;
  readonly commandId?: string;
  /** How long the command takes at most, in seconds, where a bundle's scripts decide it. */
  readonly commandSeconds?: number | undefined;
  /** What its user data does, while that is waited for. */
  readonly preparing?: string;
  /** When the current phase began, milliseconds since the epoch. */
  readonly phaseStartedAtMs?: number;
  /** When its install was sent, milliseconds since the epoch: a change after that can be missing in what it was started with. */
  readonly installSentAtMs?: number | undefined;
  readonly readiness?: ReadyProgress;
  /** Version ids of what the release was started with, as the install answered. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** While other releases' assets are staged: the place of the one that its command stages in the list of wanted ones. */
  readonly staging?: number;
}

/**
 * Order: prepare (WAIT; DONE: prepared, or nothing to prepare) → sendInstall (WAIT: the agent is not online; SKIP: the fleet
 * has no release, complete; DONE: sent) → checkInstall (WAIT, DONE) → sendReadiness (DONE: sent) →
 * checkReadiness (WAIT, REPEAT: sendReadiness, DONE) → complete (REPEAT: the current release has changed, or there is one now, back to
 * prepare; DONE). On an error: abandon, so that Auto Scaling replaces the instance.
 */
export type LaunchRequest =
  | { readonly step: 'prepare' | 'sendInstall' | 'checkInstall' | 'sendReadiness' | 'checkReadiness' | 'complete'; readonly launch: Launch }
  | { readonly step: 'abandon'; readonly launch: Launch; readonly error?: TaskError };

export type LaunchReply = { readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT' | 'SKIP'>; readonly launch: Launch };

/** In a fleet of bundles, before and after the drain: the scripts of BeforeBlockTraffic; those of AfterBlockTraffic and ApplicationStop. */
export type ScriptStep = 'beforeBlockTraffic' | 'end';

/** A terminating instance, as its machine carries it. The first request holds the event's fields only. */
export interface Termination extends LifecycleAction, LifecycleWay {
  /** From its first command on, as of a launch. */
  readonly documents?: DocumentVersions;
  readonly commandId?: string;
  readonly phaseStartedAtMs?: number;
  readonly drain?: DrainProgress;
  /** A deploy keeps sessions on it: no command was sent, and none of its drain's clocks runs. */
  readonly isHeld?: true;
  /** Of a bundle: whose scripts run, and since when, in milliseconds since the epoch. */
  readonly scripts?: { readonly step: ScriptStep; readonly commandId: string; readonly sentAtMs: number; readonly seconds: number };
  /** When it was first held for them, milliseconds since the epoch. */
  readonly heldSinceMs?: number;
}

/**
 * Order: sendWaitIdle (DONE: sent, or nothing can be sent, or a deploy keeps sessions on it) → checkWaitIdle (WAIT, REPEAT: sendWaitIdle,
 * DONE: idle, or the drain's time is up, and no deploy keeps sessions on it) → completeTermination (REPEAT: a deploy has registered it again,
 * back to sendWaitIdle; DONE). On an error: completeTermination, for a termination is never blocked.
 */
export interface TerminationRequest {
  readonly step: 'sendWaitIdle' | 'checkWaitIdle' | 'completeTermination' | ScriptStep;
  readonly termination: Termination;
}

export type TerminationReply = { readonly verdict: VerdictOf<'DONE' | 'WAIT' | 'REPEAT'>; readonly termination: Termination };

export type FleetRequest = LaunchRequest | TerminationRequest;
export type FleetReply = LaunchReply | TerminationReply;
