import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InitFleetOptions, initFleet } from '../../../../cli/installation/existing-fleet/init-fleet.ts';
import { createOutput } from '../../../../cli/output.ts';
import { parseContent } from '../../../../infra/config.ts';
import { SynthesizedApp } from '../../../infra/synthesized.ts';
import { type Answers, groupWith, refusal } from '../existing-store/aws-answers.ts';
import {
  agent,
  agentsWith,
  attributesWith,
  fleetPlace,
  IDS,
  instancesWith,
  listedServers,
  TARGET_GROUP,
  targetGroupWith,
  targetsWith,
  tomcatWith,
  viewsWith,
} from './fleet-answers.ts';

let folder: string;
let printed: { value: Record<string, unknown>; text: string }[];
let asked: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
  printed = [];
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const output = {
  ...createOutput(true),
  progress: () => {},
  result: (value: object, text: () => string) => void printed.push({ value: value as Record<string, unknown>, text: text() }),
};
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf';
const OPTIONS: InitFleetOptions = { targetGroup: TARGET_GROUP, store: 'shop', keyPrefix: 'sess:', user: 'shop-watch' };
const init = (answers: Answers = {}, options: Partial<InitFleetOptions> = {}) =>
  initFleet({ ...OPTIONS, ...options }, output, fleetPlace(folder, answers, asked));
const { store: _, ...ALONE } = OPTIONS;
const initAlone = (answers: Answers = {}) => initFleet({ targetGroup: ALONE.targetGroup }, output, fleetPlace(folder, answers, asked));
const written = () => JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8'));
const web = () => written().fleets.web;
const decided = () => printed.flatMap(({ value }) => (value['decide'] as { key: string }[]).map(({ key }) => key));
const listOf = (name: 'notes' | 'missing' | 'next') => printed.flatMap(({ value }) => value[name] as string[]).join('\n');
const found = () => printed.flatMap(({ value }) => value['found'] as { key: string; value: unknown; from: string }[]);

/** What is written, with what a person decides. */
function valid(decisions: Readonly<Record<string, string>>) {
  const fill = (value: unknown, key = ''): unknown =>
    typeof value === 'string' && value.startsWith('FILL IN: ')
      ? decisions[key]
      : typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([name, below]) => [name, fill(below, name)]))
        : value;
  return parseContent(fill(written()), 'it');
}

it('writes what a group of Tomcats shows, and a configuration that is valid once a person has decided', async () => {
  await init();
  expect(decided()).toEqual(['fleets.web.sessions.application.secretArn', 'fleets.web.app.health.ready']);
  expect(written()).toMatchObject({
    account: '111122223333',
    region: 'eu-west-1',
    network: {
      existing: {
        vpcId: 'vpc-0123456789abcdef0',
        webSubnetIds: ['subnet-0123456789abcdef1', 'subnet-0123456789abcdef0'],
        storeSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      },
    },
    store: { existing: { replicationGroupId: 'shop', auth: 'iam', userName: 'shop-watch' } },
    sweep: { policy: 'report' },
  });
  expect(web()).toEqual({
    port: 8080,
    strategy: 'redis',
    existing: {
      targetGroupArn: TARGET_GROUP,
      loadBalancerArn: expect.stringContaining(':loadbalancer/app/shared/'),
      autoScalingGroupName: 'shop',
      instanceRoleName: 'shop-server',
      instanceSecurityGroupId: 'sg-0123456789abcdef9',
      replacesService: 'tomcat.service',
    },
    app: {
      kind: 'tomcat',
      home: '/opt/tomcat',
      javaHome: '/usr/lib/jvm/java-17-amazon-corretto',
      javaOptions: ['-Xmx2g'],
      health: { loadBalancer: '/health', status: '200-399', ready: expect.stringMatching(/^FILL IN: a page that shows a session/) },
      sessionManager: 'application',
    },
    sessions: { keyPrefix: 'sess:', application: { userName: 'app', secretArn: expect.stringMatching(/^FILL IN: /) } },
    deploy: { deregistrationDelaySeconds: 120 },
  });
  expect(valid({ secretArn: SECRET, ready: '/login' }).fleets['web']).toMatchObject({ members: 'autoScalingGroup' });
});

