import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploySettings } from '../../functions/deploy/settings/settings.ts';
import { holdfastConfig } from '../../infra/config.ts';
import { AWS_CONFIG, EPHEMERAL_CONFIG, EXTENDED_CONFIG, REPOSITORY, SynthesizedApp } from './synthesized.ts';

let aws: SynthesizedApp;
let ephemeral: SynthesizedApp;

beforeAll(async () => {
  aws = await SynthesizedApp.create(AWS_CONFIG);
  ephemeral = await SynthesizedApp.create(EPHEMERAL_CONFIG);
});
afterAll(async () => {
  await aws?.remove();
  await ephemeral?.remove();
});

describe('the pages count and list the stacks as they are', () => {
  const read = (page: string) => readFileSync(path.join(REPOSITORY, page), 'utf8');
  const counts = (of: RegExp) => [...read('README.md').matchAll(of)].map(([, count]) => Number(count));

  it('README, for the local cloud and for AWS', () => {
    expect(counts(/deploys all (\d+) stacks to a local AWS/g)).toEqual([ephemeral.stackNames.length]);
    expect(counts(/`npx --no cdk deploy --all` creates (\d+) stacks/g)).toEqual([aws.stackNames.length]);
  });

  it('docs/internals/architecture.md, by their names', () => {
    const listed = [...read('docs/internals/architecture.md').matchAll(/^\| `…-([\w-]+)` +\|/gm)].map(
      ([, name = '']) => `holdfast-${name.replace('FLEET', 'web')}`,
    );
    expect(listed.sort()).toEqual(aws.stackNames.toSorted());
  });
});

describe('the network', () => {
  it('has neither NAT gateways nor interface endpoints, which cost by the hour', () => {
    const template = aws.template('network');
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourcePropertiesCountIs('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Interface' }, 0);
  });

  it.each(['s3', 'dynamodb'])('reaches %s by a gateway endpoint from every subnet', (service) => {
    const template = aws.template('network');
    template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
      VpcEndpointType: 'Gateway',
      ServiceName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(`\\.${service}$`)])] },
      RouteTableIds: Match.anyValue(),
    });
    const endpoint = aws.resources('AWS::EC2::VPCEndpoint')[0];
    expect(endpoint?.Properties['RouteTableIds']).toHaveLength(aws.resources('AWS::EC2::Subnet').length);
  });

  it('is in the configured zones, without a look-up even when the account is given', () => {
    const zones = ephemeral.resources('AWS::EC2::Subnet').map(({ Properties }) => Properties['AvailabilityZone']);
    expect(new Set(zones)).toEqual(new Set(['eu-west-1a', 'eu-west-1b']));
    expect(ephemeral.missingContext).toEqual([]);
  });

  it('has no route out of the store subnets', () => {
    const routes = aws.resources('AWS::EC2::Route').map(({ logicalId }) => logicalId);
    expect(routes.filter((logicalId) => logicalId.includes('Store'))).toEqual([]);
  });
});

