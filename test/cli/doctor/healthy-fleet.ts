/** A fleet with nothing wrong, as the doctor sees it; tests plant one defect each. */

import { type Lookup, type Lookups, SKIPPED } from '../../../cli/doctor/lookup.ts';
import { readSubject } from '../../../cli/doctor/subject.ts';
import type { DocumentFacts } from '../../../functions/checks/facts.ts';
import type { Subject } from '../../../functions/checks/subject.ts';
import type { AppContract } from '../../../functions/shared/app-contract.ts';
import { fleetAlarmNames, incidentAlarmNames, storeAlarmNames } from '../../../functions/shared/naming.ts';
import { parseConfig } from '../../../infra/config.ts';
import { fakeAutoScalingGroup } from '../../functions/fakes/auto-scaling.ts';
import { attributesWith } from './attributes-with.ts';
import { drainGroups } from './drain-groups.ts';

export const NOW_MS = Date.parse('2026-11-20T09:00:00Z');
export const DAY_MS = 86_400_000;
const PLACE = { account: '111122223333', region: 'us-east-1', local: false, awsOptions: '--region us-east-1' };
export const LOCAL_OPTIONS = '--endpoint-url http://127.0.0.1:4566 --region us-east-1';
export const TARGET_GROUP = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/holdfast-web/0123456789abcdef';
export const LOAD_BALANCER = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/holdfast-web/0123456789abcdef';
export const LISTENER = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener/app/holdfast-web/0123456789abcdef/fedcba9876543210';
export const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000';
const SHA256 = 'a'.repeat(64);

export const knownAs = <T>(value: T): Lookup<T> => ({ state: 'known', value });

/** @param fleet keys of the fleet's configuration @param rest other parts of the installation's */
export function subjectOf(fleet: object = { certificateArn: CERTIFICATE }, rest: object = {}): Subject {
  return readSubject(parseConfig(JSON.stringify({ fleets: { web: fleet }, ...rest }), 'the test'), 'web', PLACE);
}

/** A network that is there, which everything named lives in. */
export const existingNetwork = {
  existing: {
    vpcId: 'vpc-0123456789abcdef0',
    webSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    storeSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  },
};
export const inExistingNetwork = { account: PLACE.account, network: existingNetwork };

/** A fleet whose target group is there already. */
export const withNamedTargetGroup = (): Subject =>
  subjectOf(
    { existing: { targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER, loadBalancerSecurityGroupId: 'sg-0123456789abcdef0' } },
    inExistingNetwork,
  );

/** A fleet whose store is there already. */
export const withExistingStore = (change: object): Subject =>
  subjectOf(undefined, {
    ...inExistingNetwork,
    store: {
      existing: { host: 'sessions.example.com', engine: 'redis', engineVersion: '7.1', replicas: 2, tls: true, auth: 'none', ...change },
    },
  });

export const contract: AppContract = {
  start: ['node', 'server.mjs'],
  port: 8080,
  health: { loadBalancer: '/live', ready: '/health' },
  keepAliveSeconds: 75,
};

export const documentWith = (change: Partial<DocumentFacts> = {}): Lookup<DocumentFacts> =>
  knownAs({ name: 'holdfast-observe', latestVersion: '3', defaultVersion: '3', isOfThisCheckout: true, ...change });

export const release = (app: AppContract = contract) => ({
  fleet: 'web',
  version: '1.0.0',
  bucket: 'holdfast-releases-111122223333-us-east-1',
  key: 'web/1.0.0/release.tar.gz',
  sha256: SHA256,
  sizeBytes: 1234,
  publishedAtMs: NOW_MS - DAY_MS,
  publishedBy: 'ann',
  app,
});

const anyone = { protocol: '-1', groupIds: [], ranges: ['0.0.0.0/0'] };
export const from = (id: string, port: number) => ({
  protocol: 'tcp',
  fromPort: port,
  toPort: port,
  groupIds: [id],
  ranges: [] as string[],
});
export const securityGroups = [
  { id: 'sg-front', ingress: [anyone], egress: [from('sg-servers', 8080)] },
  { id: 'sg-servers', ingress: [from('sg-front', 8080)], egress: [anyone] },
  { id: 'sg-store', ingress: [from('sg-servers', 6379), from('sg-check', 6379)], egress: [] },
  { id: 'sg-check', ingress: [], egress: [from('sg-store', 6379)] },
];

