/** The state of a fleet at one moment, as far as the checks need it. Names are AWS's. */

import type { ListenerRules } from '../../functions/incidents/re-login/choose-rule.ts';
import type { FleetRecord, LockRecord, ReleaseRecord } from '../../functions/records/types.ts';
import type { GroupMember } from '../../functions/shared/aws/auto-scaling.ts';
import type { Agent } from '../../functions/shared/aws/run-command.ts';
import type { TargetHealth } from '../../functions/shared/aws/target-group.ts';
import type { Lookup } from './lookup.ts';

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
  /** Number of rules without the default one. */
  readonly rules: number;
  /** Its default action or one of its rules forwards to the fleet's target group. */
  readonly forwards: boolean;
  /** Its rules one by one. */
  readonly routes: ListenerRules;
  /** Rules that answer themselves: pages of incidents are among them. */
  readonly fixedResponses: readonly { readonly ruleArn: string; readonly priority: number }[];
}

/** A rule that shows a page of this fleet, by its tags. */
export interface ShownPage {
  readonly ruleArn: string;
  readonly priority: number;
  readonly incidentId: string;
  /** Its incident shows the page now, as the records have it. */
  readonly isHeld: boolean;
}

/** Quotas of Elastic Load Balancing by their names in AWS: `rules-per-application-load-balancer`. */
export type AccountLimits = Readonly<Record<string, number>>;

export interface CertificateFacts {
  readonly arn: string;
  /** `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, `REVOKED`, … */
  readonly status: string;
  /** Milliseconds since the epoch; undefined before it is issued. */
  readonly notAfterMs?: number;
  readonly domains: readonly string[];
  /** ACM renews it: ACM issued it, and it is in use. */
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

/** A server, or the launch template of new servers. */
export interface ServerFacts {
  /** `launch template lt-1`, `i-1`. */
  readonly name: string;
  /** Name of its instance profile. */
  readonly instanceProfile?: string;
  readonly securityGroupIds: readonly string[];
}

export interface RoleFacts {
  readonly roleName: string;
  /** Whether the role allows each action. */
  readonly allowed: Readonly<Record<string, boolean>>;
}

export interface SecurityRule {
  /** `tcp`, `-1` for every protocol, … */
  readonly protocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  /** Security groups of the other side. */
  readonly groupIds: readonly string[];
  /** Address ranges and prefix lists of the other side. */
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
  /** Replicas of the shard with the fewest. */
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
  /** Patterns of channels that it can publish and subscribe to; `*`: every channel. */
  readonly channels: readonly string[];
}

export interface ArchiveFacts {
  /** Lower-case hex; undefined when the object has none. */
  readonly sha256?: string;
  readonly sizeBytes: number;
}

export interface DocumentFacts {
  readonly name: string;
  readonly latestVersion: string;
  readonly defaultVersion: string;
  /** Whether the latest version has the content that this checkout deploys. */
  readonly isOfThisCheckout: boolean;
}

export interface Facts {
  readonly nowMs: number;
  /** This machine's clock minus AWS's. */
  readonly clockSkewMs: Lookup<number>;
  readonly targetGroup: Lookup<TargetGroupFacts>;
  readonly attributes: Lookup<TargetGroupAttributes>;
  readonly targets: Lookup<readonly TargetHealth[]>;
  readonly loadBalancer: Lookup<LoadBalancerFacts>;
  readonly idleTimeoutSeconds: Lookup<number>;
  /** Deletion protection of the load balancer. */
  readonly loadBalancerProtection: Lookup<boolean>;
  /** Of the installation's last stack; not looked up for an ephemeral installation. */
  readonly terminationProtection: Lookup<boolean>;
  /** Deletion protection of the table; not looked up for an ephemeral installation. */
  readonly tableProtection: Lookup<boolean>;
  readonly listeners: Lookup<readonly ListenerFacts[]>;
  /** Re-login pages that users of the fleet get now. */
  readonly shownPages: Lookup<readonly ShownPage[]>;
  readonly limits: Lookup<AccountLimits>;
  /** Target groups of the load balancer, and of the account in this Region. */
  readonly targetGroupCounts: Lookup<{ readonly ofLoadBalancer: number; readonly ofAccount: number }>;
  /** Longest response time of a target in the last day; undefined without requests. */
  readonly longestResponseSeconds: Lookup<number | undefined>;
  readonly certificates: readonly Lookup<CertificateFacts>[];
  readonly group: Lookup<GroupFacts>;
  readonly servers: Lookup<readonly ServerFacts[]>;
  readonly role: Lookup<RoleFacts>;
  readonly agents: Lookup<readonly Agent[]>;
  /** Ids of the servers, from the configuration, the group or the target group. */
  readonly memberIds: readonly string[];
  readonly store: Lookup<StoreFacts>;
  readonly evictionPolicy: Lookup<string>;
  /** notify-keyspace-events: what the store publishes about keys; empty: nothing. */
  readonly keyspaceEvents: Lookup<string>;
  readonly storeUsers: Lookup<readonly StoreUserFacts[]>;
  readonly storeCheckGroupIds: Lookup<readonly string[]>;
  readonly securityGroups: Lookup<readonly SecurityGroupFacts[]>;
  /** States by name; alarms that do not exist are missing. */
  readonly alarms: Lookup<Readonly<Record<string, string>>>;
  readonly documents: readonly Lookup<DocumentFacts>[];
  readonly fleetRecord: Lookup<FleetRecord | undefined>;
  readonly releases: Lookup<readonly ReleaseRecord[]>;
  readonly lock: Lookup<LockRecord | undefined>;
  /** Archive of the current release. */
  readonly archive: Lookup<ArchiveFacts>;
}
