/** What the state machine asks a collector for, and the fleets that collectors and mitigations know. */
import type { ExistingMember } from '../../shared/aws/target-group.ts';
import type { ReLoginPage } from '../re-login/re-login-settings.ts';
import type { Runbook } from './causes.ts';
import type { Collected, Facts, Source, Stickiness } from './evidence.ts';

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