export const certificate = {
  arn: CERTIFICATE,
  status: 'ISSUED',
  notAfterMs: NOW_MS + 200 * DAY_MS,
  domains: ['shop.example.com', '*.shop.example.com'],
  renewedByAcm: true,
};
export const listener = {
  arn: LISTENER,
  port: 443,
  protocol: 'HTTPS',
  certificateArns: [CERTIFICATE],
  rules: 3,
  ...{ forwards: true, alsoForwardsTo: [] as string[] },
  routes: {
    listenerArn: LISTENER,
    forwardsByDefault: true,
    rules: [1, 2, 50_000].map((priority) => ({ priority, hosts: [] as string[][], paths: [[`/${priority}/*`]], forwards: false })),
  },
  fixedResponses: [],
};
export const group = {
  name: 'holdfast-web',
  minSize: 3,
  maxSize: 5,
  healthCheckType: 'EC2,ELB',
  targetGroupArns: [TARGET_GROUP],
  members: ['a', 'a', 'b'].map((zone, at) => ({ zone, instanceId: `i-${at + 1}`, lifecycleState: 'InService', healthStatus: 'Healthy' })),
  suspendedProcesses: [] as string[],
};
export const targetGroup = {
  arn: TARGET_GROUP,
  name: 'holdfast-web',
  targetType: 'instance',
  port: 8080,
  healthPath: '/live',
  healthStatus: '200',
  loadBalancerArns: [LOAD_BALANCER],
};
export const store = {
  id: 'holdfast-sessions',
  status: 'available',
  engine: 'valkey',
  engineVersion: '8.0.1',
  tls: true,
  authToken: false,
  userGroupIds: ['holdfast-users'],
  automaticFailover: true,
  multiAz: true,
  shards: 1,
  replicas: 2,
  snapshotRetentionDays: 1,
  parameterGroup: 'holdfast-parameters',
  securityGroupIds: ['sg-store'],
};
export const role = {
  roleName: 'holdfast-web-servers',
  allowed: {
    'ssm:UpdateInstanceInformation': true,
    'ssmmessages:CreateControlChannel': true,
    'ssmmessages:CreateDataChannel': true,
    'ssmmessages:OpenControlChannel': true,
    'ssmmessages:OpenDataChannel': true,
    's3:GetObject': true,
    'ssm:GetParameter': false,
    'ssm:GetParameters': false,
  } as Record<string, boolean>,
};
export const agents = group.members.map(({ instanceId }) => ({ instanceId, version: '3.3.2746.0', online: true }));
/** The store's user that the fleet's servers sign in with. */
export const storeUser = (...channels: string[]) => ({ userName: 'app-web', on: true, authentication: 'password', channels });
const ofFleet = fleetAlarmNames('holdfast', 'web', { group: true, retention: false, canary: false });
const OK = { state: 'OK', description: '' } as const;
export const alarmNames = [...ofFleet, ...storeAlarmNames('holdfast'), ...incidentAlarmNames('holdfast')];

const ruleArn = `${LISTENER.replace(':listener/', ':listener-rule/')}/0123456789abcdef`;
const drainTargetGroupArn = TARGET_GROUP.replace('holdfast-web', 'holdfast-web-drain');
const ruleOf = (arn: string, priority: number, group: string) => ({
  ...{ arn, priority, hosts: [] as string[], paths: [] as string[] },
  ...{ others: [] as string[][], transforms: [] as string[] },
  actions: ['forward'],
  targetGroupArns: [group],
});
/** The drain rule of a fleet with sessions in memory. */
export const drain = {
  ...{ ruleArn, drainTargetGroupArn, groups: drainGroups },
  rules: [ruleOf(ruleArn, 50_000, drainTargetGroupArn), ruleOf(`${ruleArn}0`, Number.POSITIVE_INFINITY, TARGET_GROUP)],
  targets: [] as { instanceId: string; state: string }[],
};
/** What such a fleet has instead of the other's. */
export const inMemory: Partial<Lookups> = {
  attributes: attributesWith({ 'stickiness.enabled': 'true' }),
  releases: knownAs([release({ ...contract, sessions: { path: '/status', field: 'sessions' }, session: { cookie: 'SID' } })]),
  drain: knownAs(drain),
};
export const sticky = (more: object = {}): Subject => subjectOf({ certificateArn: CERTIFICATE, strategy: 'sticky', ...more });

