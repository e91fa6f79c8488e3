/** SNS, EventBridge and EventBridge Scheduler: what reaches a queue. */
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { Ability } from './ability.ts';
import { eventually, makeQueue, makeRole, makeStack, must, name } from './calls.ts';

/** A rule of EventBridge first fires a minute after it is made, and Scheduler is exact to the minute. */
const SCHEDULE_WAIT_SECONDS = 100;

export const MESSAGES: readonly Ability[] = [
  {
    service: 'SNS',
    what: 'brings a queue the messages that its subscription’s filter takes, and no others',
    async show(config) {
      const client = new SNSClient(config);
      const { arn, received } = await makeQueue(config);
      const { TopicArn } = await client.send(new CreateTopicCommand({ Name: name() }));
      const Attributes = { FilterPolicy: JSON.stringify({ kind: ['order'] }), RawMessageDelivery: 'true' };
      await client.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn, Attributes }));
      const publish = (kind: string) => {
        const MessageAttributes = { kind: { DataType: 'String', StringValue: kind } };
        return client.send(new PublishCommand({ TopicArn, Message: `an ${kind}`, MessageAttributes }));
      };
      await publish('alarm');
      await publish('order');
      const message = await eventually('nothing arrived', received);
      must(message === 'an order', `it brought ${message}`);
    },
  },
  {
    service: 'EventBridge',
    what: 'brings an event that a rule matches to its target',
    async show(config) {
      const client = new EventBridgeClient(config);
      const { arn, received } = await makeQueue(config);
      const [Name, Source] = [name(), name()];
      await client.send(
        new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Source], detail: { kind: [{ prefix: 'o' }] } }) }),
      );
      await client.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn: arn }] }));
      const event = { Source, DetailType: 'something', Detail: JSON.stringify({ kind: 'order' }) };
      // A rule takes a moment until it matches.
      await eventually('nothing arrived', async () => {
        await client.send(new PutEventsCommand({ Entries: [event] }));
        return received();
      });
    },
  },
  {
    service: 'EventBridge',
    what: 'calls the target of a rule that has a rate',
    async show(config) {
      const client = new EventBridgeClient(config);
      const { arn, received } = await makeQueue(config);
      const Name = name();
      await client.send(new PutRuleCommand({ Name, ScheduleExpression: 'rate(1 minute)' }));
      await client.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'queue', Arn: arn, Input: '{"due":true}' }] }));
      const message = await eventually('nothing arrived', received, SCHEDULE_WAIT_SECONDS);
      must(message === '{"due":true}', `it brought ${message}`);
    },
  },
  {
    service: 'EventBridge Scheduler',
    what: 'calls the target of a schedule, made by a stack, at its time',
    async show(config) {
      const [queue, role] = [await makeQueue(config), await makeRole(config, 'sqs:SendMessage')];
      const dueMs = Date.now() + 20_000;
      const at = new Date(dueMs).toISOString().slice(0, 19);
      const Properties = {
        FlexibleTimeWindow: { Mode: 'OFF' },
        ScheduleExpression: `at(${at})`,
        Target: { Arn: queue.arn, RoleArn: role.arn, Input: '{"due":true}' },
      };
      await makeStack(config, { Once: { Type: 'AWS::Scheduler::Schedule', Properties } });
      const message = await eventually('nothing arrived', queue.received, SCHEDULE_WAIT_SECONDS);
      must(Date.now() > dueMs - 1_000, 'it was early');
      must(message === '{"due":true}', `it brought ${message}`);
    },
  },
];
