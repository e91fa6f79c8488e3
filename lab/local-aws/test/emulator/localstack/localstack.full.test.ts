/** LocalStack with its extension, behind the gateway: the same suites as MiniStack's, as far as they are about more than MiniStack. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateStackCommand, DescribeStackEventsCommand, DescribeStacksCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { DescribeRuleCommand, EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureLocalStack, whyNoLocalStack } from '../../../../../setup/localstack.mjs';
import { until } from '../../../../../test/until.ts';
import { sendSigned } from '../../gateway/sign-request.ts';
import { ownedTypes } from '../cloudformation-suite.ts';
import { describeEvents } from '../events-suite.ts';
import { describeFaults } from '../faults-suite.ts';
import { describeIdentity, guarded } from '../identity-suite.ts';
import { describeLambda } from '../lambda-suite.ts';
import { describeStepFunctions } from '../step-functions-suite.ts';
import { ROLE, startWorld, type World } from '../world.ts';
import { describeLocalStackClosed } from './closed.ts';
import { describeFailedStacks, refusingTypes } from './failed-stacks-suite.ts';

const missing = whyNoLocalStack();
/** The first use on a machine installs LocalStack: 375 MB. */
const LIMIT_MS = 600_000;

interface Logged {
  readonly events?: readonly { readonly message: string }[];
}

