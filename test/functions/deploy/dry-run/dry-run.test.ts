/** Each refusal of a deploy is also one of its dry run: the deploy's own steps and the dry run meet the same fleets here. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type AssessPorts, createAssess } from '../../../../functions/deploy/assess/assess.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import { createControl } from '../../../../functions/deploy/control/control.ts';
import { createDryRun } from '../../../../functions/deploy/dry-run/dry-run.ts';
import type { DryRunPorts } from '../../../../functions/deploy/dry-run/read-facts.ts';
import { DEPLOY_ERRORS } from '../../../../functions/deploy/errors.ts';
import { createSessions } from '../../../../functions/deploy/sessions/sessions.ts';
import { createStoreCheck } from '../../../../functions/deploy/store-check/store-check.ts';
import { INSTANCE_ERRORS } from '../../../../functions/instance/errors.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import type { ListedRule } from '../../../../functions/shared/aws/listener-rule-list.ts';
import type { Agent } from '../../../../functions/shared/aws/run-command.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { createClock, RELEASE, recordingLog, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const IN_SYNC = 'role:master\r\nslave0:state=online,offset=1,lag=0\r\nmaster_replid:a1\r\nmaster_repl_offset:1\r\n';
const ALONE = 'role:master\r\nmaster_replid:b2\r\nmaster_repl_offset:1\r\n';
const ARNS = { ruleArn: 'l/1/drain', drainTargetGroupArn: 'group', targetGroupArn: 'main' };
const rule = (arn: string, priority: number, targetGroupArn: string): ListedRule => ({
  ...{ arn, priority, hosts: [], paths: [], others: [], transforms: [], actions: ['forward'] },
  targetGroupArns: [targetGroupArn],
});
const DRAIN = rule('l/1/drain', 1, 'group');
const MAIN = rule('l/1/own', 2, 'main');

let records: Records;
let clock: ReturnType<typeof createClock>;
let health: Record<string, string>;
let agents: Record<string, Partial<Agent>>;
let alarms: Record<string, string>;
let settings: Record<string, unknown>;
let replication: string;
let rules: ListedRule[] | undefined;
let input: { version: string; recover?: boolean };
let sessions: Map<string, number>;

beforeEach(async () => {
  records = memoryRecords();
  clock = createClock();
  health = { 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' };
  agents = {};
  alarms = { errors: 'OK' };
  settings = { alarmNames: ['errors'] };
  replication = IN_SYNC;
  rules = undefined;
  input = { version: '2.0.0' };
  sessions = new Map();
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  await records.putRelease(RELEASE);
  await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  for (const instanceId of Object.keys(health)) await records.putInstance('web', { instanceId, version: '1.0.0', installedAtMs: 1 });
});

const fleet = (): Pick<AssessPorts, 'targetGroup' | 'isSticky' | 'group' | 'prepares' | 'agents' | 'alarms'> => ({
  targetGroup: fakeTargetGroup(health),
  isSticky: async () => rules !== undefined,
  group: fakeAutoScalingGroup(Object.fromEntries(Object.keys(health).map((id) => [id, 'InService']))),
  prepares: false,
  agents: {
    describe: async (ids) => ids.map((instanceId) => ({ instanceId, version: '3.3.3000.0', online: true, ...agents[instanceId] })),
  },
  alarms: {
    states: async (names) => Object.fromEntries(names.flatMap((name) => (alarms[name] === undefined ? [] : [[name, alarms[name]]]))),
    read: async () => ({}),
  },
});

const storeCheck = () =>
  createStoreCheck({
    connect: async () => ({ ping: async () => 'PONG', info: async () => replication, disconnect: () => {} }),
    wantedReplicas: 1,
    storeName: 'store:6379',
    now: clock.now,
  });

const dryRun = () => {
  const front: Pick<DryRunPorts, 'front' | 'countSessions'> = rules
    ? { front: { rules: async () => rules ?? [], arns: ARNS }, countSessions: async () => sessions }
    : {};
  return createDryRun({
    ...fleet(),
    fleet: 'web',
    settings,
    records,
    zones: async () => new Map([['i-1', 'eu-west-1a']]),
    checkStore: async (deploy) =>
      storeCheck()({ step: 'checkStore', deploy }).then(
        () => ({}),
        (fault) => ({ fault }),
      ),
    ...front,
    now: clock.now,
  })(input);
};

/** The deploy's own steps before it touches anything, in their order. @returns the error that refused it; undefined when it would begin */
async function deploy(): Promise<Error | undefined> {
  const control = createControl({
    ...{ records, metrics: recordingMetrics(), log: recordingLog(), now: clock.now, fleet: 'web', settings },
    ...{ events: { put: async () => {} }, publish: async () => {} },
  });
  const assess = createAssess({
    ...{ ...fleet(), records, now: clock.now, requestRate: { perMinute: async () => [] } },
    documentVersions: async () => ({ waitIdle: '1', install: '1', observe: '1' }),
  });
  const start = { executionName: 'd1', executionArn: 'arn:d1', startTime: new Date(START_MS).toISOString() };
  try {
    const context = (await control({ step: 'validate', input, ...start })) as DeployContext;
    const lease = (await control({ step: 'acquireLock', deploy: context })) as Lease;
    const held = { deploy: context, lease };
    await assess({ step: 'plan', ...held });
    await assess({ step: 'preflight', ...held, plan: { from: '', to: '', targets: [] } });
    await storeCheck()({ step: 'checkStore', deploy: context });
    if (!rules) return undefined;
    const groups = { targetGroup: fakeTargetGroup(health), drainGroup: fakeTargetGroup() };
    const front = createSessions({
      ...{ records, ...groups, rules: async () => rules ?? [], arns: ARNS },
      ...{ metrics: recordingMetrics(), log: recordingLog(), now: clock.now },
      rule: { read: async () => 'pinned', pin: async () => {}, release: async () => {} },
    });
    await front({ step: 'checkFront', ...held });
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

const lockOf = (expiresAtMs: number) =>
  records.acquireLock({
    ...{ fleet: 'web', deployId: 'other', executionArn: 'arn:other', requestedBy: 'bob', version: '1.5.0', nowMs: 1, expiresAtMs },
  });

const UNHEALTHY = { 'i-2': 'unhealthy', 'i-3': 'unhealthy' };
const badRule = () => {
  rules = [{ ...DRAIN, priority: 3 }, MAIN];
};

/** What refuses, by its name; and numbers or names that its message has. */
const FAULTS: readonly (readonly [string, () => unknown, string, RegExp])[] = [
  ['a version that is none', () => void Object.assign(input, { version: '../2' }), 'InvalidVersion', /"\.\.\/2"/],
  ['an input that is not known', () => Object.assign(input, { pace: 'fast' }), 'InvalidInput', /pace/],
  [
    'times that fit no drain',
    () => Object.assign(settings, { deregistrationDelaySeconds: 20 }),
    'InvalidInput',
    /\(20\) leaves a drain 10 s/,
  ],
  ['another deploy', () => lockOf(START_MS + 60_000), 'DeployInProgress', /other of 1\.5\.0 by bob/],
  ['an unknown release', () => void Object.assign(input, { version: '9.9.9' }), 'ReleaseNotFound', /no release 9\.9\.9/],
  ['too few healthy servers', () => void Object.assign(health, UNHEALTHY), 'TooFewHealthyTargets', /only 1 targets/],
  ['an agent that is away', () => void Object.assign(agents, { 'i-2': { online: false } }), 'AgentOffline', /i-2 is not online/],
  ['an agent that is old', () => void Object.assign(agents, { 'i-3': { version: '3.0.0.0' } }), 'AgentTooOld', /3\.0\.0\.0.*3\.3\.2746/],
  ['an alarm that does not exist', () => void delete alarms['errors'], 'InvalidInput', /do not exist: errors/],
  [
    'a store without its replicas',
    () => {
      replication = ALONE;
    },
    'ReplicasOutOfSync',
    /0 of 1 replicas/,
  ],
  [
    'a store whose primary is away',
    () => {
      replication = 'role:slave';
    },
    'StoreUnavailable',
    /answers as slave/,
  ],
  ['a drain rule that takes others’ requests', badRule, 'SessionsNotDrainable', /priority 3/],
];

describe('a dry run', () => {
  it.each(FAULTS)('refuses %s as the deploy does, with the same words', async (_what, plant, name, words) => {
    plant();
    const found = await dryRun();
    const refused = await deploy();
    expect(refused?.name).toBe(name);
    expect(found.refused).toBe(true);
    expect(found.refusals.map(({ error }) => error)).toContain(name);
    const said = found.refusals.find(({ error }) => error === name);
    expect(said?.message).toMatch(words);
    expect(refused?.message).toContain(said?.message);
  });

  it('refuses nothing that the deploy accepts', async () => {
    expect(await dryRun()).toMatchObject({ refused: false, refusals: [], from: '1.0.0', version: '2.0.0' });
    expect(await deploy()).toBeUndefined();
  });

  it.each([
    ['an expired lock', () => lockOf(START_MS)],
    ['recover with too few healthy servers', () => void (Object.assign(health, UNHEALTHY) && Object.assign(input, { recover: true }))],
    [
      'recover with a bad drain rule',
      () => {
        badRule();
        input.recover = true;
      },
    ],
  ])('accepts %s, as the deploy does', async (_what, plant) => {
    await plant();
    expect((await dryRun()).refusals).toEqual([]);
    expect(await deploy()).toBeUndefined();
  });

  it('states every fault at once, where the deploy ends with its first', async () => {
    for (const [what, plant] of FAULTS) if (!/version|input|times|primary|unknown/.test(what)) await plant();
    const { refusals } = await dryRun();
    expect(new Set(refusals.map(({ error }) => error))).toEqual(
      new Set([
        'DeployInProgress',
        'TooFewHealthyTargets',
        'AgentOffline',
        'AgentTooOld',
        'InvalidInput',
        'ReplicasOutOfSync',
        'SessionsNotDrainable',
      ]),
    );
    expect((await deploy())?.name).toBe('DeployInProgress');
  });

  it('takes no lock and writes nothing', async () => {
    await dryRun();
    expect(await records.getLock('web')).toBeUndefined();
    expect(await records.latestDeploys('web', 10)).toEqual([]);
  });

  it('knows every error that ends a deploy: as its own refusal, or as one that only acting can show', () => {
    const own = new Set(FAULTS.map(([, , name]) => name));
    const byActing = new Set<string>([
      ...['LeaseLost', 'TargetNeverHealthy', 'PinTimedOut', 'NewcomerTimedOut', 'TargetFailed', 'StepOvertaken', 'AlarmFired'],
      ...[...INSTANCE_ERRORS, 'MissingEnvironment'],
    ]);
    expect(DEPLOY_ERRORS.filter((name) => !own.has(name) && !byActing.has(name))).toEqual([]);
  });
});

describe('the plan of a dry run', () => {
  it('has the order, the zones and what shows the requests', async () => {
    health['i-3'] = 'unhealthy';
    const { servers, atATime, suspendsAutoScaling } = await dryRun();
    expect([atATime, suspendsAutoScaling]).toEqual([1, true]);
    expect(servers).toEqual([
      { instanceId: 'i-3', version: '1.0.0', health: 'unhealthy', drain: 'kernel', waitsForSessions: false, togetherWith: [] },
      {
        instanceId: 'i-1',
        zone: 'eu-west-1a',
        version: '1.0.0',
        health: 'healthy',
        drain: 'kernel',
        waitsForSessions: false,
        togetherWith: [],
      },
      { instanceId: 'i-2', version: '1.0.0', health: 'healthy', drain: 'kernel', waitsForSessions: false, togetherWith: [] },
    ]);
  });

  it('counts the sessions that the deploy would wait for, and says what it has not asked', async () => {
    rules = [DRAIN, MAIN];
    sessions = new Map([['i-2', 7]]);
    const { servers, unchecked, worst } = await dryRun();
    expect(servers.map(({ instanceId, waitsForSessions, sessions: now }) => [instanceId, waitsForSessions, now])).toEqual([
      ['i-1', false, undefined],
      ['i-2', true, 7],
      ['i-3', false, undefined],
    ]);
    expect(unchecked.map(({ check }) => check)).toEqual(['commands', 'release', 'drain rule', 'routes']);
    expect(worst?.suspendedSeconds).toBeGreaterThan(2_400);
  });

  it('refuses a wait that is longer than an execution may last', async () => {
    rules = [DRAIN, MAIN];
    sessions = new Map([['i-1', 1]]);
    settings = { ...settings, sessionDrainSeconds: 20_000 };
    const { refusals } = await dryRun();
    expect(refusals).toEqual([
      {
        check: 'sessions',
        error: 'SessionsNotDrainable',
        message: expect.stringMatching(/i-1 waits up to 20000 s .* the maximum is 10000 s/),
      },
    ]);
  });

  it('leaves servers alone that have the release', async () => {
    await records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 2 });
    const { servers, unchanged } = await dryRun();
    expect([servers.map(({ instanceId }) => instanceId), unchanged]).toEqual([['i-2', 'i-3'], ['i-1']]);
  });
});
