import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  type Instance,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { HoldfastError } from '../errors.ts';
import { AutoScalingGroupNotFound } from './auto-scaling.ts';
import { isAwsError } from './classify-aws-error.ts';
import type { Ec2Launches, LaunchTemplate } from './signed/ec2-launches.ts';

/** A member of the group, and what it was launched from. */
export interface GroupServer {
  readonly instanceId: string;
  readonly lifecycleState: string;
  readonly launchTemplate?: LaunchTemplate;
  /** Absent where EC2 does not list the instance. */
  readonly imageId?: string;
}

/** What the group's next server is launched from. */
export interface CurrentLaunch {
  readonly launchTemplate: LaunchTemplate;
  /** Absent when it cannot be resolved. */
  readonly imageId?: string;
  /** Templates that some instance types of a mixed group use instead. */
  readonly otherTemplateIds: readonly string[];
}

export interface GroupServers {
  readonly members: readonly GroupServer[];
  readonly desiredCapacity: number;
  readonly suspendedProcesses: readonly string[];
  readonly current: CurrentLaunch;
}

/** Reads what a group's servers were launched from, and replaces one of them. */
export interface ServerGroup {
  /** @throws NoLaunchTemplate, AutoScalingGroupNotFound */
  read(): Promise<GroupServers>;
  /** The group launches another one in its place. Succeeds for an instance that is leaving or gone. */
  replace(instanceId: string): Promise<void>;
}

/** A group that launches from a launch configuration. */
export class NoLaunchTemplate extends HoldfastError {
  override readonly name = 'NoLaunchTemplate';
}

/** Prefix of an image that EC2 resolves at each launch. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html */
const RESOLVED_AT_LAUNCH = 'resolve:ssm:';

export function createServerGroup(
  { autoScaling, ec2, ssm }: { readonly autoScaling: AutoScalingClient; readonly ec2: Ec2Launches; readonly ssm: SSMClient },
  name: string,
): ServerGroup {
  const describe = async (): Promise<AutoScalingGroup> => {
    const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
    if (!AutoScalingGroups[0]) throw new AutoScalingGroupNotFound(`there is no Auto Scaling group named ${name}`);
    return AutoScalingGroups[0];
  };
  return {
    async read() {
      const group = await describe();
      const instances = group.Instances ?? [];
      const [current, images] = await Promise.all([
        currentLaunch(group, ec2, ssm),
        ec2.imagesOf(instances.flatMap(({ InstanceId }) => InstanceId ?? [])),
      ]);
      return {
        members: instances.map((instance) => serverOf(instance, images)),
        desiredCapacity: group.DesiredCapacity ?? 0,
        suspendedProcesses: (group.SuspendedProcesses ?? []).map((process) => process.ProcessName ?? ''),
        current,
      };
    },
    async replace(instanceId) {
      const isMember = async () =>
        (await describe()).Instances?.some((one) => one.InstanceId === instanceId && !one.LifecycleState?.startsWith('Terminating'));
      if (!(await isMember())) return;
      try {
        await autoScaling.send(
          new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: false }),
        );
      } catch (error) {
        // A failed health check of the drained server can have been faster.
        if (isAwsError(error, 'ValidationError', 'ScalingActivityInProgressFault') && !(await isMember())) return;
        throw error;
      }
    },
  };
}

/** @throws NoLaunchTemplate */
async function currentLaunch(group: AutoScalingGroup, ec2: Ec2Launches, ssm: SSMClient): Promise<CurrentLaunch> {
  const mixed = group.MixedInstancesPolicy?.LaunchTemplate;
  const template = group.LaunchTemplate ?? mixed?.LaunchTemplateSpecification;
  if (!template) {
    throw new NoLaunchTemplate(
      `Auto Scaling group ${group.AutoScalingGroupName} launches from a launch configuration: give it a launch template, then refresh`,
    );
  }
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version: version = '$Default' } = template;
  const found = await ec2.templateVersion({ id, name, version });
  const imageId = await resolveImage(found?.imageId, ssm);
  return {
    launchTemplate: { id: found?.id ?? id ?? '', version: found?.version ?? version },
    ...(imageId !== undefined && { imageId }),
    otherTemplateIds: (mixed?.Overrides ?? []).flatMap(({ LaunchTemplateSpecification: other }) => other?.LaunchTemplateId ?? []),
  };
}

/** The image that a launch would use now; undefined for a parameter that does not exist or that may not be read. */
async function resolveImage(imageId: string | undefined, ssm: SSMClient): Promise<string | undefined> {
  if (!imageId?.startsWith(RESOLVED_AT_LAUNCH)) return imageId;
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: imageId.slice(RESOLVED_AT_LAUNCH.length) }));
    return Parameter?.Value;
  } catch (error) {
    if (isAwsError(error, 'ParameterNotFound', 'AccessDeniedException')) return undefined;
    throw error;
  }
}

function serverOf(instance: Instance, images: ReadonlyMap<string, string>): GroupServer {
  const { InstanceId: instanceId = '', LifecycleState: lifecycleState = '', LaunchTemplate: template } = instance;
  const imageId = images.get(instanceId);
  return {
    instanceId,
    lifecycleState,
    ...(template?.LaunchTemplateId && { launchTemplate: { id: template.LaunchTemplateId, version: template.Version ?? '' } }),
    ...(imageId?.startsWith('ami-') && { imageId }),
  };
}
