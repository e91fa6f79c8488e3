/**
 * The deploy's payloads, settings, environment names and SSM documents: what the state machine, the functions, the CLI
 * and the infrastructure share. Times are in seconds unless a name says otherwise.
 */
import type { EndedAs } from './clean-up-contract.ts';
import type { DocumentVersions } from './document-contract.ts';
import type { DeploySettings } from './settings.ts';

export * from './assess-contract.ts';
export * from './clean-up-contract.ts';
export * from './document-contract.ts';
export * from './finish-contract.ts';
export * from './metric-contract.ts';
export * from './roll-contract.ts';
export * from './scaling-contract.ts';
export * from './settings.ts';
export * from './store-check-contract.ts';

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
