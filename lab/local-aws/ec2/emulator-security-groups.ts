/** Security group rules where the emulator keeps the groups, so that DescribeSecurityGroups shows them. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  type EC2Client,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../service/service.ts';
import type { SecurityGroups } from './security-group-rules.ts';

const GONE = new Set(['InvalidSecurityGroupRuleId.NotFound', 'InvalidGroup.NotFound', 'InvalidPermission.NotFound']);

export function securityGroupsOf(ec2: EC2Client): SecurityGroups {
  /** @throws AwsError InvalidPermission.Duplicate: AWS refuses a rule that already exists; the emulator accepts it */
  const refuseDuplicate = async (egress: boolean, GroupId: string, wanted: IpPermission): Promise<void> => {
    const Filters = [{ Name: 'group-id', Values: [GroupId] }];
    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    const peerOf = [wanted.UserIdGroupPairs?.[0]?.GroupId, wanted.IpRanges?.[0]?.CidrIp, wanted.Ipv6Ranges?.[0]?.CidrIpv6];
    const same = SecurityGroupRules.some(
      (rule) =>
        rule.IsEgress === egress &&
        rule.IpProtocol === wanted.IpProtocol &&
        rule.FromPort === wanted.FromPort &&
        rule.ToPort === wanted.ToPort &&
        [rule.ReferencedGroupInfo?.GroupId, rule.CidrIpv4, rule.CidrIpv6].every((peer, index) => peer === peerOf[index]),
    );
    if (same) throw new AwsError('InvalidPermission.Duplicate', `the specified rule already exists in ${GroupId}`);
  };

  return {
    async authorize(direction, GroupId, permission) {
      const input = { GroupId, IpPermissions: [permission] };
      await refuseDuplicate(direction === 'egress', GroupId, permission);
      try {
        const { SecurityGroupRules } = await (direction === 'ingress'
          ? ec2.send(new AuthorizeSecurityGroupIngressCommand(input))
          : ec2.send(new AuthorizeSecurityGroupEgressCommand(input)));
        const ruleId = SecurityGroupRules?.[0]?.SecurityGroupRuleId;
        if (ruleId === undefined) throw new Error(`the rule of ${GroupId} got no id`);
        return ruleId;
      } catch (error) {
        // CloudFormation reports the emulator's refusal as EC2's own.
        const { name, message } = error as Error;
        throw new AwsError(name, message);
      }
    },
    async revoke(direction, GroupId, ruleId) {
      const input = { GroupId, SecurityGroupRuleIds: [ruleId] };
      try {
        await (direction === 'ingress'
          ? ec2.send(new RevokeSecurityGroupIngressCommand(input))
          : ec2.send(new RevokeSecurityGroupEgressCommand(input)));
      } catch (error) {
        if (!GONE.has((error as Error).name)) throw error;
      }
    },
  };
}
