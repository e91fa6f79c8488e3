import { beforeEach, expect, it } from 'vitest';
import type { NextTarget } from '../../../../functions/deploy/contract/assess-steps.ts';
import { DEPLOY, START_MS } from '../../fakes/fixtures.ts';
import { threeServers } from './three-servers.ts';

const settings = { ...DEPLOY.settings, maxParallel: 2, minimumHealthyTargets: 1, firstBakeSeconds: 120, alarmNames: ['errors'] };
const deploy = { ...DEPLOY, pauseAfter: 1, settings };

type Servers = Awaited<ReturnType<typeof threeServers>>;
let records: Servers['records'];
let lease: Servers['lease'];
let clock: Servers['clock'];
let members: Servers['members'];
let health: Servers['health'];
let alarms: Servers['alarms'];
let assess: Servers['assess'];

beforeEach(async () => {
  const servers = await threeServers(deploy);
  ({ records, lease, clock, members, health, alarms, assess } = servers);
  servers.executions.states[`arn:aws:states:eu-west-1:123456789012:execution:roll:i-1-${START_MS}`] = { status: 'RUNNING' };
  await assess({ step: 'plan', deploy, lease });
});

const next = async (more: { readonly storeFailedOver?: boolean } = {}) => {
  const { atWork: _, ...reply } = (await assess({ step: 'nextTarget', deploy, lease, waitingSinceMs: 0, ...more })) as NextTarget;
  return reply;
};
const record = async () => await records.getDeploy('web', 'd1');
const finishFirst = async () => {
  await next();
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'done', finishedAtMs: clock.nowMs });
  await records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: clock.nowMs });
};
/** As the state after the announcement leaves it. */
const pause = async () => {
  await finishFirst();
  expect(await next()).toMatchObject({ verdict: 'PAUSE', announces: true });
  await records.beginPause('web', 'd1', { after: 1, startedAtMs: clock.nowMs, endsAtMs: clock.nowMs + 1_800_000 });
};
const started = async () =>
  Object.entries((await record())?.targets ?? {}).flatMap(([id, { executionName }]) => (executionName === undefined ? [] : [id]));

it('begins one, which bakes longer, and no other although two might be at work', async () => {
  expect(await next()).toMatchObject({ verdict: 'ROLL', room: true, roll: { instanceId: 'i-1', bakeSeconds: 120 } });
  expect((await record())?.targets['i-1']).toMatchObject({ bakeSeconds: 120 });
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'draining', phaseStartedAtMs: clock.nowMs });
  expect(await next()).toEqual({ verdict: 'AWAIT', waitingSinceMs: 0 });
});

it('waits when it is done, and is announced once', async () => {
  await pause();
  const look = await next();
  expect(look).toEqual({ verdict: 'PAUSE', waitingSinceMs: 0, waitSeconds: 10 });
  expect(await started()).toEqual(['i-1']);
});

it('goes on with the others once it is continued, and they bake as usual', async () => {
  await pause();
  clock.nowMs += 60_000;
  expect(await records.continueDeploy('web', 'd1', { requestedBy: 'ann', atMs: clock.nowMs })).toBe(true);
  const { roll } = await next();
  expect(roll).toMatchObject({ instanceId: 'i-2' });
  expect(roll).not.toHaveProperty('bakeSeconds');
});

it('has failed when its time is up, and cannot be continued then; the next look says the same', async () => {
  await pause();
  clock.nowMs += 1_800_000;
  const failed = {
    verdict: 'FAILED',
    error: { Error: 'PauseTimedOut', Cause: expect.stringContaining('within 30 minutes after 1 of 3 servers had release 2.0.0') },
  };
  expect(await next()).toMatchObject(failed);
  expect(await next()).toMatchObject(failed);
  expect(await records.continueDeploy('web', 'd1', { requestedBy: 'ann', atMs: clock.nowMs })).toBe(false);
  expect(await started()).toEqual(['i-1']);
});

it('goes on when it was continued at the last moment', async () => {
  await pause();
  const { getDeploy } = records;
  clock.nowMs += 1_800_000;
  const before = await getDeploy('web', 'd1');
  await records.continueDeploy('web', 'd1', { requestedBy: 'ann', atMs: clock.nowMs - 1 });
  // What this look has read is older.
  records.getDeploy = async () => before;
  expect(await next()).toEqual({ verdict: 'PAUSE', waitingSinceMs: 0, waitSeconds: 1 });
  records.getDeploy = getDeploy;
  expect(await next()).toMatchObject({ verdict: 'ROLL', roll: { instanceId: 'i-2' } });
});

it('fails when the server with the release turns unhealthy while it waits', async () => {
  await pause();
  health['i-1'] = 'unhealthy';
  await expect(next()).rejects.toMatchObject({ name: 'TargetFailed' });
  expect(await next({ storeFailedOver: true }), 'not for what the store can have caused').toMatchObject({ verdict: 'PAUSE' });
  await next({ storeFailedOver: true });
  expect((await record())?.warnings, 'the watch that is off is on record, once').toEqual([
    expect.stringContaining('Judge the new release yourself'),
  ]);
});

it('fails when a watched alarm fires while it waits', async () => {
  await pause();
  alarms['errors'] = { state: 'ALARM' };
  await expect(next()).rejects.toMatchObject({ name: 'AlarmFired' });
});

it('waits although the others have left meanwhile, and does not end without a decision', async () => {
  await pause();
  delete members['i-2'];
  delete members['i-3'];
  expect(await next()).toMatchObject({ verdict: 'PAUSE' });
});

it('stops although the others have left before, and ends once it is continued', async () => {
  await finishFirst();
  delete members['i-2'];
  delete members['i-3'];
  expect(await next()).toMatchObject({ verdict: 'PAUSE', announces: true });
  await records.beginPause('web', 'd1', { after: 1, startedAtMs: clock.nowMs, endsAtMs: clock.nowMs + 1_800_000 });
  expect(await next()).toMatchObject({ verdict: 'PAUSE', waitSeconds: 10 });
  await records.continueDeploy('web', 'd1', { requestedBy: 'ann', atMs: clock.nowMs });
  expect(await next()).toEqual({ verdict: 'DONE', waitingSinceMs: 0 });
});

it('has on record, once, that too few others are healthy for a rejection', async () => {
  await pause();
  health['i-2'] = 'unhealthy';
  delete members['i-3'];
  await next();
  await next();
  expect((await record())?.warnings).toEqual([expect.stringContaining('too few other servers were healthy to take i-1 out of service')]);
});
