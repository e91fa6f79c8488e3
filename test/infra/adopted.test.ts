/** What the templates make, and what they leave alone, where the configuration names what is there. */
import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adopted,
  BEHIND_A_CREATED_ONE,
  BEHIND_A_LISTENER,
  LISTENER,
  NAMED_ADDRESSES,
  NAMED_GROUP,
  NAMED_INSTANCES,
  NAMED_NETWORK,
  NAMED_STORE,
  SECRET,
  TARGET_GROUP,
} from './adopted-configs.ts';
import { definitionOf, walk } from './state-machine-definition.ts';
import { type FoundResource, SynthesizedApp } from './synthesized.ts';

const apps = {} as Record<'group' | 'instances' | 'ip' | 'listener' | 'front' | 'ownStore' | 'password' | 'none', SynthesizedApp>;
const { application: _, securityGroupId: __, userName: ___, ...PLAIN_STORE } = NAMED_STORE;

beforeAll(async () => {
  apps.group = await SynthesizedApp.create(adopted(NAMED_GROUP));
  apps.instances = await SynthesizedApp.create(adopted(NAMED_INSTANCES));
  apps.ip = await SynthesizedApp.create(adopted(NAMED_ADDRESSES));
  apps.listener = await SynthesizedApp.create(adopted(BEHIND_A_LISTENER));
  apps.front = await SynthesizedApp.create(adopted(BEHIND_A_CREATED_ONE));
  apps.ownStore = await SynthesizedApp.create(adopted(NAMED_INSTANCES, {}));
  apps.password = await SynthesizedApp.create(
    adopted(NAMED_INSTANCES, { existing: { ...NAMED_STORE, auth: 'password', userName: undefined, secretArn: SECRET } }),
  );
  apps.none = await SynthesizedApp.create(
    adopted(NAMED_INSTANCES, { existing: { ...PLAIN_STORE, auth: 'none', tls: false, replicas: 0 } }),
  );
}, 180_000);
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

