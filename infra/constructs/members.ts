import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV, type NamedMember } from '../../functions/deploy/contract.ts';
import { autoScalingGroupName, FLEET_TAG, fleetTagValue } from '../../functions/shared/naming.ts';
import type { FleetConfig } from '../config/fleet.ts';
import { acknowledge, TAGGED_INSTANCES, wildcard } from './acknowledge.ts';
import type { HoldfastFunction } from './holdfast-function.ts';

/** Who belongs to a fleet. */
export interface Members {
  /** Absent for named instances: nothing launches or ends them. */
  readonly autoScalingGroupName?: string | undefined;
  /** Tells functions who the members are. */
  readonly environment: Readonly<Record<string, string>>;
  /** Instances that commands may be sent to: all that bear the tag, or each by its ARN. */
  readonly tag?: { readonly key: string; readonly value: string } | undefined;
  readonly arns?: readonly string[] | undefined;
  /** SSM document that prepares a member which ran before Holdfast came. Absent where user data has done it. */
  readonly prepareDocument?: string | undefined;
}

/** Tag that Auto Scaling gives to what it launches. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html */
const GROUP_TAG = 'aws:autoscaling:groupName';

export function membersOf(
  scope: Construct,
  props: {
    readonly installation: string;
    readonly fleetName: string;
    readonly fleet: FleetConfig;
    readonly prepareDocument?: string | undefined;
  },
): Members {
  const { installation, fleetName, fleet, prepareDocument } = props;
  const { existing = {} } = fleet;
  const group = existing.autoScalingGroupName;
  if (fleet.members === 'autoScalingGroup') {
    const name = group ?? autoScalingGroupName(installation, fleetName);
    return {
      autoScalingGroupName: name,
      environment: { [ENV.autoScalingGroupName]: name },
      tag: group ? { key: GROUP_TAG, value: name } : { key: FLEET_TAG, value: fleetTagValue(installation, fleetName) },
      prepareDocument,
    };
  }
  const named: NamedMember[] =
    fleet.members === 'instances'
      ? (existing.instanceIds ?? []).map((instanceId) => ({ instanceId }))
      : (existing.nodes ?? []).map(({ nodeId, ip, port, availabilityZone }) => ({
          instanceId: nodeId,
          target: { id: ip, port, ...(availabilityZone && { availabilityZone }) },
        }));
  const stack = Stack.of(scope);
  return {
    environment: { [ENV.members]: JSON.stringify(named) },
    arns: named.map(({ instanceId }) =>
      instanceId.startsWith('mi-')
        ? stack.formatArn({ service: 'ssm', resource: 'managed-instance', resourceName: instanceId })
        : stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: instanceId }),
    ),
    prepareDocument,
  };
}

/**
 * Lets a function run documents on the members, and on nothing else.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html
 */
export function allowCommands(fn: HoldfastFunction, { tag, arns, prepareDocument }: Members, documents: readonly string[]): void {
  const stack = Stack.of(fn);
  const names = prepareDocument ? [...documents, prepareDocument] : documents;
  fn.allow(
    ['ssm:SendCommand'],
    names.map((name) => stack.formatArn({ service: 'ssm', resource: 'document', resourceName: name })),
  );
  if (tag) {
    fn.allow(['ssm:SendCommand'], [stack.formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })], {
      StringEquals: { [`ssm:resourceTag/${tag.key}`]: tag.value },
    });
    acknowledge(fn, { [wildcard(stack, 'ec2', 'instance/*')]: TAGGED_INSTANCES });
  }
  if (arns) fn.allow(['ssm:SendCommand'], [...arns]);
}
