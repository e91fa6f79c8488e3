import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseContent } from '../../infra/config.ts';
import { sweepSettingsOf } from '../../infra/constructs/store/store-sweeper.ts';
import { adopted, EXISTING_GROUP, EXISTING_STORE, storeAlone, WATCHED_STORE } from './adopted-configs.ts';
import { foundBy } from './found-by.ts';
import { type FoundResource, SynthesizedApp } from './synthesized.ts';

const SESSIONS = [{ keyPrefix: 'sess:', framework: 'connect-redis' }] as const;

/** An installation that watches a store, and the same with a fleet that was added later. */
let alone: SynthesizedApp;
let grown: SynthesizedApp;
beforeAll(async () => {
  alone = await SynthesizedApp.create(storeAlone());
  const store = { existing: { ...WATCHED_STORE, application: EXISTING_STORE.application }, sessions: [...SESSIONS] };
  grown = await SynthesizedApp.create(adopted({ ...EXISTING_GROUP, sessions: { keyPrefix: 'sess:' } }, store));
});
afterAll(async () => {
  await alone?.remove();
  await grown?.remove();
});

const statementsOf = ({ Properties }: FoundResource) =>
  (Properties['PolicyDocument'] as { Statement: { Action: string | string[]; Resource: unknown; Condition?: unknown }[] }).Statement;
const actionsOf = (resource: FoundResource) => statementsOf(resource).flatMap(({ Action }) => [Action].flat());

