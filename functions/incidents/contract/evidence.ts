/**
 * What a runbook collects before it judges, by source. Times are milliseconds since the epoch; an absent or null value is unknown, never
 * zero. No session id, cookie value, path parameter, address or name of a person is in any of it.
 */

import type { ResponseCounts, ResponseMinute } from '../../shared/aws/balancer-metrics.ts';
import type { UnknownGrowth } from '../../sweep/contract/record.ts';
import type { ServersFacts } from './server-facts.ts';
import type { ReadingFacts, StoreFacts, StoreGroupFacts, Witnessed } from './store-facts.ts';

/** Where facts come from, as people call it. Each is collected on its own; what takes longest is begun first. */
const NAMES = {
  servers: 'servers',
  /** The store as it works from the network of each fleet's servers, by a function there. */
  witness: "the fleet's side of the store",
  store: 'session store',
  /** Ten seconds, unless a run leaves them to the re-check. */
  changes: 'CloudTrail',
  traffic: "load balancer's metrics",
  balancer: 'load balancer',
  storeGroup: 'replication group',
  readings: "collector's readings",
  scaling: 'Auto Scaling group',
  deploys: 'deploys on record',
  sweeps: 'sweeps on record',
  canary: 'canary',
  criticalActions: 'critical actions',
} as const;
export type Source = keyof typeof NAMES;
export const SOURCE_NAMES: Readonly<Record<string, string>> = NAMES;
export const SOURCES = Object.keys(NAMES) as readonly Source[];

export type Collected<Facts> =
  | { readonly takenAtMs: number; readonly facts: Facts /** What is missing of it, in sentences. */; readonly gaps?: readonly string[] }
  | { readonly gap: string };

export interface Facts {
  readonly balancer: BalancerFacts;
  readonly traffic: TrafficFacts;
  readonly store: StoreFacts;
  readonly storeGroup: StoreGroupFacts;
  readonly readings: ReadingFacts;
  readonly servers: ServersFacts;
  readonly scaling: ScalingFacts;
  readonly deploys: DeployFacts;
  readonly sweeps: SweepFacts;
  readonly changes: ChangeFacts;
  readonly canary: CanaryFacts;
  readonly criticalActions: CriticalActionFacts;
  readonly witness: WitnessFacts;
}

export interface Evidence {
  readonly incidentId: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** When the trouble showed first: the first alarm's change of state, or the request of a person. */
  readonly firstSignMs: number;
  readonly sources: { readonly [S in Source]?: Collected<Facts[S]> };
}

export function factsOf<S extends Source>(evidence: Pick<Evidence, 'sources'> | undefined, source: S): Facts[S] | undefined {
  const collected = evidence?.sources[source] as Collected<Facts[S]> | undefined;
  return collected && 'facts' in collected ? collected.facts : undefined;
}

export interface BalancerFacts {
  readonly strategy: 'sticky' | 'tomcat-cluster' | 'redis';
  /** The current release's contract counts `sessions` in memory, whatever the strategy; false: it does not. */
  readonly sessionsInMemory?: boolean | null;
  readonly stickiness: Stickiness;
  readonly expectedStickiness: Stickiness;
  readonly targets: readonly { readonly instanceId: string; readonly state: string; readonly reason?: string }[];
  readonly listeners: readonly {
    readonly protocol: 'HTTP' | 'HTTPS';
    readonly port: number;
    readonly redirectsToHttps: boolean;
    readonly arn?: string;
  }[];
  /** For commands of a report. Absent in evidence of earlier versions; a target group without a listener has no load balancer. */
  readonly arns?: { readonly targetGroup: string; readonly loadBalancer?: string };
  /** The path of the health check, and whether the app contract's `health.ready` (which asks the store) is the same. */
  readonly healthCheckAsksStore: boolean | null;
}

export interface Stickiness {
  readonly enabled: boolean;
  readonly type?: 'lb_cookie' | 'app_cookie';
  readonly cookieName?: string;
  readonly durationSeconds?: number;
}

