/** What the local Auto Scaling remembers of groups, instances, hooks and activities. Times are milliseconds since the epoch. */

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

export type LifecycleState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Detaching'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed';

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
  /** A heartbeat moves it, never past `globalDeadlineMs`. */
  deadlineMs: number;
  readonly globalDeadlineMs: number;
  /** What CompleteLifecycleAction said. */
  result?: HookResult;
}

export interface Member {
  readonly instanceId: string;
  readonly privateIp: string;
  readonly availabilityZone: string;
  readonly instanceType: string;
  readonly imageId: string;
  /** The version it was launched from, as the group named it then. */
  readonly launchTemplate?: LaunchTemplateSpecification;
  readonly launchedAtMs: number;
  state: LifecycleState;
  health: 'Healthy' | 'Unhealthy';
  /** When the health check grace period began. */
  inServiceAtMs?: number;
  protectedFromScaleIn: boolean;
  /** Attach, detach, Standby and a forced delete pass by the lifecycle hooks. */
  skipHooks: boolean;
  actions: LifecycleAction[];
  /** Target groups that Auto Scaling itself registered the instance with. */
  readonly registeredWith: Set<string>;
  /** Set while the instance leaves: its targets were deregistered, and the drain is waited for until then. */
  drainDeadlineMs?: number;
  /** A step on the instance is under way. */
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
  /** Policies and scheduled actions as they were put: recorded, not acted on. */
  readonly policies: Map<string, Record<string, unknown>>;
  readonly scheduledActions: Map<string, Record<string, unknown>>;
  launchFailures: number;
  launchNotBeforeMs: number;
  lastHealthCheckMs: number;
  deleting: boolean;
}
