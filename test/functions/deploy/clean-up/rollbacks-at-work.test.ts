import { beforeEach, describe, expect, it } from 'vitest';
import { createCleanUp } from '../../../../functions/deploy/clean-up/clean-up.ts';
import type { AwaitedRollbacks, CleanUpTask, NextCleanUpTarget } from '../../../../functions/deploy/contract/clean-up-steps.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease, TargetProgress } from '../../../../functions/records/types.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, recordingLog, START_MS, waitingSince } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const machine = (name: string) => `arn:aws:states:eu-west-1:123456789012:stateMachine:${name}`;
const execution = (name: string, id: string) => `arn:aws:states:eu-west-1:123456789012:execution:${name}:${id}`;

let records: Records;
let clock: ReturnType<typeof createClock>;
let executions: ReturnType<typeof fakeExecutions>;
let targetGroup: ReturnType<typeof fakeTargetGroup>;
let cleanUp: ReturnType<typeof createCleanUp>;

const SERVERS = ['i-1', 'i-2', 'i-3'];

beforeEach(async () => {
  records = memoryRecords();
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  await records.putRelease(RELEASE);
  for (const instanceId of SERVERS) await records.putInstance('web', { instanceId, version: '1.0.0', installedAtMs: 1 });
  const waiting = SERVERS.map((instanceId, order) => [instanceId, { ...waitingSince(DEPLOY.startedAtMs), order }] as const);
  await beginDeploy(records, DEPLOY, Object.fromEntries(waiting));
  clock = createClock(START_MS + 60_000);
  executions = fakeExecutions({ [execution('deploy', 'd1')]: { status: 'ABORTED' } });
  targetGroup = fakeTargetGroup(Object.fromEntries(SERVERS.map((instanceId) => [instanceId, 'healthy'])));
  cleanUp = createCleanUp({
    ...{ records, executions, targetGroup, log: recordingLog(), now: clock.now, fleet: 'web', settings: {} },
    commands: { running: async () => [], cancel: async () => {} },
    deployStateMachineArn: machine('deploy'),
    rollTargetStateMachineArn: machine('roll'),
  });
});

const stand = (executionArn: string, status: string): void => {
  executions.states[executionArn] = { status };
};
const rolled = (progress: Partial<TargetProgress>, instanceId = 'i-1') =>
  records.updateTarget('web', 'd1', instanceId, { startedAtMs: START_MS, ...progress });
const held = async (settings: object = {}) => {
  const task = (await cleanUp({
    step: 'claim',
    input: { deployId: 'd1' },
    executionArn: execution('clean-up', 'c1'),
  })) as CleanUpTask & { lease: Lease; deploy: typeof DEPLOY };
  return { deploy: { ...task.deploy, settings: { ...task.deploy.settings, ...settings } }, lease: task.lease };
};

/** As the state machine passes it on. */
let atWork: readonly string[];
const next = async (own: { readonly deploy: typeof DEPLOY; readonly lease: Lease }) => {
  const { atWork: seen, ...reply } = (await cleanUp({ step: 'nextTarget', ...own, waitingSinceMs: 0 })) as NextCleanUpTarget;
  atWork = seen;
  return reply as Required<typeof reply>;
};
const look = async (own: { readonly deploy: typeof DEPLOY; readonly lease: Lease }) => {
  const { atWork: seen, ...reply } = (await cleanUp({ step: 'awaitTargets', ...own, atWork })) as AwaitedRollbacks;
  atWork = seen;
  return reply;
};

describe('the rollbacks of a clean-up', () => {
  it('go back as many at once as the deploy rolled, and count none at work as healthy', async () => {
    for (const instanceId of SERVERS) await rolled({ phase: 'done' }, instanceId);
    const own = await held({ maxParallel: 2, minimumHealthyTargets: 1 });
    const first = await next(own);
    expect(first).toMatchObject({ verdict: 'ROLL', room: true, roll: { instanceId: 'i-1', atOnce: 2 } });
    stand(execution('roll', first.executionName ?? ''), 'RUNNING');
    const second = await next(own);
    expect(second).toMatchObject({ verdict: 'ROLL', room: false, roll: { instanceId: 'i-2' } });
    stand(execution('roll', second.executionName ?? ''), 'RUNNING');
    expect(await next(own)).toMatchObject({ verdict: 'AWAIT' });
    expect(await look(own)).toMatchObject({ verdict: 'REPEAT' });
    await rolled({ phase: 'rolledBack', finishedAtMs: clock.nowMs });
    expect(await look(own), 'it ended between two looks').toMatchObject({ verdict: 'DONE' });
    expect(await next(own), 'i-1 is healthy, and i-2 still at work').toMatchObject({ verdict: 'ROLL', roll: { instanceId: 'i-3' } });
  });

  it('notes a rollback that was stopped, so that it is not tried for ever', async () => {
    await rolled({ phase: 'installing', rollingBackTo: '1.0.0' });
    delete targetGroup.states['i-1'];
    const own = await held();
    const { executionName } = await next(own);
    stand(execution('roll', executionName), 'RUNNING');
    expect(await next(own), 'it is at work').toMatchObject({ verdict: 'AWAIT' });
    clock.nowMs += 30_000;
    expect(await look(own)).toMatchObject({ verdict: 'REPEAT' });
    stand(execution('roll', executionName), 'TIMED_OUT');
    expect(await look(own)).toMatchObject({ verdict: 'DONE' });
    expect(await next(own)).toEqual({ verdict: 'DONE', waitingSinceMs: 0 });
    expect((await records.getDeploy('web', 'd1'))?.targets['i-1']?.detail).toContain(
      'ran out of time; the release on the server is unknown',
    );
  });

  it('gives the same rollback again while its execution was not started, and lets it be once that has succeeded', async () => {
    await rolled({ phase: 'done' });
    const own = await held();
    const settings = { ...own.deploy.settings, minimumHealthyTargets: 0 };
    const asked = { deploy: { ...own.deploy, settings }, lease: own.lease };
    const first = await next(asked);
    clock.nowMs += 30_000;
    expect(await look(asked), 'it has no execution').toMatchObject({ verdict: 'DONE' });
    expect(await next(asked)).toMatchObject({ executionName: first.executionName });
    stand(execution('roll', first.executionName), 'SUCCEEDED');
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'rolledBack', finishedAtMs: clock.nowMs });
    expect(await look(asked)).toMatchObject({ verdict: 'DONE' });
    expect((await records.getDeploy('web', 'd1'))?.targets['i-1']).toMatchObject({ phase: 'rolledBack' });
  });
});
