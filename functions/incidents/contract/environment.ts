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
/** What one source gave: a re-check has parts of its own. */
export const partKey = ({ incidentId, run, look }: { incidentId: string; run: number; look?: number }, source: string): string =>
  `${INCIDENTS_PREFIX}${incidentId}/${look === undefined ? run : `look-${look}`}/${source}.json`;

/** What the page says that users get while no session can be read, and which requests get it. */
export interface ReLoginPage {
  /** Hosts of the rule's condition; none: every host. */
  readonly hosts: readonly string[];
  /** Paths of the rule's condition. With the hosts one to five, the maximum of a listener rule. */
  readonly paths: readonly string[];
  /** Paths under those that reach the servers all the same: a payment that comes back, a status page. @default none */
  readonly spare?: readonly string[];
  /** Priorities that the rule can take, both included. */
  readonly priorities: { readonly first: number; readonly last: number };
  /** Language of the page's text, which screen readers need: `en`, `pt-BR`. */
  readonly language: string;
  readonly title: string;
  readonly message: string;
  /** Text of the link that tries again at once. */
  readonly retry: string;
  /** The page tries again by itself after about this time. */
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
  /** One, or all for an incident of the store. */
  readonly fleets: readonly string[];
  /** Begin and end of what is looked at: from an hour before the first sign. Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly firstSignMs: number;
  /** Key of the incident's hashes, in hex. */
  readonly hashKey: string;
}

/** One source. A part that is missing is named in `gaps`; what gives nothing at all returns or throws why. */
export type Collector<S extends Source> = (request: CollectRequest) => Promise<Collected<Facts[S]>>;

/** A fleet, as the stack deployed it. */
export interface IncidentFleet {
  readonly targetGroupArn: string;
  /** The group of the rule that keeps sessions on a draining server. Absent: deploys of the fleet do not wait for sessions. */
  readonly drainTargetGroupArn?: string;
  readonly strategy: 'sticky' | 'tomcat-cluster' | 'redis';
  /** The stickiness that the target group should have by the configuration. */
  readonly expectedStickiness: Stickiness;
  /** Absent: existing instances or addresses, which Auto Scaling does not launch. */
  readonly autoScalingGroup?: string;
  /** Absent: none is configured. */
  readonly reLoginPage?: ReLoginPage;
  /** Members that the configuration lists. */
  readonly members?: readonly ExistingMember[];
  /** Its application has a table of critical actions. */
  readonly criticalActions?: true;
  /** A canary keeps sessions of it. */
  readonly canary?: true;
  /** A function with the network of its servers can use the store (witness.ts). */
  readonly witness?: true;
}

/**
 * SSM parameter with an {@link IncidentFleet} as JSON: the fleets of a large installation are more than a function's environment holds,
 * which is 4 KB. Parameters' names must not begin with `aws` or `ssm`.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const fleetParameterName = (installation: string, fleet: string): string => `/holdfast/${installation}/incidents/${fleet}`;

/** Environment of the functions that collect. */
export const COLLECT_SOURCES_ENV = {
  /** Changes with what the fleets' parameters say, so that no execution environment keeps what it read of an earlier deployment. */
  fleetsVersion: 'HOLDFAST_FLEETS_VERSION',
  /** Absent for a store that is not a replication group known to the installation. */
  replicationGroupId: 'HOLDFAST_REPLICATION_GROUP',
  installation: 'HOLDFAST_INSTALLATION',
} as const;

/** How often incidents are tended. */
export const TEND_MINUTES = 5;
/** While no incident is open, every third check compares the alarms' states: their events are seldom lost, and each reading costs. */
export const CHECKS_PER_COMPARISON = 3;

/** Published by each check for the installation; no data means none. */
export const INCIDENT_METRICS = {
  /** Mitigations that have bridged an outage for {@link LONG_IN_EFFECT_MINUTES}. */
  mitigationInEffect: 'MitigationInEffect',
} as const;
/** Most failovers are over within minutes: what bridges one is needed no longer, or the outage is a long one. */
export const LONG_IN_EFFECT_MINUTES = 30;

/**
 * The table of critical actions: what a user has begun and must not lose with the session. Applications write it, by the module in
 * session/critical-actions or by docs/critical-actions.md; infrastructure creates it, and runbooks count what is pending.
 */
export const CRITICAL_ACTIONS_TABLE = {
  /** Keyed hash of the user, 64 hex digits. */
  partitionKey: 'user',
  /** The application's id of the action, such as an order's number. */
  sortKey: 'action',
  /** Seconds since the epoch. DynamoDB deletes an item up to days later: readers compare it themselves. */
  ttl: 'expiresAt',
  /** Contains pending actions only. Its partition key is the hash's first digit, so that one partition does not take every write. */
  pendingIndex: { name: 'pending', partitionKey: 'pending' },
} as const;

/** Values of the index's partition key. */
export const PENDING_PARTITIONS = [...'0123456789abcdef'] as const;

/** The configuration's part `incidents`, as synthesis has checked it. */
export interface IncidentSettings {
  readonly mitigations: Readonly<Partial<Record<MitigationName, Mode>>>;
  readonly mitigationsPerHour: number;
  readonly coolDownMinutes: number;
  readonly quietMinutes: number;
  readonly pageMinutes: number;
}

/** @throws MissingEnvironment */
export const incidentSettingsFrom = (environment: Environment): IncidentSettings =>
  JSON.parse(required(environment, INCIDENTS_ENV.settings)) as IncidentSettings;

/** @throws MissingEnvironment */
export const fleetNamesFrom = (environment: Environment): readonly string[] =>
  JSON.parse(required(environment, INCIDENTS_ENV.fleetNames)) as string[];

/** @throws MissingEnvironment */
export const witnessedFleetsFrom = (environment: Environment): readonly string[] =>
  JSON.parse(required(environment, INCIDENTS_ENV.witnessedFleets)) as string[];

export const INCIDENTS_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  /** Names of the fleets, as a JSON array. */
  fleetNames: 'HOLDFAST_FLEET_NAMES',
  /** Those among them with a witness of the store, likewise. */
  witnessedFleets: 'HOLDFAST_WITNESSED_FLEETS',
  bucket: 'HOLDFAST_INCIDENTS_BUCKET',
  /** JSON: the configuration's part `incidents`. */
  settings: 'HOLDFAST_INCIDENTS_SETTINGS',
  stateMachineArn: 'HOLDFAST_RUNBOOK_STATE_MACHINE',
  topicArn: 'HOLDFAST_ALARMS_TOPIC',
  /** Base address of the documentation; absent: links are paths of the repository. */
  documentation: 'HOLDFAST_DOCUMENTATION',
} as const;

/** Events are repeated while a function does not answer: an alarm's change that is older than this is over, or found by what tends incidents. */
export const OLDEST_EVENT_MS = 3_600_000;
