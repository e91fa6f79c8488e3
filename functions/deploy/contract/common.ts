/** The context that every step of a deploy receives. Times are in seconds unless a name states another unit. */
import type { DocumentVersions } from '../../instance/document-contract.ts';
import type { Suspension } from '../../records/suspension.ts';
import type { Lease } from '../../records/types.ts';
import { METRIC_NAMESPACE } from '../../shared/naming.ts';
import type { Adoption, Expected, ResolvedSettings } from '../settings/settings.ts';

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
  /** `recover` covers servers that are out of service, and no users' sessions: nobody has asked to end those. */
  readonly keepsSessions?: true;
  /** The one instance that is restarted, with the release that it has: nothing else of the fleet or its records changes. */
  readonly restart?: string;
  /** Every server is restarted with the release that it has, in the steps of a deploy. */
  readonly restartAll?: true;
  /** No server is taken out or restarted: each takes what it runs for the release. */
  readonly adopt?: Adoption;
  readonly ignoreApplicationStopFailures?: true;
  /** The number of targets after which nothing begins until an operator continues the deploy. Absent: it does not stop. */
  readonly pauseAfter?: number;
  /** What the release does to users by intent. */
  readonly expect?: Expected;
  readonly settings: ResolvedSettings;
  /** From PinDocuments on: a `cdk deploy` that changes a document changes nothing for a deploy that runs. */
  readonly documents?: DocumentVersions;
}

/** What the requests of a deploy that has the lock carry. */
export interface Held {
  readonly deploy: DeployContext;
  readonly lease: Lease;
}

/** Metrics of a deploy, with the one dimension `Fleet`. */
export const METRICS = {
  namespace: METRIC_NAMESPACE,
  fleetDimension: 'Fleet',
  deploySucceeded: 'DeploySucceeded',
  /** Deploys that failed or timed out; a refused or aborted one is none. */
  deployFailed: 'DeployFailed',
  deployDurationSeconds: 'DeployDurationSeconds',
  deployEventNotSent: 'DeployEventNotSent',
  drainSeconds: 'DrainSeconds',
  /** Sessions in the memory of a server when it was drained; no data where they are in a store. */
  drainedSessions: 'DrainedSessions',
} as const;

/** Leftovers of deploys, counted at each check, with the same dimension; no data means that nothing is left. */
export const LEFTOVER_METRICS = {
  /** A deploy is running but makes no progress. */
  deployStuck: 'DeployStuck',
  /** A lock or suspended processes of a deploy that has ended. */
  orphanedLock: 'OrphanedLock',
} as const;

/** Metrics of a fleet whose deploys wait for sessions, with the same dimension. */
export const SESSION_METRICS = {
  /** How long a server's sessions were waited for. */
  sessionDrainSeconds: 'SessionDrainSeconds',
  /** Sessions that a server still had when the wait for them ended. */
  sessionsCutOff: 'SessionsCutOff',
} as const;

/** Auto Scaling processes that a deploy suspends; Launch goes on, so that a fleet can grow in mid-deploy. */
export const SUSPENDED_PROCESSES = [
  'HealthCheck',
  'ReplaceUnhealthy',
  'Terminate',
  'InstanceRefresh',
  'AZRebalance',
  'AlarmNotification',
  'ScheduledActions',
] as const;

/** Reply to resume. */
export interface Resumed {
  readonly resumed: readonly string[];
}

/** Reply to suspend is the {@link Suspension}, to resume {@link Resumed}. */
export type ScalingRequest =
  // Auto Scaling processes and instance health
  /** `round`: how many rounds came before, with this lease. */
  ({ readonly step: 'suspend'; readonly round: number } & Held) | ({ readonly step: 'resume'; readonly suspension: Suspension } & Held);