describe('the session store', () => {
  it('is replicated over zones, fails over by itself, and is encrypted in transit and at rest', () => {
    aws.template('session-store').hasResourceProperties('AWS::ElastiCache::ReplicationGroup', {
      Engine: 'valkey',
      EngineVersion: '8.0',
      NumCacheClusters: 3,
      MultiAZEnabled: true,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      AtRestEncryptionEnabled: true,
      KmsKeyId: Match.anyValue(),
    });
  });

  it('evicts only keys that expire', () => {
    aws.template('session-store').hasResourceProperties('AWS::ElastiCache::ParameterGroup', {
      CacheParameterGroupFamily: 'valkey8',
      Properties: Match.objectLike({ 'maxmemory-policy': 'volatile-lru' }),
    });
  });

  it('has as many databases as the configuration needs, and the default number otherwise', async () => {
    const many = await SynthesizedApp.create(EXTENDED_CONFIG);
    const databasesOf = (app: SynthesizedApp) =>
      app
        .resources('AWS::ElastiCache::ParameterGroup')
        .map(({ Properties }) => (Properties['Properties'] as { databases?: string }).databases);
    expect([databasesOf(aws), databasesOf(many)]).toEqual([[undefined], ['21']]);
    await many.remove();
  });

  it('follows the configured engine to a version and a family that exist', () => {
    const template = ephemeral.template('session-store');
    template.hasResourceProperties('AWS::ElastiCache::ReplicationGroup', { Engine: 'redis', EngineVersion: '7.1', NumCacheClusters: 2 });
    template.hasResourceProperties('AWS::ElastiCache::ParameterGroup', { CacheParameterGroupFamily: 'redis7' });
  });

  it('has a user for each: the default one off, the application within its prefix, deploy and collector without any key, sweep and runbook to read all', () => {
    const users = aws.resources('AWS::ElastiCache::User').map(({ Properties }) => Properties as { UserName: string; AccessString: string });
    const access = Object.fromEntries(users.map(({ UserName, AccessString }) => [UserName, AccessString]));
    expect(Object.keys(access).toSorted()).toEqual([
      'app-web',
      'default',
      'holdfast-collect',
      'holdfast-deploy',
      'holdfast-incidents',
      'holdfast-sweep',
      'holdfast-witness',
    ]);
    expect(access['holdfast-witness']).toBe('on ~holdfast-witness:sess:web:* resetchannels -@all +set +get +del');
    expect(access['default']).toBe('off -@all');
    expect(access['holdfast-deploy']).toBe('on resetkeys resetchannels -@all +ping +info');
    const ofSweep = access['holdfast-sweep']?.split(' ') ?? [];
    expect(ofSweep.filter((word) => /^[~%]/.test(word))).toEqual(['%R~*', '~sess:web:*']);
    expect(ofSweep.filter((word) => /@|get$|set$|del$/.test(word))).toEqual(['-@all', '+hget']);
    const ofRunbook = access['holdfast-incidents']?.split(' ') ?? [];
    expect(ofRunbook.filter((word) => /^[~%]/.test(word))).toEqual(['%R~*']);
    expect(access['holdfast-collect']).toBe('on resetkeys resetchannels -@all +info');
    const words = access['app-web']?.split(' ') ?? [];
    expect(words.filter((word) => /^[~%]/.test(word))).toEqual(['~sess:web:*']);
    expect(words).toContain('-@dangerous');
    expect(words).not.toContain('allkeys');
  });

  it('signs functions in by IAM and the application by a password that no template contains', () => {
    const template = aws.template('session-store');
    for (const UserName of ['holdfast-deploy', 'holdfast-collect'])
      template.hasResourceProperties('AWS::ElastiCache::User', { UserName, AuthenticationMode: { Type: 'iam' } });
    template.hasResourceProperties('AWS::ElastiCache::User', {
      UserName: 'app-web',
      AuthenticationMode: {
        Type: 'password',
        Passwords: [{ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('resolve:secretsmanager')])] }],
      },
    });
  });

  it('accepts the servers, the store check, the collector, the sweeper and incidents, each by its security group, and nothing else', () => {
    const ingress = aws
      .resources('AWS::EC2::SecurityGroupIngress')
      .filter(({ stackName, Properties }) => `${stackName} ${JSON.stringify(Properties['GroupId'])}`.includes('session-store'));
    expect(ingress.map(({ logicalId }) => logicalId).toSorted()).toEqual([
      expect.stringMatching(/^CollectorStoreFromCollector/),
      'StoreFromCheck',
      'StoreFromIncidents',
      'StoreFromServers',
      expect.stringMatching(/^SweepStoreFromSweeper/),
    ]);
    for (const { Properties } of ingress) {
      expect(Properties).toMatchObject({ FromPort: 6379, ToPort: 6379, IpProtocol: 'tcp' });
      expect(Properties['SourceSecurityGroupId']).toBeDefined();
    }
  });
});

describe('the collector', () => {
  const collector = () =>
    aws.resources('AWS::Lambda::Function').find(({ Properties }) => Properties['FunctionName'] === 'holdfast-store-collect');

  it('runs once a minute, and is not repeated', () => {
    aws.template('session-store').hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      Target: Match.objectLike({ Input: '{"step":"collect"}', RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } }),
    });
  });

  it('is in the subnets of the store, and reaches the store and the gateway endpoints alone', () => {
    expect(collector()?.Properties['VpcConfig']).toMatchObject({ SubnetIds: expect.any(Array), SecurityGroupIds: expect.any(Array) });
    const egress = aws
      .resources('AWS::EC2::SecurityGroup')
      .filter(({ logicalId }) => logicalId.startsWith('Collector'))
      .flatMap(({ Properties }) => Properties['SecurityGroupEgress'] as object[]);
    expect(egress).toEqual([expect.objectContaining({ FromPort: 443, ToPort: 443 })]);
    aws.template('session-store').hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 6379, ToPort: 6379 });
  });

  it("knows each node by ElastiCache's own names, which their certificates are for", () => {
    const variables = (collector()?.Properties['Environment'] as { Variables: object } | undefined)?.Variables;
    expect(JSON.stringify(variables)).toMatch(/HOLDFAST_STORE_NODES.+HOLDFAST_STORE_NODE_PORTS/);
  });
});

