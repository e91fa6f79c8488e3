/** AWS::EC2::SecurityGroupIngress and -Egress: rules of a group that some other stack may own, put into it and taken out. */
import type { IpPermission } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { parseOr } from '../service/parse-input.ts';
import type { ResourceProvider } from '../service/service.ts';

export type Direction = 'ingress' | 'egress';

export interface SecurityGroups {
  /** @returns the rule's id @throws an error of EC2's, `InvalidPermission.Duplicate` for an existing rule */
  authorize(direction: Direction, groupId: string, permission: IpPermission): Promise<string>;
  /** A rule or a group that is gone already is passed over. */
  revoke(direction: Direction, groupId: string, ruleId: string): Promise<void>;
}

const port = z.coerce.number().int().optional();
const rule = z.object({
  GroupId: z.string(),
  IpProtocol: z.union([z.string(), z.number()]).transform(String),
  FromPort: port,
  ToPort: port,
  CidrIp: z.string().optional(),
  CidrIpv6: z.string().optional(),
  SourceSecurityGroupId: z.string().optional(),
  DestinationSecurityGroupId: z.string().optional(),
  Description: z.string().optional(),
});

export function securityGroupRuleProvider(groups: SecurityGroups, direction: Direction): ResourceProvider {
  const create: ResourceProvider['create'] = async ({ properties }) => {
    const { GroupId, permission } = read(properties);
    const physicalId = await groups.authorize(direction, GroupId, permission);
    return { physicalId, attributes: { Id: physicalId } };
  };
  const remove = (groupId: unknown, ruleId: string) => groups.revoke(direction, String(groupId), ruleId);
  return {
    create,
    async update(request) {
      // One rule cannot be there twice: the old one goes first, and whatever changed, the new one has an id of its own.
      await remove(request.previous['GroupId'], request.physicalId);
      return create(request);
    },
    delete: ({ physicalId, properties }) => remove(properties['GroupId'], physicalId),
  };
}

function read(properties: unknown): { readonly GroupId: string; readonly permission: IpPermission } {
  const wanted = parseOr('InvalidParameterValue', rule, properties);
  const { GroupId, IpProtocol, FromPort, ToPort, CidrIp, CidrIpv6, Description } = wanted;
  const peer = wanted.SourceSecurityGroupId ?? wanted.DestinationSecurityGroupId;
  const described = Description === undefined ? {} : { Description };
  return {
    GroupId,
    permission: {
      IpProtocol,
      FromPort,
      ToPort,
      ...(peer !== undefined && { UserIdGroupPairs: [{ GroupId: peer, ...described }] }),
      ...(CidrIp !== undefined && { IpRanges: [{ CidrIp, ...described }] }),
      ...(CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6, ...described }] }),
    },
  };
}
