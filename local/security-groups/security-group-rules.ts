/**
 * Rules of security groups as resources of their own, which the emulator's CloudFormation does not know: they are added
 * to its groups, so that DescribeSecurityGroups tells them.
 */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  type EC2Client,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { isAwsError } from '../../functions/shared/classify-aws-error.ts';
import type { LocalService, ResourceProvider } from '../gateway/service.ts';

type Direction = 'ingress' | 'egress';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html */
const rule = z.object({
  GroupId: z.string(),
  IpProtocol: z.string(),
  FromPort: z.coerce.number().optional(),
  ToPort: z.coerce.number().optional(),
  CidrIp: z.string().optional(),
  CidrIpv6: z.string().optional(),
  SourceSecurityGroupId: z.string().optional(),
  DestinationSecurityGroupId: z.string().optional(),
  Description: z.string().optional(),
});

/** @param ec2 asks the emulator */
export function createSecurityGroupRules(ec2: EC2Client): LocalService {
  return {
    signingNames: [],
    protocol: { kind: 'json', version: '1.1' },
    operations: {},
    resourceTypes: {
      'AWS::EC2::SecurityGroupIngress': provider(ec2, 'ingress'),
      'AWS::EC2::SecurityGroupEgress': provider(ec2, 'egress'),
    },
    notEmulated: ['Security groups do not filter: every local address reaches every other.'],
    stop: async () => {},
  };
}

function provider(ec2: EC2Client, direction: Direction): ResourceProvider {
  const add = async (properties: Record<string, unknown>) => {
    const { GroupId, ...given } = rule.parse(properties);
    const input = { GroupId, IpPermissions: [permissionOf(given)] };
    const { SecurityGroupRules } =
      direction === 'ingress'
        ? await ec2.send(new AuthorizeSecurityGroupIngressCommand(input))
        : await ec2.send(new AuthorizeSecurityGroupEgressCommand(input));
    const physicalId = SecurityGroupRules?.[0]?.SecurityGroupRuleId;
    if (physicalId === undefined) throw new Error(`the emulator made no rule of ${GroupId}`);
    return { physicalId, attributes: { Id: physicalId } };
  };
  const remove = async (properties: Record<string, unknown>, physicalId: string) => {
    const input = { GroupId: rule.parse(properties).GroupId, SecurityGroupRuleIds: [physicalId] };
    try {
      if (direction === 'ingress') await ec2.send(new RevokeSecurityGroupIngressCommand(input));
      else await ec2.send(new RevokeSecurityGroupEgressCommand(input));
    } catch (error) {
      // Gone already, or with its group.
      if (!isAwsError(error, 'InvalidSecurityGroupRuleId.NotFound', 'InvalidGroup.NotFound')) throw error;
    }
  };
  return {
    create: ({ properties }) => add(properties),
    async update({ properties, previous, physicalId }) {
      const made = await add(properties);
      if (made.physicalId !== physicalId) await remove(previous, physicalId);
      return made;
    },
    delete: ({ properties, physicalId }) => remove(properties, physicalId),
  };
}

function permissionOf(given: Omit<z.infer<typeof rule>, 'GroupId'>): IpPermission {
  const { IpProtocol, FromPort, ToPort, CidrIp, CidrIpv6, Description } = given;
  const GroupId = given.SourceSecurityGroupId ?? given.DestinationSecurityGroupId;
  return {
    IpProtocol,
    FromPort,
    ToPort,
    ...(CidrIp !== undefined && { IpRanges: [{ CidrIp, Description }] }),
    ...(CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6, Description }] }),
    ...(GroupId !== undefined && { UserIdGroupPairs: [{ GroupId, Description }] }),
  };
}
