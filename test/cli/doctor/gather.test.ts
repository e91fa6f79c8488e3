/** The doctor's looks against services that answer as AWS does: the emulator's, and the local cloud's own load balancer. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CreateStackCommand, DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import {
  AddListenerCertificatesCommand,
  type Certificate,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { securityGroupsOf } from '#local-aws/ec2/emulator-security-groups.ts';
import { securityGroupRuleProvider } from '#local-aws/ec2/security-group-rules.ts';
import { emulatorClientOptions } from '#local-aws/emulator/emulator-access.ts';
import type { LocalService } from '#local-aws/service/service.ts';
import { createWorld } from '#local-aws/test/elbv2/support.ts';
import { startWorld, type World } from '#local-aws/test/emulator/world.ts';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { type Clients, createClients } from '../../../cli/doctor/clients.ts';
import { sourcesOf } from '../../../cli/doctor/diagnose.ts';
import { gather } from '../../../cli/doctor/gather.ts';
import { gatherLoadBalancing, gatherShownPages } from '../../../cli/doctor/gather-load-balancer.ts';
import { gatherReleases } from '../../../cli/doctor/gather-records.ts';
import { gatherRole, gatherSecurityGroups, gatherServers } from '../../../cli/doctor/gather-servers.ts';
import type { Lookups } from '../../../cli/doctor/lookup.ts';
import { known } from '../../../cli/doctor/lookup.ts';
import { CHECKS } from '../../../functions/checks/checks.ts';
import type { InstanceFacts, Sources } from '../../../functions/checks/facts.ts';
import type { Subject } from '../../../functions/checks/subject.ts';
import { pageRule } from '../../../functions/incidents/mitigate/balancer-rules.ts';
import { dynamoIncidentRecords } from '../../../functions/incidents/records/dynamo-incident-records.ts';
import { dynamoRecords } from '../../../functions/records/dynamo-records.ts';
import { createRecordsTable } from '../../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../../functions/records/sdk-dynamo-calls.ts';
import { CLIENT_OPTIONS } from '../../../functions/shared/aws/client-options.ts';
import { fleetTagValue, releaseKey } from '../../../functions/shared/naming.ts';
import { until } from '../../until.ts';
import { BUCKET, OUTPUTS, RESOURCES } from './fleet-template.ts';
import { knownAs, release, subjectOf } from './healthy-fleet.ts';

const service = (signingName: string, protocol: LocalService['protocol'], operations: LocalService['operations']): LocalService => ({
  signingNames: [signingName],
  protocol,
  operations,
  resourceTypes: {},
  notEmulated: [],
  stop: async () => {},
});
/** Rules that are resources of their own, with the emulator's groups. */
const securityGroupRules = (client: EC2Client): LocalService => ({
  ...service('rules', { kind: 'json', version: '1.1' }, {}),
  resourceTypes: {
    'AWS::EC2::SecurityGroupIngress': securityGroupRuleProvider(securityGroupsOf(client), 'ingress'),
  },
});
/** A group of two members, one of whose agents reported. */
const scaling = service(
  'autoscaling',
  { kind: 'query', xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/' },
  {
    DescribeLifecycleHooks: () => ({ LifecycleHooks: [{ LifecycleHookName: 'other', DefaultResult: 'CONTINUE', HeartbeatTimeout: 60 }] }),
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [
        {
          AutoScalingGroupName: 'holdfast-web',
          LaunchTemplate: { LaunchTemplateId: groupIds['Template'], Version: '1' },
          ...{ MinSize: 2, MaxSize: 4, WarmPoolConfiguration: { PoolState: 'Stopped' }, WarmPoolSize: 1 },
          HealthCheckType: 'ELB',
          TrafficSources: [{ Identifier: 'arn:target-group', Type: 'elbv2' }],
          Instances: ['i-1', 'i-2'].map((InstanceId) => ({ InstanceId, LifecycleState: 'InService', HealthStatus: 'Healthy' })),
          SuspendedProcesses: [{ ProcessName: 'Terminate', SuspensionReason: 'x' }],
        },
      ],
    }),
  },
);
const agents = service(
  'ssm',
  { kind: 'json', version: '1.1' },
  {
    DescribeInstanceInformation: () => ({
      InstanceInformationList: [{ InstanceId: 'i-1', AgentVersion: '3.3.1.0', PingStatus: 'Online' }],
    }),
  },
);

