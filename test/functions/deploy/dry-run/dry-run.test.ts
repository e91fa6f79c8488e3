/** Each refusal of a deploy is also one of its dry run: the deploy's own steps and the dry run meet the same fleets here. */
import { beforeEach, describe, expect, it } from 'vitest';
import { DEPLOY_ERRORS } from '../../../../functions/deploy/errors.ts';
import { INSTANCE_ERRORS } from '../../../../functions/instance/errors.ts';
import type { ReleaseRecord } from '../../../../functions/records/types.ts';
import { CODE_DEPLOY_HOOK } from '../../fakes/code-deploy-hook.ts';
import { beginDeploy, START_MS } from '../../fakes/fixtures.ts';
import { type AFleet, ALONE, aFleet, DRAIN, deploy, dryRun, MAIN } from './a-fleet.ts';

let world: AFleet;
beforeEach(async () => {
  world = await aFleet();
});

const lockOf = (expiresAtMs: number) =>
  world.records.acquireLock({
    ...{ fleet: 'web', deployId: 'other', executionArn: 'arn:other', requestedBy: 'bob', version: '1.5.0', nowMs: 1, expiresAtMs },
  });

const UNHEALTHY = { 'i-2': 'unhealthy', 'i-3': 'unhealthy' };
const badRule = () => {
  world.rules = [{ ...DRAIN, priority: 3 }, MAIN];
};

/** What refuses, by its name; and numbers or names that its message has. */
const FAULTS: readonly (readonly [string, () => unknown, string, RegExp])[] = [
  ['a version that is none', () => void Object.assign(world.input, { version: '../2' }), 'InvalidVersion', /"\.\.\/2"/],
  ['an input that is not known', () => Object.assign(world.input, { pace: 'fast' }), 'InvalidInput', /pace/],
  [
    'times that fit no drain',
    () => Object.assign(world.settings, { deregistrationDelaySeconds: 20 }),
    'InvalidInput',
    /\(20\) leaves a drain 10 s/,
  ],
  ['another deploy', () => lockOf(START_MS + 60_000), 'DeployInProgress', /other of 1\.5\.0 by bob/],
  ['an unknown release', () => void Object.assign(world.input, { version: '9.9.9' }), 'ReleaseNotFound', /no release 9\.9\.9/],
  [
    'a zone that the load balancer does not serve',
    () => {
      world.health['i-3'] = 'unused, Target.NotInUse: Target is in an Availability Zone that is not enabled for the load balancer';
    },
    'InvalidInput',
    /sends nothing to i-3 .*not enabled/,
  ],
  [
    'addresses that the load balancer takes back too late',
    () => {
      world.ofAddresses = true;
      Object.assign(world.attributes, { 'deregistration_delay.timeout_seconds': '3600' });
    },
    'InvalidInput',
    /each server is out of service for 1 h 00 m at least.*a deploy waits for 360 s, and none begins.*to 300, or deploy\.deregistrationDelaySeconds to 3600\. Nothing was changed/,
  ],
  ['too few healthy servers', () => void Object.assign(world.health, UNHEALTHY), 'TooFewHealthyTargets', /only 1 target/],
  [
    'more servers at once than the minimum allows',
    () => Object.assign(world.settings, { maxParallel: 2, minimumHealthyTargets: 2 }),
    'InvalidInput',
    /deploy\.maxParallel 2 lets 2 of 3 servers be out of service at once, and minimumHealthyTargets 2 allows 1/,
  ],
  ['an agent that is away', () => void Object.assign(world.agents, { 'i-2': { online: false } }), 'AgentOffline', /i-2 is not online/],
  [
    'an agent that is old',
    () => void Object.assign(world.agents, { 'i-3': { version: '3.0.0.0' } }),
    'AgentTooOld',
    /3\.0\.0\.0.*3\.3\.2746/,
  ],
  ['an alarm that does not exist', () => void delete world.alarms['errors'], 'InvalidInput', /do not exist: errors/],
  [
    'a store without its replicas',
    () => {
      world.replication = ALONE;
    },
    'ReplicasOutOfSync',
    /0 of 1 replicas/,
  ],
  [
    'a store whose primary is away',
    () => {
      world.replication = 'role:slave';
    },
    'StoreUnavailable',
    /answers as slave/,
  ],
  [
    'a stop after the last server',
    () => Object.assign(world.input, { pauseAfter: 3 }),
    'InvalidInput',
    /--pause-after 3 leaves no next server: 3 servers get the release; give --pause-after a number from 1 to 2/,
  ],
  [
    'a stop where a failure leaves the servers as they are',
    () => {
      world.input.pauseAfter = 1;
      world.settings['onFailure'] = 'halt';
    },
    'InvalidInput',
    /pauseAfter 1 is not possible with onFailure halt/,
  ],
  ['a stop after half a server', () => Object.assign(world.input, { pauseAfter: 1.5 }), 'InvalidInput', /pauseAfter/],
  [
    'a stop of a fleet whose sessions are waited for',
    () => {
      world.input.pauseAfter = 1;
      world.rules = [DRAIN, MAIN];
    },
    'InvalidInput',
    /--pause-after 1 is not possible in a fleet whose deploys wait for the sessions/,
  ],
  ['a drain rule that takes others’ requests', badRule, 'SessionsNotDrainable', /priority 3/],
  [
    'a drain group with stickiness of its own',
    () => {
      world.rules = [DRAIN, MAIN];
      world.groups = { ...world.groups, attributes: { 'stickiness.enabled': 'true' } };
    },
    'SessionsNotDrainable',
    /the drain group has stickiness/,
  ],
];

