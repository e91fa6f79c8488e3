/** Servers that were launched from another template or image than their group launches from now, and how Auto Scaling replaces them. */
import { AutoScalingClient, type AutoScalingGroup, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ifAllowed } from '../aws-errors.ts';
import type { Cloud } from '../cloud.ts';
import { readSubject } from '../doctor/subject.ts';
import { readConfigurationIfAny } from './read-deployed.ts';

export interface LaunchedFrom {
  readonly launchTemplate?: { readonly id: string; readonly version: string } | undefined;
  /** `ami-…`; absent where it is not known. */
  readonly imageId?: string | undefined;
}

export interface Servers {
  readonly group: string;
  readonly members: number;
  readonly current: LaunchedFrom;
  /** Why each outdated server is one, as a clause. */
  readonly outdated: Readonly<Record<string, string>>;
}

/** What the group's next server is launched from. @param otherTemplateIds templates that some instance types of a mixed group use instead */
export type CurrentLaunch = LaunchedFrom & { readonly otherTemplateIds: readonly string[] };

const isNumber = (version: string): boolean => /^\d+$/.test(version);

/**
 * Why a server is outdated, as a clause. Undefined for a current server, and where launches cannot be compared: EC2 does not return the
 * image, a version is not a number, or a mixed group uses another template for this instance type.
 */
export function whyOutdated({ launchTemplate, imageId }: LaunchedFrom, current: CurrentLaunch): string | undefined {
  const { id, version } = current.launchTemplate ?? { id: '', version: '' };
  if (!launchTemplate) return `it was launched from no launch template, and the group uses ${id}`;
  if (launchTemplate.id !== id) {
    return current.otherTemplateIds.includes(launchTemplate.id)
      ? undefined
      : `it was launched from ${launchTemplate.id}, and the group uses ${id}`;
  }
  if (isNumber(launchTemplate.version) && isNumber(version) && launchTemplate.version !== version) {
    return `launch template version ${launchTemplate.version}, and ${version} is current`;
  }
  if (imageId?.startsWith('ami-') && current.imageId?.startsWith('ami-') && imageId !== current.imageId) {
    return `${OTHER_IMAGE}${imageId}, and ${current.imageId} is current`;
  }
  return undefined;
}
/** Auto Scaling's skip matching compares no images that a template resolves at each launch. */
const OTHER_IMAGE = 'image ';

/**
 * One server after the other, each launched and warm before another one leaves: never fewer than the desired capacity. The warm-up counts
 * from `InService` and has to cover the load balancer's first checks.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html
 */
const PREFERENCES = { MinHealthyPercentage: 100, MaxHealthyPercentage: 100, InstanceWarmup: 300 };

/** For status: none while no server is outdated. */
export function outdatedLines(servers: Servers | { readonly unread: string } | undefined, awsOptions: string): string[] {
  if (!servers) return [];
  if ('unread' in servers) return [`servers  not compared with what their group launches now: ${servers.unread}`];
  const outdated = Object.entries(servers.outdated);
  if (outdated.length === 0) return [];
  const preferences = { ...PREFERENCES, SkipMatching: !outdated.some(([, why]) => why.startsWith(OTHER_IMAGE)) };
  const replaced = preferences.SkipMatching ? 'them' : 'all servers, since an image differs,';
  return [
    `outdated ${outdated.length} of ${servers.members} servers. Replace ${replaced} one at a time, unless a refresh is under way, with:`,
    `  aws autoscaling start-instance-refresh ${awsOptions} --auto-scaling-group-name ${servers.group} --preferences '${JSON.stringify(preferences)}'`,
    ...outdated.map(([instanceId, why]) => `  ${instanceId}  ${why}`),
  ];
}

/** @returns undefined for a fleet without an Auto Scaling group or launch template, and where no configuration is on record */
export async function readServers(cloud: Cloud): Promise<Servers | undefined> {
  const config = await readConfigurationIfAny(cloud);
  const { group } = config ? readSubject(config, cloud.fleet, cloud) : {};
  if (!group) return undefined;
  const autoScaling = new AutoScalingClient(cloud.client);
  const clients = { ec2: new EC2Client(cloud.client), ssm: new SSMClient(cloud.client) };
  try {
    const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group.id] }));
    return AutoScalingGroups[0] && (await serversOf(AutoScalingGroups[0], clients));
  } finally {
    for (const client of [autoScaling, clients.ec2, clients.ssm]) client.destroy();
  }
}

