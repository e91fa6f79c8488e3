/** Each deploy that ends publishes one message to its fleet's topic and one event to the default bus. */
import { DeleteRuleCommand, EventBridgeClient, PutRuleCommand, PutTargetsCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { ListTopicsCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, DeleteMessageCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FINISH_EVENT, type FinishDetail } from '../../functions/deploy/contract/control-steps.ts';
import { deploysTopicName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { cloud, currentVersion, deploy, kept, publish, recordOf, startDeploy, untilHealthy } from './fleet.ts';
import { FULL } from './full-run.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const eventBridge = new EventBridgeClient(client);
const sns = new SNSClient(client);
const sqs = new SQSClient(client);
const RULE = 'listening-to-deploys';
/** Longer than a second message would take to arrive after the first. */
const QUIET_SECONDS = 3;

let subscriptionArn: string;
const queues: string[] = [];

async function makeQueue(name: string, service: string): Promise<{ url: string; arn: string }> {
  const arn = `arn:aws:sqs:${kept.region}:000000000000:${name}`;
  const Statement = [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sqs:SendMessage', Resource: arn }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const url = (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }))).QueueUrl as string;
  queues.push(url);
  return { url, arn };
}

let topicQueue: string;
let busQueue: string;

beforeAll(async () => {
  await untilHealthy(3);
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  const topic = Topics.find(({ TopicArn }) => TopicArn?.endsWith(`:${deploysTopicName('holdfast', 'web')}`))?.TopicArn;
  const subscriber = await makeQueue('deploys-topic', 'sns.amazonaws.com');
  topicQueue = subscriber.url;
  const subscribed = await sns.send(
    new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: subscriber.arn, Attributes: { RawMessageDelivery: 'true' } }),
  );
  subscriptionArn = subscribed.SubscriptionArn as string;
  const listener = await makeQueue('deploys-bus', 'events.amazonaws.com');
  busQueue = listener.url;
  const pattern = { source: [FINISH_EVENT.source], 'detail-type': [FINISH_EVENT.detailType] };
  await eventBridge.send(new PutRuleCommand({ Name: RULE, EventPattern: JSON.stringify(pattern) }));
  await eventBridge.send(new PutTargetsCommand({ Rule: RULE, Targets: [{ Id: 'q', Arn: listener.arn }] }));
});
afterAll(async () => {
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: subscriptionArn }));
  await eventBridge.send(new RemoveTargetsCommand({ Rule: RULE, Ids: ['q'] }));
  await eventBridge.send(new DeleteRuleCommand({ Name: RULE }));
  for (const QueueUrl of queues) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  for (const one of [eventBridge, sns, sqs]) one.destroy();
});

/** Every message of a queue, read until no more arrive; the queue is empty afterwards. */
async function drained(QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: QUIET_SECONDS, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(Body as string);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

/** The one message on the topic, and the one event on the bus. */
async function published(): Promise<{ text: string; detail: FinishDetail }> {
  const [texts, events] = [await drained(topicQueue), await drained(busQueue)];
  expect([texts.length, events.length], JSON.stringify({ texts, events })).toEqual([1, 1]);
  return { text: texts[0] as string, detail: (JSON.parse(events[0] as string) as { detail: FinishDetail }).detail };
}

describe('of a deploy', () => {
  it.runIf(FULL)('that succeeds, the end is published once', async () => {
    const from = await currentVersion();
    await publish('17.1.0');
    const ended = await deploy('17.1.0');
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    const { text, detail } = await published();
    const deployId = ended.executionArn.split(':').at(-1) as string;
    // As people read it: no quotes around it.
    expect(text).toMatch(/^Deploy of 17\.1\.0 to fleet web /);
    expect(detail).toMatchObject({ deployId, fleet: 'web', from, to: '17.1.0', status: 'SUCCEEDED' });
    expect(Object.values(detail.targets)).toEqual(['done', 'done', 'done']);
  });

  it.runIf(FULL)('that is stopped, the end is published once, by its clean-up, with the reason for the stop', async () => {
    await publish('17.3.0');
    const executionArn = await startDeploy({ version: '17.3.0' });
    const installs = ({ phase }: { readonly phase: string }) => phase === 'installing';
    await until(async () => Object.values((await recordOf(executionArn))?.targets ?? {}).some(installs), 'a target that is installed');
    const { stepFunctions } = await cloud();
    await stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Aborted', cause: 'stopped by a test' }));
    await until(async () => (await recordOf(executionArn))?.status === 'ABORTED', 'the report', 180_000);
    const { text, detail } = await published();
    expect(text).toContain('Aborted: stopped by a test');
    expect(detail).toMatchObject({ status: 'ABORTED', rolledBack: true });
    await untilHealthy(3);
  });
});
