import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmulatorPorts } from '../../../local/ports-to-emulator.ts';
import { EVENT_TOKEN, type World } from './world.ts';

/** Events with aws.* sources come from the local services only. */
export function describeEvents(world: () => World): void {
  describe('events', () => {
    let eventBridge: EventBridgeClient;
    let sqs: SQSClient;
    let queueUrl: string;

    beforeAll(async () => {
      eventBridge = new EventBridgeClient(world().config);
      sqs = new SQSClient(world().config);
      queueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'events' }))).QueueUrl as string;
      const pattern = JSON.stringify({ source: ['aws.autoscaling', 'my.app'] });
      await eventBridge.send(new PutRuleCommand({ Name: 'all', EventPattern: pattern }));
      await eventBridge.send(
        new PutTargetsCommand({ Rule: 'all', Targets: [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:events' }] }),
      );
    });
    afterAll(() => {
      eventBridge.destroy();
      sqs.destroy();
    });

    const put = (entry: object) =>
      eventBridge.send(new PutEventsCommand({ Entries: [{ Source: 'aws.autoscaling', DetailType: 'Launched', Detail: '{}', ...entry }] }));
    const received = async () =>
      world().until(async () => {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1 }));
        return Messages?.[0]?.Body;
      });

    it('with an aws.* source are refused from anybody else', async () => {
      for (const entry of [{}, { TraceHeader: 'guessed' }]) {
        const reply = await put(entry);
        expect(reply).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
      }
    });

    it('with a source of an application are delivered', async () => {
      expect((await put({ Source: 'my.app' })).FailedEntryCount).toBe(0);
      expect(JSON.parse(await received())).toMatchObject({ source: 'my.app', 'detail-type': 'Launched' });
    });

    it('of the local services are delivered, without the token that marked them', async () => {
      const ports = createEmulatorPorts(world().emulatorUrl, 'us-east-1', EVENT_TOKEN);
      const event = {
        source: 'aws.autoscaling',
        detailType: 'EC2 Instance Launch Successful',
        resources: ['arn:x'],
        detail: { EC2InstanceId: 'i-1' },
      };
      await ports.events.put(event);
      const text = await received();
      expect(JSON.parse(text)).toMatchObject({
        source: 'aws.autoscaling',
        'detail-type': event.detailType,
        resources: ['arn:x'],
        detail: { EC2InstanceId: 'i-1' },
        account: '000000000000',
        region: 'us-east-1',
      });
      expect(text).not.toContain(EVENT_TOKEN);
      ports.close();
    });

    it('of the local services with a wrong token are an error', async () => {
      const ports = createEmulatorPorts(world().emulatorUrl, 'us-east-1', 'wrong');
      await expect(ports.events.put({ source: 'aws.ssm', detailType: 'Changed', resources: [], detail: {} })).rejects.toThrow(
        'the event Changed was refused',
      );
      ports.close();
    });
  });
}
