import { beforeEach, describe, expect, it } from 'vitest';
import { type AssessPorts, createAssess } from '../../../../functions/deploy/assess/assess.ts';
import type { AssessRequest, NextTarget } from '../../../../functions/deploy/contract/assess-steps.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { fakeExecutions, NOTHING_LEFT } from '../../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

let records: Records;
let lease: Lease;
let clock: ReturnType<typeof createClock>;
let members: Record<string, string>;
let health: Record<string, string>;
let alarms: Record<string, string>;
let requestsPerMinute: number[];
let assess: ReturnType<typeof createAssess>;

const deploy: DeployContext = { ...DEPLOY, settings: { ...DEPLOY.settings, alarmNames: ['errors'] } };
const ask = (request: Omit<AssessRequest, 'deploy' | 'lease'> & Record<string, unknown>) =>
  assess({ deploy, lease, ...request } as AssessRequest);
const install = (instanceId: string, version: string) => records.putInstance('web', { instanceId, version, installedAtMs: 1 });

beforeEach(async () => {
  records = memoryRecords();
  clock = createClock();
  members = { 'i-1': 'InService', 'i-2': 'InService', 'i-3': 'InService' };
  health = { 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' };
  [alarms, requestsPerMinute] = [{ errors: 'OK' }, []];
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  await records.putRelease(RELEASE);
  await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  for (const instanceId of Object.keys(members)) await install(instanceId, '1.0.0');
  lease = await beginDeploy(records, deploy, {});
  assess = createAssess(portsOf(records));
});

function portsOf(of: Records, prepares = false): AssessPorts {
  return {
    records: of,
    targetGroup: fakeTargetGroup(health),
    ...{ targetGroupArn: 'arn:group', attributes: async () => ({}), group: fakeAutoScalingGroup(members) },
    agents: { describe: async (ids) => ids.map((instanceId) => ({ instanceId, version: '3.3.3000.0', online: true })) },
    alarms: {
      states: async (names) => Object.fromEntries(names.map((name) => [name, alarms[name] ?? 'OK'])),
      read: async (names) => Object.fromEntries(names.map((name) => [name, { state: alarms[name] ?? 'OK' }])),
    },
    documentVersions: async () => ({ waitIdle: '3', install: '2', observe: '1' }),
    requestRate: { perMinute: async () => requestsPerMinute },
    prepares,
    ...{ executions: fakeExecutions({}), rollTargetStateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:roll' },
    now: clock.now,
  };
}

/** A deploy of a fleet in which none has succeeded yet. */
async function firstDeploy(prepares = false): Promise<{ readonly empty: Records; readonly ask: (request: object) => Promise<unknown> }> {
  const empty = memoryRecords();
  await empty.putRelease(RELEASE);
  const held = await beginDeploy(empty, deploy, {});
  const first = createAssess(portsOf(empty, prepares));
  return { empty, ask: (request) => first({ deploy, lease: held, ...request } as AssessRequest) };
}

describe('a first deploy', () => {
  it('plans servers without a record as placeholders, and those that ran before Holdfast as unknown', async () => {
    const created = await firstDeploy();
    expect(await created.ask({ step: 'plan' })).toMatchObject({
      from: 'none',
      targets: [{ version: 'none' }, { version: 'none' }, { version: 'none' }],
    });
    expect((await created.empty.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject({ fromVersion: 'none' });
    const adopted = await firstDeploy(true);
    expect(await adopted.ask({ step: 'plan' })).toMatchObject({
      from: 'none',
      targets: [{ version: 'unknown' }, { version: 'unknown' }, { version: 'unknown' }],
    });
  });

  it('rolls a server that came into service with its placeholder meanwhile', async () => {
    const { ask: first, empty } = await firstDeploy();
    for (const instanceId of ['i-1', 'i-2', 'i-3']) await empty.putInstance('web', { instanceId, version: '2.0.0', installedAtMs: 1 });
    members['i-4'] = 'InService';
    health['i-4'] = 'initial';
    expect(await first({ step: 'nextTarget', waitingSinceMs: 0 })).toMatchObject({ verdict: 'ROLL', roll: { instanceId: 'i-4' } });
  });

  it('knows the placeholder of a newcomer for one after its own promotion too', async () => {
    const { ask: first, empty } = await firstDeploy();
    await first({ step: 'plan' });
    for (const instanceId of ['i-1', 'i-2', 'i-3']) await empty.putInstance('web', { instanceId, version: '2.0.0', installedAtMs: 1 });
    await empty.promote('web', { version: '2.0.0', sha256: RELEASE.sha256, deployId: 'd1', fencingToken: 1, atMs: 1 });
    members['i-4'] = 'InService';
    expect(await first({ step: 'nextTarget', waitingSinceMs: 0 })).toMatchObject({
      verdict: 'ROLL',
      roll: { instanceId: 'i-4', mayFail: true },
    });
    expect((await empty.getDeploy('web', 'd1'))?.targets['i-4']).toMatchObject({ fromVersion: 'none' });
  });

  it('settles at once where placeholders answered 503 before, whatever its alarms report, and not where servers ran before', async () => {
    const created = await firstDeploy();
    await created.ask({ step: 'plan' });
    alarms = { errors: 'ALARM' };
    expect(await created.ask({ step: 'settle', settleStartedAtMs: 0, storeFailedOver: false })).toMatchObject({ verdict: 'DONE' });
    const adopted = await firstDeploy(true);
    await adopted.ask({ step: 'plan' });
    await expect(adopted.ask({ step: 'settle', settleStartedAtMs: 0, storeFailedOver: false })).rejects.toMatchObject({
      name: 'AlarmFired',
    });
  });
});

it('returns the versions of the documents that the deploy continues with, and puts them on record', async () => {
  expect(await ask({ step: 'pinDocuments' })).toEqual({ waitIdle: '3', install: '2', observe: '1' });
  expect((await records.getDeploy('web', 'd1'))?.documents).toEqual({ waitIdle: '3', install: '2', observe: '1' });
});

describe('plan', () => {
  it('lists what has to be rolled, and notes the rest as skipped', async () => {
    await install('i-2', '2.0.0');
    expect(await ask({ step: 'plan' })).toEqual({
      from: '1.0.0',
      to: '2.0.0',
      targets: [
        { instanceId: 'i-1', version: '1.0.0', health: 'healthy' },
        { instanceId: 'i-3', version: '1.0.0', health: 'healthy' },
      ],
    });
    const phases = Object.entries((await records.getDeploy('web', 'd1'))?.targets ?? {}).map(
      ([id, { phase, order }]) => `${id} ${phase} ${order}`,
    );
    expect(phases.sort()).toEqual(['i-1 waiting 0', 'i-2 skipped 2', 'i-3 waiting 1']);
  });

  it('throws ReleaseNotFound for a version that nobody published', async () => {
    const request = { step: 'plan', deploy: { ...deploy, version: '9' }, lease } as const;
    await expect(assess(request)).rejects.toMatchObject({ name: 'ReleaseNotFound', message: expect.stringContaining('no release 9') });
  });
});

it('preflight puts the alarms on record as they are before the deploy', async () => {
  alarms['errors'] = 'ALARM';
  expect(await ask({ step: 'preflight' })).toEqual({ healthyTargets: 3, alreadyInAlarm: ['errors'] });
  expect((await records.getDeploy('web', 'd1'))?.alarmsAtStart).toEqual({ errors: 'ALARM' });
});

describe('nextTarget', () => {
  it('names the target to roll, and puts it on record', async () => {
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toEqual({
      verdict: 'ROLL',
      waitingSinceMs: 0,
      executionName: `i-1-${START_MS}`,
      room: false,
      roll: { instanceId: 'i-1', executionName: `i-1-${START_MS}`, quietSeconds: 25, phaseStartedAtMs: START_MS, isPrepared: true },
      atWork: [`i-1-${START_MS}`],
    });
    expect((await records.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject({
      phase: 'waiting',
      healthBefore: 'healthy',
      startedAtMs: START_MS,
      executionName: `i-1-${START_MS}`,
    });
  });

  it('asks a busy fleet for a shorter silence', async () => {
    requestsPerMinute = [1_200, 600, 900];
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toMatchObject({ roll: { quietSeconds: expect.closeTo(8.29, 2) } });
  });

  it('adds a newcomer to the record, after the others', async () => {
    await ask({ step: 'plan' });
    members['i-0'] = 'InService';
    health['i-0'] = 'healthy';
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toMatchObject({ roll: { instanceId: 'i-1' } });
    const newcomer = { phase: 'waiting', order: 3, newcomer: true, seenAtMs: START_MS };
    expect((await records.getDeploy('web', 'd1'))?.targets['i-0']).toMatchObject(newcomer);
    for (const instanceId of ['i-1', 'i-2', 'i-3']) {
      await install(instanceId, '2.0.0');
      await records.updateTarget('web', 'd1', instanceId, { phase: 'done' });
    }
    clock.nowMs += 60_000;
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toMatchObject({ roll: { instanceId: 'i-0', mayFail: true } });
    expect((await records.getDeploy('web', 'd1'))?.targets['i-0']).toMatchObject({ ...newcomer, startedAtMs: clock.nowMs });
  });

  it('leaves a target whose roll has begun as it is when the step comes twice, the second time late', async () => {
    await ask({ step: 'plan' });
    const next = async () => (await ask({ step: 'nextTarget', waitingSinceMs: 0 })) as NextTarget;
    const first = await next();
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'draining', phaseStartedAtMs: START_MS });
    const begun = (await records.getDeploy('web', 'd1'))?.targets;
    clock.nowMs += 5_000;
    expect(first.executionName).toBe(`i-1-${START_MS}`);
    expect(await next(), 'it is at work').toEqual({ verdict: 'AWAIT', waitingSinceMs: 0, atWork: [`i-1-${START_MS}`] });
    await ask({ step: 'plan' });
    expect((await records.getDeploy('web', 'd1'))?.targets).toEqual(begun);
  });

  it('waits for an instance that starts, and finishes without it when its time is up', async () => {
    await ask({ step: 'plan' });
    for (const instanceId of ['i-1', 'i-2', 'i-3']) await install(instanceId, '2.0.0');
    members['i-4'] = 'Pending:Wait';
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toEqual({ verdict: 'WAIT', waitingSinceMs: START_MS, atWork: [] });
    clock.nowMs += 1_200_000;
    expect(await ask({ step: 'nextTarget', waitingSinceMs: START_MS })).toEqual(NOTHING_LEFT);
    expect((await records.getDeploy('web', 'd1'))?.targets['i-4']).toMatchObject({
      phase: 'skipped',
      detail: 'still starting after 1200 s; it installs 2.0.0 by itself before it serves, or Auto Scaling replaces it',
    });
  });

  it('says of a newcomer that could not be taken out what it serves', async () => {
    await ask({ step: 'plan' });
    for (const instanceId of ['i-1', 'i-2', 'i-3']) {
      await install(instanceId, '2.0.0');
      await records.updateTarget('web', 'd1', instanceId, { phase: 'done' });
      if (instanceId !== 'i-1') health[instanceId] = 'unhealthy';
    }
    members['i-4'] = 'InService';
    health['i-4'] = 'healthy';
    await install('i-4', '1.0.0');
    const waits = { verdict: 'WAIT', comesOutdated: true, waitingSinceMs: START_MS, atWork: [] };
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toEqual(waits);
    clock.nowMs += 1_200_000;
    expect(await ask({ step: 'nextTarget', waitingSinceMs: START_MS })).toEqual(NOTHING_LEFT);
    expect((await records.getDeploy('web', 'd1'))?.targets['i-4']).toMatchObject({
      phase: 'failed',
      detail: 'in service: release 1.0.0 still serves, for too few others were healthy for 1200 s to take it out',
    });
  });

  it('says that one comes into service with another release, whose launch was completed before the promotion', async () => {
    await ask({ step: 'plan' });
    for (const instanceId of ['i-1', 'i-2', 'i-3']) await install(instanceId, '2.0.0');
    await install('i-4', '1.0.0');
    members['i-4'] = 'Pending:Wait';
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toEqual({ verdict: 'WAIT', waitingSinceMs: START_MS, atWork: [] });
    members['i-4'] = 'Pending:Proceed';
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toEqual({
      verdict: 'WAIT',
      waitingSinceMs: START_MS,
      comesOutdated: true,
      atWork: [],
    });
    await install('i-4', '2.0.0');
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toEqual({ verdict: 'WAIT', waitingSinceMs: START_MS, atWork: [] });
  });

  it('rolls a newcomer that came late all the same', async () => {
    await ask({ step: 'plan' });
    for (const instanceId of ['i-1', 'i-2', 'i-3']) await install(instanceId, '2.0.0');
    members['i-4'] = 'Pending:Wait';
    await ask({ step: 'nextTarget', waitingSinceMs: 0 });
    clock.nowMs += 1_200_000;
    await ask({ step: 'nextTarget', waitingSinceMs: START_MS });
    members['i-4'] = 'InService';
    expect(await ask({ step: 'nextTarget', waitingSinceMs: 0 })).toMatchObject({
      verdict: 'ROLL',
      roll: { instanceId: 'i-4', mayFail: true },
    });
  });
});

describe('settle', () => {
  it('starts its clock, and is done when the time has passed', async () => {
    await ask({ step: 'preflight' });
    expect(await ask({ step: 'settle', settleStartedAtMs: 0, storeFailedOver: false })).toEqual({
      verdict: 'WAIT',
      settleStartedAtMs: START_MS,
    });
    clock.nowMs += 180_000;
    expect(await ask({ step: 'settle', settleStartedAtMs: START_MS, storeFailedOver: false })).toEqual({
      verdict: 'DONE',
      settleStartedAtMs: START_MS,
    });
  });
});

it('renews the lease with every step, and stops without it', async () => {
  clock.nowMs += 60_000;
  await ask({ step: 'nextTarget', waitingSinceMs: 0 });
  expect((await records.getLock('web'))?.expiresAtMs).toBe(START_MS + 60_000 + 720_000);
  await stealLock(records);
  await expect(ask({ step: 'plan' })).rejects.toMatchObject({ name: 'LeaseLost' });
});

describe('a restart of one server', () => {
  const restart: DeployContext = { ...deploy, version: '1.0.0', restart: 'i-2' };
  const own = (request: object) => assess({ deploy: restart, lease, ...request } as AssessRequest);

  it('plans and rolls that one alone, whatever else the fleet needs, and does not wait for alarms', async () => {
    await install('i-3', '0.9.0');
    expect(await own({ step: 'plan' })).toEqual({
      from: '1.0.0',
      to: '1.0.0',
      targets: [{ instanceId: 'i-2', version: '1.0.0', health: 'healthy' }],
    });
    await own({ step: 'preflight' });
    members['i-4'] = 'InService';
    health['i-4'] = 'initial';
    expect(await own({ step: 'nextTarget', waitingSinceMs: 0 })).toMatchObject({ verdict: 'ROLL', roll: { instanceId: 'i-2' } });
    await records.updateTarget('web', 'd1', 'i-2', { phase: 'done', finishedAtMs: 1 });
    expect(await own({ step: 'nextTarget', waitingSinceMs: 0 })).toEqual(NOTHING_LEFT);
    expect(Object.keys((await records.getDeploy('web', 'd1'))?.targets ?? {})).toEqual(['i-2']);
    alarms = { errors: 'ALARM' };
    expect(await own({ step: 'settle', settleStartedAtMs: 0, storeFailedOver: false })).toMatchObject({ verdict: 'DONE' });
  });
});
