import { CreateLaunchTemplateCommand, CreateLaunchTemplateVersionCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmulatorPorts, type EmulatorPorts } from '../../../local/ports-to-emulator.ts';
import { EVENT_TOKEN, type World } from './world.ts';

/** What local services ask of the emulator's. */
export function describePorts(world: () => World): void {
  describe('local services reach', () => {
    let ports: EmulatorPorts;
    beforeAll(() => {
      ports = createEmulatorPorts(world().emulatorUrl, 'us-east-1', EVENT_TOKEN);
    });
    afterAll(() => ports.close());

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
      expect(await ports.launchTemplate(id, '1')).toMatchObject({ userData: 'Zmlyc3Q=', imageId: 'ami-1', tags: { Name: 'web' } });
      expect((await ports.launchTemplate('web', '2')).userData).toBe('c2Vjb25k');
      await expect(ports.launchTemplate(id, '9')).rejects.toThrow();
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
      await ports.topics.publish(TopicArn as string, 'S'.repeat(150), 'it is red');
      const body = await world().until(
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
      await ports.functions.invokeAsync(arn, { by: 'alarm-1' });
      await world().until(async () => world().logLines.find(({ message }) => message.includes('by alarm-1')));
    });
  });
}