describe.skipIf(missing !== undefined)('LocalStack', () => {
  let world: World;
  beforeAll(async () => {
    process.env['HOLDFAST_TEST_CANARY'] = 'of the host';
    world = await startWorld([ownedTypes, refusingTypes, guarded], await ensureLocalStack());
  }, LIMIT_MS);
  afterAll(async () => {
    delete process.env['HOLDFAST_TEST_CANARY'];
    await world?.stop();
  });

  describeLambda(() => world);
  describeStepFunctions(() => world);
  describeFaults(() => world, 2);
  // LocalStack takes the quotation marks off a text that a rule makes; no rule of Holdfast makes one.
  describeEvents(() => world, false);
  describeFailedStacks(() => world);
  // LocalStack enforces no IAM; the gateway's services do.
  describeIdentity(() => world, false);
  describeLocalStackClosed(() => world);

  it('answers nobody who does not know the secret of the run', async () => {
    const answer = await fetch(`${world.emulatorAccess.url}/_localstack/health`);
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('call the gateway')]);
  });

  it("gives an execution the function's own error name", async () => {
    const named = 'export const handler = async () => { throw Object.assign(new Error("none left"), { name: "OutOfStock" }); };';
    const arn = await world.makeFunction('named', named);
    const task = { Type: 'Task', Resource: arn, Catch: [{ ErrorEquals: ['OutOfStock'], Next: 'Caught' }], End: true };
    const machine = await world.makeMachine({ Try: task, Caught: { Type: 'Pass', Result: 'by name', End: true } });
    expect(await world.run(machine)).toMatchObject({ status: 'SUCCEEDED', output: '"by name"' });
  });

  it('ends an execution that is stopped before its first state begins', async () => {
    const makes = await world.makeFunction('runs-on', 'export const handler = async () => "ran on";');
    // While hundreds of states are read there is nothing to stop yet.
    const unread = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`Unread${index}`, { Type: 'Succeed' }]));
    const choices = Object.keys(unread).map((Next) => ({ Variable: '$.next', StringEquals: Next, Next }));
    const first = { Type: 'Task', Resource: makes, ResultPath: null, Next: 'Choose' };
    const machine = await world.makeMachine({ First: first, Choose: { Type: 'Choice', Choices: choices }, ...unread });
    const executionArn = await world.start(machine, { next: 'Unread0' });
    await world.stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Aborted', cause: 'at once' }));
    expect(await world.describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Aborted', cause: 'at once' });
    const events = await until(async () => {
      const { events = [] } = await world.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
      return events.length > 1 && events.map(({ type }) => type);
    });
    expect(events).toEqual(['ExecutionStarted', 'ExecutionAborted']);
    expect((await world.describe(executionArn)).status).toBe('ABORTED');
  });

  it('fails an invocation at once whose environment an update of its function stops', async () => {
    const code =
      'export const handler = async ({ hang }) => { if (hang) await new Promise((done) => setTimeout(done, 60_000)); return "back"; };';
    await world.makeFunction('updated', code, { timeoutSeconds: 40 });
    expect((await world.invoke('updated')).value).toBe('back');
    const began = performance.now();
    const running = world.invoke('updated', { hang: true });
    await sleep(500);
    await world.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'updated', Timeout: 41 }));
    expect(await running).toMatchObject({ failure: 'Unhandled', value: { errorType: 'Runtime.ExitError' } });
    expect(performance.now() - began).toBeLessThan(20_000);
    expect((await world.invoke('updated')).value).toBe('back');
  });

  it('logs what a function that cannot be loaded printed, and why it cannot', async () => {
    await world.makeFunction('unset', 'console.log("reads settings"); throw new RangeError("no settings");');
    expect(await world.invoke('unset')).toMatchObject({ failure: 'Unhandled', value: { errorType: 'RangeError' } });
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Logs_20140328.FilterLogEvents' };
    const attempt = { method: 'POST', service: 'logs', headers, body: JSON.stringify({ logGroupName: '/aws/lambda/unset' }) };
    const messages = await until(async () => {
      // Without the log group the answer is an error, which has no events.
      const { events = [] } = JSON.parse((await sendSigned(world.config.endpoint, attempt)).text) as Logged;
      return events.length > 0 && events.map(({ message }) => message.trim());
    });
    expect(messages).toEqual([
      expect.stringContaining('START'),
      'reads settings',
      expect.stringMatching(/^Uncaught Exception.*RangeError.*no settings/),
      expect.stringContaining('END'),
      expect.stringContaining('REPORT'),
    ]);
  });

  it('fires a schedule between others that it does not emulate', async () => {
    const sqs = new SQSClient(world.config);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'fired' }));
    const schedule = (Name: string, ScheduleExpression: string) => ({
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        ...{ Name, ScheduleExpression, FlexibleTimeWindow: { Mode: 'OFF' } },
        Target: { Arn: 'arn:aws:sqs:us-east-1:000000000000:fired', RoleArn: ROLE, Input: Name },
      },
    });
    const now = new Date().toISOString().slice(0, 19);
    const Resources = {
      Before: schedule('before', `at(${now})`),
      Unknown: schedule('unknown', 'cron(0 12 ? * 2#1 *)'),
      After: schedule('after', `at(${now})`),
    };
    const TemplateBody = JSON.stringify({ Resources });
    await world.cloudFormation.send(new CreateStackCommand({ StackName: 'scheduled', TemplateBody }));
    const fired: (string | undefined)[] = [];
    const receive = async () => {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      return fired.push(...Messages.map(({ Body }) => Body));
    };
    await until(async () => (await receive()) >= 2);
    // Schedules are checked every second.
    await sleep(2_500);
    await receive();
    expect(fired.toSorted()).toEqual(['after', 'before']);
    sqs.destroy();
  });

  it('fails the update of a type that LocalStack cannot update, and says which', async () => {
    const secret = (Description: string) =>
      JSON.stringify({ Resources: { Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Description } } } });
    const settled = () =>
      until(async () => {
        const { Stacks } = await world.cloudFormation.send(new DescribeStacksCommand({ StackName: 'updated' }));
        return Stacks?.[0]?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : Stacks?.[0]?.StackStatus;
      });
    await world.cloudFormation.send(new CreateStackCommand({ StackName: 'updated', TemplateBody: secret('first') }));
    expect(await settled()).toBe('CREATE_COMPLETE');
    await world.cloudFormation.send(new UpdateStackCommand({ StackName: 'updated', TemplateBody: secret('second') }));
    expect(await settled()).toBe('UPDATE_FAILED');
    const { StackEvents = [] } = await world.cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'updated' }));
    expect(StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n')).toContain(
      'LocalStack cannot update resources of the type AWS::SecretsManager::Secret',
    );
  });

  it('updates an alias, a rule and a schedule', async () => {
    const template = (changed: boolean) =>
      JSON.stringify({
        Resources: {
          Say: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              ...{ FunctionName: 'aliased', Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ROLE },
              Code: { ZipFile: `exports.handler = async () => '${changed ? 'second' : 'first'}';` },
            },
          },
          [changed ? 'Second' : 'First']: {
            Type: 'AWS::Lambda::Version',
            DeletionPolicy: 'Retain',
            Properties: { FunctionName: { Ref: 'Say' } },
          },
          Live: {
            Type: 'AWS::Lambda::Alias',
            Properties: {
              ...{ FunctionName: { Ref: 'Say' }, Name: 'live' },
              FunctionVersion: { 'Fn::GetAtt': [changed ? 'Second' : 'First', 'Version'] },
            },
          },
          Rule: {
            Type: 'AWS::Events::Rule',
            Properties: {
              EventPattern: { source: [changed ? 'second.app' : 'first.app'] },
              Targets: [{ Arn: { Ref: 'Live' }, Id: changed ? 'other' : 'one' }],
            },
          },
          Schedule: {
            Type: 'AWS::Scheduler::Schedule',
            Properties: {
              ...{ Name: 'often', FlexibleTimeWindow: { Mode: 'OFF' }, ScheduleExpression: changed ? 'rate(2 hours)' : 'rate(1 hour)' },
              Target: { Arn: { Ref: 'Live' }, RoleArn: ROLE },
            },
          },
        },
        Outputs: { Live: { Value: { Ref: 'Live' } }, Rule: { Value: { Ref: 'Rule' } } },
      });
    const settled = () =>
      until(async () => {
        const { Stacks } = await world.cloudFormation.send(new DescribeStacksCommand({ StackName: 'twice' }));
        return Stacks?.[0]?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : Stacks?.[0];
      });
    await world.cloudFormation.send(new CreateStackCommand({ StackName: 'twice', TemplateBody: template(false) }));
    const created = await settled();
    expect(created.StackStatus).toBe('CREATE_COMPLETE');
    expect((await world.invoke('aliased:live')).value).toBe('first');
    await world.cloudFormation.send(new UpdateStackCommand({ StackName: 'twice', TemplateBody: template(true) }));
    const updated = await settled();
    const { StackEvents } = await world.cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'twice' }));
    expect([updated.StackStatus, updated.Outputs], JSON.stringify(StackEvents)).toEqual(['UPDATE_COMPLETE', created.Outputs]);
    expect((await world.invoke('aliased:live')).value).toBe('second');
    const eventBridge = new EventBridgeClient(world.config);
    const Rule = updated.Outputs?.find(({ OutputKey }) => OutputKey === 'Rule')?.OutputValue;
    const [{ EventPattern = '{}' }, { Targets = [] }] = await Promise.all([
      eventBridge.send(new DescribeRuleCommand({ Name: Rule })),
      eventBridge.send(new ListTargetsByRuleCommand({ Rule })),
    ]);
    eventBridge.destroy();
    expect([JSON.parse(EventPattern), Targets.map(({ Id }) => Id)]).toEqual([{ source: ['second.app'] }, ['other']]);
  });

  it("finds another stack's output, and attributes whose name is the beginning of another's", async () => {
    const Properties = { ReplicationGroupDescription: 'nodes' };
    const group = { Resources: { Group: { Type: 'AWS::ElastiCache::ReplicationGroup', Properties } } };
    const attribute = (name: string) => ({ Value: { 'Fn::GetAtt': ['Group', name] } });
    const Outputs = { Address: attribute('PrimaryEndPoint.Address'), Nodes: attribute('PrimaryEndPoint') };
    const reading = { 'Fn::GetStackOutput': { StackName: 'giving', OutputName: 'Address' } };
    const topic = { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'taken', DisplayName: reading } } };
    const outputOf = async (StackName: string) => {
      const { Stacks } = await world.cloudFormation.send(new DescribeStacksCommand({ StackName }));
      return [Stacks?.[0]?.StackStatus, ...(Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => `${OutputKey}=${OutputValue}`)];
    };
    await world.cloudFormation.send(new CreateStackCommand({ StackName: 'giving', TemplateBody: JSON.stringify({ ...group, Outputs }) }));
    expect(await outputOf('giving')).toEqual(['CREATE_COMPLETE', 'Address=primary.local', 'Nodes=[primary.local]']);
    const taking = { Resources: topic, Outputs: { Text: { Value: reading } } };
    await world.cloudFormation.send(new CreateStackCommand({ StackName: 'taking', TemplateBody: JSON.stringify(taking) }));
    expect(await outputOf('taking')).toEqual(['CREATE_COMPLETE', 'Text=primary.local']);
  });

  it('fails a stack with a type that nobody provides', async () => {
    const TemplateBody = JSON.stringify({ Resources: { Broker: { Type: 'AWS::AmazonMQ::Broker', Properties: {} } } });
    await world.cloudFormation.send(new CreateStackCommand({ StackName: 'unknown-type', TemplateBody }));
    const status = await until(async () => {
      const { Stacks } = await world.cloudFormation.send(new DescribeStacksCommand({ StackName: 'unknown-type' }));
      return Stacks?.[0]?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : Stacks?.[0]?.StackStatus;
    });
    const { StackEvents = [] } = await world.cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'unknown-type' }));
    const reasons = StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n');
    expect([status, reasons]).toEqual(['CREATE_FAILED', expect.stringContaining('AWS::AmazonMQ::Broker')]);
    expect(reasons).not.toContain('fallback');
  });
});
