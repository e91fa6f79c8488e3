/** Names of the resources that work on incidents, each built here only. */

import type { ExistingMember } from '../../shared/aws/target-group.ts';
import { type Environment, required } from '../../shared/environment.ts';
import { functionName, INCIDENTS_PART } from '../../shared/naming.ts';
import type { Runbook } from './causes.ts';
import type { Collected, Facts, Source, Stickiness } from './evidence.ts';
import type { MitigationName, Mode } from './mitigations.ts';

export const incidentsFunctionName = (installation: string, role: string): string => functionName(installation, INCIDENTS_PART, role);
export const runbookStateMachineName = (installation: string): string => `${installation}-runbook`;

/** Prefix of what runbooks collect and report in the releases bucket; no fleet's name begins with `_`. */
export const INCIDENTS_PREFIX = '_incidents/';
/** What one run of a runbook collected and reported. @param file `SOURCE.json`, `evidence.json`, `report.json`, `report.md` */
export const incidentKey = (incidentId: string, run: number, file: string): string => `${INCIDENTS_PREFIX}${incidentId}/${run}/${file}`;
export const partKey = ({ incidentId, run, look }: { incidentId: string; run: number; look?: number }, source: string): string =>
  `${INCIDENTS_PREFIX}${incidentId}/${look === undefined ? run : `look-${look}`}/${source}.json`;

export interface ReLoginPage {
  readonly hosts: readonly string[];
  /** Paths of the rule's condition. With the hosts one to five, the maximum of a listener rule. */
  readonly paths: readonly string[];
  /** Paths under those that reach the servers all the same: a payment that comes back, a status page. @default none */
  readonly spare?: readonly string[];
  readonly priorities: { readonly first: number; readonly last: number };
  readonly language: string;
  readonly title: string;
  readonly message: string;
  readonly retry: string;
  readonly retrySeconds: number;
}

/** The body of a fixed response. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_FixedResponseActionConfig.html */
export const MOST_BODY_BYTES = 1_024;
/** Values of a rule's conditions together, and wildcards in them. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
export const MOST_CONDITION_VALUES = 5;
export const MOST_WILDCARDS = 5;
/** Values of one condition: documented, though users report that more are taken. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html */
export const MOST_VALUES_OF_A_CONDITION = 3;
export const LOWEST_PRIORITY = 50_000;

export interface CollectRequest {
  readonly incidentId: string;
  readonly runbook: Runbook;
  readonly fleets: readonly string[];
  /** Begin and end of what is looked at: from an hour before the first sign. Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly firstSignMs: number;
  readonly hashKey: string;
}

/** One source. A part that is missing is named in `gaps`; what gives nothing at all returns or throws why. */
export type Collector<S extends Source> = (request: CollectRequest) => Promise<Collected<Facts[S]>>;

export interface IncidentFleet {
  readonly targetGroupArn: string;
  readonly drainTargetGroupArn?: string;
  readonly strategy: 'sticky' | 'tomcat-cluster' | 'redis';
  readonly expectedStickiness: Stickiness;
  readonly autoScalingGroup?: string;
  readonly reLoginPage?: ReLoginPage;
  readonly members?: readonly ExistingMember[];
  readonly criticalActions?: true;
  readonly canary?: true;
  /** A function with the network of its servers can use the store. */
  readonly witness?: true;
}

/** SSM parameter with an IncidentFleet as JSON: a function's environment holds 4 KB. Names must not begin with `aws` or `ssm`. */
export const fleetParameterName = (installation: string, fleet: string): string => `/holdfast/${installation}/incidents/${fleet}`;

export const COLLECT_SOURCES_ENV = {
  /** Changes with what the fleets' parameters say, so that no execution environment keeps what it read of an earlier deployment. */
  fleetsVersion: 'HOLDFAST_FLEETS_VERSION',
  replicationGroupId: 'HOLDFAST_REPLICATION_GROUP',
  installation: 'HOLDFAST_INSTALLATION',
} as const;

export const TEND_MINUTES = 5;
/** While no incident is open, every third check compares the alarms' states: their events are seldom lost, and each reading costs. */
export const CHECKS_PER_COMPARISON = 3;

export const INCIDENT_METRICS = { mitigationInEffect: 'MitigationInEffect' } as const;
/** Most failovers are over within minutes: what bridges one is needed no longer, or the outage is a long one. */
export const LONG_IN_EFFECT_MINUTES = 30;

/** What a user has begun and must not lose with the session. Applications write it; runbooks count what is pending. */
export const CRITICAL_ACTIONS_TABLE = {
  partitionKey: 'user',
  sortKey: 'action',
  /** Seconds since the epoch. DynamoDB deletes an item up to days later: readers compare it themselves. */
  ttl: 'expiresAt',
  /** Contains pending actions only. Its partition key is the hash's first digit, so that one partition does not take every write. */
  pendingIndex: { name: 'pending', partitionKey: 'pending' },
} as const;

export const PENDING_PARTITIONS = [...'0123456789abcdef'] as const;

export interface IncidentSettings {
  readonly mitigations: Readonly<Partial<Record<MitigationName, Mode>>>;
  readonly mitigationsPerHour: number;
  readonly coolDownMinutes: number;
  readonly quietMinutes: number;
  readonly pageMinutes: number;
}

export const incidentSettingsFrom = (environment: Environment): IncidentSettings =>
  JSON.parse(required(environment, INCIDENTS_ENV.settings)) as IncidentSettings;

export const fleetNamesFrom = (environment: Environment): readonly string[] =>
  JSON.parse(required(environment, INCIDENTS_ENV.fleetNames)) as string[];

export const witnessedFleetsFrom = (environment: Environment): readonly string[] =>
  JSON.parse(required(environment, INCIDENTS_ENV.witnessedFleets)) as string[];

export const INCIDENTS_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  fleetNames: 'HOLDFAST_FLEET_NAMES',
  witnessedFleets: 'HOLDFAST_WITNESSED_FLEETS',
  bucket: 'HOLDFAST_INCIDENTS_BUCKET',
  settings: 'HOLDFAST_INCIDENTS_SETTINGS',
  stateMachineArn: 'HOLDFAST_RUNBOOK_STATE_MACHINE',
  topicArn: 'HOLDFAST_ALARMS_TOPIC',
  documentation: 'HOLDFAST_DOCUMENTATION',
} as const;

/** Events are repeated while a function does not answer: an alarm's change that is older than this is over, or found by what tends incidents. */
export const OLDEST_EVENT_MS = 3_600_000;