describe('an installation that watches a store alone', () => {
  it('has five stacks: nothing of a network, a web tier or a deploy', () => {
    expect(alone.stackNames).toEqual(
      ['releases', 'alarms', 'store-operations', 'incidents', 'termination-protection'].map((part) => `holdfast-${part}`),
    );
    expect(
      alone.everything.filter(({ Type }) => /::(AutoScaling|ElasticLoadBalancing|ElastiCache|SSM::Document|SecretsManager)/.test(Type)),
    ).toEqual([]);
  });

  it('keeps the table, the bucket for reports and what commands find it by in the stack of releases', () => {
    const types = alone.everything.filter(({ stackName }) => stackName === 'holdfast-releases').map(({ Type }) => Type);
    expect(types.filter((type) => !/^AWS::(IAM|Lambda|Logs|CDK)::/.test(type)).toSorted()).toEqual([
      'AWS::DynamoDB::Table',
      'AWS::S3::Bucket',
      'AWS::S3::BucketPolicy',
      'AWS::SSM::Parameter',
      'Custom::Installation',
    ]);
  });

  it('sweeps below the prefix that is named and nowhere else, every sweep and every look of an incident alike', () => {
    const settings = alone
      .resources('AWS::Lambda::Function')
      .flatMap(({ Properties }) => {
        const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, string> };
        return Object.entries(Variables).filter(([name]) => name === 'HOLDFAST_SWEEP_SETTINGS');
      })
      .map(([, value]) => JSON.parse(value) as object);
    const named = { keyPrefixes: [{ prefix: 'sess:', framework: 'connect-redis' }], onlyKeyPrefixes: true };
    expect(settings).toMatchObject([named, named]);
  });

  it('has alarms, dashboards and functions of the store and of incidents alone', () => {
    const names = (type: string, property: string) => alone.resources(type).map(({ Properties }) => String(Properties[property]));
    for (const name of names('AWS::CloudWatch::Alarm', 'AlarmName')) expect(name).toMatch(/^holdfast-(store|incidents)-/);
    expect(names('AWS::CloudWatch::Dashboard', 'DashboardName').toSorted()).toEqual(['holdfast-sessions', 'holdfast-store']);
    for (const name of names('AWS::Lambda::Function', 'FunctionName'))
      expect(name).toMatch(/^holdfast-(store|incidents)-|^holdfast-releases-record$/);
  });

  it('describes what is counted over all keys as keys, which other applications have too', () => {
    const alarm = (name: string) =>
      String(
        alone.resources('AWS::CloudWatch::Alarm').find(({ Properties }) => Properties['AlarmName'] === `holdfast-store-${name}`)
          ?.Properties['AlarmDescription'],
      );
    expect(alarm('evictions')).toMatch(/The session store evicts keys, which can be sessions/);
    expect(alarm('refused-writes')).toMatch(/refuses writes, which can be those of log-ins/);
    expect(alarm('hit-rate-drop')).toMatch(/Far more lookups of keys/);
    const store = alone.resources('AWS::CloudWatch::Dashboard').find(({ Properties }) => Properties['DashboardName'] === 'holdfast-store');
    expect(JSON.stringify(store)).toContain('keys evicted');
  });

  it('grants nothing about fleets, their servers or load balancers', () => {
    const granted = alone.everything.filter(({ Type }) => /^AWS::IAM::(Managed)?Policy$/.test(Type)).flatMap(actionsOf);
    expect(granted.length).toBeGreaterThan(20);
    expect(granted.filter((action) => /^(elasticloadbalancing|autoscaling|ssm:(Send|GetParameters|GetCommand))/.test(action))).toEqual([]);
    const text = JSON.stringify(alone.everything.filter(({ Type }) => Type.startsWith('AWS::IAM')));
    expect(text).not.toMatch(/FLEET#|"dynamodb:LeadingKeys":\[\]/);
  });

  it('has a policy for readers and one for operators, in the stack of what watches the store', () => {
    const policies = alone.resources('AWS::IAM::ManagedPolicy');
    expect(policies.map(({ stackName, Properties }) => [stackName, Properties['ManagedPolicyName']])).toEqual([
      ['holdfast-store-operations', 'holdfast-store-reader'],
      ['holdfast-store-operations', 'holdfast-store-operator'],
    ]);
    const [reader, operator] = policies as [FoundResource, FoundResource];
    const changing = (policy: FoundResource) => actionsOf(policy).filter((action) => !/:(Describe|Get|List|Query|BatchGet)/.test(action));
    expect([...new Set(changing(reader))]).toEqual(['lambda:InvokeFunction']);
    expect([...new Set(changing(operator))].toSorted()).toEqual(['lambda:InvokeFunction', 'states:StartExecution']);
    expect(JSON.stringify(statementsOf(operator))).toContain(':function:holdfast-incidents-do:live');
    expect(JSON.stringify(statementsOf(reader))).not.toContain('incidents-do');
    const ofTopics = [reader, operator].flatMap(statementsOf).filter(({ Action }) => String(Action).includes('sns:'));
    expect(ofTopics.map(({ Action, Resource }) => [Action, JSON.stringify(Resource)])).toEqual([
      ['sns:GetTopicAttributes', expect.stringMatching(/:sns:[^:]+:\d{12}:holdfast-alarms"/)],
    ]);
  });
});

describe('where sweeps report alone', () => {
  it.each<[string, object, object]>([
    ['in a store that Holdfast did not create, unless its sweeps have run', storeAlone(), { policy: 'report', keepsPolicy: true }],
    ['where the configuration says so', storeAlone({ sweep: { policy: 'report' } }), { policy: 'report' }],
    ['not where an operator has said otherwise', storeAlone({ sweep: { policy: 'expire' } }), { policy: 'expire' }],
    ['not in a created store', { fleets: { web: { allowPlainHttp: true } } }, { policy: 'expire' }],
  ])('%s', (_, config, { policy, keepsPolicy }: { policy?: string; keepsPolicy?: boolean }) => {
    const parsed = parseContent(config, 'it');
    expect([sweepSettingsOf(parsed).policy, sweepSettingsOf(parsed).keepsPolicy]).toEqual([policy, keepsPolicy]);
    expect(foundBy(parsed, 'sweep-policy-not-chosen')).toHaveLength(keepsPolicy ? 1 : 0);
  });

  it('a leak of keys notifies people, and the alarm says that nothing is repaired', async () => {
    const app = await SynthesizedApp.create(storeAlone({ sweep: { policy: 'expire' } }));
    const leakOf = (one: SynthesizedApp) =>
      one.resources('AWS::CloudWatch::Alarm').find(({ Properties }) => Properties['AlarmName'] === 'holdfast-store-keys-without-ttl')
        ?.Properties;
    try {
      const [repairing, reporting] = [leakOf(app), leakOf(alone)];
      expect(repairing).not.toHaveProperty('AlarmActions');
      expect(JSON.stringify(reporting?.['AlarmActions'])).toContain('holdfast-alarms:');
      expect(reporting?.['OKActions']).toEqual(reporting?.['AlarmActions']);
      expect(reporting?.['AlarmDescription']).toContain(
        'and a sweep starts that reports them, and repairs none unless earlier ones did. Runbook: ',
      );
    } finally {
      await app.remove();
    }
  });
});

describe('a fleet that is added later', () => {
  /** Types whose replacement or removal loses records, history, what watches, or what people use. */
  const LASTING =
    /DynamoDB::Table|S3::Bucket|CloudWatch::|SNS::Topic|StepFunctions::StateMachine|Scheduler::|IAM::ManagedPolicy|SSM::Parameter/;
  /** What CloudFormation identifies a resource by: its name cannot change without a replacement. */
  const NAMES = /^(TableName|BucketName|AlarmName|DashboardName|TopicName|StateMachineName|Name|ManagedPolicyName|FunctionName)$/;
  const identityOf = ({ stackName, logicalId, Type, Properties }: FoundResource) =>
    JSON.stringify([stackName, logicalId, Type, Object.entries(Properties ?? {}).filter(([key]) => NAMES.test(key))]);

  it('takes no stack, table, alarm, dashboard, machine, function, schedule or policy away, and neither does its removal', () => {
    const before = alone.everything.filter(({ Type }) => LASTING.test(Type) || Type === 'AWS::Lambda::Function').map(identityOf);
    const after = new Set(grown.everything.map(identityOf));
    expect(before.length).toBeGreaterThan(45);
    expect(before.filter((one) => !after.has(one))).toEqual([]);
    expect(alone.stackNames.filter((name) => !grown.stackNames.includes(name))).toEqual([]);
  });

  it('changes no alarm and no table: what they compare with stays', () => {
    const definitions = (app: SynthesizedApp) =>
      new Map(
        app.everything
          .filter(({ Type }) => /CloudWatch::Alarm|DynamoDB::Table/.test(Type))
          .map((one) => [`${one.stackName}/${one.logicalId}`, JSON.stringify(one.Properties)]),
      );
    const after = definitions(grown);
    for (const [id, text] of definitions(alone)) expect(after.get(id), id).toBe(text);
  });

  it('changes no export that another stack may import', () => {
    const exportsOf = (app: SynthesizedApp) =>
      alone.stackNames.flatMap((name) =>
        Object.entries((app.template(name.replace('holdfast-', '')).toJSON()['Outputs'] ?? {}) as Record<string, { Export?: unknown }>)
          .filter(([, output]) => output.Export)
          .map(([id, output]) => `${name}/${id} ${JSON.stringify(output)}`),
      );
    const after = exportsOf(grown);
    expect(exportsOf(alone).length).toBeGreaterThan(0);
    for (const one of exportsOf(alone)) expect(after).toContain(one);
  });
});
