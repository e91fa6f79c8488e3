import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopted } from './adopted-configs.ts';
import { FUNCTIONS, NO_NARROWER_RESOURCE, RUNTIME_ACTIONS } from './expected-permissions.ts';
import { list, type Statement, statementsIn, statementsOf } from './role-statements.ts';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let adoptedApp: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  adoptedApp = await SynthesizedApp.create(adopted());
});
afterAll(async () => {
  await app?.remove();
  await adoptedApp?.remove();
});

const statements = (of: SynthesizedApp = app): Statement[] => statementsIn(of);

const functions = (): FoundResource[] => app.resources('AWS::Lambda::Function');

describe('every role', () => {
  it.each([
    ['created', () => app],
    ['existing', () => adoptedApp],
  ])('is allowed specific actions only, where store and servers are %s', (_, of) => {
    const broad = statements(of()).filter(({ effect, actions }) => effect === 'Allow' && actions.some((action) => action.includes('*')));
    expect(broad).toEqual([]);
  });

  it.each([
    ['created', () => app],
    ['existing', () => adoptedApp],
  ])('names the resources of each action that knows resources, where store and servers are %s', (_, of) => {
    const exempt = new Set(Object.values(NO_NARROWER_RESOURCE).flat());
    const broad = statements(of())
      .filter(({ effect, resources }) => effect === 'Allow' && resources.includes('*'))
      .flatMap(({ role, actions }) => actions.filter((action) => !exempt.has(action)).map((action) => `${role}: ${action}`));
    expect(broad).toEqual([]);
  });

  it('uses each exemption: unused ones are removed', () => {
    const used = new Set(
      statements()
        .filter(({ resources }) => resources.includes('*'))
        .flatMap(({ actions }) => actions),
    );
    expect(
      Object.values(NO_NARROWER_RESOURCE)
        .flat()
        .filter((action) => !used.has(action)),
    ).toEqual([]);
  });
});

describe('each function', () => {
  it('is allowed what it calls, no more and no less', () => {
    const allowed = Object.fromEntries(
      functions().map((found) => [
        String(found.Properties['FunctionName']),
        [...new Set(statementsOf(app, found).flatMap(({ actions }) => actions))]
          .filter((action) => !RUNTIME_ACTIONS.has(action))
          .toSorted(),
      ]),
    );
    expect(allowed).toEqual(Object.fromEntries(Object.entries(FUNCTIONS).map(([name, actions]) => [name, actions.toSorted()])));
  });

  it('can write to the records only, and to no other table', () => {
    const tables = statements().filter(({ actions }) => actions.some((action) => action.startsWith('dynamodb:')));
    expect(tables.length).toBeGreaterThan(0);
    for (const { role, resources } of tables) {
      // In the table's own stack as a reference, in every other as an import.
      expect(JSON.stringify(resources), role).toMatch(
        /^\[\{"Fn::(ImportValue":"holdfast-releases:Exports\w+|GetAtt":\[")Records\w+"[^,]*(,"Arn"\])?\}\]$/,
      );
    }
  });
});

/** Partition keys that a statement can name together. */
const KEYS = ['FLEET#web', 'FLEET#web STORE', 'STORE', 'STORE STORE-SECRET', 'INSTALLATION'];
const KEYS_OF_INCIDENTS = ['FLEET#web STORE INCIDENTS GATES', 'INCIDENTS', 'INCIDENT-SECRET', 'INCIDENT-APPROVALS', 'CHANGES'];

describe('the records, which the fleets of an installation share', () => {
  it("are open to each role and policy for its own fleet's only, or the store's, and never to a scan", () => {
    const managed = app
      .resources('AWS::IAM::ManagedPolicy')
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement)
      .map(({ Action, Condition }) => ({ actions: list(Action).map(String), condition: Condition }));
    const onRecords = [...statements(), ...managed].filter(({ actions }) => actions.some((action) => action.startsWith('dynamodb:')));
    expect(onRecords.length).toBeGreaterThan(7);
    for (const { actions, condition } of onRecords) {
      const keys = (condition as { 'ForAllValues:StringEquals'?: Record<string, string[]> })['ForAllValues:StringEquals'];
      const allowed = keys?.['dynamodb:LeadingKeys']?.join(' ');
      expect([...KEYS, ...KEYS_OF_INCIDENTS]).toContain(allowed);
      // Functions of the store change no fleet's records; and only the sweep can read the secret.
      if (allowed?.startsWith('FLEET#web STORE')) expect(actions).toEqual(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']);
      // The look-up of CloudTrail, which incidents share, is one record.
      if (allowed === 'CHANGES') expect(actions).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem']);
      // For BatchGetItem the condition judges the keys of all items: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
      expect(actions.filter((action) => /Scan|BatchWrite|Transact|PartiQL/.test(action))).toEqual([]);
    }
  });
});