describe('a dry run', () => {
  it("names a lifecycle hook that CodeDeploy has left in the group, and not Holdfast's own", async () => {
    expect((await dryRun(world)).warnings.join()).not.toContain('lifecycle hook');
    world.otherHooks.push(CODE_DEPLOY_HOOK);
    const named = `Lifecycle hook ${CODE_DEPLOY_HOOK.name} is CodeDeploy's: each new server waits in it`;
    expect((await dryRun(world)).warnings).toContainEqual(expect.stringContaining(named));
    const { warnings } = await dryRun(world);
    expect(warnings).toContainEqual(expect.stringContaining('--auto-scaling-group-name holdfast-web'));
    await deploy(world);
    expect((await world.records.getDeploy('web', 'd1'))?.warnings).toEqual(warnings);
  });

  it('warns of a load balancer by which users meet more of the deploy, as the deploy does', async () => {
    Object.assign(world.attributes, { 'deregistration_delay.timeout_seconds': '30' });
    world.otherGroups.push('arn:targetgroup/inside/2');
    const { warnings } = await dryRun(world);
    expect(warnings).toEqual([expect.stringContaining('with inside too'), expect.stringContaining('delay is 30 s')]);
    await deploy(world);
    expect((await world.records.getDeploy('web', 'd1'))?.warnings).toEqual(warnings);
  });

  it.each(FAULTS)('refuses %s as the deploy does, with the same words', async (_what, plant, name, words) => {
    plant();
    const found = await dryRun(world);
    const refused = await deploy(world);
    expect(refused?.name).toBe(name);
    expect(found.refused).toBe(true);
    expect(found.refusals.map(({ error }) => error)).toContain(name);
    const said = found.refusals.find(({ error }) => error === name);
    expect(said?.message).toMatch(words);
    expect(refused?.message).toContain(said?.message);
  });

  it('warns of a drain group with another health check, as the deploy does', async () => {
    world.rules = [DRAIN, MAIN];
    world.groups = { main: { healthCheckPath: '/live' }, drain: { healthCheckPath: '/' }, attributes: {} };
    const difference = expect.stringMatching(/another path of the health check \(\/\)/);
    expect((await dryRun(world)).warnings).toContainEqual(difference);
    expect(await deploy(world)).toBeUndefined();
    expect((await world.records.getDeploy('web', 'd1'))?.warnings).toContainEqual(difference);
  });

  it('refuses several servers at once where sessions are kept on their server, as the deploy does', async () => {
    world.rules = [DRAIN, MAIN];
    Object.assign(world.settings, { maxParallel: 2, minimumHealthyTargets: 1 });
    const { refusals } = await dryRun(world);
    expect(refusals).toMatchObject([{ error: 'SessionsNotDrainable', message: expect.stringMatching(/set deploy\.maxParallel to 1/) }]);
    expect((await deploy(world))?.message).toBe(refusals[0]?.message);
  });

  it('refuses nothing that the deploy accepts', async () => {
    expect(await dryRun(world)).toMatchObject({ refused: false, refusals: [], from: '1.0.0', version: '2.0.0' });
    expect(await deploy(world)).toBeUndefined();
  });

  it.each([
    ['an expired lock', () => lockOf(START_MS)],
    [
      'recover with too few healthy servers',
      () => void (Object.assign(world.health, UNHEALTHY) && Object.assign(world.input, { recover: true })),
    ],
    [
      'recover with a bad drain rule',
      () => {
        badRule();
        world.input.recover = true;
      },
    ],
  ])('accepts %s, as the deploy does', async (_what, plant) => {
    await plant();
    expect((await dryRun(world)).refusals).toEqual([]);
    expect(await deploy(world)).toBeUndefined();
  });

  it('of what runs already asks each server for its variables, as a restart of all would', async () => {
    world.input.version = '1.0.0';
    const unread = ['DB (secret shop/db) cannot be used: AccessDeniedException'];
    const readEnvironment = async (ids: readonly string[]) =>
      new Map(ids.map((id) => [id, { variables: ['DB'], unread: id === 'i-2' ? unread : [] }]));
    expect((await dryRun(world, { readEnvironment })).refusals).toMatchObject([
      { error: 'EnvironmentUnreadable', message: expect.stringContaining(`i-2: ${unread[0]}`) },
    ]);
    const { warnings } = await dryRun(world, { readEnvironment: async () => new Map() });
    expect(warnings).toContainEqual(expect.stringContaining('i-1, i-2, i-3 did not answer in time whether'));
  });

  it('states every fault at once, where the deploy ends with its first', async () => {
    for (const [what, plant] of FAULTS) if (!/version|input|times|primary|unknown|stop/.test(what)) await plant();
    const { refusals } = await dryRun(world);
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
    expect((await deploy(world))?.name).toBe('DeployInProgress');
  });

  it('takes no lock and writes nothing', async () => {
    await dryRun(world);
    expect(await world.records.getLock('web')).toBeUndefined();
    expect(await world.records.latestDeploys('web', 10)).toEqual([]);
  });

  it('knows every error that ends a deploy: as its own refusal, or as one that only acting can show', () => {
    const own = new Set(FAULTS.map(([, , name]) => name));
    const byActing = new Set<string>([
      ...[
        // Asked of real servers: preflight.test.ts has the check's cases.
        'EnvironmentUnreadable',
        'LeaseLost',
        'TargetNeverHealthy',
        'TargetNotRegistered',
        'PinTimedOut',
        'SessionsIncompatible',
        'UsersTurnedAway',
        'PagesBroken',
        'NewcomerTimedOut',
        'TargetFailed',
        'PauseTimedOut',
        'StepOvertaken',
        'AlarmFired',
        'DeployStopping',
      ],
      ...[...INSTANCE_ERRORS, 'MissingEnvironment'],
    ]);
    expect(DEPLOY_ERRORS.filter((name) => !own.has(name) && !byActing.has(name))).toEqual([]);
  });
});

