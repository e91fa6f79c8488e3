import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { faultRule } from '../../faults/fault-rule.ts';
import { ROLE, type World } from './world.ts';

const table = (TableName: string, more: object = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  },
  ...more,
});
/** The last resource of a stack, which a test's fault refuses. */
const last = (of: string) => ({ Last: { Type: 'AWS::CloudFormation::WaitConditionHandle', DependsOn: of } });

/** A creation that fails leaves in the local cloud what it would leave on AWS, and that blocks the next one. */
export function describeCreation(world: () => World): void {
  const cfn = () => world().cloudFormation;
  const create = (name: string, resources: object) =>
    cfn().send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify({ Resources: resources }) }));
  const status = async (name: string) => {
    const { Stacks } = await cfn().send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0]?.StackStatus as string;
  };
  const settled = (name: string) =>
    until(async () => {
      const found = await status(name);
      return found.endsWith('_IN_PROGRESS') ? undefined : found;
    });
  const remove = async (name: string) => {
    await cfn().send(new DeleteStackCommand({ StackName: name }));
    await until(async () => (await status(name).catch(() => 'DELETE_COMPLETE')) === 'DELETE_COMPLETE' || undefined);
  };
  const failures = async (name: string) => {
    const { StackEvents = [] } = await cfn().send(new DescribeStackEventsCommand({ StackName: name }));
    return StackEvents.filter((event) => /FAILED|SKIPPED/.test(event.ResourceStatus ?? '')).map(
      (event) => `${event.LogicalResourceId} ${event.ResourceStatus} ${event.ResourceStatusReason ?? ''}`,
    );
  };
  const failLast = (stack: string) =>
    world().faults.add(faultRule.parse({ on: 'creation', match: { stack, logicalId: 'Last' }, effect: { kind: 'error' } }));

  describe('a creation', () => {
    afterEach(() => world().faults.reset());

    it('fails by a fault, is rolled back, and its stack has to be deleted first', async () => {
      failLast('fails');
      await create('fails', { Table: table('fails'), ...last('Table') });
      expect(await settled('fails')).toBe('ROLLBACK_COMPLETE');
      expect(await failures('fails')).toEqual(['Last CREATE_FAILED Resource handler returned message: "a fault of this test"']);
      expect(world().faults.list()).toMatchObject([{ matched: 1, applied: 1 }]);
      world().faults.reset();
      await expect(create('fails', last('Table'))).rejects.toThrow('Stack [fails] already exists');
      await remove('fails');
      await create('fails', { Table: table('fails'), ...last('Table') });
      expect(await settled('fails')).toBe('CREATE_COMPLETE');
    });

    it('waits for as long as a fault says, by the type, while the emulator answers', async () => {
      world().faults.add(faultRule.parse({ on: 'creation', match: { type: '*::Table' }, effect: { kind: 'delay', ms: 300 } }));
      const began = Date.now();
      await create('waits', { Table: table('waits') });
      expect(await status('waits-not').catch((error: Error) => error.message)).toMatch(/does not exist/);
      expect(await settled('waits')).toBe('CREATE_COMPLETE');
      expect(Date.now() - began).toBeGreaterThan(300);
    });

    it('leaves a failed stack that cannot be deleted when it has termination protection', async () => {
      failLast('locked');
      const TemplateBody = JSON.stringify({ Resources: { Table: table('locked'), ...last('Table') } });
      await cfn().send(new CreateStackCommand({ StackName: 'locked', TemplateBody, EnableTerminationProtection: true }));
      expect(await settled('locked')).toBe('ROLLBACK_COMPLETE');
      await expect(cfn().send(new DeleteStackCommand({ StackName: 'locked' }))).rejects.toThrow('TerminationProtection');
      await cfn().send(new UpdateTerminationProtectionCommand({ StackName: 'locked', EnableTerminationProtection: false }));
      await remove('locked');
    });

    it.each([
      ['Retain', 'AWS::DynamoDB::Table', { TableName: 'retained' }, /identifier 'retained' already exists/],
      ['Retain', 'AWS::S3::Bucket', { BucketName: 'retained-by-a-rollback' }, /Validation failed with 1 error/],
      ['Retain', 'AWS::Logs::LogGroup', { LogGroupName: '/retained' }, /identifier '\/retained' already exists/],
      ['Retain', 'AWS::SecretsManager::Secret', { Name: 'retained', SecretString: 'x' }, /the secret retained already exists/],
      ['Delete', 'AWS::SQS::Queue', { QueueName: 'just-deleted' }, /You must wait 60 seconds after deleting a queue/],
      ['RetainExceptOnCreate', 'AWS::DynamoDB::Table', { TableName: 'retained-later' }, undefined],
      ['Delete', 'AWS::SecretsManager::Secret', { Name: 'deleted', SecretString: 'x' }, undefined],
      ['Delete', 'AWS::SQS::Queue', {}, undefined],
    ] as const)('that failed with %s on %s %j %s', async (DeletionPolicy, type, properties, refusal) => {
      const name = `again-${DeletionPolicy}-${type.split('::').at(-1)}-${Object.values(properties).length}`;
      const Thing = type.includes('Dynamo')
        ? table((properties as { TableName: string }).TableName, { DeletionPolicy })
        : { Type: type, Properties: properties, DeletionPolicy };
      failLast(name);
      await create(name, { Thing, ...last('Thing') });
      expect(await settled(name)).toBe('ROLLBACK_COMPLETE');
      world().faults.reset();
      await remove(name);
      await create(name, { Thing, ...last('Thing') });
      expect(await settled(name)).toBe(refusal ? 'ROLLBACK_COMPLETE' : 'CREATE_COMPLETE');
      if (refusal) expect((await failures(name)).join()).toMatch(refusal);
    });

    it('of a function or a state machine meets one of the same name', async () => {
      await world().makeFunction('existing-function', 'export const handler = async () => 1;');
      await create('meets', {
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            FunctionName: 'existing-function',
            Role: ROLE,
            Runtime: 'nodejs24.x',
            Handler: 'index.handler',
            Code: { ZipFile: ' ' },
          },
        },
      });
      expect(await settled('meets')).toBe('ROLLBACK_COMPLETE');
      expect((await failures('meets')).join()).toMatch(/identifier 'existing-function' already exists/);
    });
  });
}