describe('the publish function', () => {
  it("reads the fleet's uploads and archives, writes archives, and deletes no version", () => {
    const own = statements().filter(({ role }) => role.startsWith('PublishRoleDefaultPolicy'));
    const objects = own
      .flatMap(({ actions, resources }) => actions.map((action) => [action, /us-east-1(\/[^"]+)/.exec(JSON.stringify(resources))?.[1]]))
      .filter(([action]) => action?.startsWith('s3:'));
    expect(objects.toSorted()).toEqual([
      ['s3:DeleteObject', '/_incoming/web/*'],
      ['s3:GetObject', '/_incoming/web/*'],
      ['s3:GetObject', '/web/*'],
      ['s3:GetObjectVersion', '/_incoming/web/*'],
      ['s3:PutObject', '/web/*'],
    ]);
  });
});

describe('Run Command', () => {
  it("reaches instances with the fleet's tag only, by documents of Holdfast's only", () => {
    const sending = statements().filter(({ actions }) => actions.includes('ssm:SendCommand'));
    const toInstances = sending.filter(({ resources }) => JSON.stringify(resources).includes(':instance/'));
    expect(toInstances).toHaveLength(5);
    for (const { condition, resources } of toInstances) {
      expect(condition).toEqual({ StringEquals: { 'ssm:resourceTag/holdfast:fleet': 'holdfast/web' } });
      expect(resources).toHaveLength(1);
    }
    const withDocuments = sending.filter((statement) => !toInstances.includes(statement));
    expect(withDocuments).toHaveLength(5);
    for (const { role, resources } of withDocuments) {
      const documents = resources.map((resource) => /:document\/[a-z-]+/.exec(JSON.stringify(resource))?.[0]).toSorted();
      if (role.startsWith('FunctionsCollect') || role.startsWith('FunctionsMitigate')) {
        expect(documents, role).toEqual([':document/holdfast-access-log', ':document/holdfast-read-logs']);
        continue;
      }
      if (role.startsWith('FunctionsLines')) {
        expect(documents, role).toEqual([':document/holdfast-show-lines']);
        continue;
      }
      // A deploy alone looks at people.
      const people = role.startsWith('Command') ? [':document/holdfast-access-log'] : [];
      const own = ['install-release', 'observe', 'stage-assets', 'wait-idle'].map((name) => `:document/holdfast-${name}`);
      expect(documents, role).toEqual([...people, ...own]);
    }
  });
});

describe('a function that connects to the store', () => {
  it.each([
    ['StoreCheck', 'deploy'],
    ['SweepSweeper', 'sweep'],
    ['Collector', 'collect'],
    ['FunctionsCollectStore', 'incidents'],
  ])('%s signs in as the user %s to the one replication group', (role, user) => {
    const connecting = statements().filter(({ actions }) => actions.includes('elasticache:Connect'));
    const resources = connecting.find((statement) => statement.role.startsWith(role))?.resources ?? [];
    expect(resources.map((resource) => JSON.stringify(resource)).toSorted()).toEqual([
      expect.stringContaining(':replicationgroup:holdfast-sessions'),
      expect.stringContaining(`:user:holdfast-${user}`),
    ]);
  });
});

describe('an instance', () => {
  it("reads its own fleet's releases and its one secret", () => {
    const own = statements().filter(({ role, effect }) => role.startsWith('InstanceRole') && effect === 'Allow');
    expect(own.flatMap(({ actions }) => actions).toSorted()).toEqual(['s3:GetObject', 's3:ListBucket', 'secretsmanager:GetSecretValue']);
    expect(JSON.stringify(own.find(({ actions }) => actions.includes('s3:GetObject'))?.resources)).toMatch(/\/web\/\*"/);
    expect(own.find(({ actions }) => actions.includes('s3:ListBucket'))?.condition).toEqual({ StringLike: { 's3:prefix': 'web/*' } });
  });

  it('is denied every parameter, which its managed policy would allow, as nothing else is denied; an existing role is left as it is', () => {
    const denied = (of?: SynthesizedApp) => statements(of).filter(({ effect }) => effect !== 'Allow');
    expect(denied()).toEqual([
      expect.objectContaining({ role: expect.stringMatching(/^InstanceRole/), actions: ['ssm:GetParameter*'], resources: ['*'] }),
    ]);
    expect(denied(adoptedApp)).toEqual([]);
  });
});

describe('the clean-up', () => {
  const ofRole = (role: string) => statements().filter((statement) => statement.role.startsWith(`${role}RoleDefaultPolicy`));
  const autoScalingMachines = (role: string, action: string) =>
    ofRole(role)
      .filter(({ actions }) => actions.includes(action))
      .flatMap(({ resources }) => resources.map((resource) => /:(execution|stateMachine):[a-z-]+/.exec(JSON.stringify(resource))?.[0]));

  it("stops the fleet's rolls only, and reads those, its deploys and its clean-ups only, as the deploy reads its rolls only", () => {
    expect(autoScalingMachines('Assess', 'states:DescribeExecution')).toEqual([':execution:holdfast-web-roll-target']);
    expect(autoScalingMachines('CleanUp', 'states:StopExecution')).toEqual([':execution:holdfast-web-roll-target']);
    const read = autoScalingMachines('CleanUp', 'states:DescribeExecution').map((found) => found?.replace(':execution:holdfast-web-', ''));
    expect(read.toSorted()).toEqual(['clean-up', 'deploy', 'roll-target']);
  });

  it('is started by the reconciler, which starts launches and terminations besides, and nothing else', () => {
    expect(autoScalingMachines('Reconcile', 'states:StartExecution').toSorted()).toEqual([
      ':stateMachine:holdfast-web-clean-up',
      ':stateMachine:holdfast-web-launch',
      ':stateMachine:holdfast-web-terminate',
    ]);
  });
});

describe('what publishes the end of a deploy', () => {
  it("can put events of Holdfast's on the default bus, and nothing else", () => {
    const putting = statements().filter(({ actions }) => actions.includes('events:PutEvents'));
    expect(putting).toEqual([
      expect.objectContaining({
        role: expect.stringMatching(/^ControlRoleDefaultPolicy/),
        actions: ['events:PutEvents'],
        condition: { 'ForAllValues:StringEquals': { 'events:source': ['holdfast'] } },
      }),
    ]);
    expect(JSON.stringify(putting[0]?.resources)).toContain(':event-bus/default"');
  });

  it("can publish to its own fleet's topic, and to no other", () => {
    const publishing = statements().filter(({ actions }) => actions.includes('sns:Publish'));
    expect(publishing.map(({ role, resources }) => [role.replace(/Policy.*/, ''), JSON.stringify(resources)])).toEqual([
      [expect.stringMatching(/^Control/), expect.stringContaining(':holdfast-web-deploys"')],
      // People hear of an incident where they hear of its alarms.
      [expect.stringMatching(/^FunctionsControl/), expect.stringContaining(':holdfast-alarms"')],
      [expect.stringMatching(/^FunctionsTend/), expect.stringContaining(':holdfast-alarms"')],
    ]);
  });

  it('is a topic that nothing outside the account can publish to, by TLS', () => {
    const stack = app.template('web-deploy');
    const [policy] = Object.values(stack.findResources('AWS::SNS::TopicPolicy'));
    const { Statement } = (policy as FoundResource).Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] };
    expect(Statement.map(({ Effect, Action, Principal }) => [Effect, Action, Principal])).toEqual([['Deny', 'sns:Publish', '*']]);
    stack.hasOutput('DeploysTopicArn', {});
  });
});

describe('the deploy state machine', () => {
  it('can start its child, watch it and stop it', () => {
    const own = statements().filter(({ role }) => role.startsWith('RollingDeployRoleDefaultPolicy'));
    const actions = own.flatMap((statement) => statement.actions).filter((action) => /^(states|events):/.test(action));
    expect([...new Set(actions)].toSorted()).toEqual([
      'events:DescribeRule',
      'events:PutRule',
      'events:PutTargets',
      'states:DescribeExecution',
      'states:StartExecution',
      'states:StopExecution',
    ]);
    const rule = own.find((statement) => statement.actions.includes('events:PutRule'))?.resources;
    expect(JSON.stringify(rule)).toContain(':rule/StepFunctionsGetEventsForStepFunctionsExecutionRule');
  });
});
