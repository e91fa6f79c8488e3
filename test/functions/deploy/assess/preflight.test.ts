/** What a deploy finds before it touches anything: each refusal and each warning, by its check. */
import { describe, expect, it } from 'vitest';
import type { FleetMember } from '../../../../functions/deploy/assess/fleet-members.ts';
import { checkPreflight, PREFLIGHT_CHECKS } from '../../../../functions/deploy/assess/preflight.ts';
import type { PreflightFacts } from '../../../../functions/deploy/assess/preflight-facts.ts';
import { fillSettings } from '../../../../functions/deploy/settings/read-settings.ts';
import { findingsOf, refusalsOf, warningsOf } from '../../../../functions/shared/check.ts';

const OWN = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1';
const [DELAY, CROSS_ZONE, SLOW_START] = [
  'deregistration_delay.timeout_seconds',
  'load_balancing.cross_zone.enabled',
  'slow_start.duration_seconds',
];
const member = (instanceId: string, more: Partial<FleetMember> = {}): FleetMember => ({
  ...{ instanceId, lifecycle: 'inService', version: '1', health: 'healthy' },
  ...more,
});
const agent = (instanceId: string, version = '3.3.2746.0', online = true) => ({ instanceId, version, online });
const settingsOf = (settings: object = {}) =>
  fillSettings({ bakeSeconds: 15, drainFloorSeconds: 10, minimumHealthyTargets: 2, alarmNames: ['errors', 'latency'], ...settings }, 'web');
const front = (attributes: Record<string, string> = {}) => ({
  attributes: { [DELAY]: '300', [CROSS_ZONE]: 'use_load_balancer_configuration', [SLOW_START]: '0', ...attributes },
});
const probe = { path: '/stats', field: 'n' };
const contracts = new Map([
  ['1', { inFlight: probe, requests: probe }],
  ['2', {}],
]) as unknown as PreflightFacts['contracts'];
const healthy = [member('i-1', { zone: 'a' }), member('i-2', { zone: 'a' }), member('i-3', { zone: 'b' })];

/** A fleet with nothing wrong; what follows from its members is theirs. */
function factsOf({ members = healthy, ...change }: Partial<PreflightFacts> = {}): PreflightFacts {
  const toRoll = change.toRoll ?? members.filter(({ version }) => version !== '2');
  return {
    ...{ version: '2', settings: settingsOf(), recover: false, restarts: false, pauseAfter: undefined },
    ...{ members, toRoll, reached: toRoll, memberIds: toRoll.map(({ instanceId }) => instanceId), stopped: [] },
    asked: undefined,
    variables: new Map(toRoll.map(({ instanceId }) => [instanceId, { variables: ['LOG_LEVEL'], unread: [] }])),
    agents: toRoll.map(({ instanceId }) => agent(instanceId)),
    alarmStates: { errors: 'OK', latency: 'OK' },
    ...front(),
    ...{ targetGroupArn: OWN, protocolVersion: 'HTTP1', ofAddresses: false, registeredWith: [OWN] },
    ...{ groupName: 'web', hooks: [], contracts, lastRollSeconds: undefined, awsOptions: '--region eu-west-1' },
    ...change,
  };
}
const many = (servers: number, settings: object = {}) => ({
  members: Array.from({ length: servers }, (_, index) => member(`i-${index}`)),
  settings: settingsOf(settings),
});
const placeholders = healthy.map((one) => ({ ...one, health: 'unhealthy', version: 'none' }));
const unreachable = [member('i-1', { health: 'unused', unreachable: 'Target.NotInUse: …' }), ...healthy.slice(1)];

it('a fleet with nothing wrong is neither refused nor warned of, and its red alarms are noted', () => {
  expect(warningsOf(PREFLIGHT_CHECKS, 'preflight', factsOf())).toEqual([]);
  expect(checkPreflight(factsOf({ alarmStates: { errors: 'OK', latency: 'ALARM' } }))).toEqual({
    healthyTargets: 3,
    alreadyInAlarm: ['latency'],
  });
});