it('writes what synthesizes, to parts of the group that is there', async () => {
  await init();
  const { $schema, ...config } = JSON.parse(
    JSON.stringify(written())
      .replace(/FILL IN: the secret (?:\\.|[^"\\])*/, SECRET)
      .replace(/FILL IN: a page[^"]*/, '/login'),
  );
  const app = await SynthesizedApp.create(config);
  const hooks = app.resources('AWS::AutoScaling::LifecycleHook').map(({ Properties }) => Properties['AutoScalingGroupName']);
  expect(hooks).toEqual(['shop', 'shop']);
  expect(app.everything.filter(({ Type }) => Type === 'AWS::ElastiCache::ReplicationGroup')).toEqual([]);
  await app.remove();
});

it('reports where each value came from, what a person decides, the rights, and the next commands', async () => {
  await init({}, { fleet: 'shop', installation: 'prod' });
  expect(found()).toContainEqual({ key: 'fleets.shop.port', value: 8080, from: 'the target group' });
  expect(found()).toContainEqual({ key: 'fleets.shop.app.home', value: '/opt/tomcat', from: 'the process at the port of the servers' });
  expect(found()).toContainEqual({ key: 'installation', value: 'prod', from: '--installation' });
  expect(found().map(({ key }) => key)).not.toContain('fleets.shop.sessions.application.secretArn');
  expect(printed[0]?.text).toContain(
    '  fleets.shop.existing.replacesService: "tomcat.service", from the process at the port of the servers',
  );
  expect(printed[0]?.text).toMatch(
    /You decide, in holdfast\.config\.json:\n {2}fleets\.shop\.sessions\.application\.secretArn: the secret/,
  );
  expect(listOf('next')).toContain('./holdfast deploy 1.0.0 --dry-run');
  expect(listOf('notes')).toContain('shared sends requests by the rules HTTPS:443 (10 shop.example.com).');
  expect(listOf('notes')).toContain('3 of 3 servers are connected to shop.');
});

it('marks at most five values, invents none, and names the commands that create a user', async () => {
  const users = {
    DescribeUsers: ({ UserId }: Readonly<Record<string, unknown>>) => ({
      Users: [{ UserName: UserId, AccessString: 'on ~a:* +@all', Authentication: { Type: 'password' } }],
    }),
  };
  await init(users, { keyPrefix: undefined, user: undefined } as never);
  expect(decided()).toHaveLength(3);
  expect(written().store.existing).toMatchObject({ auth: 'iam', userName: 'holdfast' });
  expect(listOf('next')).toMatch(
    /^aws elasticache create-user .* --user-id holdfast .*\naws elasticache modify-user-group .*\nnpm install\n/,
  );
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
  printed = [];
  const old = {
    DescribeCacheClusters: { CacheClusters: [{ CacheClusterId: 'shop-001', EngineVersion: '6.2.6', CacheSubnetGroupName: 'shop' }] },
  };
  for (const engine of ['redis', 'valkey']) {
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
    printed = [];
    const DescribeUsers = ({ UserId }: Readonly<Record<string, unknown>>) => ({
      Users: [
        {
          UserName: UserId,
          AccessString: 'on ~* +@all',
          Authentication: { Type: engine === 'redis' ? 'password' : UserId === 'shop-app' ? 'password' : 'iam' },
        },
      ],
    });
    const views = viewsWith(...Array.from({ length: 3 }, () => tomcatWith({ applications: ['shop'] })));
    await init({ ...groupWith({ Engine: engine }), ...(engine === 'redis' && old), ...views, DescribeUsers }, {
      keyPrefix: undefined,
      user: undefined,
    } as never);
    expect([engine, decided().length]).toEqual([engine, 5]);
    expect(JSON.stringify(written())).toMatch(/secretArn/);
  }
});

it('lists servers without a group, and what two of them need', async () => {
  await init({
    ...listedServers(IDS.slice(0, 2)),
    ...viewsWith({ units: ['shop.service'], programs: ['node'], tomcat: null, java: null }),
  });
  expect(web()).toMatchObject({ members: 'instances', existing: { instanceIds: IDS.slice(0, 2) }, deploy: { minimumHealthyTargets: 1 } });
  expect(web().app).toBeUndefined();
  expect(valid({ secretArn: SECRET, ready: '/login' }).fleets['web']?.deploy.minimumHealthyTargets).toBe(1);
});

// hashicorp/terraform-provider-aws 5165 and others: targets on premises are addresses outside the VPC, in the zone "all", with nodes mi-.
it('finds the nodes of addresses: an instance by its own, a node on premises by that of its agent', async () => {
  const nodes = ['mi-0123456789abcdef1', 'i-0123456789abcdef2'] as const;
  await init({
    ...targetGroupWith({ TargetType: 'ip' }),
    ...targetsWith({ Id: '192.168.40.11', Port: 8080, AvailabilityZone: 'all' }, { Id: '10.0.0.2', Port: 8080 }),
    ...instancesWith({ Tags: [] }, [nodes[1]]),
    DescribeInstanceInformation: {
      InstanceInformationList: [agent(nodes[0], { IPAddress: '192.168.40.11', IamRole: 'service-role/shop-server' }), agent(nodes[1])],
    },
  });
  expect(web().existing.nodes).toEqual([
    { nodeId: nodes[0], ip: '192.168.40.11', port: 8080, availabilityZone: 'all' },
    { nodeId: nodes[1], ip: '10.0.0.2', port: 8080 },
  ]);
  expect(web().existing.instanceRoleName).toBe('shop-server');
  // The load balancer's complete the two that are needed.
  expect(written().network.existing.webSubnetIds).toHaveLength(3);
  expect(valid({ secretArn: SECRET, ready: '/login' }).fleets['web']?.members).toBe('ip');
});

// terraform-aws-modules/terraform-aws-autoscaling 262: groups of late have traffic sources, and no target groups.
it('finds a group that is attached by a traffic source, and what else its rules send requests to', async () => {
  // hashicorp/terraform-provider-aws 10942: one of weight 0 gets none.
  const others = [
    { TargetGroupArn: 'arn:x:targetgroup/green/1', Weight: 10 },
    { TargetGroupArn: 'arn:x:targetgroup/old/1', Weight: 0 },
  ];
  const TargetGroups = [{ TargetGroupArn: TARGET_GROUP, Weight: 90 }, ...others];
  await init({
    DescribeAutoScalingGroups: { AutoScalingGroups: [{ AutoScalingGroupName: 'shop', TrafficSources: [{ Identifier: TARGET_GROUP }] }] },
    DescribeListeners: { Listeners: [{ Protocol: 'HTTPS', Port: 443, DefaultActions: [{ TargetGroupArn: TARGET_GROUP }] }] },
    DescribeRules: { Rules: [{ IsDefault: true, Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }] }] },
  });
  expect(listOf('notes')).toContain('shared sends requests by the rules HTTPS:443 (default).');
  expect(listOf('notes')).toContain('The same rules send requests to green too,');
});

// NethServer/dev 5788: Debian and others start Tomcat by jsvc, whose program shows no Java.
it('takes a Tomcat that another program than java runs', async () => {
  await init(viewsWith({ programs: ['jsvc'], java: null }));
  expect(web().app).toMatchObject({ home: '/opt/tomcat' });
  expect(web().app.javaHome).toBeUndefined();
});

it('leaves to a person whether a release answers in the place of a proxy', async () => {
  await init(viewsWith({ units: ['nginx.service'], programs: ['nginx'], tomcat: null }));
  expect(web().existing.replacesService).toMatch(/^FILL IN: nginx\.service, if the release answers in its place; to keep nginx, register/);
});

describe('sessions', () => {
  const STICKY = attributesWith({ 'stickiness.enabled': 'true', 'deregistration_delay.timeout_seconds': '300' });
  it('in a store keep the stickiness that pages may need', async () => {
    await init(STICKY);
    expect(web()).toMatchObject({ strategy: 'redis', stickiness: true });
  });
  it('in memory need a rule and a group that a person creates', async () => {
    await initAlone(STICKY);
    expect(web()).toMatchObject({ strategy: 'sticky' });
    expect(decided()).toEqual(['fleets.web.existing.drainTargetGroupArn', 'fleets.web.existing.drainRuleArn']);
    const arn = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:';
    const drainRuleArn = `${arn}listener-rule/app/shared/fedcba9876543210/1/2`;
    expect(valid({ drainTargetGroupArn: `${arn}targetgroup/drain/0123456789abcdef`, drainRuleArn }).fleets['web']?.app).toMatchObject({
      home: '/opt/tomcat',
    });
  });
  it('that nothing shows are a decision; another store that servers are connected to is named', async () => {
    await initAlone(viewsWith({ others: ['10.0.9.9:6379'], tomcat: null }));
    expect(decided()).toEqual(['fleets.web.strategy']);
    expect(listOf('notes')).toContain('The servers are connected to 10.0.9.9:6379: for sessions there, begin again with --store.');
    expect(asked).not.toContain('DescribeReplicationGroups');
    expect(valid({ strategy: 'redis' }).store.existing).toBeUndefined();
  });
  it('of another store than --store are said', async () => {
    await init(viewsWith({ connected: false, others: ['10.0.9.9:6379'] }));
    expect(listOf('notes')).toContain(
      '0 of 3 servers are connected to shop, and they are connected to 10.0.9.9:6379: make sure that its sessions are in this store.',
    );
  });
  it('in a store without users need no password', async () => {
    await init(groupWith({ UserGroupIds: [] }), { user: undefined } as never);
    expect(decided()).toEqual(['fleets.web.app.health.ready']);
    expect(web().sessions).toEqual({ keyPrefix: 'sess:' });
  });
});

describe('what cannot be read or is not as deploys need it', () => {
  it('without Run Command is marked', async () => {
    await init({ SendCommand: refusal('AccessDeniedException') });
    expect(decided()).toEqual(['fleets.web.existing.replacesService', 'fleets.web.sessions.application.secretArn']);
    expect(listOf('notes')).toContain('0 of 3 servers were read: i-0123456789abcdef1: the credentials do not allow Run Command');
    expect(valid({ replacesService: 'tomcat.service', secretArn: SECRET }).fleets['web']?.app).toBeUndefined();
  });
  it('on a server without Python is said, with what the server answered', async () => {
    const failed = { Status: 'Failed', StatusDetails: 'Failed', StandardErrorContent: 'sh: python3: command not found\n' };
    await init({ GetCommandInvocation: failed });
    expect(web().existing.replacesService).toContain('i-0123456789abcdef1: Failed: sh: python3: command not found');
  });
  // gravitational/teleport 24176: an agent that goes away after it was listed is an error of the whole command.
  it('of an agent that goes away meanwhile is said', async () => {
    await init({ SendCommand: refusal('InvalidInstanceId', 'Instances [[i-1]] not in a valid state for account 111122223333') });
    expect(listOf('notes')).toContain('i-0123456789abcdef1: Instances [[i-1]] not in a valid state');
    expect(decided()).toContain('fleets.web.existing.replacesService');
  });
  it('without iam:GetInstanceProfile, or of servers with several roles, is marked', async () => {
    await init({ GetInstanceProfile: refusal('AccessDenied') });
    expect(decided()).toContain('fleets.web.existing.instanceRoleName');
  });
  it('is done before the first deploy', async () => {
    await init({ ...attributesWith({ 'deregistration_delay.timeout_seconds': '5' }), ...agentsWith({ AgentVersion: '3.1.0.0' }) });
    expect(web().deploy.deregistrationDelaySeconds).toBe(60);
    expect(listOf('missing')).toContain('modify-target-group-attributes');
    expect(listOf('missing')).toContain('older than 3.3.2746.0');
    expect(valid({ secretArn: SECRET, ready: '/login' })).toBeDefined();
  });
  it('of servers that differ in their Tomcat is marked', async () => {
    await init(viewsWith({}, tomcatWith({ home: '/opt/tomcat-9', version: '9.0.90.0' }), {}));
    expect(decided()).toContain('fleets.web.app.home');
  });
});

it('prints a policy of reads and of one script, and calls nothing', async () => {
  await init({}, { printPolicy: true });
  const { Statement } = (printed[0]?.value ?? {}) as { Statement: { Action: string[]; Resource: string | string[] }[] };
  const sending = Statement.find(({ Action }) => Action.includes('ssm:SendCommand'));
  expect(sending?.Resource).toContain('arn:aws:ssm:eu-west-1::document/AWS-RunShellScript');
  const actions = Statement.flatMap(({ Action }) => Action);
  expect(actions.filter((action) => !/:(Describe|Get)/.test(action))).toEqual(['ssm:SendCommand']);
  expect(asked).toEqual([]);
  await init();
  const used = new Set(asked.map((operation) => actions.find((action) => action.endsWith(`:${operation}`)) ?? operation));
  expect([...used].filter((action) => !actions.includes(action))).toEqual([]);
});

it('refuses a Region that is not that of the ARN, and calls nothing', async () => {
  await expect(init({}, { region: 'eu-west-2' })).rejects.toThrow('--target-group is in eu-west-1, and --region is eu-west-2.');
  expect(asked).toEqual([]);
});
