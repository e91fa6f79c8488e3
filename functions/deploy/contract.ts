/**
 * The deploy's payloads, settings, environment names and SSM documents: what the state machine, the functions, the CLI
 * and the infrastructure share. Times are in seconds unless a name says otherwise.
 */
import type { EndedAs } from './clean-up-contract.ts';
import type { DocumentVersions } from './document-contract.ts';
import type { Roll } from './roll-contract.ts';
import type { DeploySettings } from './settings.ts';

export * from './clean-up-contract.ts';
export * from './document-contract.ts';
export * from './finish-contract.ts';
export * from './metric-contract.ts';
export * from './roll-contract.ts';
export * from './scaling-contract.ts';
export * from './settings.ts';

/** Carried through the whole deploy, from Validate on. */
export interface DeployContext {
  /** The execution's name. */
  readonly deployId: string;
  readonly executionArn: string;
  readonly fleet: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly requestedBy: string;
  readonly recover: boolean;
  readonly settings: DeploySettings & { readonly drainTimeoutSeconds: number };
  /** From PinDocuments on: a `cdk deploy` that changes a document changes nothing for a deploy that runs. */
  readonly documents?: DocumentVersions;
}

/** The lock as one deploy holds it. */
export interface Lease {
  /** Grows with every deploy of the fleet; the instance refuses one lower than it has seen. */
  readonly fencingToken: number;
  readonly expiresAtMs: number;
}

/** What Plan decided. The order is a forecast: NextTarget looks at the fleet anew each time. */
export interface Plan {
  /** Release that the fleet record names; `none` before the first. */
  readonly from: string;
  readonly to: string;
  readonly targets: readonly PlannedTarget[];
}

export interface PlannedTarget {
  readonly instanceId: string;
  /** Release on the instance by its record; `unknown` when nothing was recorded. */
  readonly version: string;
  /** Load balancer's target state: `healthy`, `unhealthy`, `unused`, … */
  readonly health: string;
}

/** What a checking step says to the Choice after it. */
export type Verdict = 'WAIT' | 'AGAIN' | 'DONE';

/** Phases of a target, in the order of a deploy, as the record and the CLI show them. */
export const PHASES = [
  'waiting',
  'preparing',
  'draining',
  'installing',
  'gating',
  'registering',
  'baking',
  'done',
  'failed',
  'skipped',
  'rolledBack',
] as const;
export type Phase = (typeof PHASES)[number];

/** Environment of the deploy's functions; each function gets only the names that its work needs. */
export const ENV = {
  fleet: 'HOLDFAST_FLEET',
  recordsTable: 'HOLDFAST_RECORDS_TABLE',
  releasesBucket: 'HOLDFAST_RELEASES_BUCKET',
  deploySettings: 'HOLDFAST_DEPLOY_SETTINGS',
  targetGroupArn: 'HOLDFAST_TARGET_GROUP_ARN',
  /** Value of the tag that marks everything of the fleet. */
  fleetTag: 'HOLDFAST_FLEET_TAG',
  autoScalingGroupName: 'HOLDFAST_AUTO_SCALING_GROUP',
  /** JSON list of {@link NamedMember}s, for a fleet without an Auto Scaling group. */
  members: 'HOLDFAST_MEMBERS',
  waitIdleDocument: 'HOLDFAST_WAIT_IDLE_DOCUMENT',
  installDocument: 'HOLDFAST_INSTALL_DOCUMENT',
  observeDocument: 'HOLDFAST_OBSERVE_DOCUMENT',
  /** Of a fleet whose servers ran before Holdfast came; absent where user data prepares them. */
  prepareDocument: 'HOLDFAST_PREPARE_DOCUMENT',
  deployStateMachineArn: 'HOLDFAST_DEPLOY_STATE_MACHINE_ARN',
  rollTargetStateMachineArn: 'HOLDFAST_ROLL_TARGET_STATE_MACHINE_ARN',
  cleanUpStateMachineArn: 'HOLDFAST_CLEAN_UP_STATE_MACHINE_ARN',
  storeHost: 'HOLDFAST_STORE_HOST',
  storePort: 'HOLDFAST_STORE_PORT',
  storeTls: 'HOLDFAST_STORE_TLS',
  storeAuth: 'HOLDFAST_STORE_AUTH',
  storeUser: 'HOLDFAST_STORE_USER',
  /** Secret with the store's password, for the auth mode `password` alone. */
  storeSecretArn: 'HOLDFAST_STORE_SECRET_ARN',
  storeReplicationGroupId: 'HOLDFAST_STORE_REPLICATION_GROUP_ID',
  storeReplicas: 'HOLDFAST_STORE_REPLICAS',
} as const;