type Case = readonly [title: string, check: string, change: Partial<PreflightFacts>];
const REFUSED: readonly (readonly [...Case, error: string, words: string | RegExp])[] = [
  ['a server that the load balancer cannot reach', 'reachable-targets', { members: unreachable }, 'InvalidInput', 'sends nothing to i-1'],
  [
    'two targets of which two have to stay',
    'healthy-targets',
    { members: healthy.slice(1) },
    'TooFewHealthyTargets',
    'minimumHealthyTargets',
  ],
  [
    'a delay of addresses that is longer than a deploy waits',
    'address-delay',
    { ...front({ [DELAY]: '361' }), ofAddresses: true },
    'InvalidInput',
    'a deploy waits for 360 s, and none begins',
  ],
  [
    'a variable that the release requires and the fleet does not have',
    'environment',
    { contracts: new Map([['2', { requires: ['DB_PASSWORD', 'LOG_LEVEL'] }]]) as never },
    'EnvironmentUnreadable',
    "release 2 requires DB_PASSWORD, which the fleet's environment does not have: correct",
  ],
  [
    'a variable that the release requires of a fleet without any',
    'environment',
    { contracts: new Map([['2', { requires: ['DB_PASSWORD'] }]]) as never, variables: undefined },
    'EnvironmentUnreadable',
    'release 2 requires DB_PASSWORD',
  ],
  [
    'a variable that two of three servers cannot read',
    'environment',
    {
      variables: new Map(
        ['i-1', 'i-2', 'i-3'].map((id) => [
          id,
          {
            variables: ['DB_PASSWORD'],
            unread: id === 'i-2' ? [] : ['DB_PASSWORD (secret shop/db) cannot be used: AccessDeniedException'],
          },
        ]),
      ),
    },
    'EnvironmentUnreadable',
    "i-1, i-3: DB_PASSWORD (secret shop/db) cannot be used: AccessDeniedException: correct the fleet's environment",
  ],
  [
    'one that is longer than a short time for the health',
    'address-delay',
    {
      ...front({ [DELAY]: '121' }),
      ofAddresses: true,
      settings: settingsOf({ deregistrationDelaySeconds: 60, registerTimeoutSeconds: 20 }),
    },
    'InvalidInput',
    'deregistration delay of 121 s',
  ],
  [
    'a limit that the minimum never allows',
    'several-at-once',
    { settings: settingsOf({ maxParallel: 2 }) },
    'InvalidInput',
    'lets 2 of 3 servers be out of service at once, and minimumHealthyTargets 2 allows 1',
  ],
  [
    'servers that an execution has no room for, one at a time',
    'history',
    many(893),
    'InvalidInput',
    /^a deploy of 893 servers, one at a time and 25.0 s each, takes at least 25004 events .* ends it at 25000; raise deploy.maxParallel \(all at once take 18760\), or divide/,
  ],
  ['with a long bake', 'history', many(715, { bakeSeconds: 60 }), 'InvalidInput', /715 servers, one at a time and 1 m 10 s each/],
  ['ten at once', 'history', many(1_200, { maxParallel: 10 }), 'InvalidInput', /10 at a time .* Nothing was changed$/],
  [
    'where more at once do not help',
    'history',
    many(1_200, { maxParallel: '10%' }),
    'InvalidInput',
    /25270 events .* do not help: divide the servers/,
  ],
  [
    'a stop after the last server',
    'pause',
    { pauseAfter: 3 },
    'InvalidInput',
    /leaves no next server: 3 servers get .* from 1 to 2\. Nothing/,
  ],
  [
    'an agent without ENV_VAR interpolation',
    'agent',
    { agents: [agent('i-1'), agent('i-2', '3.3.2745.9'), agent('i-3')] },
    'AgentTooOld',
    'i-2 is version 3.3.2745.9; passing parameters as environment variables requires 3.3.2746.0',
  ],
  [
    'an agent that lost its connection',
    'agent',
    { agents: [agent('i-1'), agent('i-2'), agent('i-3', '3.3.2746.0', false)] },
    'AgentOffline',
    'i-3 is not online',
  ],
  [
    'an instance that Systems Manager does not know',
    'agent',
    { agents: healthy.slice(1).map((one) => agent(one.instanceId)) },
    'AgentOffline',
    'i-1 has never reported',
  ],
  ['an alarm that does not exist', 'alarms', { alarmStates: { errors: 'OK' } }, 'InvalidInput', 'do not exist: latency'],
];

it.each(REFUSED)('refuses %s', (_, check, change, name, words) => {
  const facts = factsOf(change);
  const message = typeof words === 'string' ? expect.stringContaining(words) : expect.stringMatching(words);
  expect(refusalsOf(PREFLIGHT_CHECKS, 'preflight', facts)).toContainEqual({ check, error: expect.objectContaining({ name, message }) });
  expect(() => checkPreflight(facts)).toThrow(expect.objectContaining({ name }));
});

