import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ec2Machine } from '#local-aws/ec2/describe-machines.ts';
import { ROLE, type World } from '#local-aws/test/emulator/world.ts';
import { until } from '../../../../../test/until.ts';

/** What EC2's API shows of local machines, launch templates and the VPCs of functions. */
export function describeInstances(world: () => World): void {
  describe('EC2', () => {
    let ec2: EC2Client;
    let group: { GroupId: string; VpcId: string };
    beforeAll(async () => {
      ec2 = new EC2Client(world().config);
      const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'servers', Description: 'of this test' }));
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId as string] }));
      group = { GroupId: GroupId as string, VpcId: SecurityGroups[0]?.VpcId as string };
    });
    afterAll(() => {
      world().machines.length = 0;
      ec2.destroy();
    });

    const list = async (...Filters: { Name: string; Values: string[] }[]) =>
      ((await ec2.send(new DescribeInstancesCommand({ Filters }))).Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
    const machine = (digit: string, more: Partial<Ec2Machine> = {}): Ec2Machine => ({
      instanceId: `i-${digit.repeat(17)}`,
      imageId: 'ami-1',
      instanceType: 't4g.small',
      state: 'running',
      privateIp: `10.0.0.${Number.parseInt(digit, 16)}`,
      availabilityZone: 'us-east-1b',
      subnetId: 'subnet-0123456789abcdef0',
      tags: { Name: `web-${digit}` },
      launchedAtMs: Date.UTC(2026, 0, 1),
      securityGroupIds: [group.GroupId],
      instanceProfileArn: 'arn:aws:iam::000000000000:instance-profile/servers',
      ...more,
    });

    it('lists the machines as they are now, with address, subnet, state, zone, tags, profile and security groups', async () => {
      world().machines.push(machine('a'), machine('b', { state: 'pending', securityGroupIds: [] }));
      const [first, second] = await list();
      expect(first).toMatchObject({
        InstanceId: `i-${'a'.repeat(17)}`,
        State: { Code: 16, Name: 'running' },
        PrivateIpAddress: '10.0.0.10',
        SubnetId: 'subnet-0123456789abcdef0',
        Placement: { AvailabilityZone: 'us-east-1b' },
        SecurityGroups: [{ GroupId: group.GroupId, GroupName: 'servers' }],
        IamInstanceProfile: { Arn: 'arn:aws:iam::000000000000:instance-profile/servers' },
        VpcId: group.VpcId,
        Tags: [{ Key: 'Name', Value: 'web-a' }],
        LaunchTime: new Date(Date.UTC(2026, 0, 1)),
      });
      // As on AWS, an instance without a group is in its VPC's default one.
      expect(second).toMatchObject({ State: { Code: 0, Name: 'pending' }, SecurityGroups: [{ GroupName: 'default' }] });
      world().machines.shift();
      expect((await list()).map(({ InstanceId }) => InstanceId)).toEqual([`i-${'b'.repeat(17)}`]);
    });

    it.each([
      { Name: 'instance-id', Values: [`i-${'c'.repeat(17)}`, 'i-00000000000000000'] },
      { Name: 'private-ip-address', Values: ['10.0.0.12'] },
      { Name: 'instance-state-name', Values: ['running'] },
      { Name: 'tag:Name', Values: ['web-c'] },
    ])('lists those that the filter $Name takes', async (filter) => {
      world().machines.splice(0, Number.POSITIVE_INFINITY, machine('c'), machine('d', { state: 'shutting-down' }));
      expect((await list(filter)).map(({ InstanceId }) => InstanceId)).toEqual([`i-${'c'.repeat(17)}`]);
    });

    it('and Lambda return the security groups that a template gives to an interface and to a function', async () => {
      const code = { ZipFile: 'exports.handler = async () => {};' };
      const configuration = { FunctionName: 'in-the-vpc', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: ROLE };
      const TemplateBody = JSON.stringify({
        Resources: {
          Template: {
            Type: 'AWS::EC2::LaunchTemplate',
            Properties: {
              LaunchTemplateName: 'grouped',
              LaunchTemplateData: { NetworkInterfaces: [{ DeviceIndex: 0, Groups: [group.GroupId] }] },
            },
          },
          Function: {
            Type: 'AWS::Lambda::Function',
            Properties: { ...configuration, Code: code, VpcConfig: { SecurityGroupIds: [group.GroupId], SubnetIds: [] } },
          },
        },
      });
      await world().cloudFormation.send(new CreateStackCommand({ StackName: 'grouped', TemplateBody }));
      const ask = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: 'grouped', Versions: ['$Latest'] });
      const versions = await until(() => ec2.send(ask).catch(() => undefined), 'the launch template exists');
      expect(versions.LaunchTemplateVersions?.[0]?.LaunchTemplateData?.NetworkInterfaces).toEqual([
        { DeviceIndex: 0, Groups: [group.GroupId] },
      ]);
      const describeFunction = new GetFunctionConfigurationCommand({ FunctionName: 'in-the-vpc' });
      const found = await until(
        () =>
          world()
            .lambda.send(describeFunction)
            .catch(() => undefined),
        'the function exists',
      );
      expect(found.VpcConfig?.SecurityGroupIds).toEqual([group.GroupId]);
    });
  });
}
