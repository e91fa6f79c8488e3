import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  type AutoScalingGroup as Described,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
  ResumeProcessesCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { HoldfastError } from '../errors.ts';
import type { GroupHook } from '../foreign-hooks.ts';
import { isAwsError } from './classify-aws-error.ts';

export interface GroupMember {
  readonly instanceId: string;
  /** `Pending`, `Pending:Wait`, `InService`, `Standby`, `Terminating:Wait`, … */
  readonly lifecycleState: string;
  readonly zone?: string;
  /** `Healthy` or `Unhealthy`, by Auto Scaling. */
  readonly healthStatus: string;
}

export interface Group {
  readonly members: readonly GroupMember[];
  /** Those with which it registers its members. */
  readonly targetGroupArns: readonly string[];
  /** Processes that are suspended now, by anyone. */
  readonly suspendedProcesses: readonly string[];
  /** `EC2`, `ELB`, or several with commas between them. */
  readonly healthCheckType?: string;
}

export interface AutoScalingGroup {
  readonly name: string;
  describe(): Promise<Group>;
  /** Every lifecycle hook that it has. */
  hooks(): Promise<readonly GroupHook[]>;
  suspend(processes: readonly string[]): Promise<void>;
  resume(processes: readonly string[]): Promise<void>;
  /** Succeeds for a member that the group no longer has. */
  markHealthy(instanceId: string): Promise<void>;
}

export class AutoScalingGroupNotFound extends HoldfastError {
  override readonly name = 'AutoScalingGroupNotFound';
}

/** The Availability Zone of each member. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Instance.html */
export async function describeZones(client: AutoScalingClient, name: string): Promise<ReadonlyMap<string, string>> {
  const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
  const members = AutoScalingGroups.flatMap(({ Instances = [] }) => Instances);
  return new Map(members.map(({ InstanceId = '', AvailabilityZone = '' }) => [InstanceId, AvailabilityZone]));
}

/** The members of a group as AWS describes it. @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Instance.html */
export const membersOf = ({ Instances = [] }: Described): readonly GroupMember[] =>
  Instances.map(({ InstanceId = '', LifecycleState = '', HealthStatus = '', AvailabilityZone: zone }) => ({
    instanceId: InstanceId,
    lifecycleState: LifecycleState,
    healthStatus: HealthStatus,
    ...(zone !== undefined && { zone }),
  }));

/** The lifecycle hooks of a group; AWS allows 50, and returns all at once. */
export async function describeHooks(client: AutoScalingClient, name: string): Promise<readonly GroupHook[]> {
  const { LifecycleHooks = [] } = await client.send(new DescribeLifecycleHooksCommand({ AutoScalingGroupName: name }));
  return LifecycleHooks.map(({ LifecycleHookName = '', LifecycleTransition, HeartbeatTimeout = 0, DefaultResult }) => ({
    name: LifecycleHookName,
    kind: LifecycleTransition === 'autoscaling:EC2_INSTANCE_TERMINATING' ? 'terminate' : 'launch',
    timeoutSeconds: HeartbeatTimeout,
    defaultResult: DefaultResult === 'CONTINUE' ? 'CONTINUE' : 'ABANDON',
  }));
}

/** @throws AutoScalingGroupNotFound */
export async function describeGroup(client: AutoScalingClient, name: string) {
  const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
  const group = AutoScalingGroups[0];
  if (!group) throw new AutoScalingGroupNotFound(`there is no Auto Scaling group named ${name}`);
  return group;
}

export function createAutoScalingGroup(client: AutoScalingClient, name: string): AutoScalingGroup {
  return {
    name,
    async describe() {
      const group = await describeGroup(client, name);
      return {
        members: membersOf(group),
        targetGroupArns: group.TargetGroupARNs ?? [],
        suspendedProcesses: (group.SuspendedProcesses ?? []).map((process) => process.ProcessName ?? ''),
        ...(group.HealthCheckType !== undefined && { healthCheckType: group.HealthCheckType }),
      };
    },
    hooks: () => describeHooks(client, name),
    async suspend(processes) {
      await client.send(new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: [...processes] }));
    },
    async resume(processes) {
      await client.send(new ResumeProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: [...processes] }));
    },
    async markHealthy(instanceId) {
      const call = client.send(
        new SetInstanceHealthCommand({ InstanceId: instanceId, HealthStatus: 'Healthy', ShouldRespectGracePeriod: false }),
      );
      await unlessGone(call, /No managed instance/i);
    },
  };
}

/**
 * A lifecycle action, from the event's detail: AutoScalingGroupName, LifecycleHookName, LifecycleActionToken, EC2InstanceId. The token
 * is empty where the reconciler has started what the event did not.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html
 */
export interface LifecycleAction {
  readonly autoScalingGroupName: string;
  readonly lifecycleHookName: string;
  readonly lifecycleActionToken: string;
  readonly instanceId: string;
}

/** Lifecycle actions of a group's hooks. Both return false when the action is over: it timed out or was completed. */
export interface LifecycleActions {
  heartbeat(action: LifecycleAction): Promise<boolean>;
  complete(action: LifecycleAction, result: 'CONTINUE' | 'ABANDON'): Promise<boolean>;
}

export function createLifecycleActions(client: AutoScalingClient): LifecycleActions {
  const identify = (action: LifecycleAction) => ({
    AutoScalingGroupName: action.autoScalingGroupName,
    LifecycleHookName: action.lifecycleHookName,
    // Without a token the action is found by its instance.
    ...(action.lifecycleActionToken !== '' && { LifecycleActionToken: action.lifecycleActionToken }),
    InstanceId: action.instanceId,
  });
  return {
    heartbeat: (action) => unlessGone(client.send(new RecordLifecycleActionHeartbeatCommand(identify(action))), NO_ACTION),
    complete: (action, result) =>
      unlessGone(client.send(new CompleteLifecycleActionCommand({ ...identify(action), LifecycleActionResult: result })), NO_ACTION),
  };
}

const NO_ACTION = /No active Lifecycle Action/i;

/** Auto Scaling has no error code of its own for what is over or gone, but `ValidationError: No active Lifecycle Action found`, and the like. */
async function unlessGone(call: Promise<unknown>, gone: RegExp): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isAwsError(error, 'ValidationError') && gone.test(error.message)) return false;
    throw error;
  }
}