export const healthy: Omit<Lookups, 'baseline'> & { readonly nowMs: number; readonly baseline?: Lookups['baseline'] } = {
  nowMs: NOW_MS,
  ...{ clockSkewMs: knownAs(-400), zones: knownAs(['a', 'b', 'c', 'd']), roles: knownAs({ used: 140, most: 1_000 }) },
  targetGroup: knownAs(targetGroup),
  attributes: attributesWith(),
  targets: knownAs(group.members.map(({ instanceId }) => ({ instanceId, state: 'healthy' }))),
  registersWith: knownAs([]),
  loadBalancer: knownAs({ arn: LOAD_BALANCER, name: 'holdfast-web', securityGroupIds: ['sg-front'] }),
  idleTimeoutSeconds: knownAs(60),
  terminationProtection: knownAs(true),
  listeners: knownAs([
    listener,
    {
      ...listener,
      arn: `${LISTENER}80`,
      port: 80,
      protocol: 'HTTP',
      certificateArns: [],
      ...{ rules: 0, forwards: false },
      routes: { listenerArn: `${LISTENER}80`, forwardsByDefault: false, rules: [] },
    },
  ]),
  shownPages: knownAs([]),
  openDecisions: knownAs([]),
  limits: knownAs({
    'rules-per-application-load-balancer': 100,
    'target-groups-per-application-load-balancer': 100,
    'target-groups': 3_000,
  }),
  targetGroupCounts: knownAs({ ofLoadBalancer: 1, ofAccount: 4 }),
  ...{ longestResponseSeconds: knownAs(1.2), unreservedConcurrency: knownAs(1_000) },
  certificates: [knownAs(certificate)],
  drain: SKIPPED,
  ...{ group: knownAs(group), hooks: knownAs(fakeAutoScalingGroup().hooksOf) },
  template: SKIPPED,
  servers: knownAs([{ name: 'launch template lt-1', instanceProfile: 'holdfast-web', securityGroupIds: ['sg-servers'] }]),
  ...{ role: knownAs(role), agents: knownAs(agents) },
  memberIds: ['i-1', 'i-2', 'i-3'],
  store: knownAs(store),
  evictionPolicy: knownAs('volatile-lru'),
  keyspaceEvents: knownAs('gxE'),
  storeUsers: knownAs([
    { userName: 'default', on: false, authentication: 'password', channels: [] },
    storeUser(),
    { userName: 'holdfast-deploy', on: true, authentication: 'iam', channels: [] },
  ]),
  ...{ storeCheckGroupIds: knownAs(['sg-check']), securityGroups: knownAs(securityGroups) },
  alarms: knownAs(Object.fromEntries([...alarmNames, 'holdfast-web-retained-servers'].map((name) => [name, OK]))),
  alarmSubscriptions: knownAs({ confirmed: 1, pending: 0 }),
  documents: [documentWith()],
  lastDeploy: SKIPPED,
  fleetRecord: knownAs({
    fleet: 'web',
    currentVersion: '1.0.0',
    sha256: SHA256,
    updatedAtMs: NOW_MS - DAY_MS,
    deployId: 'd1',
    fencingToken: 1,
  }),
  releases: knownAs([release()]),
  installed: knownAs(['i-1', 'i-2', 'i-3'].map((instanceId) => ({ instanceId, version: '1.0.0', installedAtMs: NOW_MS - DAY_MS }))),
  lock: knownAs({ fencingToken: 4 }),
  archive: knownAs({ sha256: SHA256, sizeBytes: 1234 }),
};
