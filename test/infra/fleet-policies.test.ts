import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

describe('the policies for people and pipelines', () => {
  const policy = (name: string) => {
    const found = app.resources('AWS::IAM::ManagedPolicy').find(({ Properties }) => Properties['ManagedPolicyName'] === name);
    const { Statement } = (found as FoundResource).Properties['PolicyDocument'] as { Statement: { Action: unknown; Resource: unknown }[] };
    return {
      actions: [...new Set(Statement.flatMap(({ Action }) => list(Action).map(String)))].toSorted(),
      resources: Statement.flatMap(({ Resource }) => list(Resource).map((one) => JSON.stringify(one))),
    };
  };
  const READING = [
    'dynamodb:BatchGetItem',
    'dynamodb:GetItem',
    'dynamodb:Query',
    'lambda:InvokeFunction',
    's3:GetObject',
    'ssm:GetParameter',
    'states:DescribeExecution',
    'states:GetExecutionHistory',
    'states:ListExecutions',
  ];

  /** What doctor reads, and the operator does not need. */
  const DESCRIBING =
    /^(acm|autoscaling|cloudformation|cloudwatch|dynamodb|ec2|elasticache|elasticloadbalancing|ssm):(Describe\w+|GetMetric(Statistics|Data)|GetDashboard|ListDashboards|GetDocument)$|^iam:(GetRole|GetAccountSummary|GetInstanceProfile|ListAttachedRolePolicies|SimulatePrincipalPolicy)$|^lambda:(GetAccountSettings|GetFunctionConfiguration)$|^sns:GetTopicAttributes$/;

  it('let a reader read, an operator deploy as well, and a publisher upload and call the publish function', () => {
    expect(policy('holdfast-web-reader').actions.filter((action) => !DESCRIBING.test(action))).toEqual(READING);
    const drawing = ['cloudwatch:GetDashboard', 'cloudwatch:GetMetricData', 'cloudwatch:ListDashboards'];
    expect(['reader', 'operator'].map((kind) => policy(`holdfast-web-${kind}`).actions.filter((one) => drawing.includes(one)))).toEqual([
      drawing,
      [],
    ]);
    expect(policy('holdfast-web-operator').actions).toEqual(
      [
        ...READING,
        'autoscaling:CancelInstanceRefresh',
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeInstanceRefreshes',
        'autoscaling:DescribeScalingActivities',
        'autoscaling:StartInstanceRefresh',
        'ec2:DescribeLaunchTemplateVersions',
        'iam:GetAccountSummary',
        'states:StartExecution',
        'states:StopExecution',
      ].toSorted(),
    );
    expect(policy('holdfast-web-publisher').actions).toEqual([
      'dynamodb:GetItem',
      'lambda:InvokeFunction',
      's3:PutObject',
      'ssm:GetParameter',
    ]);
  });

  it('let a reader read the bodies of no dashboards but those of the installation', () => {
    const statements = app
      .resources('AWS::IAM::ManagedPolicy')
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown; Resource: unknown }[] }).Statement)
      .filter(({ Action }) => list(Action).includes('cloudwatch:GetDashboard'));
    expect(statements.length).toBeGreaterThan(0);
    for (const { Resource } of statements) expect(JSON.stringify(Resource)).toMatch(/:cloudwatch::[^/]*:dashboard\/holdfast-\*/);
  });

  it('let an operator, and nobody else, end drains and continue deploys', () => {
    const calls = (name: string, role: string) => policy(name).resources.some((one) => one.includes(`:holdfast-web-${role}:live`));
    const may = (role: string) => ['operator', 'reader', 'publisher'].filter((kind) => calls(`holdfast-web-${kind}`, role));
    expect([may('end-drain'), may('deploy-continue')]).toEqual([['operator'], ['operator']]);
  });

  it('write no record, and neither overwrite nor delete an archive', () => {
    const writing = app
      .resources('AWS::IAM::ManagedPolicy')
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown; Resource: unknown }[] }).Statement)
      .flatMap(({ Action, Resource }) => list(Action).map((action) => [String(action), JSON.stringify(Resource)] as const))
      .filter(([action]) => !DESCRIBING.test(action))
      .filter(
        ([action]) =>
          !/^(dynamodb:(BatchGetItem|GetItem|Query)|s3:GetObject|ssm:GetParameter|states:\w+|lambda:InvokeFunction)$/.test(action),
      );
    const group = expect.stringContaining(':autoScalingGroupName/holdfast-web"');
    expect(writing).toEqual([
      ['autoscaling:CancelInstanceRefresh', group],
      ['autoscaling:StartInstanceRefresh', group],
      ['s3:PutObject', expect.stringContaining('/_incoming/web/*"')],
    ]);
  });

  const ONLY_DOCTORS =
    /^"\*"$|:(role|instance-profile)\/holdfast-web-web-tie\*"|:function:holdfast-web-deploy-(store-check|sessions)"|:document\/holdfast-\*"|:stack\/holdfast-termination-protection\/\*"|:holdfast-alarms"/;

  it("cover the fleet's own machine, widget and the one table; and the sweeps of the store that fleets share", () => {
    for (const name of ['holdfast-web-reader', 'holdfast-web-operator']) {
      for (const resource of policy(name).resources.filter((one) => !ONLY_DOCTORS.test(one))) {
        expect(resource).toMatch(
          /:function:holdfast-(web-deploys|store-(sweeps|incidents))-widget:live"|:function:holdfast-(incidents-do|web-lines|web-store-witness|web-end-drain|web-deploy-(dry-run|continue)):live"|:(stateMachine|execution):holdfast-(web-deploy|sweep|runbook)(:\*)?"|:table\/holdfast-records"|:parameter\/(holdfast\/holdfast\/(installation|_contract\/(web|store|incidents)))"|:autoScalingGroup:\*:autoScalingGroupName\/holdfast-web"|\/(_store\/sweeps|_incidents)\/\*"|:dashboard\/holdfast-\*"/,
        );
      }
    }
    expect(policy('holdfast-web-publisher').resources).toEqual([
      ...['_contract/incidents', '_contract/store', '_contract/web', 'installation'].map((name) =>
        expect.stringContaining(`:parameter/holdfast/holdfast/${name}"`),
      ),
      expect.stringContaining(':table/holdfast-records"'),
      expect.stringContaining('-us-east-1/_incoming/web/*"'),
      expect.stringContaining(':function:holdfast-web-publish:live"'),
    ]);
  });

  it('let an operator alone decide about mitigations, see lines of logs and start runbooks', () => {
    const deciding = /holdfast-(incidents-do|web-lines):live"|:stateMachine:holdfast-runbook"/;
    const count = (name: string) => policy(name).resources.filter((resource) => deciding.test(resource)).length;
    expect(['reader', 'operator', 'publisher'].map((kind) => count(`holdfast-web-${kind}`))).toEqual([0, 3, 0]);
  });

  it('let a reader describe for doctor what others have no right to, and never read an archive', () => {
    const count = (name: string) => policy(name).resources.filter((one) => ONLY_DOCTORS.test(one)).length;
    expect(['reader', 'operator', 'publisher'].map((kind) => count(`holdfast-web-${kind}`))).toEqual([8, 1, 0]);
    // User data of every launch template of the Region is not a reader's to see.
    expect(policy('holdfast-web-reader').actions.join()).not.toMatch(/DescribeLaunchTemplateVersions|GetAccountSummary/);
    expect(policy('holdfast-web-reader').resources.filter((one) => one.includes(':s3:::') && !/_store|_incidents/.test(one))).toEqual([]);
  });

  // The longest ids of account, Region and fleet that there are add some hundred characters.
  it.each(['reader', 'operator', 'publisher'])('of %s fit into a managed policy, which has 6,144 characters', (kind) => {
    const found = app
      .resources('AWS::IAM::ManagedPolicy')
      .find(({ Properties }) => Properties['ManagedPolicyName'] === `holdfast-web-${kind}`);
    const text = JSON.stringify(found?.Properties['PolicyDocument'])
      .replaceAll('{"Ref":"AWS::Partition"}', '"aws"')
      .replaceAll('{"Ref":"AWS::AccountId"}', '"111122223333"')
      .replaceAll(/\{"Fn::Join":\["",\[((?:"[^"]*",?)+)\]\]\}/g, (_, parts: string) =>
        JSON.stringify((JSON.parse(`[${parts}]`) as string[]).join('')),
      );
    expect(text).not.toContain('Fn::');
    expect(text.length).toBeLessThan(5_200);
  });

  // IAM has no call that changes a description, so CloudFormation would replace the policy, and refuses that for one with a name: with
  // another text, no installation that has these policies can be updated any more.
  it.each([
    ['reader', 'Sees releases, servers and deploys of web, sweeps of its store, and incidents; changes nothing'],
    ['operator', 'Starts and stops deploys and refreshes of web, sweeps its store, runs runbooks and decides about mitigations'],
    ['publisher', 'Publishes releases of web; deploys and reads nothing'],
  ])('keep the description of %s that they were created with', (kind, text) => {
    const found = app
      .resources('AWS::IAM::ManagedPolicy')
      .find(({ Properties }) => Properties['ManagedPolicyName'] === `holdfast-web-${kind}`);
    expect(found?.Properties['Description']).toBe(text);
  });

  it('let a publisher read of the records the configuration alone', () => {
    const { Statement } = (
      app
        .resources('AWS::IAM::ManagedPolicy')
        .find(({ Properties }) => Properties['ManagedPolicyName'] === 'holdfast-web-publisher') as FoundResource
    ).Properties['PolicyDocument'] as { Statement: { Action: unknown; Condition?: unknown }[] };
    expect(Statement.filter(({ Action }) => String(Action).startsWith('dynamodb:'))).toMatchObject([
      { Action: 'dynamodb:GetItem', Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['INSTALLATION'] } } },
    ]);
  });

  it('are outputs of the stack of the deploy', () => {
    app.template('web-deploy').hasOutput('OperatorPolicyArn', {});
    app.template('web-deploy').hasOutput('PublisherPolicyArn', {});
    app.template('web-deploy').hasOutput('ReaderPolicyArn', {});
  });
});