describe('the web tier', () => {
  it('drains for the time in the settings', () => {
    const delay = (app: SynthesizedApp) => {
      const group = app.resources('AWS::ElasticLoadBalancingV2::TargetGroup')[0];
      const attributes = group?.Properties['TargetGroupAttributes'] as { Key: string; Value: string }[] | undefined;
      return attributes?.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value;
    };
    expect(delay(aws)).toBe(String(deploySettings.parse({}).deregistrationDelaySeconds));
    expect(delay(ephemeral)).toBe('47');
  });

  it('gives the group its hooks once it is in service, after everything that handles them', () => {
    const group = aws.resources('AWS::AutoScaling::AutoScalingGroup')[0];
    expect(group?.Properties).not.toHaveProperty('LifecycleHookSpecificationList');
    const hooks = aws.resources('AWS::AutoScaling::LifecycleHook');
    expect(hooks.map(({ Properties }) => Properties)).toMatchObject([
      // An instance whose event is lost is replaced well within the hour that CloudFormation gives the group.
      { LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', DefaultResult: 'ABANDON', HeartbeatTimeout: 600 },
      { LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING', DefaultResult: 'CONTINUE' },
    ]);
    const tier = aws.template('web-web-tier');
    // The role's policies too: EventBridge drops an event that it has no permission to deliver.
    const needed = [
      ...Object.keys(tier.findResources('AWS::Events::Rule')),
      ...Object.keys(tier.findResources('AWS::StepFunctions::StateMachine')),
      ...Object.keys(tier.findResources('AWS::IAM::Policy')).filter((logicalId) => logicalId.includes('EventsRole')),
    ];
    expect(needed).toHaveLength(6);
    const groupId = Object.keys(tier.findResources('AWS::AutoScaling::AutoScalingGroup'));
    for (const hook of hooks) expect(hook.DependsOn).toEqual(expect.arrayContaining([...needed, ...groupId]));
    expect(group?.DependsOn ?? []).not.toEqual(expect.arrayContaining([needed[0]]));
  });

  it('sets no desired capacity, which a later deploy of the stack would reset', () => {
    expect(aws.resources('AWS::AutoScaling::AutoScalingGroup')[0]?.Properties).not.toHaveProperty('DesiredCapacity');
  });

  it('tags instances with their fleet, which permissions on them are limited to', () => {
    aws.template('web-web-tier').hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', {
      Tags: Match.arrayWith([{ Key: 'holdfast:fleet', Value: 'holdfast/web', PropagateAtLaunch: true }]),
    });
  });

  it('runs the health check on the port that the load balancer can reach', () => {
    const tier = ephemeral.template('shop-web-tier');
    tier.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { Port: 9090, HealthCheckPath: '/live' });
    tier.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { FromPort: 9090, ToPort: 9090, IpProtocol: 'tcp' });
    tier.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 9090, ToPort: 9090, IpProtocol: 'tcp' });
  });

  it('serves HTTPS by the certificate with TLS 1.2 and newer, and redirects plain HTTP there permanently', () => {
    const listeners = ephemeral.resources('AWS::ElasticLoadBalancingV2::Listener').map(({ Properties }) => Properties);
    expect(listeners).toHaveLength(2);
    expect(listeners.find(({ Port }) => Port === 443)).toMatchObject({
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: expect.stringMatching(/^arn:aws:acm:eu-west-1:/) }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      DefaultActions: [{ Type: 'forward' }],
    });
    expect(listeners.find(({ Port }) => Port === 80)?.['DefaultActions']).toEqual([
      { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
    ]);
  });

  it('serves plain HTTP only where the configuration allows it', () => {
    const listeners = aws.resources('AWS::ElasticLoadBalancingV2::Listener').map(({ Properties }) => Properties);
    expect(listeners).toMatchObject([{ Port: 80, Protocol: 'HTTP' }]);
    const refused = holdfastConfig.safeParse({ fleets: { web: {} } });
    expect(refused.error?.issues.map(({ message }) => message)).toEqual([
      expect.stringContaining('neither certificateArn nor allowPlainHttp'),
    ]);
  });

  it('has instances without SSH, with IMDSv2 and encrypted disks', () => {
    const tier = aws.template('web-web-tier');
    tier.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: Match.objectLike({
        MetadataOptions: Match.objectLike({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 }),
        BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ Encrypted: true }) })],
        KeyName: Match.absent(),
      }),
    });
    tier.resourcePropertiesCountIs('AWS::EC2::SecurityGroupIngress', { FromPort: 22 }, 0);
  });
});

