import { type EC2Client, type IpPermission, paginateDescribeSecurityGroups } from '@aws-sdk/client-ec2';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { aboutResource, lookUp, SKIPPED } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { SecurityRule, ServerLookups } from './server-facts.ts';

/** Security groups of the function that checks the store. */
export function gatherStoreCheck(lambda: LambdaClient, { storeCheckFunction }: Subject): Promise<ServerLookups['storeCheckGroupIds']> {
  const about = aboutResource('function', storeCheckFunction, 'lambda:GetFunctionConfiguration', {
    absentOn: ['ResourceNotFoundException'],
  });
  return lookUp(about, async () => {
    const { VpcConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: storeCheckFunction }));
    return VpcConfig?.SecurityGroupIds ?? [];
  });
}

/** The rules of every group in `ids`; a group that does not exist is missing from the result. */
export async function gatherSecurityGroups(ec2: EC2Client, ids: readonly string[]): Promise<ServerLookups['securityGroups']> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return SKIPPED;
  const about = aboutResource('security groups', wanted.join(', '), 'ec2:DescribeSecurityGroups', { named: true });
  return lookUp(about, async () => {
    const groups: { id: string; ingress: SecurityRule[]; egress: SecurityRule[] }[] = [];
    const filter = { Filters: [{ Name: 'group-id', Values: wanted }] };
    for await (const page of paginateDescribeSecurityGroups({ client: ec2 }, filter)) {
      for (const { GroupId = '', IpPermissions = [], IpPermissionsEgress = [] } of page.SecurityGroups ?? []) {
        // The local emulator ignores this filter and returns all groups.
        if (wanted.includes(GroupId))
          groups.push({ id: GroupId, ingress: IpPermissions.map(ruleOf), egress: IpPermissionsEgress.map(ruleOf) });
      }
    }
    return groups;
  });
}

const ruleOf = (permission: IpPermission): SecurityRule => ({
  protocol: permission.IpProtocol ?? '-1',
  fromPort: permission.FromPort,
  toPort: permission.ToPort,
  groupIds: (permission.UserIdGroupPairs ?? []).flatMap(({ GroupId }) => GroupId ?? []),
  ranges: [
    ...(permission.IpRanges ?? []).flatMap(({ CidrIp }) => CidrIp ?? []),
    ...(permission.Ipv6Ranges ?? []).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
    ...(permission.PrefixListIds ?? []).flatMap(({ PrefixListId }) => PrefixListId ?? []),
  ],
});
