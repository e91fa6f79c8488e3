/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub has the same placeholders */
import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, IAMClient, ListRolePoliciesCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { ListVersionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { AwsError, type LocalService, type ResourceProvider } from '../../service/service.ts';
import { MACHINE_ROLE, ROLE, type World } from './world.ts';

const GROUP = 'AWS::ElastiCache::ReplicationGroup';
const asked: unknown[] = [];

const provider: ResourceProvider = {
  create: async ({ logicalId, stackName, properties }) => {
    asked.push(['create', logicalId, stackName, properties]);
    if (properties['ReplicationGroupDescription'] === 'refused') throw new AwsError('NodeQuotaExceeded', 'there are too many nodes');
    const attributes = { PrimaryEndPoint: '[primary.local]', 'PrimaryEndPoint.Address': 'primary.local', 'PrimaryEndPoint.Port': '6379' };
    return { physicalId: 'group-1', attributes };
  },
  update: async ({ physicalId, previous, properties }) => {
    asked.push(['update', physicalId, previous, properties]);
    return { physicalId, attributes: { 'PrimaryEndPoint.Address': 'moved.local', 'PrimaryEndPoint.Port': '6379' } };
  },
  delete: async ({ physicalId }) => {
    asked.push(['delete', physicalId]);
  },
};

/** Its provider needs the emulator to answer while CloudFormation waits for the provider. */
const ASKING = 'Test::Asking::Back';
let askBack: () => Promise<string> = async () => '';
const askingBack: ResourceProvider = {
  create: async () => ({ physicalId: await askBack(), attributes: {} }),
  update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
  delete: async () => void (await askBack()),
};

export const ownedTypes: LocalService = {
  signingNames: [],
  protocol: { kind: 'json', version: '1.1' },
  operations: {},
  resourceTypes: { [GROUP]: provider, [ASKING]: askingBack },
  notEmulated: [],
  stop: async () => {},
};

const group = (description: string) => ({
  Group: { Type: GROUP, Properties: { ReplicationGroupDescription: description, NumNodeGroups: 1 } },
});
const outputs = {
  Id: { Value: { Ref: 'Group' } },
  Address: { Value: { 'Fn::Sub': '${Group.PrimaryEndPoint.Address}:${Group.PrimaryEndPoint.Port}' } },
};

/** Stacks deploy through the gateway what it owns, and everything else in the emulator. */
export function describeCloudFormation(world: () => World): void {
  const settled = (name: string) =>
    until(async () => {
      const { Stacks } = await world().cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
      return Stacks?.[0]?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : Stacks?.[0];
    });
  const reasons = async (name: string) => {
    const { StackEvents = [] } = await world().cloudFormation.send(new DescribeStackEventsCommand({ StackName: name }));
    return StackEvents.map((event) => event.ResourceStatusReason ?? '').join('\n');
  };
  const create = (name: string, resources: object, more: object = {}) =>
    world().cloudFormation.send(
      new CreateStackCommand({
        StackName: name,
        TemplateBody: JSON.stringify({ Resources: resources, ...more }),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );

  describe('stacks', () => {
    it("create, update and delete the gateway's resources through it, with Ref and GetAtt", async () => {
      await create('owned', group('first'), { Outputs: outputs });
      const made = await settled('owned');
      expect([made.StackStatus, made.Outputs?.map((output) => output.OutputValue)]).toEqual([
        'CREATE_COMPLETE',
        ['group-1', 'primary.local:6379'],
      ]);

      const template = JSON.stringify({ Resources: group('second'), Outputs: outputs });
      await world().cloudFormation.send(new UpdateStackCommand({ StackName: 'owned', TemplateBody: template }));
      const updated = await settled('owned');
      expect([updated.StackStatus, updated.Outputs?.[1]?.OutputValue]).toEqual(['UPDATE_COMPLETE', 'moved.local:6379']);

      await world().cloudFormation.send(new DeleteStackCommand({ StackName: 'owned' }));
      await until(async () => (asked.length === 3 ? true : undefined));
      const [before, after] = ['first', 'second'].map((description) =>
        expect.objectContaining({ ReplicationGroupDescription: description }),
      );
      expect(asked).toEqual([
        ['create', 'Group', 'owned', before],
        ['update', 'group-1', before, after],
        ['delete', 'group-1'],
      ]);
    });

    it("put a policy on a role of somebody else's, and take it off again", async () => {
      const iam = new IAMClient(world().config);
      const policies = async () => (await iam.send(new ListRolePoliciesCommand({ RoleName: 'of-the-shop' }))).PolicyNames;
      const Version = '2012-10-17';
      const trust = { Version, Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
      const PolicyDocument = { Version, Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] };
      await iam.send(new CreateRoleCommand({ RoleName: 'of-the-shop', AssumeRolePolicyDocument: JSON.stringify(trust) }));
      await iam.send(
        new PutRolePolicyCommand({ RoleName: 'of-the-shop', PolicyName: 'own', PolicyDocument: JSON.stringify(PolicyDocument) }),
      );
      for (const name of ['adopting-one', 'adopting-two']) {
        await create(name, {
          Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyName: name, Roles: ['of-the-shop'], PolicyDocument } },
        });
        expect((await settled(name)).StackStatus).toBe('CREATE_COMPLETE');
      }
      expect(await policies()).toEqual(['own', 'adopting-one', 'adopting-two']);
      await world().cloudFormation.send(new DeleteStackCommand({ StackName: 'adopting-one' }));
      await until(async () => ((await policies())?.length === 2 ? true : undefined));
      expect(await policies()).toEqual(['own', 'adopting-two']);
      iam.destroy();
    });

    it('answer DescribeStacks when they are complete, so that a client that polls every few seconds does not wait for its next poll', async () => {
      askBack = () => new Promise((resolve) => setTimeout(() => resolve('made'), 1_000));
      await create('slow', { Asking: { Type: ASKING, Properties: {} } });
      const { Stacks } = await world().cloudFormation.send(new DescribeStacksCommand({ StackName: 'slow' }));
      expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
    });

    it('go on while a provider asks the emulator itself', async () => {
      const sts = new STSClient({ ...world().config, requestHandler: { requestTimeout: 5_000, throwOnRequestTimeout: true } });
      askBack = async () => (await sts.send(new GetCallerIdentityCommand({}))).Account as string;
      await create('asking', { Asking: { Type: ASKING, Properties: {} } }, { Outputs: { Id: { Value: { Ref: 'Asking' } } } });
      const made = await settled('asking');
      expect([made.StackStatus, made.Outputs?.[0]?.OutputValue]).toEqual(['CREATE_COMPLETE', '000000000000']);
      await world().cloudFormation.send(new DeleteStackCommand({ StackName: 'asking' }));
      await until(async () => {
        const gone = await settled('asking').catch(() => ({ StackStatus: 'DELETE_COMPLETE' }));
        return gone.StackStatus === 'DELETE_COMPLETE' ? true : undefined;
      });
      sts.destroy();
    });

    it('refer to a secret by its ARN from creation to deletion', async () => {
      const secret = (Description: string) => ({ Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Description } } });
      const withOutput = { Outputs: { Ref: { Value: { Ref: 'Secret' } } } };
      const secrets = new SecretsManagerClient(world().config);
      await create('with-secret', secret('first'), withOutput);
      const arn = (await settled('with-secret')).Outputs?.[0]?.OutputValue as string;
      expect(arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:with-secret-.+-.{6}$/);
      const TemplateBody = JSON.stringify({ Resources: secret('second'), ...withOutput });
      await world().cloudFormation.send(new UpdateStackCommand({ StackName: 'with-secret', TemplateBody }));
      expect((await settled('with-secret')).Outputs?.[0]?.OutputValue).toBe(arn);
      expect(await secrets.send(new DescribeSecretCommand({ SecretId: arn }))).toMatchObject({ Description: 'second' });
      await world().cloudFormation.send(new DeleteStackCommand({ StackName: 'with-secret' }));
      await until(() =>
        secrets.send(new DescribeSecretCommand({ SecretId: arn })).then(
          () => undefined,
          () => true,
        ),
      );
      secrets.destroy();
    });

    it('deploy functions and state machines that work together', async () => {
      await create(
        'working',
        {
          Greet: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              FunctionName: 'stack-greet',
              Runtime: 'nodejs24.x',
              Handler: 'index.handler',
              Role: ROLE,
              Code: { ZipFile: 'exports.handler = async ({ name }) => ({ greeting: `hello ${name}` });' },
            },
          },
          Machine: {
            Type: 'AWS::StepFunctions::StateMachine',
            Properties: {
              RoleArn: MACHINE_ROLE,
              DefinitionString: {
                'Fn::Sub': JSON.stringify({ StartAt: 'Greet', States: { Greet: { Type: 'Task', Resource: '${Greet.Arn}', End: true } } }),
              },
            },
          },
        },
        { Outputs: { Machine: { Value: { Ref: 'Machine' } } } },
      );
      const stack = await settled('working');
      expect(stack.StackStatus).toBe('CREATE_COMPLETE');
      const execution = await world().run(stack.Outputs?.[0]?.OutputValue as string, { name: 'you' });
      expect([execution.status, JSON.parse(execution.output ?? 'null')]).toEqual(['SUCCEEDED', { greeting: 'hello you' }]);
    });

    it('publish versions that stay until their function and their machine are deleted', async () => {
      const template = (word: string) => ({
        Say: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            FunctionName: 'stack-say',
            Runtime: 'nodejs24.x',
            Handler: 'index.handler',
            Role: ROLE,
            Code: { ZipFile: `exports.handler = async () => '${word}';` },
          },
        },
        [`Version${word}`]: { Type: 'AWS::Lambda::Version', DeletionPolicy: 'Retain', Properties: { FunctionName: { Ref: 'Say' } } },
        Machine: {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: {
            StateMachineName: 'stack-says',
            RoleArn: MACHINE_ROLE,
            DefinitionString: {
              'Fn::Sub': JSON.stringify({ StartAt: 'Say', States: { Say: { Type: 'Task', Resource: `\${Version${word}}`, End: true } } }),
            },
          },
        },
        Published: {
          Type: 'AWS::StepFunctions::StateMachineVersion',
          DeletionPolicy: 'Retain',
          UpdateReplacePolicy: 'Retain',
          Properties: {
            StateMachineArn: { Ref: 'Machine' },
            StateMachineRevisionId: { 'Fn::GetAtt': ['Machine', 'StateMachineRevisionId'] },
          },
        },
      });
      const Outputs = { Version: { Value: { Ref: 'Published' } } };
      await create('versions', template('one'), { Outputs });
      const first = (await settled('versions')).Outputs?.[0]?.OutputValue as string;
      const TemplateBody = JSON.stringify({ Resources: template('two'), Outputs });
      await world().cloudFormation.send(new UpdateStackCommand({ StackName: 'versions', TemplateBody }));
      const second = (await settled('versions')).Outputs?.[0]?.OutputValue as string;
      expect([first, second]).toEqual([expect.stringMatching(/:stack-says:1$/), expect.stringMatching(/:stack-says:2$/)]);
      expect([await world().run(first), await world().run(second)]).toMatchObject([{ output: '"one"' }, { output: '"two"' }]);

      await world().cloudFormation.send(new DeleteStackCommand({ StackName: 'versions' }));
      await until(() =>
        world()
          .lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'stack-say' }))
          .then(
            () => undefined,
            (error: Error) => error.name === 'ResourceNotFoundException' || undefined,
          ),
      );
      await expect(world().start(first)).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
    });

    it("fail with the provider's own sentence when it refuses", async () => {
      await create('refused', group('refused'));
      expect((await settled('refused')).StackStatus).toMatch(/ROLLBACK_COMPLETE|CREATE_FAILED/);
      expect(await reasons('refused')).toContain('NodeQuotaExceeded: there are too many nodes');
    });

    it.each([
      ['AWS::Route53RecoveryReadiness::Cell', { CellName: 'c' }],
      ['AWS::ElastiCache::CacheCluster', { CacheNodeType: 'cache.t4g.micro', Engine: 'redis', NumCacheNodes: 1 }],
    ])('fail naming %s, which no local service provides', async (type, Properties) => {
      const refused = await create('unknown', { Resource: { Type: type, Properties } }).then(
        async () => `${(await settled('unknown')).StackStatus} ${await reasons('unknown')}`,
        (error: Error) => `refused ${error.message}`,
      );
      expect(refused).toMatch(/^(refused|ROLLBACK_COMPLETE|CREATE_FAILED)/);
      expect(refused).toContain(type);
    });
  });
}
