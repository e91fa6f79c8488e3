import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createEmulatorServices } from '../../emulator-services.ts';
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
      until(async () => {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 1 }));
        return Messages?.[0]?.Body;
      });

    it('with an aws.* source are refused from any other caller', async () => {
      for (const entry of [{}, { TraceHeader: 'guessed' }]) {
        const reply = await put(entry);
        expect(reply).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
      }
    });

    it('start matching a new rule a while after its creation, and are lost before', async () => {
      world().faults.add({ on: 'newRule', match: { name: 'young' }, when: {}, effect: { kind: 'lag', ms: 120_000 } });
      await eventBridge.send(new PutRuleCommand({ Name: 'young', EventPattern: JSON.stringify({ source: ['my.young'] }) }));
      const target = { Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:events' };
      await eventBridge.send(new PutTargetsCommand({ Rule: 'young', Targets: [target] }));
      await put({ Source: 'my.young', DetailType: 'Early' });
      world().faults.reset();
      await put({ Source: 'my.young', DetailType: 'Late' });
      expect(JSON.parse(await received())).toMatchObject({ source: 'my.young', 'detail-type': 'Late' });
    });

    it('with a source of an application are delivered', async () => {
      expect((await put({ Source: 'my.app' })).FailedEntryCount).toBe(0);
      expect(JSON.parse(await received())).toMatchObject({ source: 'my.app', 'detail-type': 'Launched' });
    });

    it('of the local services are delivered, without the token that marked them', async () => {
      const emulated = createEmulatorServices(world().emulatorAccess, EVENT_TOKEN);
      const event = {
        source: 'aws.autoscaling',
        detailType: 'EC2 Instance Launch Successful',
        resources: ['arn:x'],
        detail: { EC2InstanceId: 'i-1' },
      };
      await emulated.events.put(event);
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
      emulated.close();
    });

    it('reach a topic as the text that the rule makes of them', async () => {
      const sns = new SNSClient(world().config);
      const TopicArn = (await sns.send(new CreateTopicCommand({ Name: 'told' }))).TopicArn as string;
      const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:told';
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: Endpoint }],
      });
      const queue = (await sqs.send(new CreateQueueCommand({ QueueName: 'told', Attributes: { Policy } }))).QueueUrl as string;
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { RawMessageDelivery: 'true' } }));
      sns.destroy();
      await eventBridge.send(new PutRuleCommand({ Name: 'told', EventPattern: JSON.stringify({ source: ['telling.app'] }) }));
      const InputTransformer = { InputPathsMap: { text: '$.detail.text' }, InputTemplate: '"<text>"' };
      await eventBridge.send(new PutTargetsCommand({ Rule: 'told', Targets: [{ Id: 't', Arn: TopicArn, InputTransformer }] }));
      await put({ Source: 'telling.app', Detail: JSON.stringify({ text: 'it is done' }) });
      const text = await until(async () => {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 1 }));
        return Messages?.[0]?.Body;
      });
      expect(text).toBe('"it is done"');
    });

    it.each([
      ['ABORTED', {}],
      ['TIMED_OUT', { TimeoutSeconds: 1 }],
    ])('report that an execution ended as %s, with its name', async (status, more) => {
      const machine = await world().makeMachine({ Wait: { Type: 'Wait', Seconds: 5, End: true } }, more);
      const queue = (await sqs.send(new CreateQueueCommand({ QueueName: `ends-${status}` }))).QueueUrl as string;
      const pattern = {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [machine], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      };
      await eventBridge.send(new PutRuleCommand({ Name: status, EventPattern: JSON.stringify(pattern) }));
      const target = { Id: 'q', Arn: `arn:aws:sqs:us-east-1:000000000000:ends-${status}` };
      await eventBridge.send(new PutTargetsCommand({ Rule: status, Targets: [target] }));
      const executionArn = await world().start(machine);
      if (status === 'ABORTED') await world().stepFunctions.send(new StopExecutionCommand({ executionArn }));
      const text = await until(async () => {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 1 }));
        return Messages?.[0]?.Body;
      });
      expect(JSON.parse(text)).toMatchObject({ detail: { status, executionArn, name: executionArn.split(':').at(-1) } });
    });

    it('of the local services with a wrong token are an error', async () => {
      const emulated = createEmulatorServices(world().emulatorAccess, 'wrong');
      await expect(emulated.events.put({ source: 'aws.ssm', detailType: 'Changed', resources: [], detail: {} })).rejects.toThrow(
        'the event Changed was refused',
      );
      emulated.close();
    });
  });
}
