/** What the templates create, and what they do not change, in a configuration with existing resources. */
import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adopted,
  BEHIND_A_CREATED_ONE,
  BEHIND_A_LISTENER,
  EXISTING_ADDRESSES,
  EXISTING_GROUP,
  EXISTING_INSTANCES,
  EXISTING_NETWORK,
  EXISTING_STORE,
  LISTENER,
  SECRET,
  TARGET_GROUP,
} from './adopted-configs.ts';
import { definitionOf, walk } from './state-machine-definition.ts';
import { type FoundResource, SynthesizedApp } from './synthesized.ts';

/** Each takes a second: of the store, `ip` has the one with a password, and `front` the one without. */
const apps = {} as Record<'group' | 'instances' | 'ip' | 'listener' | 'front' | 'ownStore', SynthesizedApp>;
const { application: _, securityGroupId: __, userName: ___, ...PLAIN_STORE } = EXISTING_STORE;

beforeAll(async () => {
  apps.group = await SynthesizedApp.create(adopted(EXISTING_GROUP));
  apps.instances = await SynthesizedApp.create(adopted(EXISTING_INSTANCES));
  apps.ip = await SynthesizedApp.create(
    adopted(EXISTING_ADDRESSES, { existing: { ...EXISTING_STORE, auth: 'password', userName: undefined, secretArn: SECRET } }),
  );
  apps.listener = await SynthesizedApp.create(adopted(BEHIND_A_LISTENER));
  apps.front = await SynthesizedApp.create(
    adopted(BEHIND_A_CREATED_ONE, { existing: { ...PLAIN_STORE, auth: 'none', tls: false, replicas: 0 } }),
  );
  apps.ownStore = await SynthesizedApp.create(adopted(EXISTING_INSTANCES, {}));
});
afterAll(async () => {
  for (const app of Object.values(apps)) await app.remove();
});

const typesOf = (app: SynthesizedApp, part: string): string[] => [
  ...new Set(Object.values(app.template(part).toJSON()['Resources'] as Record<string, FoundResource>).map(({ Type }) => Type)),
];
const environmentOf = (app: SynthesizedApp, role: string): Record<string, unknown> => {
  const found = app.resources('AWS::Lambda::Function').find(({ Properties }) => String(Properties['FunctionName']).endsWith(`-${role}`));
  return (found?.Properties['Environment'] as { Variables: Record<string, unknown> } | undefined)?.Variables ?? {};
};
interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}
const statementsOf = (app: SynthesizedApp, action: string): Statement[] =>
  app
    .resources('AWS::IAM::Policy')
    .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement)
    .filter(({ Action }) => [Action].flat().includes(action));

const NEVER_CREATED = [
  'AWS::AutoScaling::AutoScalingGroup',
  'AWS::EC2::LaunchTemplate',
  'AWS::EC2::Subnet',
  'AWS::EC2::VPC',
  'AWS::ElastiCache::ReplicationGroup',
  'AWS::ElastiCache::User',
  'AWS::ElastiCache::UserGroup',
  'AWS::ElasticLoadBalancingV2::Listener',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancingV2::TargetGroup',
];

describe('an installation with existing resources', () => {
  it.each(['group', 'instances', 'ip'] as const)('creates no network, no store and no web tier for existing members (%s)', (kind) => {
    const app = apps[kind];
    expect(app.stackNames).toEqual([
      'holdfast-releases',
      'holdfast-alarms',
      'holdfast-store-operations',
      'holdfast-web-web-tier',
      'holdfast-web-deploy',
      'holdfast-incidents',
      'holdfast-termination-protection',
    ]);
    const created = app.stackNames.flatMap((name) => typesOf(app, name.replace('holdfast-', '')));
    expect(created.filter((type) => NEVER_CREATED.includes(type))).toEqual([]);
    expect(app.missingContext).toEqual([]);
  });

  it('runs the store check in the existing subnets, with an ingress rule of the existing store', () => {
    const deploy = apps.group.template('web-deploy');
    deploy.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'holdfast-web-deploy-store-check',
      VpcConfig: { SubnetIds: EXISTING_NETWORK.storeSubnetIds },
    });
    deploy.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: EXISTING_STORE.securityGroupId,
      FromPort: 6380,
      ToPort: 6380,
    });
    deploy.hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: EXISTING_NETWORK.vpcId });
  });

  it('watches the existing target group by its own metrics', () => {
    apps.group.template('web-web-tier').hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'UnHealthyHostCount',
      Dimensions: [
        { Name: 'LoadBalancer', Value: 'app/shop/fedcba9876543210' },
        { Name: 'TargetGroup', Value: 'targetgroup/shop/0123456789abcdef' },
      ],
    });
    expect(environmentOf(apps.group, 'deploy-traffic')).toMatchObject({ HOLDFAST_TARGET_GROUP_ARN: TARGET_GROUP });
  });
});