it.each<[string, Partial<PreflightFacts>]>([
  ['a fleet that must go below the minimum, to recover', { members: [member('i-1', { health: 'unhealthy' })], recover: true }],
  ['an unhealthy target, which is rolled first', { members: [member('i-1', { health: 'unhealthy' }), ...healthy.slice(1)] }],
  ['a fleet that has the version already, small as it is', { members: [member('i-1', { version: '2' })] }],
  ['a part of the fleet that is one server', { settings: settingsOf({ maxParallel: '50%' }) }],
  [
    'a limit of placeholders, which serve nobody',
    { members: placeholders, settings: settingsOf({ maxParallel: 3, minimumHealthyTargets: 0 }) },
  ],
  ['as many servers as have room', many(892)],
  ['as many, with a long bake', many(714, { bakeSeconds: 60 })],
  ['as many, ten at once', many(1_100, { maxParallel: 10 })],
  ['a long delay of addresses where no server is rolled', { ...front({ [DELAY]: '361' }), ofAddresses: true, toRoll: [] }],
  ['a stop before the last server', { pauseAfter: 2 }],
])('lets %s pass', (_, change) => {
  expect(() => checkPreflight(factsOf(change))).not.toThrow();
});

const blind = 'Requests that take longer than 300 s are cut.';
const WARNED: readonly (readonly [...Case, words: readonly string[]])[] = [
  [
    'a second target group',
    'other-target-groups',
    { registeredWith: [OWN.replace('web/1', 'inside/2'), OWN] },
    ['servers are registered with inside too', 'Detach inside from'],
  ],
  [
    'a delay below the configured one',
    'deregistration-delay',
    front({ [DELAY]: '60' }),
    ['delay is 60 s, and deploys plan with 300 s', 'of the target group to 300, or deploy.deregistrationDelaySeconds to 60'],
  ],
  [
    'a delay with which no drain can work',
    'deregistration-delay',
    front({ [DELAY]: '15' }),
    ['delay is 15 s', 'of the target group to 300;'],
  ],
  [
    'a long delay of addresses, with the time for which each server is out',
    'address-delay',
    { ofAddresses: true },
    ['delay of 300 s: each server is out of service for 5 m 00 s at least', '60 is enough where no request takes longer than 50 s'],
  ],
  ['as long as a deploy waits', 'address-delay', { ...front({ [DELAY]: '360' }), ofAddresses: true }, ['delay of 360 s']],
  [
    'an hour of it, as planned',
    'address-delay',
    { ...front({ [DELAY]: '3600' }), ofAddresses: true, settings: settingsOf({ deregistrationDelaySeconds: 3600 }) },
    ['each server is out of service for 1 h 00 m at least'],
  ],
  [
    'a server that is alone in its zone without cross-zone load balancing',
    'cross-zone',
    front({ [CROSS_ZONE]: 'false' }),
    ['alone in their Availability Zones (i-3 in b)', '503'],
  ],
  [
    'a start that is slower than a bake',
    'slow-start',
    front({ [SLOW_START]: '120' }),
    ['over 120 s, and a bake takes 15 s', 'or deploy.bakeSeconds to 120'],
  ],
  [
    'drains that are set to be blind',
    'blind-drains',
    { settings: settingsOf({ drainSignal: 'blind' }) },
    [
      `The drain of 3 servers will be blind, and take 310 s per server (15 m 30 s in all): drainSignal is "blind". ${blind} Leave drainSignal out, and a drain ends when its requests have ended.`,
    ],
  ],
  [
    'a release without counts that drains are to go by',
    'blind-drains',
    { settings: settingsOf({ drainSignal: 'counts' }), toRoll: [...healthy, member('i-4', { version: '2' })] },
    [
      `The drain of 1 server will be blind, and take 310 s per server (5 m 10 s in all): drainSignal is "counts", and release 2 has no inFlight and requests probes. ${blind} Add these probes to holdfast.app.json, or leave drainSignal out.`,
    ],
  ],
  [
    'HTTP/2 without counts',
    'blind-drains',
    { protocolVersion: 'HTTP2', toRoll: [...healthy, member('i-4', { version: '2' })] },
    [`of which only the application can count requests, and release 2 has no inFlight and requests probes. ${blind} Add these probes`],
  ],
  [
    'gRPC of a server whose release is not known',
    'blind-drains',
    { protocolVersion: 'GRPC', toRoll: [member('i-1', { version: 'unknown' })] },
    ['protocol version GRPC', 'a server without a release on record'],
  ],
  [
    'a bundle on servers whose own is no release',
    'adoption',
    { contracts: new Map([['2', { bundle: {} }]]) as never, toRoll: [{ instanceId: 'i-7', version: 'unknown' }] as never },
    ['What runs on i-7 is no release: it cannot come back if the deploy fails', '"releases publish" with --adopt'],
  ],
  [
    'a release with sessions in memory that any server can be asked for',
    'lost-sessions',
    { contracts: new Map([['2', { sessions: probe }]]) as never },
    [
      'Release 2 keeps sessions in memory ("sessions" in its contract), and stickiness of the target group is off',
      'Keep sessions in the store',
    ],
  ],
  [
    'alarms that are red before the deploy',
    'red-alarms',
    { alarmStates: { latency: 'ALARM', errors: 'ALARM' } },
    ['In ALARM before the deploy, and so no reason to stop it: errors, latency.'],
  ],
  [
    'servers that do not say what they can read',
    'environment',
    { variables: new Map([['i-2', { variables: [], unread: [] }]]) },
    ['i-1, i-3 did not answer in time'],
  ],
  ['a server that was stopped', 'stopped', { stopped: ['i-9'] }, ['i-9 does not run any more, and the deploy goes on without it']],
  [
    'a lifecycle hook of another tool',
    'foreign-hooks',
    { hooks: [{ name: 'slow', kind: 'launch', timeoutSeconds: 60, defaultResult: 'ABANDON' }] },
    ["Lifecycle hook slow is not Holdfast's", 'and is then replaced'],
  ],
  [
    'what is near the end of its history',
    'history',
    many(880),
    ['880 servers, one at a time and 25.0 s each, take some 26,000 events', 'Step Functions ends a deploy at 25,000'],
  ],
];