const MADE_BY_OTHERS = [
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

describe('an installation beside what is there', () => {
  it.each(['group', 'instances', 'ip'] as const)('makes no network, no store and no web tier of %s', (kind) => {
    const app = apps[kind];
    expect(app.stackNames).toEqual([
      'holdfast-releases',
      'holdfast-alarms',
      'holdfast-store-operations',
      'holdfast-web-web-tier',
      'holdfast-web-deploy',
    ]);
    const made = app.stackNames.flatMap((name) => typesOf(app, name.replace('holdfast-', '')));
    expect(made.filter((type) => MADE_BY_OTHERS.includes(type))).toEqual([]);
    expect(app.missingContext).toEqual([]);
  });

  it('runs the store check in the named subnets, let in by the named store by a rule of its own', () => {
    const deploy = apps.group.template('web-deploy');
    deploy.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'holdfast-web-deploy-store-check',
      VpcConfig: { SubnetIds: NAMED_NETWORK.storeSubnetIds },
    });
    deploy.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: NAMED_STORE.securityGroupId, FromPort: 6380, ToPort: 6380 });
    deploy.hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: NAMED_NETWORK.vpcId });
  });

  it('watches the named target group by its own metrics', () => {
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

describe('a named Auto Scaling group', () => {
  it('gets its hooks as resources of their own, which come last and go first', () => {
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

  it('is followed by its own events only', () => {
    const patterns = apps.group.resources('AWS::Events::Rule').map(({ Properties }) => Properties['EventPattern'] as { source: string[] });
    const followed = patterns.filter(({ source }) => source.includes('aws.autoscaling'));
    expect(followed.length).toBeGreaterThan(0);
    for (const pattern of followed) expect(pattern).toMatchObject({ detail: { AutoScalingGroupName: ['shop'] } });
  });

  it('bounds commands by the tag that Auto Scaling gives its instances', () => {
    const conditions = statementsOf(apps.group, 'ssm:SendCommand').flatMap(({ Condition }) => Condition ?? []);
    const condition = { StringEquals: { 'ssm:resourceTag/aws:autoscaling:groupName': 'shop' } };
    expect(conditions).toEqual([condition, condition]);
  });

  it('may be suspended by the scaling function, and no other may', () => {
    const [statement, ...rest] = statementsOf(apps.group, 'autoscaling:SuspendProcesses');
    expect(JSON.stringify(statement?.Resource)).toContain(':autoScalingGroup:*:autoScalingGroupName/shop');
    expect(rest).toEqual([]);
  });
});

describe('named members', () => {
  it.each([
    ['instances', [':instance/i-00000000000000001', ':instance/i-00000000000000002', ':instance/i-00000000000000003']],
    ['ip', [':instance/i-00000000000000001', ':managed-instance/mi-00000000000000002']],
  ] as const)('(%s) are the only ones that commands reach, each by its ARN', (kind, expected) => {
    const resources = statementsOf(apps[kind], 'ssm:SendCommand').flatMap(({ Resource }) => [Resource].flat());
    const machines = resources
      .map((resource) => /:(managed-)?instance\/.*?(?=")/.exec(JSON.stringify(resource))?.[0])
      .filter((found) => found !== undefined);
    expect(machines).toEqual(expected);
  });

  it.each(['instances', 'ip'] as const)('(%s) come and go by nobody: no hooks, no lifecycle, nothing of Auto Scaling', (kind) => {
    expect(typesOf(apps[kind], 'web-web-tier').toSorted()).toEqual([
      'AWS::CloudWatch::Alarm',
      'AWS::CloudWatch::Dashboard',
      'AWS::SSM::Document',
    ]);
    expect(JSON.stringify(apps[kind].template('web-deploy').toJSON())).not.toContain('autoscaling:');
    expect(environmentOf(apps[kind], 'deploy-scaling')).not.toHaveProperty('HOLDFAST_AUTO_SCALING_GROUP');
  });

  it('are told to the functions that look at targets, with the address of each', () => {
    for (const role of ['assess', 'traffic', 'command']) {
      expect(JSON.parse(String(environmentOf(apps.ip, `deploy-${role}`)['HOLDFAST_MEMBERS']))).toEqual([
        { instanceId: 'i-00000000000000001', target: { id: '10.0.1.10', port: 8080 } },
        { instanceId: 'mi-00000000000000002', target: { id: '192.168.7.4', port: 9090, availabilityZone: 'all' } },
      ]);
    }
  });

  it('are prepared by a document of the fleet, which the deploy may run', () => {
    apps.instances.template('web-web-tier').hasResourceProperties('AWS::SSM::Document', { Name: 'holdfast-web-prepare', TargetType: '/' });
    expect(environmentOf(apps.instances, 'deploy-command')).toMatchObject({ HOLDFAST_PREPARE_DOCUMENT: 'holdfast-web-prepare' });
    expect(JSON.stringify(statementsOf(apps.instances, 'ssm:SendCommand'))).toContain(':document/holdfast-web-prepare');
    const rollTarget = apps.instances
      .resources('AWS::StepFunctions::StateMachine')
      .find(({ Properties }) => Properties['StateMachineName'] === 'holdfast-web-roll-target') as FoundResource;
    expect(walk(definitionOf(rollTarget)).slice(0, 3)).toEqual(['Prepare', 'Prepare: done?', 'Deregister']);
  });
});

describe('servers that are there with a created store', () => {
  it('are prepared with its address and secret, as CloudFormation fills them in', () => {
    const [document] = apps.ownStore.resources('AWS::SSM::Document').filter(({ stackName }) => stackName.endsWith('web-tier'));
    const text = JSON.stringify(document?.Properties['Content']);
    expect(text).toMatch(/store_host='",\{"Fn::ImportValue":"holdfast-session-store:[^"]*PrimaryEndPointAddress/);
    expect(text).toMatch(/store_secret_arn='",\{"Fn::ImportValue":"holdfast-session-store:/);
    expect(text).not.toContain('Token[');
  });

  it('share the named network with it', () => {
    apps.ownStore
      .template('session-store')
      .hasResourceProperties('AWS::ElastiCache::SubnetGroup', { SubnetIds: NAMED_NETWORK.storeSubnetIds });
    expect(apps.ownStore.stackNames).not.toContain('holdfast-network');
  });
});

describe('documents', () => {
  it('run on nodes that are no EC2 instances where there are such, and on instances alone where there are none', () => {
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

describe('a named role', () => {
  it("gets one policy: the fleet's releases and the secret of the store's user", () => {
    const attached = apps.group
      .resources('AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties['Roles']) === '["shop-instance"]');
    expect(attached).toHaveLength(1);
    const [{ Properties }] = attached as [FoundResource];
    // Two fleets may share the role: a name that both had would be one policy.
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

describe('a named store', () => {
  it('is signed in to by IAM as the named user of the named group', () => {
    expect(environmentOf(apps.group, 'deploy-store-check')).toMatchObject({
      HOLDFAST_STORE_HOST: NAMED_STORE.host,
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

  it('is signed in to by the password of a secret, and the function may read that one', () => {
    const environment = environmentOf(apps.password, 'deploy-store-check');
    expect(environment).toMatchObject({ HOLDFAST_STORE_AUTH: 'password', HOLDFAST_STORE_SECRET_ARN: SECRET });
    expect(environment).not.toHaveProperty('HOLDFAST_STORE_USER');
    // The store check's, the collector's and the sweeper's.
    expect(statementsOf(apps.password, 'secretsmanager:GetSecretValue').map(({ Resource }) => Resource)).toEqual([SECRET, SECRET, SECRET]);
  });

  it('is reached beside Secrets Manager where its password lies there, and beside the table by collector and sweeper', () => {
    const ways = (app: SynthesizedApp, part: string) =>
      JSON.stringify(app.template(part).findResources('AWS::EC2::SecurityGroup')).match(/[A-Z][A-Za-z0-9 ,]+, by endpoints/g) ?? [];
    expect(ways(apps.password, 'web-deploy')).toEqual(['Secrets Manager, by endpoints']);
    expect(ways(apps.password, 'store-operations')).toEqual(Array(2).fill('DynamoDB and S3, Secrets Manager, by endpoints'));
    expect(ways(apps.none, 'web-deploy')).toEqual([]);
    expect(ways(apps.none, 'store-operations')).toEqual(Array(2).fill('DynamoDB and S3, by endpoints'));
  });

  it('has its collector in the named subnets', () => {
    apps.group.template('store-operations').hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'holdfast-store-collect',
      VpcConfig: { SubnetIds: NAMED_NETWORK.storeSubnetIds },
    });
  });

  it('that lets everybody in is asked without a word, and needs no permission', () => {
    expect(environmentOf(apps.none, 'deploy-store-check')).toMatchObject({
      HOLDFAST_STORE_AUTH: 'none',
      HOLDFAST_STORE_TLS: 'false',
      HOLDFAST_STORE_REPLICAS: '0',
    });
    const text = JSON.stringify(apps.none.template('web-deploy').toJSON());
    expect(text).not.toMatch(/elasticache:Connect|secretsmanager:/);
    apps.none.template('web-deploy').resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });
});

describe('two security groups that are named', () => {
  it('get no rule between them: it is there, and EC2 refuses to have one twice', () => {
    // NAMED_GROUP names the servers' group, NAMED_STORE the store's.
    expect(typesOf(apps.group, 'web-web-tier')).not.toContain('AWS::EC2::SecurityGroupIngress');
  });
});

describe('a named listener', () => {
  it('gets one rule that leads to a created target group', () => {
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
    tier.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: NAMED_NETWORK.webSubnetIds });
    tier.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Dimensions: Match.arrayWith([{ Name: 'LoadBalancer', Value: 'app/shop/fedcba9876543210' }]),
    });
  });

  it('has its load balancer let in by the created servers', () => {
    const tier = apps.listener.template('web-web-tier');
    tier.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId: 'sg-0123456789abcdef2', FromPort: 8080 });
  });
});

describe('a created load balancer before servers that are there', () => {
  it('has each in its target group from the start, outside the VPC too, and may reach no other', () => {
    const tier = apps.front.template('web-web-tier');
    tier.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetType: 'ip',
      VpcId: NAMED_NETWORK.vpcId,
      Targets: [{ Id: '192.168.7.4', Port: 9090, AvailabilityZone: 'all' }],
    });
    tier.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: NAMED_NETWORK.webSubnetIds });
    const [group] = Object.values(tier.findResources('AWS::EC2::SecurityGroup'));
    expect(group?.['Properties']['SecurityGroupEgress']).toMatchObject([{ CidrIp: '192.168.7.4/32', FromPort: 9090, ToPort: 9090 }]);
    tier.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 0);
  });
});
