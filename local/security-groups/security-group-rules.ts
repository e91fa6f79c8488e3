/**
 * Rules of security groups as resources of their own, which the emulator's CloudFormation does not know: they are added
 * to its groups, so that DescribeSecurityGroups tells them. The emulator answers nothing while it waits for a resource, so
 * that happens a moment after the resource was made, in order.
 */
import { randomBytes } from 'node:crypto';
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
import type { Log } from '../ports.ts';

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

/** Does `work` after everything before it. */
type Later = (work: () => Promise<unknown>) => void;

/** @param ec2 asks the emulator */
export function createSecurityGroupRules(ec2: EC2Client, log: Log): LocalService {
  let stopped = false;
  let last: Promise<unknown> = Promise.resolve();
  const later: Later = (work) => {
    last = last
      .then(() => (stopped ? undefined : work()))
      .catch((error: unknown) => {
        if (!stopped) log(`security groups: a rule is not told by the emulator: ${String(error)}`);
      });
  };
  return {
    signingNames: [],
    protocol: { kind: 'json', version: '1.1' },
    operations: {},
    resourceTypes: {
      'AWS::EC2::SecurityGroupIngress': provider(ec2, 'ingress', later),
      'AWS::EC2::SecurityGroupEgress': provider(ec2, 'egress', later),
    },
    notEmulated: ['Security groups do not filter: every local address reaches every other. Their rules are only told.'],
    stop: async () => {
      stopped = true;
    },
  };
}

function provider(ec2: EC2Client, direction: Direction, later: Later): ResourceProvider {
  const add = (properties: Record<string, unknown>) => {
    const input = readRule(properties);
    later(() =>
      direction === 'ingress'
        ? ec2.send(new AuthorizeSecurityGroupIngressCommand(input))
        : ec2.send(new AuthorizeSecurityGroupEgressCommand(input)),
    );
  };
  const remove = (properties: Record<string, unknown>) => {
    const input = readRule(properties);
    later(async () => {
      try {
        if (direction === 'ingress') await ec2.send(new RevokeSecurityGroupIngressCommand(input));
        else await ec2.send(new RevokeSecurityGroupEgressCommand(input));
      } catch (error) {
        if (!isAwsError(error, 'InvalidGroup.NotFound')) throw error; // its group went first
      }
    });
  };
  return {
    async create({ properties }) {
      add(properties);
      const physicalId = `sgr-${randomBytes(9).toString('hex').slice(0, 17)}`;
      return { physicalId, attributes: { Id: physicalId } };
    },
    async update({ properties, previous, physicalId }) {
      remove(previous);
      add(properties);
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete: async ({ properties }) => remove(properties),
  };
}

function readRule(properties: Record<string, unknown>): { GroupId: string; IpPermissions: IpPermission[] } {
  const { GroupId, ...given } = rule.parse(properties);
  return { GroupId, IpPermissions: [permissionOf(given)] };
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