describe('the releases', () => {
  it('are in a versioned bucket that is not public and requires TLS', () => {
    const template = aws.template('releases');
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      }),
    });
  });

  it('come with documents whose new versions become the default while old ones stay readable', () => {
    const documents = aws.resources('AWS::SSM::Document');
    expect(documents.map(({ Properties }) => Properties['UpdateMethod'])).toEqual(Array(7).fill('NewVersion'));
  });
});

describe('retention', () => {
  const stateful = [
    'AWS::S3::Bucket',
    'AWS::DynamoDB::Table',
    'AWS::KMS::Key',
    'AWS::SecretsManager::Secret',
    'AWS::ElastiCache::ReplicationGroup',
  ];

  it.each(stateful)('keeps %s when protected and removes it when ephemeral', (type) => {
    const kept = type.includes('ElastiCache') ? 'Snapshot' : 'RetainExceptOnCreate';
    expect(aws.resources(type).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual([kept]);
    expect(aws.resources(type).map(({ UpdateReplacePolicy }) => UpdateReplacePolicy)).toEqual([kept === 'Snapshot' ? kept : 'Retain']);
    expect(ephemeral.resources(type).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Delete']);
  });

  it.each([
    ['protected', () => aws, true],
    ['ephemeral', () => ephemeral, false],
  ])('%s sets recovery of the records; no template mentions deletion protection: on, it would block a rollback', (_, app, kept) => {
    const table = app().resources('AWS::DynamoDB::Table')[0]?.Properties;
    expect(table).toMatchObject({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: kept } });
    expect(table).not.toHaveProperty('DeletionProtectionEnabled');
    const attributes = app().resources('AWS::ElasticLoadBalancingV2::LoadBalancer')[0]?.Properties['LoadBalancerAttributes'];
    expect(JSON.stringify(attributes)).toMatch(/idle_timeout/);
    expect(JSON.stringify(attributes)).not.toMatch(/deletion_protection/);
  });

  it('ephemeral empties the bucket before its deletion, with a function that can access no other; protected has no such function', () => {
    const [emptied] = ephemeral.resources('Custom::EmptyBucket');
    const bucket = ephemeral.resources('AWS::S3::Bucket')[0]?.logicalId;
    expect(emptied?.Properties).toMatchObject({ BucketName: { Ref: bucket }, ServiceTimeout: '660' });
    const statements = ephemeral
      .resources('AWS::IAM::Policy')
      .filter(({ logicalId }) => logicalId.startsWith('EmptyBucket'))
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown }[] }).Statement);
    expect(statements.filter(({ Action }) => JSON.stringify(Action).includes('s3:'))).toEqual([
      { Effect: 'Allow', Action: 's3:ListBucketVersions', Resource: { 'Fn::GetAtt': [bucket, 'Arn'] } },
      {
        Effect: 'Allow',
        Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
        Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [bucket, 'Arn'] }, '/*']] },
      },
    ]);
    expect(() => aws.resources('Custom::EmptyBucket')).toThrow('no stack has');
  });

  it.each([
    ['protected', () => aws],
    ['ephemeral', () => ephemeral],
  ])('%s leaves nothing outside its stacks that would block the next deploy: every log group is a resource', (_, app) => {
    for (const { logicalId, DeletionPolicy } of app().resources('AWS::Logs::LogGroup')) expect(DeletionPolicy, logicalId).toBe('Delete');
    // A secret with a name of its own would keep that name during its recovery window.
    for (const { Properties } of app().resources('AWS::SecretsManager::Secret')) expect(Properties).not.toHaveProperty('Name');
  });
});

describe('credentials', () => {
  it('of the caller deploy without roles of the bootstrap', () => {
    expect(ephemeral.deployRoles).toEqual([]);
    expect(aws.deployRoles.length).toBeGreaterThan(0);
  });
});
