import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { securityGroupRuleProvider } from '../../ec2/security-group-rules.ts';
import { createEmulatorServices, type EmulatorServices } from '../../emulator-services.ts';
import { EVENT_TOKEN, type World } from './world.ts';

/** What local services ask of the emulator's. */
export function describePorts(world: () => World): void {
  describe('local services reach', () => {
    let emulated: EmulatorServices;
    beforeAll(() => {
      emulated = createEmulatorServices(world().emulatorAccess, EVENT_TOKEN);
    });
    afterAll(() => emulated.close());

    it('a version of a launch template, by id and by name', async () => {
      const ec2 = new EC2Client(world().config);
      const data = (UserData: string) => ({
        UserData,
        ImageId: 'ami-1',
        TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [{ Key: 'Name', Value: 'web' }] }],
      });
      const { LaunchTemplate } = await ec2.send(
        new CreateLaunchTemplateCommand({ LaunchTemplateName: 'web', LaunchTemplateData: data('Zmlyc3Q=') }),
      );
      const id = LaunchTemplate?.LaunchTemplateId as string;
      await ec2.send(new CreateLaunchTemplateVersionCommand({ LaunchTemplateId: id, LaunchTemplateData: data('c2Vjb25k') }));
      expect(await emulated.launchTemplate(id, '1')).toMatchObject({ userData: 'Zmlyc3Q=', imageId: 'ami-1', tags: { Name: 'web' } });
      expect((await emulated.launchTemplate('web', '2')).userData).toBe('c2Vjb25k');
      await expect(emulated.launchTemplate(id, '9')).rejects.toThrow();
      ec2.destroy();
    });

    it('a subnet, with its zone and its VPC', async () => {
      const ec2 = new EC2Client(world().config);
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.9.1.0/24', AvailabilityZone: 'us-east-1b' }),
      );
      expect(await emulated.subnet(Subnet?.SubnetId as string)).toEqual({ availabilityZone: 'us-east-1b', vpcId: Vpc?.VpcId });
      expect(await emulated.subnet('subnet-00000000')).toBeUndefined();
      ec2.destroy();
    });

    it('any security group: rules are added, described and removed', async () => {
      const ec2 = new EC2Client(world().config);
      const make = async (GroupName: string): Promise<string> =>
        (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'test' }))).GroupId as string;
      const [store, check] = [await make('store'), await make('check')];
      const rules = async (egress: boolean) => {
        const asked = new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [store] }] });
        return ((await ec2.send(asked)).SecurityGroupRules ?? []).filter(({ IsEgress }) => IsEgress === egress);
      };
      const before = [await rules(false), await rules(true)];
      const properties = { GroupId: store, IpProtocol: 'tcp', FromPort: 6379, ToPort: '6379', Description: 'check' };
      for (const [direction, peer] of [
        ['ingress', 'SourceSecurityGroupId'],
        ['egress', 'DestinationSecurityGroupId'],
      ] as const) {
        const provider = securityGroupRuleProvider(emulated.securityGroups, direction);
        const request = { type: '', logicalId: 'Rule', stackName: 'shop', properties: { ...properties, [peer]: check } };
        const made = await provider.create(request);
        const found = (await rules(direction === 'egress')).find((rule) => rule.SecurityGroupRuleId === made.physicalId);
        expect(found).toMatchObject({ FromPort: 6379, ToPort: 6379, IpProtocol: 'tcp' });
        await expect(provider.create(request)).rejects.toMatchObject({ name: 'AwsError', code: 'InvalidPermission.Duplicate' });
        const moved = { ...request, physicalId: made.physicalId, previous: request.properties };
        const changed = await provider.update({ ...moved, properties: { ...request.properties, ToPort: 6380 } });
        expect((await rules(direction === 'egress')).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)).not.toContain(made.physicalId);
        await provider.delete({ ...request, physicalId: changed.physicalId });
        await provider.delete({ ...request, physicalId: changed.physicalId });
      }
      expect([await rules(false), await rules(true)]).toEqual(before);
      ec2.destroy();
    });

    it('a topic and who subscribed to it', async () => {
      const [sns, sqs] = [new SNSClient(world().config), new SQSClient(world().config)];
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
      // As on AWS, a queue takes a topic's messages when its policy lets SNS in.
      const Statement = { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' };
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'alarms', Attributes: { Policy } }));
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:alarms' }));
      await emulated.topics.publish(TopicArn as string, 'S'.repeat(150), 'it is red');
      const body = await until(
        async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))).Messages?.[0]?.Body,
      );
      expect(JSON.parse(body)).toMatchObject({ Subject: 'S'.repeat(100), Message: 'it is red' });
      sns.destroy();
      sqs.destroy();
    });

    it('a function, without waiting for it', async () => {
      const line = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"Asked":"by alarm"}';
      const arn = await world().makeFunction(
        'asked',
        `export const handler = async ({ by }) => console.log(${JSON.stringify(line)}.replace('alarm', by));`,
      );
      await emulated.functions.invokeAsync(arn, { by: 'alarm-1' });
      await until(async () => world().logLines.find(({ message }) => message.includes('by alarm-1')));
    });
  });
}