let world: World;
let ec2: EC2Client;
let clients: Clients;
let subject: Subject;
let groupIds: Record<string, string>;
const tls = await mkdtemp(path.join(tmpdir(), 'holdfast-tls-'));
const front = createWorld({}, await createCertificateAuthority(tls));
const calls: string[] = [];
/** How often each call is made. */
const counted = () => Object.fromEntries([...Map.groupBy(calls, (call) => call)].map(([call, all]) => [call, all.length]));

beforeAll(async () => {
  // Its address is known only when the emulator is up.
  const later = { send: (command: never) => ec2.send(command) } as unknown as EC2Client;
  world = await startWorld([front.elb, scaling, agents, securityGroupRules(later)]);
  ec2 = new EC2Client(emulatorClientOptions(world.emulatorAccess));
  const { endpoint, region, credentials } = world.config;
  clients = createClients({ ...CLIENT_OPTIONS, endpoint, region, credentials }, 'holdfast-records', (operation) => calls.push(operation));
  subject = { ...subjectOf(), account: '000000000000', local: true, releasesBucket: BUCKET };

  const TemplateBody = JSON.stringify({ Resources: RESOURCES, Outputs: OUTPUTS });
  await world.cloudFormation.send(new CreateStackCommand({ StackName: 'fleet', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }));
  const stack = await until(async () => {
    const { Stacks } = await world.cloudFormation.send(new DescribeStacksCommand({ StackName: 'fleet' }));
    return Stacks?.[0]?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : Stacks?.[0];
  });
  expect(stack.StackStatus, stack.StackStatusReason).toBe('CREATE_COMPLETE');
  groupIds = Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey as string, OutputValue as string]));
});
afterAll(async () => {
  clients?.close();
  ec2?.destroy();
  await world?.stop();
  await front.stop();
  await rm(tls, { recursive: true, force: true });
});

const server = (instanceProfile: string) => knownAs<readonly InstanceFacts[]>([{ name: 'i-1', instanceProfile, securityGroupIds: [] }]);