describe('an existing Auto Scaling group', () => {
  it('gets its hooks as resources of their own, which are created last and deleted first', () => {
    const hooks = apps.group.resources('AWS::AutoScaling::LifecycleHook');
    expect(hooks.map(({ Properties }) => Properties)).toMatchObject([
      { AutoScalingGroupName: 'shop', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', DefaultResult: 'ABANDON' },
      { AutoScalingGroupName: 'shop', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', DefaultResult: 'CONTINUE' },
    ]);
    const tier = apps.group.template('web-web-tier');
    const needed = [
      ...Object.keys(tier.findResources('AWS::Events::Rule')),
      ...Object.keys(tier.findResources('AWS::StepFunctions::StateMachine')),
    ];
    expect(needed).toHaveLength(4);
    for (const { DependsOn } of hooks) expect(DependsOn).toEqual(expect.arrayContaining(needed));
  });

  it('receives only events of its own hooks', () => {
    const patterns = apps.group.resources('AWS::Events::Rule').map(({ Properties }) => Properties['EventPattern'] as { source: string[] });
    const followed = patterns.filter(({ source }) => source.includes('aws.autoscaling'));
    expect(followed.length).toBeGreaterThan(0);
    for (const pattern of followed) expect(pattern).toMatchObject({ detail: { AutoScalingGroupName: ['shop'] } });
  });

  it('limits commands by the tag that Auto Scaling adds to its instances', () => {
    const conditions = statementsOf(apps.group, 'ssm:SendCommand').flatMap(({ Condition }) => Condition ?? []);
    const condition = { StringEquals: { 'ssm:resourceTag/aws:autoscaling:groupName': 'shop' } };
    // The roles of deploys and launches, and those of the runbook, which reads logs and asks servers whether an outage is over; and that which shows lines.
    expect(conditions).toEqual(Array(5).fill(condition));
  });

  it('can be suspended by the scaling function of its deploys, and by no runbook whose modes are all observe', () => {
    const statements = statementsOf(apps.group, 'autoscaling:SuspendProcesses');
    expect(statements).toHaveLength(1);
    for (const { Resource } of statements) expect(JSON.stringify(Resource)).toContain(':autoScalingGroup:*:autoScalingGroupName/shop');
  });
});

describe('existing members', () => {
  it.each([
    ['instances', [':instance/i-00000000000000001', ':instance/i-00000000000000002', ':instance/i-00000000000000003']],
    ['ip', [':instance/i-00000000000000001', ':managed-instance/mi-00000000000000002']],
  ] as const)('(%s) are the only ones that commands reach, each by its ARN', (kind, expected) => {
    const resources = statementsOf(apps[kind], 'ssm:SendCommand').flatMap(({ Resource }) => [Resource].flat());
    const machines = resources
      .map((resource) => /:(managed-)?instance\/.*?(?=")/.exec(JSON.stringify(resource))?.[0])
      .filter((found) => found !== undefined);
    // By the deploy, by the runbook, which reads logs and asks servers whether an outage is over, and by what shows lines.
    expect(machines).toEqual([...expected, ...expected, ...expected, ...expected]);
  });

  it.each(['instances', 'ip'] as const)('(%s) have no hooks, no lifecycle and no Auto Scaling', (kind) => {
    expect(typesOf(apps[kind], 'web-web-tier').toSorted()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::SSM::Document',
    ]);
    expect(JSON.stringify(apps[kind].template('web-deploy').toJSON())).not.toContain('autoscaling:');
    expect(environmentOf(apps[kind], 'deploy-scaling')).not.toHaveProperty('HOLDFAST_AUTO_SCALING_GROUP');
  });

  it('are in the environment of the functions that read targets, with the address of each', () => {
    for (const role of ['assess', 'traffic', 'command']) {
      expect(environmentOf(apps.ip, `deploy-${role}`)['HOLDFAST_MEMBERS']).toBe(
        'i-00000000000000001=10.0.1.10:8080 mi-00000000000000002=192.168.7.4:9090/all',
      );
    }
  });

  it('keep what their applications can do: their units stay open', () => {
    const documents = Object.values(apps.instances.template('web-web-tier').findResources('AWS::SSM::Document'));
    expect(JSON.stringify(documents)).toContain("aws_access='true'");
  });

  it('are prepared by a document of the fleet, which the deploy can run', () => {
    apps.instances.template('web-web-tier').hasResourceProperties('AWS::SSM::Document', { Name: 'holdfast-web-prepare', TargetType: '/' });
    expect(environmentOf(apps.instances, 'deploy-command')).toMatchObject({ HOLDFAST_PREPARE_DOCUMENT: 'holdfast-web-prepare' });
    expect(JSON.stringify(statementsOf(apps.instances, 'ssm:SendCommand'))).toContain(':document/holdfast-web-prepare');
    const rollTarget = apps.instances
      .resources('AWS::StepFunctions::StateMachine')
      .find(({ Properties }) => Properties['StateMachineName'] === 'holdfast-web-roll-target') as FoundResource;
    expect(walk({ ...definitionOf(rollTarget), StartAt: 'Prepare' }).slice(0, 3)).toEqual(['Prepare', 'Prepare: done?', 'Deregister']);
  });
});

describe('existing servers with a created store', () => {
  it('are prepared with its address and secret, as CloudFormation fills them in', () => {
    const [document] = apps.ownStore.resources('AWS::SSM::Document').filter(({ stackName }) => stackName.endsWith('web-tier'));
    const text = JSON.stringify(document?.Properties['Content']);
    expect(text).toMatch(/store_host='",\{"Fn::ImportValue":"holdfast-session-store:[^"]*PrimaryEndPointAddress/);
    expect(text).toMatch(/store_secret_arn='",\{"Fn::GetStackOutput":\{"StackName":"holdfast-session-store"/);
    expect(text).not.toContain('Token[');
  });

  it('share the existing network with it', () => {
    apps.ownStore
      .template('session-store')
      .hasResourceProperties('AWS::ElastiCache::SubnetGroup', { SubnetIds: EXISTING_NETWORK.storeSubnetIds });
    expect(apps.ownStore.stackNames).not.toContain('holdfast-network');
  });
});

describe('documents', () => {
  it('run on nodes that are not EC2 instances only if the fleet has such nodes', () => {
    const targetTypes = (app: SynthesizedApp) => [
      ...new Set(
        app
          .resources('AWS::SSM::Document')
          .filter(({ stackName }) => stackName === 'holdfast-releases')
          .map(({ Properties }) => Properties['TargetType']),
      ),
    ];
    expect(targetTypes(apps.ip)).toEqual(['/']);
    expect(targetTypes(apps.instances)).toEqual(['/AWS::EC2::Instance']);
  });
});

describe('an existing role', () => {
  it("gets one policy: the fleet's releases and the secret of the store's user", () => {
    const attached = apps.group
      .resources('AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties['Roles']) === '["shop-instance"]');
    expect(attached).toHaveLength(1);
    const [{ Properties }] = attached as [FoundResource];
    // Two fleets can share the role: with the same name there would be one policy.
    expect(Properties['PolicyName']).toContain('holdfastwebservers');
    const { Statement: statements } = Properties['PolicyDocument'] as { Statement: Statement[] };
    expect(statements.flatMap(({ Action }) => Action).toSorted()).toEqual([
      's3:GetObject',
      's3:ListBucket',
      'secretsmanager:GetSecretValue',
    ]);
    expect(statements.find(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'))?.Resource).toBe(SECRET);
  });
});

describe('an existing store', () => {
  it('takes functions in by IAM, as the existing user of the existing group', () => {
    expect(environmentOf(apps.group, 'deploy-store-check')).toMatchObject({
      HOLDFAST_STORE_HOST: EXISTING_STORE.host,
      HOLDFAST_STORE_PORT: '6380',
      HOLDFAST_STORE_TLS: 'true',
      HOLDFAST_STORE_AUTH: 'iam',
      HOLDFAST_STORE_USER: 'shop-deploy',
      HOLDFAST_STORE_REPLICATION_GROUP_ID: 'sessions',
      HOLDFAST_STORE_REPLICAS: '2',
    });
    const [connect] = statementsOf(apps.group, 'elasticache:Connect');
    expect(JSON.stringify(connect?.Resource)).toMatch(/:replicationgroup:sessions".*:user:shop-deploy"/);
  });

  it('takes functions in by the password of a secret, which they can read', () => {
    const environment = environmentOf(apps.ip, 'deploy-store-check');
    expect(environment).toMatchObject({ HOLDFAST_STORE_AUTH: 'password', HOLDFAST_STORE_SECRET_ARN: SECRET });
    expect(environment).not.toHaveProperty('HOLDFAST_STORE_USER');
    // The store check's, the collector's, the sweeper's and that of incidents.
    expect(statementsOf(apps.ip, 'secretsmanager:GetSecretValue').map(({ Resource }) => Resource)).toEqual(Array(4).fill(SECRET));
  });

  it('is reachable together with Secrets Manager for its password, and with the table for collector and sweeper', () => {
    const ways = (app: SynthesizedApp, part: string) =>
      JSON.stringify(app.template(part).findResources('AWS::EC2::SecurityGroup')).match(/[A-Z][A-Za-z0-9 ,]+, by endpoints/g) ?? [];
    expect(ways(apps.ip, 'web-deploy')).toEqual(['Secrets Manager, by endpoints']);
    expect(ways(apps.ip, 'store-operations')).toEqual(Array(2).fill('DynamoDB and S3, Secrets Manager, by endpoints'));
    expect(ways(apps.front, 'web-deploy')).toEqual([]);
    expect(ways(apps.front, 'store-operations')).toEqual(Array(2).fill('DynamoDB and S3, by endpoints'));
  });

  it('has its collector in the existing subnets', () => {
    apps.group.template('store-operations').hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'holdfast-store-collect',
      VpcConfig: { SubnetIds: EXISTING_NETWORK.storeSubnetIds },
    });
  });

  it('without authentication needs no user and no permission', () => {
    expect(environmentOf(apps.front, 'deploy-store-check')).toMatchObject({
      HOLDFAST_STORE_AUTH: 'none',
      HOLDFAST_STORE_TLS: 'false',
      HOLDFAST_STORE_REPLICAS: '0',
    });
    const text = JSON.stringify(apps.front.template('web-deploy').toJSON());
    expect(text).not.toMatch(/elasticache:Connect|secretsmanager:/);
    apps.front.template('web-deploy').resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });
});

describe('two existing security groups', () => {
  it('get no rule between them: it exists, and EC2 rejects a duplicate', () => {
    // EXISTING_GROUP has the servers' group, EXISTING_STORE the store's.
    expect(typesOf(apps.group, 'web-web-tier')).not.toContain('AWS::EC2::SecurityGroupIngress');
  });
});

describe('an existing listener', () => {
  it('gets one rule that forwards to a created target group', () => {
    const tier = apps.listener.template('web-web-tier');
    tier.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 0);
    tier.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
      ListenerArn: LISTENER,
      Priority: 10,
      Conditions: [
        { Field: 'host-header', HostHeaderConfig: { Values: ['shop.example.com'] } },
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } },
      ],
      Actions: [{ Type: 'forward', TargetGroupArn: Match.anyValue() }],
    });
    tier.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: EXISTING_NETWORK.webSubnetIds });
    tier.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: Match.arrayWith([{ Name: 'LoadBalancer', Value: 'app/shop/fedcba9876543210' }]),
    });
  });

  it('has created servers that accept its load balancer', () => {
    const tier = apps.listener.template('web-web-tier');
    tier.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: 'sg-0123456789abcdef2', FromPort: 8080 });
  });
});

describe('a created load balancer in front of existing servers', () => {
  it('has each in its target group from the start, outside the VPC too, and can reach no other', () => {
    const tier = apps.front.template('web-web-tier');
    tier.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetType: 'ip',
      VpcId: EXISTING_NETWORK.vpcId,
      Targets: [{ Id: '192.168.7.4', Port: 9090, AvailabilityZone: 'all' }],
    });
    tier.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: EXISTING_NETWORK.webSubnetIds });
    const [group] = Object.values(tier.findResources('AWS::EC2::SecurityGroup'));
    expect(group?.['Properties']['SecurityGroupEgress']).toMatchObject([{ CidrIp: '192.168.7.4/32', FromPort: 9090, ToPort: 9090 }]);
    tier.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 0);
  });
});
