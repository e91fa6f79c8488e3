import {
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../../test/until.ts';
import { AwsError, type LocalService, type ResourceProvider } from '../../../service/service.ts';
import type { World } from '../world.ts';

const TYPE = 'AWS::ElastiCache::User';
let calls: string[] = [];
let created = 0;
let keptNames: readonly string[] = [];

const refuseBad = (properties: Record<string, unknown>): void => {
  if (properties['UserName'] === 'bad') throw new AwsError('InvalidParameterValue', 'the name is bad');
};
const provider: ResourceProvider = {
  create: async ({ logicalId, properties }) => {
    calls.push(`create ${logicalId}`);
    refuseBad(properties);
    created += 1;
    return { physicalId: `user-${created}`, attributes: { Arn: 'arn:of:user' } };
  },
  update: async ({ logicalId, physicalId, properties }) => {
    calls.push(`update ${logicalId} ${physicalId}`);
    refuseBad(properties);
    return { physicalId, attributes: { Arn: 'arn:of:user' } };
  },
  delete: async ({ logicalId, physicalId }) => {
    calls.push(`delete ${logicalId} ${physicalId}`);
    if (keptNames.includes(logicalId)) throw new AwsError('InvalidUserState', 'the user is in use');
  },
};

/** Its provider refuses what a test wants. */
export const refusingTypes: LocalService = {
  signingNames: [],
  protocol: { kind: 'json', version: '1.1' },
  operations: {},
  resourceTypes: { [TYPE]: provider },
  notEmulated: [],
  stop: async () => {},
};

type Template = Record<string, { readonly name: unknown; readonly after?: string }>;
const bodyOf = (template: Template, Outputs: object = {}) => {
  const resource = ([id, { name, after }]: [string, Template[string]]) => [
    id,
    { Type: TYPE, Properties: { UserName: name }, ...(after && { DependsOn: after }) },
  ];
  return JSON.stringify({ Resources: Object.fromEntries(Object.entries(template).map(resource)), Outputs });
};

/** What a stack makes of a failure: it says so, deletes nothing, and goes on from what exists. */
export function describeFailedStacks(world: () => World): void {
  const cfn = () => world().cloudFormation;
  /** By its id, under which a deleted stack is found as well. */
  const settled = (StackName: string) =>
    until(async () => {
      const { Stacks } = await cfn().send(new DescribeStacksCommand({ StackName }));
      const { StackStatus: status = '', StackStatusReason: reason = '' } = Stacks?.[0] ?? {};
      return status.endsWith('_IN_PROGRESS') ? undefined : [status, reason];
    });
  const create = async (StackName: string, TemplateBody: string) =>
    (await cfn().send(new CreateStackCommand({ StackName, TemplateBody }))).StackId as string;
  const update = async (StackName: string, TemplateBody: string) => {
    await cfn().send(new UpdateStackCommand({ StackName, TemplateBody }));
    return settled(StackName);
  };
  const remove = async (StackName: string) => {
    await cfn().send(new DeleteStackCommand({ StackName }));
    return settled(StackName);
  };

  describe('a stack that fails', () => {
    beforeEach(() => {
      calls = [];
      created = 0;
      keptNames = [];
    });

    it('is CREATE_FAILED when a property has no value, and goes on from what it created', async () => {
      const template = (name: unknown): Template => ({
        One: { name: 'one' },
        Two: { name, after: 'One' },
        Three: { name: 'x', after: 'Two' },
      });
      const stack = await create('half', bodyOf(template('{{resolve:ssm:/not/there}}')));
      expect((await settled(stack))[0]).toBe('CREATE_FAILED');
      expect((await update(stack, bodyOf(template('two'))))[0]).toBe('UPDATE_COMPLETE');
      expect((await remove(stack))[0]).toBe('DELETE_COMPLETE');
      expect(calls).toEqual(['create One', 'create Two', 'create Three', 'delete Three user-3', 'delete Two user-2', 'delete One user-1']);
    });

    it('deletes what a failed creation created, and nothing else', async () => {
      const stack = await create('abandoned', bodyOf({ One: { name: 'one' }, Two: { name: { 'Fn::GetAtt': ['One', 'Nothing'] } } }));
      expect(await settled(stack)).toEqual(['CREATE_FAILED', 'The resource user-1 has no attribute Nothing']);
      expect((await remove(stack))[0]).toBe('DELETE_COMPLETE');
      expect(calls).toEqual(['create One', 'delete One user-1']);
    });

    it('is CREATE_FAILED when an output names an attribute that does not exist', async () => {
      const output = (name: string) => ({ Out: { Value: { 'Fn::GetAtt': ['One', name] } } });
      const stack = await create('no-output', bodyOf({ One: { name: 'one' } }, output('Nothing')));
      expect(await settled(stack)).toEqual(['CREATE_FAILED', 'The resource user-1 has no attribute Nothing']);
      expect((await update(stack, bodyOf({ One: { name: 'one' } }, output('Arn'))))[0]).toBe('UPDATE_COMPLETE');
      expect(calls).toEqual(['create One']);
    });

    const failedUpdate: [Template, Template, Template] = [
      { Old: { name: 'old' }, Changed: { name: 'first' } },
      { New: { name: 'new' }, Changed: { name: 'bad', after: 'New' } },
      { New: { name: 'new' }, Changed: { name: 'second', after: 'New' } },
    ];
    const ofFailedUpdate = ['create Changed', 'create New', 'create Old', 'delete Old user', 'update Changed user', 'update Changed user'];
    const withoutNumbers = () => calls.map((call) => call.replace(/-\d+$/, '')).sort();

    it('deletes nothing after a failed update, and the next one knows every resource', async () => {
      const [before, bad, good] = failedUpdate;
      const stack = await create('updated-badly', bodyOf(before));
      expect((await settled(stack))[0]).toBe('CREATE_COMPLETE');
      const [status, reason] = await update(stack, bodyOf(bad));
      expect([status, reason, calls.filter((call) => call.startsWith('delete'))]).toEqual([
        'UPDATE_FAILED',
        expect.stringContaining('the name is bad'),
        [],
      ]);
      expect(await update(stack, bodyOf(good))).toEqual(['UPDATE_COMPLETE', '']);
      expect(withoutNumbers()).toEqual(ofFailedUpdate);
      calls = [];
      expect((await remove(stack))[0]).toBe('DELETE_COMPLETE');
      expect(withoutNumbers()).toEqual(['delete Changed user', 'delete New user']);
    });

    it('ends a change set that fails as EXECUTE_FAILED', async () => {
      const [before, bad, good] = failedUpdate;
      const stack = await create('by-change-set', bodyOf(before));
      await settled(stack);
      const execute = async (ChangeSetName: string, TemplateBody: string) => {
        const { Id } = await cfn().send(
          new CreateChangeSetCommand({ StackName: stack, ChangeSetName, TemplateBody, ChangeSetType: 'UPDATE' }),
        );
        await cfn().send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
        const ended = await until(async () => {
          const { ExecutionStatus } = await cfn().send(new DescribeChangeSetCommand({ ChangeSetName: Id }));
          return ExecutionStatus !== 'EXECUTE_IN_PROGRESS' && ExecutionStatus;
        });
        return [ended, (await settled(stack))[0]];
      };
      expect(await execute('bad', bodyOf(bad))).toEqual(['EXECUTE_FAILED', 'UPDATE_FAILED']);
      expect(await execute('good', bodyOf(good))).toEqual(['EXECUTE_COMPLETE', 'UPDATE_COMPLETE']);
      expect(withoutNumbers()).toEqual(ofFailedUpdate);
    });

    it('is DELETE_FAILED when a deletion is refused, and is deleted once it is not', async () => {
      const stack = await create('kept', bodyOf({ One: { name: 'one' }, Two: { name: { Ref: 'One' } }, Three: { name: { Ref: 'Two' } } }));
      expect((await settled(stack))[0]).toBe('CREATE_COMPLETE');
      keptNames = ['Two'];
      const [status, reason] = await remove(stack);
      expect([status, reason]).toEqual(['DELETE_FAILED', expect.stringMatching(/failed to delete: \[Two\].+the user is in use/)]);
      const { StackEvents = [] } = await cfn().send(new DescribeStackEventsCommand({ StackName: stack }));
      expect(
        StackEvents.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_COMPLETE').map((each) => each.LogicalResourceId),
      ).toEqual(['Three']);
      keptNames = [];
      expect((await remove(stack))[0]).toBe('DELETE_COMPLETE');
      const deletions = calls.filter((call) => call.startsWith('delete'));
      expect(deletions).toEqual(['delete Three user-3', 'delete Two user-2', 'delete Two user-2', 'delete One user-1']);
    });
  });

  it("a custom resource's numbers and booleans are texts", async () => {
    const answer = `{ Status: 'SUCCESS', PhysicalResourceId: 'sized', Data: { Size: 7, Ready: true } }`;
    const code = `export const handler = ({ ResponseURL }) => fetch(ResponseURL, { method: 'PUT', body: JSON.stringify(${answer}) });`;
    const ServiceToken = await world().makeFunction('sizes', code);
    const attribute = (name: string) => ({ Value: { 'Fn::GetAtt': ['Sized', name] } });
    const Resources = { Sized: { Type: 'Custom::Sized', Properties: { ServiceToken } } };
    const stack = await create('sized', JSON.stringify({ Resources, Outputs: { Size: attribute('Size'), Ready: attribute('Ready') } }));
    expect((await settled(stack))[0]).toBe('CREATE_COMPLETE');
    const { Stacks } = await cfn().send(new DescribeStacksCommand({ StackName: stack }));
    expect(Object.fromEntries((Stacks?.[0]?.Outputs ?? []).map((each) => [each.OutputKey, each.OutputValue]))).toEqual({
      Size: '7',
      Ready: 'true',
    });
  });
}