describe('doctor sees', () => {
  it('rules of a security group, those that are resources of their own too', async () => {
    const { Servers = '', Store = '' } = groupIds;
    const groups = known(await gatherSecurityGroups(clients.ec2, [Servers, Store]));
    expect(groups?.find(({ id }) => id === Store)?.ingress).toEqual([
      { protocol: 'tcp', fromPort: 22, toPort: 22, groupIds: [], ranges: ['10.0.0.0/8'] },
      { protocol: 'tcp', fromPort: 6379, toPort: 6379, groupIds: [Servers], ranges: [] },
    ]);
    expect(groups?.find(({ id }) => id === Servers)?.egress).toEqual([expect.objectContaining({ protocol: '-1', ranges: ['0.0.0.0/0'] })]);
  });

  it.each([
    ['complete', true],
    ['bare', false],
  ])('what the role %s may do, by its instance profile', async (name, may) => {
    const found = known(await gatherRole(clients, subject, server(name)));
    expect(found?.roleName).toBe(name);
    const { 'ssm:GetParameter': parameter, 'ssm:GetParameters': parameters, ...needed } = found?.allowed ?? {};
    expect(Object.values(needed)).toEqual(Array.from({ length: 6 }, () => may));
    // The agent's managed policy allows them.
    expect([parameter, parameters]).toEqual([may, may]);
  });

  it('that a role may read a secret by its whole ARN, as policies often name it', async () => {
    const arnOf = (name: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:shop/${name}-??????`;
    const named = { ...subject, instanceRoleName: 'exact', variables: { parameters: [], secrets: ['db', 'other'].map(arnOf) } };
    const { allowed = {} } = known(await gatherRole(clients, named, server('complete'))) ?? {};
    expect(['db', 'other'].map((name) => allowed[arnOf(name)])).toEqual([true, false]);
  });

  it('that an instance profile or a role is gone', async () => {
    expect(await gatherRole(clients, subject, server('nobody'))).toMatchObject({ state: 'absent', subject: { resource: 'nobody' } });
    const named = { ...subject, instanceRoleName: 'nobody' };
    expect(await gatherRole(clients, named, server('complete'))).toMatchObject({ state: 'absent', subject: { named: true } });
  });

  it('the group, what its servers are made of, and their agents', async () => {
    const nothing = { state: 'skipped' } as const;
    const { group, hooks, ...rest } = await gatherServers(clients, subject, { targetGroup: nothing, targets: nothing });
    const other = { name: 'other', kind: 'launch', timeoutSeconds: 60, defaultResult: 'CONTINUE' };
    expect(known(group)).toMatchObject({
      ...{ minSize: 2, maxSize: 4, warmPool: { state: 'Stopped', size: 1 } },
      healthCheckType: 'ELB',
      targetGroupArns: ['arn:target-group'],
      suspendedProcesses: ['Terminate'],
    });
    expect([hooks, rest.memberIds]).toEqual([knownAs([other]), ['i-1', 'i-2']]);
    const template = {
      name: `launch template ${groupIds['Template']}`,
      instanceProfile: 'complete',
      securityGroupIds: [groupIds['Servers']],
    };
    expect(rest.servers).toEqual(knownAs([template]));
    expect(rest.agents).toEqual(knownAs([expect.objectContaining({ instanceId: 'i-1', version: '3.3.1.0', online: true })]));
  });

  it('the records, and the checksum of the current archive', async () => {
    const s3 = new S3Client({ ...world.config, forcePathStyle: true });
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient(world.config), { marshallOptions: { removeUndefinedValues: true } });
    const records = dynamoRecords(sdkDynamoCalls(documents), 'holdfast-records');
    const { version, sha256 } = release();
    await records.putRelease(release());
    await records.promote('web', { version, sha256, deployId: 'd1', fencingToken: 1, atMs: 0 });
    documents.destroy();
    expect(await gatherReleases(clients, subject)).toMatchObject({ archive: { state: 'absent' } });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: releaseKey('web', '1.0.0'), Body: 'archive', ChecksumAlgorithm: 'SHA256' }));
    s3.destroy();
    const { fleetRecord, releases, lock, archive } = await gatherReleases(clients, subject);
    expect([known(fleetRecord)?.currentVersion, known(releases)?.length, lock]).toEqual(['1.0.0', 1, knownAs(undefined)]);
    expect(archive).toEqual(knownAs({ sha256: '0eb3e36bfb24dcd9bb1d1bece1531216b59539a8fde17ee80224af0653c92aa3', sizeBytes: 7 }));
  });

  it('the load balancer with its listeners, and everything else as far as it can be seen', async () => {
    const elb = new ElasticLoadBalancingV2Client(world.config);
    const created = async (Name: string) => {
      const group = { Name, Protocol: 'HTTP', Port: 8080, VpcId: 'vpc-1', HealthCheckPath: '/live' } as const;
      return (await elb.send(new CreateTargetGroupCommand(group))).TargetGroups?.[0]?.TargetGroupArn as string;
    };
    const [TargetGroupArn, other] = [await created('holdfast-web'), await created('another')];
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-1', 'subnet-2'], SecurityGroups: [groupIds['Servers'] ?? ''] }),
    );
    const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn as string;
    const nothing = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '404' } };
    const { Listeners } = await elb.send(
      new CreateListenerCommand({ LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions: [nothing] }),
    );
    const Conditions = [{ Field: 'path-pattern', Values: ['/shop/*'] }];
    const TargetGroups = [TargetGroupArn, other].map((arn) => ({ TargetGroupArn: arn, Weight: 1 }));
    const Actions = [{ Type: 'forward' as const, ForwardConfig: { TargetGroups } }];
    await elb.send(new CreateRuleCommand({ ListenerArn: Listeners?.[0]?.ListenerArn, Priority: 1, Conditions, Actions }));
    elb.destroy();

    calls.length = 0;
    const facts = (await gather({ clients, scope: subject, now: Date.now }, sourcesOf(CHECKS))) as Lookups;
    expect(facts.targetGroup).toMatchObject(
      knownAs({ arn: TargetGroupArn, targetType: 'instance', port: 8080, healthPath: '/live', loadBalancerArns: [LoadBalancerArn] }),
    );
    expect(facts.attributes).toMatchObject(knownAs({ 'deregistration_delay.timeout_seconds': '300', 'stickiness.enabled': 'false' }));
    const route = { priority: 1, hosts: [], paths: [['/shop/*']], forwards: true };
    const shared = { rules: 1, forwards: true, alsoForwardsTo: [other], routes: { rules: [route] } };
    expect(facts.listeners).toMatchObject(knownAs([{ port: 80, protocol: 'HTTP', certificateArns: [], ...shared }]));
    expect([facts.idleTimeoutSeconds, facts.targetGroupCounts, known(facts.limits)?.['rules-per-application-load-balancer']]).toEqual([
      knownAs(60),
      knownAs({ ofAccount: 2, ofLoadBalancer: 2 }),
      100,
    ]);
    expect(facts.alarmSubscriptions).toEqual(knownAs({ confirmed: 0, pending: 0 }));
    expect([Math.abs(known(facts.clockSkewMs) ?? Number.NaN) < 5_000, known(facts.zones)]).toEqual([true, [...'abcdef']]);
    expect(counted()).toMatchInlineSnapshot(`
      {
        "DescribeAccountLimits": 1,
        "DescribeAlarms": 1,
        "DescribeAutoScalingGroups": 1,
        "DescribeAvailabilityZones": 1,
        "DescribeCertificate": 1,
        "DescribeDocument": 6,
        "DescribeInstanceInformation": 1,
        "DescribeInstances": 1,
        "DescribeLaunchTemplateVersions": 1,
        "DescribeLifecycleHooks": 1,
        "DescribeListeners": 1,
        "DescribeLoadBalancerAttributes": 1,
        "DescribeLoadBalancers": 1,
        "DescribeReplicationGroups": 1,
        "DescribeRules": 1,
        "DescribeSecurityGroups": 1,
        "DescribeStacks": 1,
        "DescribeTargetGroupAttributes": 1,
        "DescribeTargetGroups": 2,
        "DescribeTargetHealth": 1,
        "GetAccountSettings": 1,
        "GetAccountSummary": 1,
        "GetCallerIdentity": 1,
        "GetFunctionConfiguration": 1,
        "GetInstanceProfile": 1,
        "GetItem": 4,
        "GetMetricStatistics": 1,
        "GetRole": 1,
        "GetTopicAttributes": 1,
        "HeadObject": 1,
        "ListAttachedRolePolicies": 1,
        "Query": 3,
        "SimulatePrincipalPolicy": 2,
      }
    `);
    expect(calls.filter((operation) => !/^(Describe|Get|List|Head|Query|SimulatePrincipalPolicy)/.test(operation))).toEqual([]);
  });

  it('what the checks in question state, and what that needs, each once', async () => {
    const asked = async (names: readonly (keyof Sources)[]) => {
      calls.length = 0;
      const looked = await gather({ clients, scope: subject, now: Date.now }, new Set(names));
      return [Object.keys(looked), counted()];
    };
    expect(await asked(['alarmSubscriptions'])).toEqual([['nowMs', 'alarmSubscriptions'], { GetTopicAttributes: 1 }]);
    expect((await asked(['certificates', 'shownPages']))[0]).toEqual(['nowMs', 'certificates', 'shownPages']);
    expect(counted()).toMatchObject({ DescribeListeners: 1, DescribeRules: 1 });
  });

  it('a re-login page that is shown, and whether an open incident holds it', async () => {
    const elb = new ElasticLoadBalancingV2Client(world.config);
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient(world.config), { marshallOptions: { removeUndefinedValues: true } });
    const incidents = dynamoIncidentRecords(createRecordsTable(sdkDynamoCalls(documents), 'holdfast-records'));
    const { listeners } = await gatherLoadBalancing(clients.elb, subject);
    const [{ arn: listenerArn = '' } = {}] = known(listeners) ?? [];
    const show = (priority: number, fleet: string, incidentId: string) =>
      elb.send(new CreateRuleCommand(pageRule({ listenerArn, priority, hosts: [], paths: ['/*'] }, '<p>', { fleet, incidentId }, '')));
    const incident = await incidents.ensureIncident({ incidentId: 'inc-1', fingerprint: 'x', runbook: 'store-failure', openedAtMs: 1 });
    const { incidentId } = incident;
    await show(10, fleetTagValue('holdfast', 'web'), incidentId);
    await show(11, fleetTagValue('holdfast', 'another'), incidentId);
    const shown = async () => {
      const { listeners: now } = await gatherLoadBalancing(clients.elb, subject);
      return known(await gatherShownPages(clients, subject, now))?.map(({ priority, isHeld }) => [priority, isHeld]);
    };
    expect(await shown()).toEqual([[10, false]]);
    const page = { name: 're-login-page', target: { incidentId, fleet: 'web' }, run: 1, mode: 'auto', state: 'done', calls: [] } as const;
    await incidents.putMitigation(incidentId, 're-login-page@web', page);
    expect(await shown()).toEqual([[10, true]]);
    await incidents.change(incidentId, { stage: 'closed', closedAtMs: 2 });
    expect(await shown()).toEqual([[10, false]]);
    elb.destroy();
    documents.destroy();
  });

  it('the certificates of a shared listener: the default one, and those for single host names', async () => {
    const elb = new ElasticLoadBalancingV2Client(world.config);
    const [LoadBalancerArn] = known((await gatherLoadBalancing(clients.elb, subject)).targetGroup)?.loadBalancerArns ?? [];
    const [first, second] = ['1', '2'].map((id) => ({ CertificateArn: `arn:aws:acm:us-east-1:111122223333:certificate/${id}` }));
    const DefaultActions = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '404' } }];
    const secure = { LoadBalancerArn, Port: 443, Protocol: 'HTTPS' as const, DefaultActions, Certificates: [first as Certificate] };
    const { Listeners } = await elb.send(new CreateListenerCommand(secure));
    const added = { ListenerArn: Listeners?.[0]?.ListenerArn, Certificates: [second as Certificate] };
    await elb.send(new AddListenerCertificatesCommand(added));
    elb.destroy();
    const { listeners } = await gatherLoadBalancing(clients.elb, { ...subject, hosts: ['shop.example.com'] });
    expect(known(listeners)?.[1]?.certificateArns).toEqual([first?.CertificateArn, second?.CertificateArn]);
  });

  it('that the rule has gone with its stack', async () => {
    await world.cloudFormation.send(new DeleteStackCommand({ StackName: 'fleet' }));
    await until(async () =>
      (known(await gatherSecurityGroups(clients.ec2, Object.values(groupIds))) ?? []).length === 0 ? true : undefined,
    );
  });
});
