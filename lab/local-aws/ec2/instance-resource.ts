/** AWS::EC2::Instance: a local machine that belongs to no Auto Scaling group. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { LaunchTemplateLookup } from '../auto-scaling/machines.ts';
import type { Instances } from '../instances/instances.ts';
import { parseOr, tagsByKey } from '../service/parse-input.ts';
import { AwsError, type ProvidedResource, type ResourceProvider } from '../service/service.ts';
import type { LaunchWithRole } from './launch-with-role.ts';

/** Zone and VPC of a subnet; undefined when there is no such subnet. */
export type SubnetLookup = (subnetId: string) => Promise<{ readonly availabilityZone: string; readonly vpcId: string } | undefined>;

/** Where instances come from, and go. */
export type InstanceMachines = Pick<Instances, 'terminate' | 'retag'> & { readonly launch: LaunchWithRole };

export interface InstanceOptions {
  readonly region: string;
  readonly machines: InstanceMachines;
  readonly launchTemplate: LaunchTemplateLookup;
  readonly subnet: SubnetLookup;
}

const instanceProperties = z.object({
  ImageId: z.string().optional(),
  InstanceType: z.string().optional(),
  SubnetId: z.string().optional(),
  AvailabilityZone: z.string().optional(),
  PrivateIpAddress: z.string().optional(),
  SecurityGroupIds: z.array(z.string()).optional(),
  UserData: z.string().optional(),
  IamInstanceProfile: z.string().optional(),
  LaunchTemplate: z
    .object({
      LaunchTemplateId: z.string().optional(),
      LaunchTemplateName: z.string().optional(),
      Version: z.union([z.string(), z.number()]).transform(String),
    })
    .optional(),
  Tags: tagsByKey,
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html */
export function instanceProvider({ region, machines, launchTemplate, subnet }: InstanceOptions): ResourceProvider {
  const create: ResourceProvider['create'] = async ({ properties }) => {
    const wanted = parse(properties);
    const place = wanted.SubnetId === undefined ? undefined : await subnet(wanted.SubnetId);
    if (wanted.SubnetId !== undefined && place === undefined) {
      throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${wanted.SubnetId}' does not exist`);
    }
    const { LaunchTemplate: named } = wanted;
    const template = named && (await launchTemplate(named.LaunchTemplateId ?? named.LaunchTemplateName ?? '', named.Version));
    const imageId = wanted.ImageId ?? template?.imageId;
    if (!imageId) throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId');
    const instanceTags = { ...template?.tags, ...wanted.Tags };
    const launched = await machines.launch({
      userData: wanted.UserData ?? template?.userData ?? '',
      imageId,
      instanceProfile: wanted.IamInstanceProfile ?? template?.instanceProfile,
      securityGroupIds: wanted.SecurityGroupIds ?? template?.securityGroupIds,
      instanceType: wanted.InstanceType ?? template?.instanceType ?? 'm1.small',
      availabilityZone: wanted.AvailabilityZone ?? place?.availabilityZone ?? `${region}a`,
      ...(wanted.SubnetId !== undefined && { subnetId: wanted.SubnetId }),
      ...(wanted.PrivateIpAddress !== undefined && { privateIp: wanted.PrivateIpAddress }),
      tags: instanceTags,
      name: instanceTags['Name'] ?? '',
    });
    // As on AWS, the resource is complete when the machine runs, even while its user data runs.
    return provided(launched, place?.vpcId ?? '');
  };
  return {
    create,
    async update(request) {
      const { properties, previous, physicalId } = request;
      const withoutTags = ({ Tags: _, ...rest }: Record<string, unknown>) => rest;
      if (!isDeepStrictEqual(withoutTags(properties), withoutTags(previous))) return create(request);
      machines.retag(physicalId, parse(properties).Tags);
      return { physicalId, attributes: {} };
    },
    delete: ({ physicalId }) => machines.terminate(physicalId),
  };
}

const parse = (properties: unknown) => parseOr('InvalidParameterValue', instanceProperties, properties);

function provided(
  machine: { readonly instanceId: string; readonly privateIp: string; readonly availabilityZone: string },
  vpcId: string,
): ProvidedResource {
  const { instanceId, privateIp, availabilityZone } = machine;
  return {
    physicalId: instanceId,
    attributes: {
      InstanceId: instanceId,
      PrivateIp: privateIp,
      AvailabilityZone: availabilityZone,
      PrivateDnsName: `ip-${privateIp.replaceAll('.', '-')}.ec2.internal`,
      VpcId: vpcId,
    },
  };
}
