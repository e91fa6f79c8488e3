/** What checks are judged by: what is configured, and the state of a fleet or a store at one moment. Names are AWS's. */
import type { StoreRecord } from '../collect/contract.ts';
import type { DeployFacts } from '../deploy/dry-run/checks.ts';
import type { ListenerRules } from '../incidents/re-login/choose-rule.ts';
import type { DeployRecord, FleetRecord, InstanceRecord, LockRecord, ReleaseRecord } from '../records/types.ts';
import type { AppContract } from '../shared/app-contract.ts';
import type { Attributes } from '../shared/aws/attributes-reader.ts';
import type { GroupMember } from '../shared/aws/auto-scaling.ts';
import type { DrainGroups } from '../shared/aws/drain-rule.ts';
import type { ListedRule } from '../shared/aws/listener-rule-list.ts';
import type { Agent } from '../shared/aws/run-command.ts';
import type { TargetHealth } from '../shared/aws/target-group.ts';
import type { GroupHook } from '../shared/foreign-hooks.ts';
import type { UnconfirmedDialect } from '../sweep/contract/record.ts';
import type { StoreScope, Subject } from './subject.ts';

export interface TargetGroupFacts {
  readonly arn: string;
  readonly name: string;
  /** `instance`, `ip`, `lambda`, `alb`. */
  readonly targetType: string;
  readonly port: number;
  readonly healthPath: string;
  /** Status codes that are healthy: `200`, `200-399`. */
  readonly healthStatus: string;
  readonly loadBalancerArns: readonly string[];
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
  /** Other target groups that those rules give a share of the fleet's requests. */
  readonly alsoForwardsTo: readonly string[];
  readonly routes: ListenerRules;
  /** Rules that answer themselves: pages of incidents are among them. */
  readonly fixedResponses: readonly { readonly ruleArn: string; readonly priority: number }[];
}

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

export interface DrainFacts {
  readonly ruleArn: string;
  readonly drainTargetGroupArn: string;
  /** All rules of the drain rule's listener, by priority. */
  readonly rules: readonly ListedRule[];
  /** The pattern of the sessions that it takes; undefined while it takes none. */
  readonly pinned?: string;
  readonly groups: DrainGroups;
  /** Targets that are in the drain group now; between deploys none should be. */
  readonly targets: readonly TargetHealth[];
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
  readonly warmPool?: { readonly state: string; readonly size: number };
}

/** A server, or the launch template of new servers. */
export interface InstanceFacts {
  /** `launch template lt-1`, `i-1`. */
  readonly name: string;
  readonly instanceProfile?: string;
  readonly securityGroupIds: readonly string[];
}

/**
 * Actions that the agent needs to receive commands.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html
 */
export const AGENT_ACTIONS = [
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
] as const;
/** The action by which a server fetches its release. */
export const FETCH_ACTION = 's3:GetObject';
/** What the AWS managed policy AmazonSSMManagedInstanceCore allows on top of {@link AGENT_ACTIONS}: every parameter of the account. */
/** The actions by which a server reads the fleet's variables. */
export const VARIABLE_ACTIONS = { parameters: 'ssm:GetParameter', secrets: 'secretsmanager:GetSecretValue' } as const;
export const PARAMETER_ACTIONS = ['ssm:GetParameter', 'ssm:GetParameters'] as const;

export interface RoleFacts {
  readonly roleName: string;
  /** Whether the role allows each of the actions above; and reading each variable of the fleet, by ARN. */
  readonly allowed: Readonly<Record<string, boolean>>;
}

export interface SecurityRule {
  /** `tcp`, `-1` for every protocol, … */
  readonly protocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly groupIds: readonly string[];
  /** Address ranges and prefix lists of the other side. */
  readonly ranges: readonly string[];
}

export interface SecurityGroupFacts {
  readonly id: string;
  readonly ingress: readonly SecurityRule[];
  readonly egress: readonly SecurityRule[];
}

