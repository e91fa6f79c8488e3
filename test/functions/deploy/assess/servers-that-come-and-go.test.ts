import { beforeEach, expect, it } from 'vitest';
import { createAssess } from '../../../../functions/deploy/assess/assess.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const two = { ...DEPLOY, settings: { ...DEPLOY.settings, maxParallel: 2, minimumHealthyTargets: 1 } };

let records: Records;
let lease: Lease;
let clock: ReturnType<typeof createClock>;
let members: Record<string, string>;
let health: Record<string, string>;
let assess: ReturnType<typeof createAssess>;

const install = (instanceId: string, version: string) => records.putInstance('web', { instanceId, version, installedAtMs: 1 });

beforeEach(async () => {
  records = memoryRecords();
  clock = createClock();
  members = { 'i-1': 'InService', 'i-2': 'InService', 'i-3': 'InService' };
  health = { 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' };
  await records.putRelease(RELEASE);
  await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  for (const instanceId of Object.keys(members)) await install(instanceId, '1.0.0');
  lease = await beginDeploy(records, two, {});
  assess = createAssess({
    records,
    targetGroup: fakeTargetGroup(health),
    targetGroupArn: 'arn:group',
    attributes: async () => ({}),
    group: fakeAutoScalingGroup(members),
    agents: { describe: async () => [] },
    alarms: { states: async () => ({}), read: async () => ({}) },
    documentVersions: async () => ({ waitIdle: '3', install: '2', observe: '1' }),
    requestRate: { perMinute: async () => [] },
    prepares: false,
    executions: fakeExecutions({}),
    rollTargetStateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:roll',
    now: clock.now,
  });
});

it('goes on without a server that was terminated while Auto Scaling does not notice it, and says so once', async () => {
  health['i-1'] = 'unused, Target.InvalidState: Target is in the stopped state';
  for (let look = 0; look < 2; look += 1) {
    expect(await assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs: 0 })).toMatchObject({ roll: { instanceId: 'i-2' } });
  }
  expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([expect.stringContaining('i-1 does not run any more')]);
});

it('waits, after the promotion too, for a server that came with the old release and cannot be taken out yet', async () => {
  for (const [order, id] of ['i-1', 'i-2', 'i-3'].entries()) {
    const done = { phase: 'done', order, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;
    await records.putTarget('web', 'd1', id, done);
    await install(id, '2.0.0');
    health[id] = 'unhealthy';
  }
  await records.promote('web', { version: '2.0.0', sha256: RELEASE.sha256, deployId: 'd1', fencingToken: 1, atMs: START_MS });
  await install('i-4', '1.0.0');
  Object.assign(members, { 'i-4': 'InService' });
  Object.assign(health, { 'i-4': 'healthy' });
  const next = () => assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs: 0 });
  expect(await next()).toMatchObject({ verdict: 'WAIT', comesOutdated: true });
  clock.nowMs += two.settings.newcomerTimeoutSeconds * 1_000;
  expect(await next()).toMatchObject({ verdict: 'DONE' });
  expect((await records.getDeploy('web', 'd1'))?.targets['i-4']).toMatchObject({
    phase: 'failed',
    detail: expect.stringContaining('in service: release 1.0.0 still serves'),
  });
});

it('does not choose a server again that ended while it was rolled', async () => {
  const left = { phase: 'skipped', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS, executionName: `i-1-${START_MS}` } as const;
  await records.putTarget('web', 'd1', 'i-1', left);
  delete health['i-1'];
  expect(await assess({ step: 'nextTarget', deploy: two, lease, waitingSinceMs: 0 })).toMatchObject({ roll: { instanceId: 'i-2' } });
});
