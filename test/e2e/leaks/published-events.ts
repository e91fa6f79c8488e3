/** Keeps every event on the default bus in a queue, from the start of a run. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LOCAL_ACCOUNT_ID } from '#local-aws/local-account.ts';
import type { CloudState } from '../../../cli/cloud-state.ts';
import type { Contents } from './content.ts';

const NAME = 'every-event';
const PAGE = 10;

type Endpoint = Pick<CloudState, 'gatewayUrl' | 'region' | 'credentials'>;

const clientOf = ({ gatewayUrl, region, credentials }: Endpoint) => ({ region, endpoint: gatewayUrl, credentials });

export async function keepEvents(cloud: Endpoint): Promise<void> {
  const sqs = new SQSClient(clientOf(cloud));
  const eventBridge = new EventBridgeClient(clientOf(cloud));
  const arn = `arn:aws:sqs:${cloud.region}:${LOCAL_ACCOUNT_ID}:${NAME}`;
  const Statement = [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn }];
  await sqs.send(new CreateQueueCommand({ QueueName: NAME, Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) } }));
  await eventBridge.send(new PutRuleCommand({ Name: NAME, EventPattern: JSON.stringify({ account: [LOCAL_ACCOUNT_ID] }) }));
  await eventBridge.send(new PutTargetsCommand({ Rule: NAME, Targets: [{ Id: 'queue', Arn: arn }] }));
  sqs.destroy();
  eventBridge.destroy();
}

/** What is in the queue; a message that was read is not read again within its visibility time-out. */
export async function* keptEvents(cloud: Endpoint): Contents {
  const sqs = new SQSClient(clientOf(cloud));
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: NAME }));
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: PAGE, VisibilityTimeout: 600 }));
    if (Messages.length === 0) break;
    for (const { Body = '' } of Messages) yield { place: 'events', name: 'default bus', content: Body };
  }
  sqs.destroy();
}
