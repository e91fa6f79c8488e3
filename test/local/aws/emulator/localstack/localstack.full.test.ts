/** LocalStack with its extension, behind the gateway: the same suites as MiniStack's, as far as they are about more than MiniStack. */
import { CreateStackCommand, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureLocalStack, whyNoLocalStack } from '../../../../../setup/localstack.mjs';
import { until } from '../../../../until.ts';
import { ownedTypes } from '../cloudformation-suite.ts';
import { describeLambda } from '../lambda-suite.ts';
import { startWorld, type World } from '../world.ts';

const missing = whyNoLocalStack();
/** The first use on a machine installs LocalStack: 375 MB. */
const LIMIT_MS = 600_000;

describe.skipIf(missing !== undefined)('LocalStack', () => {
  let world: World;
  beforeAll(async () => {
    process.env['HOLDFAST_TEST_CANARY'] = 'of the host';
    world = await startWorld([ownedTypes], await ensureLocalStack());
  }, LIMIT_MS);
  afterAll(async () => {
    delete process.env['HOLDFAST_TEST_CANARY'];
    await world?.stop();
  });

  describeLambda(() => world);

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
