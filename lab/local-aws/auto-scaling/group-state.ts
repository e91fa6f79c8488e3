/** State of groups, instances, hooks and activities. Times are milliseconds since the epoch. */

/** Processes that SuspendProcesses knows. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
export const PROCESSES = [
  'Launch',
  'Terminate',
  'AddToLoadBalancer',
  'AlarmNotification',
  'AZRebalance',
  'HealthCheck',
  'InstanceRefresh',
  'ReplaceUnhealthy',
  'ScheduledActions',
] as const;
export type ProcessName = (typeof PROCESSES)[number];

export const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
export const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';
export type Transition = typeof LAUNCHING | typeof TERMINATING;

/** No operation of the local cloud leads to Standby; the simulation of deploys has it. */
export type LifecycleState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'
  | 'Terminating:Retained';

export type HookResult = 'CONTINUE' | 'ABANDON';

export interface Hook {
  readonly name: string;
  readonly transition: Transition;
  readonly heartbeatTimeoutSeconds: number;
  readonly defaultResult: HookResult;
  readonly notificationMetadata?: string;
  readonly notificationTargetArn?: string;
  readonly roleArn?: string;
}

/** A hook that an instance is waiting for. */
export interface LifecycleAction {
  readonly hook: Hook;
  readonly token: string;
  /** A heartbeat extends it, but never past `globalDeadlineMs`. */
  deadlineMs: number;
  readonly globalDeadlineMs: number;
  /** The result that CompleteLifecycleAction gave. */
  result?: HookResult;
}

export interface Member {
  readonly instanceId: string;
  readonly privateIp: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly imageId: string;
  /** The version that it was launched from, as the group named it at that time. */
  readonly launchTemplate?: LaunchTemplateSpecification;
  readonly launchedAtMs: number;
  state: LifecycleState;
  health: 'Healthy' | 'Unhealthy';
  /** When the health check grace period began. */
  inServiceAtMs?: number;
  /** It has passed a health check in service. */
  wasHealthy?: boolean;
  protectedFromScaleIn: boolean;
  actions: LifecycleAction[];
  /** Target groups that Auto Scaling itself registered the instance with. */
  readonly registeredWith: Set<string>;
  /** Set once the targets of a leaving instance are deregistered: the longest time to wait for their drain. */
  drainDeadlineMs?: number;
  /** A step for the instance is in progress. */
  busy: boolean;
  activity?: Activity;
}

export interface LaunchTemplateSpecification {
  readonly id?: string;
  readonly name?: string;
  readonly version: string;
}

export interface Activity {
  readonly id: string;
  readonly groupName: string;
  readonly groupArn: string;
  description: string;
  readonly cause: string;
  readonly startedAtMs: number;
  endedAtMs?: number;
  status: 'PreInService' | 'InProgress' | 'WaitingForELBConnectionDraining' | 'MidLifecycleAction' | 'Successful' | 'Failed' | 'Cancelled';
  statusMessage?: string;
  readonly details: Readonly<Record<string, string>>;
}

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagateAtLaunch: boolean;
}

export interface InstanceRefresh {
  readonly id: string;
  readonly startedAtMs: number;
  endedAtMs?: number;
  status: 'Pending' | 'InProgress' | 'Successful' | 'Failed' | 'Cancelling' | 'Cancelled';
  reason?: string;
  readonly preferences: {
    readonly MinHealthyPercentage: number;
    readonly MaxHealthyPercentage?: number | undefined;
    readonly InstanceWarmup: number;
    readonly ScaleInProtectedInstances: 'Refresh' | 'Ignore' | 'Wait';
  };
  /** Members when it began: they are past their warm-up. */
  readonly known: ReadonlySet<string>;
  readonly toReplace: ReadonlySet<string>;
  /** Instances that are not yet replaced by a ready one, and when they last became fewer. */
  remaining: number;
  progressAtMs: number;
}

export interface Group {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  minSize: number;
  maxSize: number;
  desired: number;
  defaultCooldownSeconds: number;
  launchTemplate?: LaunchTemplateSpecification;
  availabilityZones: string[];
  /** Comma-separated subnet ids, as the API has them. */
  vpcZoneIdentifier: string;
  targetGroupArns: Set<string>;
  healthCheckType: string;
  healthCheckGracePeriodSeconds: number;
  newInstancesProtected: boolean;
  terminationPolicies: string[];
  serviceLinkedRoleArn: string;
  tags: GroupTag[];
  readonly suspended: Map<ProcessName, string>;
  readonly hooks: Map<string, Hook>;
  readonly members: Map<string, Member>;
  /** Launches that have no instance id yet. */
  readonly launching: Set<{ readonly availabilityZone: string }>;
  launchFailures: number;
  launchNotBeforeMs: number;
  lastHealthCheckMs: number;
  /** An instance whose terminating hook was abandoned stays until somebody terminates it. */
  retainsAbandoned: boolean;
  /** Group metrics that are collected, and when they were last. */
  collectedMetrics: ReadonlySet<string>;
  lastMetricsMs: number;
  /** Latest first; only the first can be under way. */
  readonly refreshes: InstanceRefresh[];
  deleting: boolean;
}