export interface ReplicationGroupFacts {
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

/** A rule that shows a page of this fleet, by its tags. */
export interface ShownPage {
  readonly ruleArn: string;
  readonly priority: number;
  readonly incidentId: string;
  /** Its incident shows the page now, as the records have it. */
  readonly isHeld: boolean;
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

export interface AlarmFacts {
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  readonly description: string;
}

/** What is looked up in AWS: each has one gatherer. */
export interface Sources {
  readonly targetGroup: TargetGroupFacts;
  readonly attributes: Attributes;
  readonly targets: readonly TargetHealth[];
  /** ARNs of the target groups that have listed servers of the fleet. */
  readonly registersWith: readonly string[];
  readonly loadBalancer: LoadBalancerFacts;
  readonly idleTimeoutSeconds: number;
  readonly listeners: readonly ListenerFacts[];
  /** Quotas of Elastic Load Balancing by their names in AWS: `rules-per-application-load-balancer`. */
  readonly limits: Readonly<Record<string, number>>;
  readonly targetGroupCounts: { readonly ofLoadBalancer: number; readonly ofAccount: number };
  /** Longest response time of a target in the last day; undefined without requests. */
  readonly longestResponseSeconds: number | undefined;
  /** Of the configuration and the fleet's listeners, as far as ACM describes them. */
  readonly certificates: readonly CertificateFacts[];
  readonly drain: DrainFacts;
  readonly shownPages: readonly ShownPage[];
  readonly group: GroupFacts;
  readonly hooks: readonly GroupHook[];
  readonly template: readonly InstanceFacts[];
  readonly servers: readonly InstanceFacts[];
  readonly role: RoleFacts;
  readonly agents: readonly Agent[];
  /** Ids of the servers, from the configuration, the group or the target group. */
  readonly memberIds: readonly string[];
  readonly storeCheckGroupIds: readonly string[];
  readonly securityGroups: readonly SecurityGroupFacts[];
  readonly store: ReplicationGroupFacts;
  readonly evictionPolicy: string;
  /** notify-keyspace-events: what the store publishes about keys; empty: nothing. */
  readonly keyspaceEvents: string;
  readonly storeUsers: readonly StoreUserFacts[];
  /** What sweeps wait for; empty: nothing, or there was none yet. */
  readonly openDecisions: readonly UnconfirmedDialect[];
  /** By name; alarms that do not exist are missing. */
  readonly alarms: Readonly<Record<string, AlarmFacts>>;
  /** What alarms that compare with earlier readings have of them. */
  readonly baseline: Partial<Pick<StoreRecord, 'lookups' | 'days' | 'sweep'>>;
  readonly alarmSubscriptions: { readonly confirmed: number; readonly pending: number };
  readonly documents: readonly DocumentFacts[];
  readonly fleetRecord: FleetRecord | undefined;
  readonly releases: readonly ReleaseRecord[];
  readonly installed: readonly InstanceRecord[];
  /** The deploy that brought the current release, where there was one. */
  readonly lastDeploy: DeployRecord | undefined;
  readonly lock: LockRecord | undefined;
  /** How many functions without a reservation of their own can run at once in the account and Region. */
  readonly unreservedConcurrency: number;
  readonly archive: ArchiveFacts;
  /** This machine's clock minus AWS's. */
  readonly clockSkewMs: number;
  /** Letters of the account's zones; not looked up for an existing network. */
  readonly zones: readonly string[];
  /** IAM roles of the account, of all that it may have. */
  readonly roles: { readonly used: number; readonly most: number };
  /** Termination protection of the last stack; not looked up for an ephemeral installation. */
  readonly terminationProtection: boolean;
}

/** What follows from the configuration and the sources without another call. */
export interface Facts extends Sources, Omit<DeployFacts, keyof Sources> {
  readonly nowMs: number;
  readonly scope: StoreScope;
  /** Absent where a store is watched without fleets. */
  readonly subject: Subject;
  /** The table of records is there, from an installation's first deployment on: a target group can be older. */
  readonly isInstalled: boolean;
  /** A load balancer is in front of the target group, or named. */
  readonly hasLoadBalancer: boolean;
  /** Contract of the current release; undefined when nothing is published, or it is not known. */
  readonly contract: AppContract | undefined;

  /** What an alarm's description says that it means, and where the runbook has it; undefined for alarms that are not Holdfast's. */
  readonly meaningOf: (description: string) => { readonly sentence: string; readonly runbook: string } | undefined;
  /** The topic of the alarms, and the command that subscribes to it. */
  readonly alarmsTopic: { readonly arn: string; readonly subscribe: string };
}