export interface TrafficFacts {
  /** Oldest first, from an hour before the first sign. Without minutes that have no datapoint, and the last two, which are incomplete. */
  readonly byMinute?: readonly TrafficMinute[];
  /** Sums over the same minutes of earlier days; absent where CloudWatch has none, and without the field nothing was read. */
  readonly usual?: readonly UsualTraffic[];
  /** Other target groups use the load balancer too, so that its own counts (`elb…`, `auth…`) can be theirs: a hint only. */
  readonly balancerShared?: boolean;
}
/** Counts of one minute. */
export type TrafficMinute = ResponseMinute;
export interface UsualTraffic extends Pick<ResponseCounts, 'requests' | 'target3xx' | 'target4xx' | 'target5xx' | 'elb4xx' | 'elb5xx'> {
  readonly minutes: number;
}
export interface ScalingFacts {
  readonly groups?: readonly string[];
  readonly usesElbHealthChecks: boolean;
  readonly terminated: number;
  readonly replacedUnhealthy: number;
  readonly firstTerminationMs?: number;
  readonly lastTerminationMs?: number;
}

export interface DeployFacts {
  readonly deploys: readonly {
    readonly deployId: string;
    readonly fleet?: string;
    readonly from: string;
    readonly to: string;
    readonly restart?: string;
    readonly restartAll?: true;
    readonly status: string;
    readonly startedAtMs: number;
    readonly finishedAtMs?: number;
    /** What the deploy warned of on record, in its sentences; and what kind of warning each is, in the same order. */
    readonly warnings?: readonly string[];
    readonly warningKinds?: readonly DeployWarningKind[];
    readonly phases?: Readonly<Record<string, string>>;
  }[];
}

/** What users lose with the release: the cookie's name or domain, Secure, HttpOnly; `notShown`: it has shown no cookie; `unchecked`: not found out. */
export type DeployWarningKind = 'cookieName' | 'cookieDomain' | 'secureLost' | 'httpOnlyLost' | 'notShown' | 'unchecked' | 'other';

export interface SweepFacts {
  readonly sweeps: readonly {
    readonly sweepId: string;
    readonly startedAtMs: number;
    readonly status: string;
    readonly repaired: number;
    readonly shortened: number;
    readonly unconfirmed?: readonly string[];
    readonly unknownGrowth?: UnknownGrowth;
  }[];
}

/** The gap of a fleet's sources where no fleet is configured. */
export const NO_FLEET =
  'no fleet is configured: Holdfast watches the session store alone, and sees no server, load balancer or deploy of the application, nor whether the store works from its network';

export const LATEST_MINUTE = 'the latest minute that CloudWatch has is ';

export const CHANGES_COME_LATER = 'not read yet, since CloudTrail is minutes late: the next re-check reads them, by ';

/** CloudTrail's last events are minutes late: what is newer than `completeUntilMs` is a gap. */
export interface ChangeFacts {
  readonly changes: readonly {
    readonly atMs: number;
    readonly event: string;
    readonly roleArn: string;
    readonly eventId: string;
    readonly resource: string;
    readonly stickiness?: 'none' | 'enables' | 'changes';
    readonly kind?: ChangeKind;
    /** A role can be a person's too, where that assumed it; of Identity Center's roles that is known, and it is a person. */
    readonly who?: 'person' | 'role' | 'service';
    /** The resource has a name of the installation, the store or the fleets. Without it, it can be another application's. */
    readonly isOwn?: true;
  }[];
  readonly completeUntilMs: number;
  readonly fromMs?: number;
}

/** What was changed. `zone`: traffic was shifted away from one. `store-password`: of a user of the store, or the group's AUTH token; `store-reboot`: also a failover that somebody tested. */
export type ChangeKind =
  | 'network-acl'
  | 'security-group'
  | 'route'
  | 'store-user'
  | 'store-password'
  | 'store-reboot'
  | 'store-snapshot'
  | 'secret'
  | 'waf'
  | 'balancer-rule'
  | 'listener'
  | 'stickiness'
  | 'instance'
  | 'zone'
  | 'other';

export type WitnessFacts = { readonly fleets: readonly Witnessed[] };

export type CanaryFacts = { readonly sessions: number; readonly vanished: number };

export interface CriticalActionFacts {
  readonly fleets: readonly { readonly fleet: string; readonly pending: number; readonly atLeast?: true }[];
}
