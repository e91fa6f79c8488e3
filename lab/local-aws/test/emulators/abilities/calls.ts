/** Calls that several abilities begin with. */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { zip } from '../../../../../test/zip.ts';
import type { ClientConfig } from './ability.ts';

export const WAIT_SECONDS = 40;
export const name = () => `a${randomBytes(4).toString('hex')}`;

/** The first value that is not undefined. @throws Error after these seconds */
export async function eventually<T>(what: string, read: () => Promise<T | undefined>, seconds = WAIT_SECONDS): Promise<T> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(500)) {
    const value = await read();
    if (value !== undefined) return value;
  }
  throw new Error(`${what} within ${seconds} s`);
}

/** @throws Error when the call is allowed, or refused with something else */
export async function mustRefuse(error: RegExp, call: Promise<unknown>): Promise<void> {
  const thrown = await call.then(
    () => undefined,
    ({ name, message }: Error) => `${name}: ${message}`,
  );
  must(thrown !== undefined, 'it was allowed');
  must(error.test(thrown ?? ''), `it was refused with ${thrown}`);
}

export function must(condition: boolean, problem: string): void {
  if (!condition) throw new Error(problem);
}

/** Settings of a table with one key, `k`. */
export const tableSettings = (TableName: string) => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' as const }],
});

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: {
        Service: ['lambda', 'states', 'events', 'scheduler', 'ec2'].map((service) => `${service}.amazonaws.com`),
        AWS: 'arn:aws:iam::000000000000:root',
      },
      Action: 'sts:AssumeRole',
    },
  ],
});

export async function makeRole(config: ClientConfig, ...actions: string[]): Promise<{ name: string; arn: string }> {
  const iam = new IAMClient(config);
  const RoleName = name();
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }));
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
  if (actions.length > 0)
    await iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'own', PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );
  return { name: RoleName, arn: Role?.Arn ?? '' };
}

/** On AWS a topic and a rule need it. */
const ANY_SERVICE = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] },
      Action: 'sqs:SendMessage',
      Resource: '*',
    },
  ],
});

interface Queue {
  readonly arn: string;
  readonly url: string;
  /** A message's text; undefined when none arrives within a second. */
  received(): Promise<string | undefined>;
}

export async function makeQueue(config: ClientConfig): Promise<Queue> {
  const sqs = new SQSClient(config);
  const QueueName = name();
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy: ANY_SERVICE } }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const received = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))).Messages?.[0]?.Body;
  return { arn: Attributes?.['QueueArn'] ?? '', url: QueueUrl, received };
}

export async function makeFunction(
  config: ClientConfig,
  code: string,
  timeoutSeconds = 10,
): Promise<{ arn: string; client: LambdaClient; FunctionName: string }> {
  const client = new LambdaClient(config);
  const FunctionName = name();
  const role = await makeRole(config, 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:CreateLogGroup');
  const { FunctionArn } = await client.send(
    new CreateFunctionCommand({
      ...{ FunctionName, Role: role.arn, Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: timeoutSeconds },
      Code: { ZipFile: await zip({ 'index.mjs': code }) },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 1 }, { FunctionName });
  return { arn: FunctionArn ?? '', client, FunctionName };
}

/** @param action what the machine's role allows */
export async function startMachine(
  config: ClientConfig,
  states: Record<string, object>,
  action: string,
): Promise<{ client: SFNClient; executionArn: string | undefined; end: () => Promise<string | undefined> }> {
  const client = new SFNClient(config);
  const role = await makeRole(config, action);
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const { stateMachineArn } = await client.send(new CreateStateMachineCommand({ name: name(), definition, roleArn: role.arn }));
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  const end = () =>
    eventually('the execution did not end', async () => {
      const { status, output } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' ? undefined : (output ?? status);
    });
  return { client, executionArn, end };
}

/** The status in which what is being done to a stack ends. */
export const stackEnd = (client: CloudFormationClient, StackName: string): Promise<string> =>
  eventually(
    'the stack was not ended',
    async () => {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
      const status = Stacks?.[0]?.StackStatus ?? '';
      return status.endsWith('_IN_PROGRESS') ? undefined : status;
    },
    2 * WAIT_SECONDS,
  );

interface Stack {
  readonly client: CloudFormationClient;
  readonly StackName: string;
  readonly TemplateBody: string;
  /** Physical ids by the names in the template. */
  readonly ids: ReadonlyMap<string | undefined, string | undefined>;
}

/** @throws Error when it is not created */
export async function makeStack(config: ClientConfig, Resources: Record<string, object>): Promise<Stack> {
  const client = new CloudFormationClient(config);
  const StackName = name();
  const TemplateBody = JSON.stringify({ Resources });
  await client.send(new CreateStackCommand({ StackName, TemplateBody }));
  const status = await stackEnd(client, StackName);
  must(status === 'CREATE_COMPLETE', `the stack is ${status}`);
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }));
  return { client, StackName, TemplateBody, ids: new Map(StackResources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId])) };
}