/** A member that the configuration names. */
export interface NamedMember {
  /** What commands are sent to: an EC2 instance, or a managed node of Systems Manager. */
  readonly instanceId: string;
  /** What the load balancer sends to, where that is not the instance: an address. */
  readonly target?: { readonly id: string; readonly port: number; readonly availabilityZone?: string };
}

/**
 * What each function of the deploy is asked. `step` names the state that asks; the rest is the state machine's data.
 * Functions are grouped by what they may touch, so that each role stays narrow.
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
  | { readonly step: 'releaseLock'; readonly deploy: DeployContext; readonly lease: Lease }
  /** `error` and `endedAs` come from the clean-up; a deploy that succeeded has neither. */
  | { readonly step: 'report'; readonly deploy: DeployContext; readonly error?: TaskError; readonly endedAs?: EndedAs };

/** What a Catch hands on. Of a child execution it is `States.TaskFailed` with the child's description; `report` unwraps it. */
export interface TaskError {
  readonly Error: string;
  /** For a function's error: JSON with errorMessage. */
  readonly Cause: string;
}

/** Reply to validate is the {@link DeployContext}, to acquireLock, keepLock and promote the {@link Lease}, to releaseLock this. */
export interface ReleasedLock {
  /** False when the lock was not this deploy's any more. */
  readonly released: boolean;
}

/** Reply to report. REFUSED: the deploy never began (another one holds the lock), so it has no record. */
export interface Report {
  readonly status: 'SUCCEEDED' | 'REFUSED' | EndedAs;
  /** The deploy's own error by name, and its sentence: what Fail states as Error and Cause. */
  readonly error?: TaskError;
  /** Of a deploy that failed: whether every target that it touched has the release before again. */
  readonly rolledBack?: boolean;
  readonly durationSeconds: number;
}

/** Reply to pinDocuments is the {@link DocumentVersions}, to plan the {@link Plan}, to nextTarget {@link NextTarget}, to settle {@link Settle}. A time of 0: not begun. */
export type AssessRequest =
  // reads ELB, Auto Scaling, SSM, CloudWatch alarms and DynamoDB; writes only the deploy's record
  | { readonly step: 'pinDocuments'; readonly deploy: DeployContext; readonly lease: Lease }
  | { readonly step: 'plan'; readonly deploy: DeployContext; readonly lease: Lease }
  | { readonly step: 'preflight'; readonly deploy: DeployContext; readonly lease: Lease; readonly plan: Plan }
  | { readonly step: 'nextTarget'; readonly deploy: DeployContext; readonly lease: Lease; readonly waitingSinceMs: number }
  | {
      readonly step: 'settle';
      readonly deploy: DeployContext;
      readonly lease: Lease;
      readonly settleStartedAtMs: number;
      /** The session store had another primary in mid-deploy. */
      readonly storeFailedOver: boolean;
    };

/** Reply to preflight: what was found fit. */
export interface Preflight {
  readonly healthyTargets: number;
  /** Alarms that were red before the deploy; they do not block it. */
  readonly alreadyInAlarm: readonly string[];
}

/** Reply to settle: WAIT until the settle time has passed, then DONE. Hand `settleStartedAtMs` back in. */
export interface Settle {
  readonly verdict: Verdict;
  readonly settleStartedAtMs: number;
}

/** Reply to nextTarget. WAIT: an instance is starting; DONE: every member has the version. */
export interface NextTarget {
  readonly verdict: Verdict;
  /** With AGAIN: the target to roll. */
  readonly roll?: Roll;
  /** 0 while the deploy is not waiting. Hand it back in. */
  readonly waitingSinceMs: number;
}

/** Which primary the session store has: changes with every failover. Empty while it is not known. */
export interface StoreIdentity {
  readonly replicationId: string;
}

/** Reply to checkStore. */
export interface StoreCheck extends StoreIdentity {
  /** Those that are in step. */
  readonly replicas: number;
}

/** Reply to checkStore and awaitStore, to be handed back in. WAIT: not ready to bear the next target. */
export interface StoreReadiness extends StoreIdentity {
  readonly verdict: Verdict;
  /** 0 while it is ready. */
  readonly waitingSinceMs: number;
  /** It was away, or had another primary, since the deploy began. */
  readonly failedOver: boolean;
}

/** Reply to compareStore. AGAIN: the store failed over, so bake anew; DONE: it did not. */
export interface StoreComparison extends StoreIdentity {
  readonly verdict: Verdict;
}

export type StoreCheckRequest =
  // the session store only
  | { readonly step: 'checkStore'; readonly deploy: DeployContext }
  | { readonly step: 'awaitStore'; readonly deploy: DeployContext; readonly store: StoreReadiness }
  /** After a bake that failed; `store` is how it was before the target was taken out. */
  | { readonly step: 'compareStore'; readonly deploy: DeployContext; readonly roll: Roll; readonly store: StoreIdentity };

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
