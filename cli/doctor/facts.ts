/** What was seen of a fleet, at one moment. Names are AWS's, values are as far as the checks need them. */
import type { GroupMember } from '../../functions/shared/auto-scaling.ts';
import type { FleetRecord, LockRecord, ReleaseRecord } from '../../functions/shared/record-types.ts';
import type { Agent } from '../../functions/shared/run-command.ts';
import type { TargetHealth } from '../../functions/shared/target-group.ts';
import type { Look } from './look.ts';

export interface TargetGroupFacts {
  readonly arn: string;
  readonly name: string;
  /** `instance`, `ip`, `lambda`, `alb`. */
  readonly targetType: string;
  readonly port: number;
  readonly healthPath: string;
  readonly loadBalancerArns: readonly string[];
}

export interface TargetGroupAttributes {
  readonly deregistrationDelaySeconds: number;
  readonly sticky: boolean;
  /** `lb_cookie` or `app_cookie`. */
  readonly stickinessType: string;
}

export interface LoadBalancerFacts {
  readonly arn: string;
  readonly name: string;
  readonly securityGroupIds: readonly string[];
}

export interface ListenerFacts {
  readonly arn: string;
  readonly port: number;
  readonly protocol: string;
  readonly certificateArns: readonly string[];
  /** Rules besides the default one. */
  readonly rules: number;
  /** Its default action or one of its rules forwards to the fleet's target group. */
  readonly forwards: boolean;
}

/** Quotas of Elastic Load Balancing by AWS's names: `rules-per-application-load-balancer`. */
export type AccountLimits = Readonly<Record<string, number>>;

export interface CertificateFacts {
  readonly arn: string;
  /** `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, `REVOKED`, … */
  readonly status: string;
  /** Milliseconds since the epoch; undefined before it is issued. */
  readonly notAfterMs?: number;
  readonly domains: readonly string[];
  /** ACM renews it by itself: it issued it, and something uses it. */
  readonly renewedByAcm: boolean;
}

export interface GroupFacts {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** `EC2`, `ELB`, or both. */
  readonly healthCheckType: string;
  readonly targetGroupArns: readonly string[];
  readonly members: readonly GroupMember[];
  readonly suspendedProcesses: readonly string[];
}

/** A server, or the launch template that the next ones are made of. */
export interface ServerFacts {
  /** `launch template lt-1`, `i-1`. */
  readonly name: string;
  /** Name of its instance profile. */
  readonly instanceProfile?: string;
  readonly securityGroupIds: readonly string[];
}

export interface RoleFacts {
  readonly roleName: string;
  /** Whether the role may do each action that was asked for. */
  readonly allowed: Readonly<Record<string, boolean>>;
}

export interface SecurityRule {
  /** `tcp`, `-1` for every protocol, … */
  readonly protocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  /** Other side's security groups. */
  readonly groupIds: readonly string[];
  /** Other side's address ranges and prefix lists. */
  readonly ranges: readonly string[];
}

export interface SecurityGroupFacts {
  readonly id: string;
  readonly ingress: readonly SecurityRule[];
  readonly egress: readonly SecurityRule[];
}

export interface StoreFacts {
  readonly id: string;
  readonly status: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly tls: boolean;
  readonly authToken: boolean;
  readonly userGroupIds: readonly string[];
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly shards: number;
  /** Least replicas of any shard. */
  readonly replicas: number;
  readonly snapshotRetentionDays: number;
  readonly parameterGroup: string;
  readonly securityGroupIds: readonly string[];
}

export interface StoreUserFacts {
  readonly userName: string;
  readonly on: boolean;
  /** `password`, `no-password`, `iam`. */
  readonly authentication: string;
}

export interface ArchiveFacts {
  /** Lower-case hex; undefined when the object has none. */
  readonly sha256?: string;
  readonly sizeBytes: number;
}

export interface Facts {
  readonly nowMs: number;
  /** This machine's clock minus AWS's. */
  readonly clockSkewMs: Look<number>;
  readonly targetGroup: Look<TargetGroupFacts>;
  readonly attributes: Look<TargetGroupAttributes>;
  readonly targets: Look<readonly TargetHealth[]>;
  readonly loadBalancer: Look<LoadBalancerFacts>;
  readonly idleTimeoutSeconds: Look<number>;
  readonly listeners: Look<readonly ListenerFacts[]>;
  readonly limits: Look<AccountLimits>;
  /** Target groups of the load balancer, and of the account in this Region. */
  readonly targetGroupCounts: Look<{ readonly ofLoadBalancer: number; readonly ofAccount: number }>;
  /** Longest answer of a target in the last day; undefined when nothing was served. */
  readonly longestAnswerSeconds: Look<number | undefined>;
  readonly certificates: readonly Look<CertificateFacts>[];
  readonly group: Look<GroupFacts>;
  readonly servers: Look<readonly ServerFacts[]>;
  readonly role: Look<RoleFacts>;
  readonly agents: Look<readonly Agent[]>;
  /** Ids of the servers, as group, target group and configuration name them. */
  readonly memberIds: readonly string[];
  readonly store: Look<StoreFacts>;
  readonly evictionPolicy: Look<string>;
  readonly storeUsers: Look<readonly StoreUserFacts[]>;
  readonly storeCheckGroupIds: Look<readonly string[]>;
  readonly securityGroups: Look<readonly SecurityGroupFacts[]>;
  /** States by name; names that no alarm has are missing. */
  readonly alarms: Look<Readonly<Record<string, string>>>;
  readonly fleetRecord: Look<FleetRecord | undefined>;
  readonly releases: Look<readonly ReleaseRecord[]>;
  readonly lock: Look<LockRecord | undefined>;
  /** Archive of the current release. */
  readonly archive: Look<ArchiveFacts>;
}
