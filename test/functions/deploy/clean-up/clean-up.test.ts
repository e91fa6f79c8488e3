import { beforeEach, describe, expect, it } from 'vitest';
import { createCleanUp } from '../../../../functions/deploy/clean-up/clean-up.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';
import { NOTHING_LEFT } from '../../fakes/executions.ts';
import { beginDeploy, DEPLOY, RELEASE, SETTINGS, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { type CleanUpFixture, claimWith, cleanUpFixture, DEPLOY_ARN, execution, OWN } from './clean-up-fixture.ts';

const error = { Error: 'TargetNeverUp', Cause: 'never' };
const REGISTER_LIMIT_MS = SETTINGS.registerTimeoutSeconds * 1000;

let records: CleanUpFixture['records'];
let lease: CleanUpFixture['lease'];
let clock: CleanUpFixture['clock'];
let executions: CleanUpFixture['executions'];
let targetGroup: CleanUpFixture['targetGroup'];
let running: CleanUpFixture['running'];
let cancelled: CleanUpFixture['cancelled'];
let ports: CleanUpFixture['ports'];
let cleanUp: CleanUpFixture['cleanUp'];
beforeEach(async () => {
  ({ records, lease, clock, executions, targetGroup, running, cancelled, ports, cleanUp } = await cleanUpFixture());
});

const claim = (input: object = {}, executionArn = OWN) => claimWith(cleanUp, input, executionArn);
const rolled = (progress: Partial<TargetProgress>) => records.updateTarget('web', 'd1', 'i-1', { startedAtMs: START_MS, ...progress });
const held = async () => {
  const { deploy, lease: own } = await claim();
  return { deploy, lease: own };
};

describe('claim', () => {
  it('takes the lock over with a higher token and gives the deploy as it was', async () => {
    const task = await claim();
    expect(task).toMatchObject({
      verdict: 'DONE',
      endedAs: 'ABORTED',
      strayCallSeconds: 60,
      deploy: { deployId: 'd1', version: '2.0.0', fleet: 'web', recover: false },
    });
    expect(task.lease.fencingToken).toBe(lease.fencingToken + 1);
    expect((await records.getDeploy('web', 'd1'))?.cleanUp).toMatchObject({ executionArn: OWN, attempt: 1 });
  });

  it('goes below the minimum of healthy targets when the deploy was allowed to', async () => {
    records = memoryRecords();
    await beginDeploy(records, { ...DEPLOY, recover: true, keepsSessions: true });
    cleanUp = createCleanUp({ ...ports, records });
    expect((await claim()).deploy).toMatchObject({ recover: true, keepsSessions: true });
  });

  it('has the documents that the deploy began with', async () => {
    const documents = { waitIdle: '3', install: '2', observe: '1' };
    await records.updateDeploy('web', 'd1', { documents });
    expect((await claim()).deploy.documents).toEqual(documents);
  });

  it('waits for no stray call when the deploy itself waits, and a function has reported its error', async () => {
    executions.states[DEPLOY_ARN] = { status: 'RUNNING' };
    expect(await claim({ error })).toMatchObject({ verdict: 'DONE', strayCallSeconds: 0, endedAs: 'FAILED', error });
  });

  it.each([
    ['a child whose start had no answer', { Error: 'StepFunctions.SdkClientException', Cause: 'the connection was reset' }],
    ['a function whose connection broke', { Error: 'Lambda.SdkClientException', Cause: 'the connection was reset' }],
    ['a task that ran out of time', { Error: 'States.Timeout', Cause: '' }],
    ['a child that was stopped', { Error: 'States.TaskFailed', Cause: JSON.stringify({ ExecutionArn: 'a', Status: 'ABORTED' }) }],
  ])('lets stray calls end after %s', async (_, given) => {
    executions.states[DEPLOY_ARN] = { status: 'RUNNING' };
    expect(await claim({ error: given })).toMatchObject({ verdict: 'DONE', strayCallSeconds: 60 });
  });

  it('is given once, and again to the next when the first has died', async () => {
    await claim();
    executions.states[OWN] = { status: 'RUNNING' };
    expect(await claim({}, execution('clean-up', 'c2'))).toMatchObject({ verdict: 'SKIP', reason: 'another clean-up is working on it' });
    expect(await claim(), 'delivered twice').toMatchObject({ verdict: 'DONE' });
    executions.states[OWN] = { status: 'ABORTED' };
    expect(await claim({}, execution('clean-up', 'c2'))).toMatchObject({ verdict: 'DONE' });
    expect((await records.getDeploy('web', 'd1'))?.cleanUp?.attempt).toBe(2);
  });

  it('has claimed a deploy also when the answer was lost and the call was refused as it was repeated', async () => {
    const { claimCleanUp } = records;
    records.claimCleanUp = async (...asked) => {
      await claimCleanUp(...asked);
      return claimCleanUp(...asked);
    };
    expect(await claim()).toMatchObject({ verdict: 'DONE', lease: { fencingToken: lease.fencingToken + 1 } });
    expect(await claim({}, execution('clean-up', 'c2')), 'of another one').toMatchObject({ verdict: 'DONE' });
  });

  it('leaves the fleet to the deploy that has taken the lock meanwhile', async () => {
    await stealLock(records);
    const task = await claim();
    expect(task).toMatchObject({ verdict: 'OVERTAKEN' });
    expect(task.lease).toBeUndefined();
  });

  it('leaves the fleet to a later deploy that has succeeded meanwhile, and holds the lock only for its report', async () => {
    const sha256 = 'a'.repeat(64);
    await stealLock(records);
    const later = (await records.getLock('web'))?.fencingToken ?? 0;
    await records.promote('web', { version: '3', sha256, deployId: 'thief', fencingToken: later, atMs: START_MS });
    await records.releaseLock({ fleet: 'web', deployId: 'thief', fencingToken: later });
    expect(await claim()).toMatchObject({ verdict: 'OVERTAKEN', endedAs: 'ABORTED', lease: { fencingToken: later + 1 } });
  });

  it('repairs a deploy that has promoted its own release, and one that began after the last promotion', async () => {
    const promotion = { version: '2.0.0', sha256: 'a'.repeat(64), atMs: START_MS };
    await records.promote('web', { ...promotion, deployId: 'before', fencingToken: lease.fencingToken - 1 });
    expect(await claim()).toMatchObject({ verdict: 'DONE' });
    await records.promote('web', { ...promotion, deployId: 'd1', fencingToken: lease.fencingToken });
    expect(await claim()).toMatchObject({ verdict: 'DONE' });
  });

  it('waits for the record of a deploy that was stopped while it took the lock', async () => {
    records = memoryRecords();
    await records.acquireLock({ ...DEPLOY, nowMs: clock.now() - 1_000, expiresAtMs: clock.now() + 720_000 });
    cleanUp = createCleanUp({ ...ports, records });
    expect(await claim()).toMatchObject({ verdict: 'SKIP', reason: 'the deploy has just taken the lock' });
    expect(await records.getLock('web')).toMatchObject({ deployId: 'd1', openDeploys: new Set(['d1']) });
  });

  it('finds the record that is written while it reads', async () => {
    const late = records;
    let reads = 0;
    records = { ...late, getDeploy: async (...key) => (++reads === 1 ? undefined : late.getDeploy(...key)) };
    cleanUp = createCleanUp({ ...ports, records });
    expect(await claim()).toMatchObject({ verdict: 'DONE' });
  });

  it('frees the lock of a deploy that died before it had a record', async () => {
    records = memoryRecords();
    await records.acquireLock({ ...DEPLOY, nowMs: START_MS - 60_000, expiresAtMs: START_MS + 720_000 });
    cleanUp = createCleanUp({ ...ports, records });
    expect(await claim()).toMatchObject({ verdict: 'SKIP', reason: 'the deploy never began' });
    expect(await records.getLock('web')).not.toHaveProperty('deployId');
  });

  it('leaves a deploy open that takes the lock while it is being forgotten', async () => {
    const request = { ...DEPLOY, nowMs: START_MS - 1, expiresAtMs: START_MS + 720_000 };
    const late = memoryRecords();
    let reads = 0;
    records = {
      ...late,
      async getLock(fleet) {
        const lock = await late.getLock(fleet);
        if (++reads === 2) await late.acquireLock(request);
        return lock;
      },
    };
    cleanUp = createCleanUp({ ...ports, records });
    expect(await claim()).toMatchObject({ verdict: 'SKIP', reason: 'the deploy has just taken the lock' });
    expect(await late.getLock('web')).toMatchObject({ deployId: 'd1', openDeploys: new Set(['d1']) });
  });
});

describe('the steps of a clean-up', () => {
  it('stops what rolls a target, and not what has ended well', async () => {
    await rolled({ phase: 'installing', executionName: 'i-1-7' });
    expect(await cleanUp({ step: 'stopExecutions', ...(await held()) })).toEqual({ verdict: 'DONE' });
    expect(executions.calls).toEqual([`stop ${execution('roll', 'i-1-7')}`]);
    await rolled({ phase: 'done' });
    await cleanUp({ step: 'stopExecutions', ...(await held()) });
    expect(executions.calls).toHaveLength(1);
  });

  it('cancels commands until none runs', async () => {
    await rolled({ phase: 'installing' });
    running['i-1'] = ['k1', 'k2'];
    const own = await held();
    expect(await cleanUp({ step: 'cancelCommands', ...own })).toEqual({ verdict: 'WAIT' });
    expect(cancelled).toEqual(['k1', 'k2']);
    running['i-1'] = [];
    expect(await cleanUp({ step: 'cancelCommands', ...own })).toEqual({ verdict: 'DONE' });
    running['i-1'] = ['k3'];
    clock.nowMs += 900_000;
    expect(await cleanUp({ step: 'cancelCommands', ...own }), 'past any time-out of a command').toEqual({ verdict: 'DONE' });
  });

  it('leaves its own rollback alone where a step is delivered again while that is at work', async () => {
    await rolled({ phase: 'failed' });
    delete targetGroup.states['i-1'];
    const own = await held();
    await cleanUp({ step: 'nextTarget', ...own, waitingSinceMs: 0 });
    running['i-1'] = ['k1'];
    const before = executions.calls.length;
    expect(await cleanUp({ step: 'stopExecutions', ...own })).toEqual({ verdict: 'DONE' });
    expect(await cleanUp({ step: 'cancelCommands', ...own })).toEqual({ verdict: 'DONE' });
    expect([executions.calls.slice(before), cancelled]).toEqual([[], []]);
  });

  it('rolls a touched target back by a roll of its own, on record before it starts', async () => {
    await rolled({ phase: 'failed' });
    delete targetGroup.states['i-1'];
    const own = await held();
    const executionName = `i-1-back-${START_MS}-${own.lease.fencingToken}`;
    const roll = { instanceId: 'i-1', executionName, quietSeconds: 25, phaseStartedAtMs: clock.nowMs };
    expect(await cleanUp({ step: 'nextTarget', ...own, waitingSinceMs: 0 })).toEqual({
      verdict: 'ROLL',
      room: false,
      waitingSinceMs: 0,
      executionName,
      roll,
      atWork: [executionName],
    });
    expect((await records.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject({
      phase: 'waiting',
      rollingBackTo: '1.0.0',
      healthBefore: 'unused',
      executionName,
    });
    await rolled({ phase: 'rolledBack' });
    expect(await cleanUp({ step: 'nextTarget', ...own, waitingSinceMs: 0 })).toEqual(NOTHING_LEFT);
  });

  it('knows of a target that a failure took out that it was out, though the load balancer still lists it', async () => {
    await rolled({ phase: 'failed', takenOut: true });
    targetGroup.states['i-1'] = 'unhealthy';
    expect(await cleanUp({ step: 'nextTarget', ...(await held()), waitingSinceMs: 0 })).toMatchObject({ verdict: 'ROLL' });
    expect((await records.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject({ healthBefore: 'unused' });
  });

  it('waits before it takes out a target that serves until enough others are healthy, for a time, and then says why it serves', async () => {
    await rolled({ phase: 'done' });
    Object.assign(targetGroup.states, { 'i-2': 'healthy', 'i-3': 'initial' });
    const own = await held();
    const ask = (waitingSinceMs: number) => cleanUp({ step: 'nextTarget', ...own, waitingSinceMs });
    const since = clock.nowMs;
    expect(await ask(0)).toEqual({ verdict: 'WAIT', waitingSinceMs: since, atWork: [] });
    clock.nowMs += REGISTER_LIMIT_MS - 1;
    expect(await ask(since)).toEqual({ verdict: 'WAIT', waitingSinceMs: since, atWork: [] });
    clock.nowMs += 1;
    expect(await ask(since)).toEqual(NOTHING_LEFT);
    const target = (await records.getDeploy('web', 'd1'))?.targets['i-1'];
    expect(target).toMatchObject({
      phase: 'done',
      detail: 'kept in service: only 1 target would stay healthy without it, and minimumHealthyTargets is 2',
    });
    expect(target?.rollingBackTo).toBeUndefined();
    targetGroup.states['i-3'] = 'healthy';
    expect(await ask(since)).toMatchObject({ verdict: 'ROLL', waitingSinceMs: 0 });
  });

  it('counts no placeholder among the others, and waits for nothing in a deploy that recovers a fleet', async () => {
    await rolled({ phase: 'done' });
    Object.assign(targetGroup.states, { 'i-2': 'healthy', 'i-3': 'healthy' });
    await records.putInstance('web', { instanceId: 'i-3', version: 'none', installedAtMs: 1 });
    const own = await held();
    expect(await cleanUp({ step: 'nextTarget', ...own, waitingSinceMs: 0 })).toMatchObject({ verdict: 'WAIT' });
    const recovering = { ...own, deploy: { ...own.deploy, recover: true } };
    expect(await cleanUp({ step: 'nextTarget', ...recovering, waitingSinceMs: 0 })).toMatchObject({ verdict: 'ROLL' });
  });

  it('leaves out a target whose instance is gone, so that it does not keep the others from going back', async () => {
    await rolled({ phase: 'installing' });
    await records.deleteInstance('web', 'i-1');
    delete targetGroup.states['i-1'];
    expect(await cleanUp({ step: 'nextTarget', ...(await held()), waitingSinceMs: 0 })).toEqual(NOTHING_LEFT);
    expect((await records.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject({ phase: 'skipped', detail: 'the instance is gone' });
  });

  it('rolls nothing back that is promoted, nor what is to halt', async () => {
    await rolled({ phase: 'done' });
    const own = await held();
    const halting = { ...own, deploy: { ...own.deploy, settings: { ...own.deploy.settings, onFailure: 'halt' as const } } };
    expect(await cleanUp({ step: 'nextTarget', ...halting, waitingSinceMs: 0 })).toEqual(NOTHING_LEFT);
    await records.promote('web', {
      version: '2.0.0',
      sha256: RELEASE.sha256,
      deployId: 'd1',
      fencingToken: own.lease.fencingToken,
      atMs: 1,
    });
    expect(await cleanUp({ step: 'nextTarget', ...own, waitingSinceMs: 0 })).toEqual(NOTHING_LEFT);
  });

  it('brings a server whose restart was stopped half way the same release, and no earlier one', async () => {
    await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
    await rolled({ phase: 'installing', phases: [{ phase: 'installing', startedAtMs: 1 }] });
    const own = await held();
    const restart = { ...own, deploy: { ...own.deploy, restart: 'i-1' } };
    expect(await cleanUp({ step: 'nextTarget', ...restart, waitingSinceMs: 0 })).toMatchObject({ verdict: 'ROLL' });
    expect((await records.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject({ rollingBackTo: '2.0.0' });
    await rolled({ phase: 'failed' });
    expect(await cleanUp({ step: 'nextTarget', ...restart, waitingSinceMs: 0 })).toEqual(NOTHING_LEFT);
  });

  it('waits for touched targets that are registered to become healthy, for a time', async () => {
    await rolled({ phase: 'failed' });
    targetGroup.states['i-1'] = 'initial';
    const own = await held();
    const ask = (waitingSinceMs: number) => cleanUp({ step: 'checkServing', ...own, waitingSinceMs });
    expect(await ask(0)).toEqual({ verdict: 'WAIT', waitingSinceMs: clock.nowMs });
    expect(await ask(clock.nowMs - REGISTER_LIMIT_MS)).toMatchObject({ verdict: 'DONE' });
    targetGroup.states['i-1'] = 'healthy';
    expect(await ask(0)).toMatchObject({ verdict: 'DONE' });
  });

  it('waits for a target that it has registered and that still shows as draining, for a time', async () => {
    await rolled({ phase: 'failed', takenOut: false });
    const own = await held();
    const ask = (waitingSinceMs: number) => cleanUp({ step: 'checkServing', ...own, waitingSinceMs });
    for (const state of ['draining', 'unused', 'initial']) {
      targetGroup.states['i-1'] = state;
      expect([state, await ask(0)]).toEqual([state, { verdict: 'WAIT', waitingSinceMs: clock.nowMs }]);
    }
    expect(await ask(clock.nowMs - REGISTER_LIMIT_MS)).toMatchObject({ verdict: 'DONE' });
    await rolled({ phase: 'failed', takenOut: true });
    targetGroup.states['i-1'] = 'draining';
    expect(await ask(0)).toMatchObject({ verdict: 'DONE' });
  });

  it('do nothing once the lock is lost', async () => {
    await rolled({ phase: 'installing', executionName: 'i-1-7' });
    const own = await held();
    await stealLock(records);
    for (const step of ['stopExecutions', 'cancelCommands', 'nextTarget'] as const) {
      await expect(cleanUp({ step, ...own, waitingSinceMs: 0 })).rejects.toMatchObject({ name: 'LeaseLost' });
    }
    expect(executions.calls).toEqual([]);
  });
});