it('a dry run says what would not stop the deploy, by intent or by the fleet’s setting', async () => {
  world.input.expect = 'turned-away';
  expect((await dryRun(world)).warnings).toContain('--expect turned-away: users who are logged out or refused do not stop this deploy.');
  Object.assign(world.settings, { onPeople: 'report' });
  expect((await dryRun(world)).warnings).toContainEqual(expect.stringContaining('deploy.onPeople is "report"'));
  world.input.expect = 'errors';
  expect((await dryRun(world)).refusals).toEqual([
    expect.objectContaining({ error: 'InvalidInput', message: expect.stringContaining('expect') }),
  ]);
});

it('a dry run says what the last deploy found of servers that do not answer with assets that are added', async () => {
  const { records } = world;
  const release = await records.getRelease('web', '2.0.0');
  const assets = [{ folder: 'public/assets', path: '/assets/' }];
  await records.putRelease({ ...(release as ReleaseRecord), version: '3.0.0', app: { ...(release as ReleaseRecord).app, assets } });
  world.input.version = '3.0.0';
  expect((await dryRun(world)).unchecked).toContainEqual(expect.objectContaining({ check: 'assets' }));
  const warning = 'Servers do not answer with files that are added while they run: /assets/a.js of 2.0.0 …';
  await beginDeploy(records);
  await records.updateDeploy('web', 'd1', { stages: true, warnings: [warning] });
  const report = await dryRun(world);
  expect(report.warnings).toContain(`As the latest deploy with assets found: ${warning}.`);
  expect(report.unchecked).not.toContainEqual(expect.objectContaining({ check: 'assets' }));
});