interface Clients {
  readonly ec2: EC2Client;
  readonly ssm: SSMClient;
}

async function serversOf(group: AutoScalingGroup, clients: Clients): Promise<Servers | undefined> {
  const inService = (group.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService');
  const [current, images] = await Promise.all([
    currentLaunch(group, clients),
    imagesOf(
      clients.ec2,
      inService.flatMap(({ InstanceId }) => InstanceId ?? []),
    ),
  ]);
  if (!current) return undefined;
  const outdated = inService.flatMap(({ InstanceId = '', LaunchTemplate: { LaunchTemplateId: id, Version: version = '' } = {} }) => {
    const why = whyOutdated({ launchTemplate: id === undefined ? undefined : { id, version }, imageId: images.get(InstanceId) }, current);
    return why === undefined ? [] : [[InstanceId, why] as const];
  });
  const { otherTemplateIds: _, ...from } = current;
  return {
    group: group.AutoScalingGroupName ?? '',
    members: group.Instances?.length ?? 0,
    current: from,
    outdated: Object.fromEntries(outdated),
  };
}

/** Prefix of an image that EC2 resolves at each launch. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html */
const RESOLVED_AT_LAUNCH = 'resolve:ssm:';

/** Without the right to read launch templates, which operators have, as the group names it, and without its image. */
async function currentLaunch(group: AutoScalingGroup, { ec2, ssm }: Clients): Promise<CurrentLaunch | undefined> {
  const mixed = group.MixedInstancesPolicy?.LaunchTemplate;
  const { LaunchTemplateId, LaunchTemplateName, Version = '$Default' } = group.LaunchTemplate ?? mixed?.LaunchTemplateSpecification ?? {};
  if (LaunchTemplateId === undefined && LaunchTemplateName === undefined) return undefined;
  const named = LaunchTemplateId === undefined ? { LaunchTemplateName } : { LaunchTemplateId };
  const described = await ifAllowed(() => ec2.send(new DescribeLaunchTemplateVersionsCommand({ ...named, Versions: [Version] })));
  const found = described?.LaunchTemplateVersions?.[0];
  const id = found?.LaunchTemplateId ?? LaunchTemplateId;
  return id === undefined
    ? undefined
    : {
        launchTemplate: { id, version: found?.VersionNumber?.toString() ?? Version },
        imageId: await resolveImage(found?.LaunchTemplateData?.ImageId, ssm),
        otherTemplateIds: (mixed?.Overrides ?? []).flatMap(({ LaunchTemplateSpecification: other }) => other?.LaunchTemplateId ?? []),
      };
}

/** The image that a launch would use now; undefined for a parameter that does not exist or that may not be read. */
async function resolveImage(imageId: string | undefined, ssm: SSMClient): Promise<string | undefined> {
  if (!imageId?.startsWith(RESOLVED_AT_LAUNCH)) return imageId;
  const Name = imageId.slice(RESOLVED_AT_LAUNCH.length);
  const read = () => ssm.send(new GetParameterCommand({ Name }));
  const unlessGone = (error: Error) => {
    if (error.name !== 'ParameterNotFound') throw error;
    return undefined;
  };
  return (await ifAllowed(() => read().catch(unlessGone)))?.Parameter?.Value;
}

/** Uses a filter, so that an instance that no longer exists is not an error. It takes 200 values. */
async function imagesOf(ec2: EC2Client, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const Filters = [{ Name: 'instance-id', Values: ids.slice(0, 200) }];
  const { Reservations = [] } = (await ifAllowed(() => ec2.send(new DescribeInstancesCommand({ Filters })))) ?? {};
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return new Map(instances.map(({ InstanceId = '', ImageId = '' }) => [InstanceId, ImageId]));
}
