/** Calls that several abilities begin with. */

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { zip } from '../local/aws/emulator/zip.ts';

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

export const WAIT_SECONDS = 40;
export const name = () => `a${randomBytes(4).toString('hex')}`;

/** The first value that is not undefined. @throws Error after {@link WAIT_SECONDS} */
export async function eventually<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + WAIT_SECONDS * 1000; Date.now() < deadline; await sleep(500)) {
    const value = await read();
    if (value !== undefined) return value;
  }
  throw new Error(`${what} within ${WAIT_SECONDS} s`);
}

/** The name of the error. @throws Error when there is none */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (thrown: Error) => thrown,
  );
  if (error === undefined) throw new Error('it was allowed');
  return error.name;
}

export function must(condition: boolean, problem: string): void {
  if (!condition) throw new Error(problem);
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: {
        Service: ['lambda.amazonaws.com', 'states.amazonaws.com', 'events.amazonaws.com'],
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

export async function makeQueue(config: ClientConfig): Promise<{ arn: string; received: () => Promise<string | undefined> }> {
  const sqs = new SQSClient(config);
  const QueueName = name();
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy: ANY_SERVICE } }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const received = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }))).Messages?.[0]?.Body;
  return { arn: Attributes?.['QueueArn'] ?? '', received };
}

export async function makeFunction(
  config: ClientConfig,
  code: string,
): Promise<{ arn: string; client: LambdaClient; FunctionName: string }> {
  const client = new LambdaClient(config);
  const FunctionName = name();
  const role = await makeRole(config, 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:CreateLogGroup');
  const { FunctionArn } = await client.send(
    new CreateFunctionCommand({
      ...{ FunctionName, Role: role.arn, Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: 10 },
      Code: { ZipFile: zip({ 'index.mjs': code }) },
    }),
  );
  await waitUntilFunctionActiveV2({ client, maxWaitTime: WAIT_SECONDS, minDelay: 1, maxDelay: 1 }, { FunctionName });
  return { arn: FunctionArn ?? '', client, FunctionName };
}

export async function runMachine(config: ClientConfig, states: Record<string, object>): Promise<string | undefined> {
  const client = new SFNClient(config);
  const role = await makeRole(config, 'lambda:InvokeFunction');
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const { stateMachineArn } = await client.send(new CreateStateMachineCommand({ name: name(), definition, roleArn: role.arn }));
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  return eventually('the execution did not end', async () => {
    const { status, output } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' ? undefined : (output ?? status);
  });
}