it('each check has a case', () => {
  const judged = new Set([...REFUSED, ...WARNED].map(([, check]) => check));
  expect(PREFLIGHT_CHECKS.filter(({ name }) => !judged.has(name)).map(({ name }) => name)).toEqual([]);
});

it.each(WARNED)('warns of %s, with what to do', (_, check, change, words) => {
  const facts = factsOf(change);
  const only = (found: string) => PREFLIGHT_CHECKS.filter(({ name }) => name === found);
  const [warning = '', ...others] = warningsOf(only(check), 'preflight', facts);
  expect(others).toEqual([]);
  for (const part of words) expect(warning).toContain(part);
  expect(warning).toMatch(/^([A-Z0-9]|i-|--).*\.$/);
  expect(findingsOf(only(check), 'dry-run', facts)).toMatchObject([{ check }]);
});

describe('what no warning is given of', () => {
  it.each<[string, Partial<PreflightFacts>]>([
    ['attributes that the load balancer does not name', { attributes: {} }],
    ['named servers', { registeredWith: [] }],
    ['a longer delay', front({ [DELAY]: '600' })],
    [
      'addresses with a short delay',
      { ...front({ [DELAY]: '120' }), ofAddresses: true, settings: settingsOf({ deregistrationDelaySeconds: 60 }) },
    ],
    ['a longer delay of instances', front({ [DELAY]: '3600' })],
    ['two servers in each zone', { ...front({ [CROSS_ZONE]: 'false' }), members: healthy.slice(0, 2) }],
    ['servers without a zone', { ...front({ [CROSS_ZONE]: 'false' }), members: [member('i-1'), member('i-2'), member('i-4')] }],
    ['a start that is not slower than a bake', front({ [SLOW_START]: '15' })],
    ['requests that the kernel can show', { toRoll: [...healthy, member('i-4', { version: '2' })] }],
    ['requests that the kernel is to show', { settings: settingsOf({ drainSignal: 'kernel' }), toRoll: [member('i-4', { version: '2' })] }],
    ['counts that every release offers', { protocolVersion: 'HTTP2' }],
    ['placeholders that are replaced', { members: placeholders, settings: settingsOf({ drainSignal: 'blind', minimumHealthyTargets: 0 }) }],
    [
      'sessions in memory behind stickiness',
      {
        ...front({ 'stickiness.enabled': 'true' }),
        contracts: new Map([
          ['2', { sessions: probe }],
          ['1', {}],
        ]) as never,
      },
    ],
    ['alarms and servers of a restart', { restarts: true, alarmStates: { latency: 'ALARM', errors: 'OK' }, stopped: ['i-9'] }],
    ['what has room', many(800)],
  ])('%s', (_, change) => {
    expect(warningsOf(PREFLIGHT_CHECKS, 'preflight', factsOf(change))).toEqual([]);
  });
});
