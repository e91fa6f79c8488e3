/** The servers of a fleet, their role and their security groups. Names are AWS's. */
import type { GroupMember } from '../../../functions/shared/aws/auto-scaling.ts';
import type { Agent } from '../../../functions/shared/aws/run-command.ts';
import type { GroupHook } from '../../../functions/shared/foreign-hooks.ts';
import type { Lookup } from '../lookup.ts';

export interface GroupFacts {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** `EC2`, `ELB`, or both. */
  readonly healthCheckType: string;
  readonly targetGroupArns: readonly string[];
  readonly members: readonly GroupMember[];
  readonly suspendedProcesses: readonly string[];
  /** Its warm pool; absent without one. */
  readonly warmPool?: { readonly state: string; readonly size: number };
}

/** A server, or the launch template of new servers. */
export interface InstanceFacts {
  /** `launch template lt-1`, `i-1`. */
  readonly name: string;
  /** Name of its instance profile. */
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
export const PARAMETER_ACTIONS = ['ssm:GetParameter', 'ssm:GetParameters'] as const;

export interface RoleFacts {
  readonly roleName: string;
  /** Whether the role allows each of the actions above. */
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

/** What is looked up of servers. */
export interface ServerLookups {
  readonly group: Lookup<GroupFacts>;
  readonly hooks: Lookup<readonly GroupHook[]>;
  readonly template: Lookup<readonly InstanceFacts[]>;
  readonly servers: Lookup<readonly InstanceFacts[]>;
  readonly role: Lookup<RoleFacts>;
  readonly agents: Lookup<readonly Agent[]>;
  /** Ids of the servers, from the configuration, the group or the target group. */
  readonly memberIds: readonly string[];
  readonly storeCheckGroupIds: Lookup<readonly string[]>;
  readonly securityGroups: Lookup<readonly SecurityGroupFacts[]>;
}
