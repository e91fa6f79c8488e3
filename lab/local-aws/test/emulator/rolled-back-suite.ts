/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub has the same placeholders */
import {
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { DeleteFunctionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { faultRule } from '../../faults/fault-rule.ts';
import { MACHINE_ROLE, ROLE, type World } from './world.ts';

/** What the machine waits before it calls its function: longer than an update that fails takes until it is rolled back. */
const WAIT_SECONDS = 4;
const SLOW_MS = 1_000;

/** Which of the two changes first in an update: the machine, or what fails the update. */
type First = 'machine' | 'others';

/** A function that says `word`, its version and alias, and a machine that calls the version. `Last` fails the update. */
function says(name: string, word: string, { policy, first }: { readonly policy: string; readonly first: First }) {
  const code = `exports.handler = async () => '${word}';`;
  const wait = { Type: 'Wait', Seconds: WAIT_SECONDS, Next: 'Say' };
  const definition = { StartAt: 'Wait', States: { Wait: wait, Say: { Type: 'Task', Resource: `\${Version${word}}`, End: true } } };
  const handle = (DependsOn: readonly string[]) => ({ Type: 'AWS::CloudFormation::WaitConditionHandle', DependsOn });
  return {
    Say: {
      Type: 'AWS::Lambda::Function',
      Properties: { FunctionName: name, Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ROLE, Code: { ZipFile: code } },
    },
    [`Version${word}`]: { Type: 'AWS::Lambda::Version', DeletionPolicy: policy, Properties: { FunctionName: { Ref: 'Say' } } },
    Live: {
      Type: 'AWS::Lambda::Alias',
      Properties: { FunctionName: { Ref: 'Say' }, Name: 'live', FunctionVersion: { 'Fn::GetAtt': [`Version${word}`, 'Version'] } },
    },
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      ...(first === 'others' && { DependsOn: [`Slow${word}`, `Last${word}`] }),
      Properties: { StateMachineName: name, RoleArn: MACHINE_ROLE, DefinitionString: { 'Fn::Sub': JSON.stringify(definition) } },
    },
    [`Slow${word}`]: handle(first === 'machine' ? ['Machine'] : ['Live']),
    [`Last${word}`]: handle([`Slow${word}`]),
  };
}

/** An update that fails and is rolled back leaves what it would leave on AWS. */
export function describeRolledBackUpdates(world: () => World): void {
  const cfn = () => world().cloudFormation;
  const settled = (StackName: string) =>
    until(async () => {
      const { Stacks } = await cfn().send(new DescribeStacksCommand({ StackName }));
      const status = Stacks?.[0]?.StackStatus as string;
      return status.endsWith('_IN_PROGRESS') ? undefined : status;
    });
  const events = async (StackName: string) => (await cfn().send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? [];
  const update = (StackName: string, Resources: object) =>
    cfn().send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }));
  const created = async (StackName: string, Resources: object) => {
    await cfn().send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }));
    expect(await settled(StackName)).toBe('CREATE_COMPLETE');
  };
  const failLast = (stack: string) =>
    world().faults.add(faultRule.parse({ on: 'creation', match: { stack, logicalId: 'Lasttwo' }, effect: { kind: 'error' } }));

  describe('an update that is rolled back', () => {
    // Each fault names its stack.
    afterAll(() => world().faults.reset());

    it.each([
      ['Retain', 'UPDATE_ROLLBACK_COMPLETE', /A version for this Lambda function exists \( 2 \)/],
      ['RetainExceptOnCreate', 'UPDATE_COMPLETE', undefined],
    ] as const)('and published versions with %s, repeated unchanged, ends as %s', async (policy, status, refusal) => {
      const name = `again-${policy.toLowerCase()}`;
      const of = (word: string) => says(name, word, { policy, first: 'others' });
      await created(name, of('one'));
      failLast(name);
      await update(name, of('two'));
      expect(await settled(name)).toBe('UPDATE_ROLLBACK_COMPLETE');
      world().faults.reset();
      await update(name, of('two'));
      expect(await settled(name)).toBe(status);
      const reasons = (await events(name)).map(
        ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId} ${ResourceStatusReason}`,
      );
      const refused = reasons.filter((reason) => reason.includes('A version for this Lambda'));
      if (refusal) expect(refused.join()).toMatch(refusal);
      else expect(refused).toEqual([]);
    });

    // At once: they wait more than they work.
    it.concurrent.each([
      ['others', 'keeps its functions', { status: 'SUCCEEDED', output: '"one"' }],
      ['machine', 'loses them with the versions of the update', { status: 'FAILED', error: 'Lambda.ResourceNotFoundException' }],
    ] as const)('after it changed the %s first: an execution that began meanwhile %s', async (first, _, ends) => {
      const name = `begun-${first}`;
      const of = (word: string) => says(name, word, { policy: 'RetainExceptOnCreate', first });
      await created(name, of('one'));
      const { StackResourceDetail } = await cfn().send(new DescribeStackResourceCommand({ StackName: name, LogicalResourceId: 'Machine' }));
      world().faults.add(
        faultRule.parse({ on: 'creation', match: { stack: name, logicalId: 'Slowtwo' }, effect: { kind: 'delay', ms: SLOW_MS } }),
      );
      failLast(name);
      await update(name, of('two'));
      await until(async () => (await events(name)).some(({ LogicalResourceId }) => LogicalResourceId === 'Slowtwo') || undefined);
      const execution = await world().start(StackResourceDetail?.PhysicalResourceId as string);
      expect(await settled(name)).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect((await world().describe(execution)).status).toBe('RUNNING');
      expect(await world().ended(execution)).toMatchObject(ends);
    });

    it('publishes unchanged code and configuration once, and keeps a version that an alias points to', async () => {
      await created('published', says('published', 'one', { policy: 'Retain', first: 'others' }));
      const again = await world().lambda.send(new PublishVersionCommand({ FunctionName: 'published' }));
      expect(again.Version).toBe('1');
      const deleted = world().lambda.send(new DeleteFunctionCommand({ FunctionName: 'published', Qualifier: '1' }));
      await expect(deleted).rejects.toThrow(/alias/);
    });
  });
}
