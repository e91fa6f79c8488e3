import { beforeEach, expect, it } from 'vitest';
import type { AssessRequest, NextTarget } from '../../../../functions/deploy/contract/assess-steps.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import { NOTHING_LEFT } from '../../fakes/executions.ts';
import { DEPLOY, RELEASE, START_MS } from '../../fakes/fixtures.ts';
import { threeServers } from './three-servers.ts';

const ALL: DeployContext = { ...DEPLOY, version: '1.0.0', restartAll: true };

let fleet: Awaited<ReturnType<typeof threeServers>>;
const ask = (request: object, deploy = ALL) => fleet.assess({ deploy, lease: fleet.lease, ...request } as AssessRequest);
const next = async () => (await ask({ step: 'nextTarget', waitingSinceMs: 0 })) as NextTarget;
const done = async (instanceId: string) => {
  await fleet.records.putInstance('web', { instanceId, version: '1.0.0', installedAtMs: START_MS + 1 });
  await fleet.records.updateTarget('web', 'd1', instanceId, { phase: 'done', finishedAtMs: 1 });
};
beforeEach(async () => {
  fleet = await threeServers(ALL);
  await fleet.records.putRelease({ ...RELEASE, version: '1.0.0' });
});

it('rolls every server once, although each has the release', async () => {
  expect(await ask({ step: 'plan' })).toMatchObject({ from: '1.0.0', to: '1.0.0', targets: [{}, {}, {}] });
  await ask({ step: 'preflight' });
  const rolled: string[] = [];
  for (let target = await next(); target.roll !== undefined; target = await next()) {
    rolled.push(target.roll.instanceId);
    await done(target.roll.instanceId);
  }
  expect(rolled).toEqual(['i-1', 'i-2', 'i-3']);
  expect(await next()).toEqual(NOTHING_LEFT);
});

it('leaves a newcomer alone that was installed since it began, and rolls one that was installed before', async () => {
  await ask({ step: 'plan' });
  for (const instanceId of ['i-1', 'i-2', 'i-3']) await done(instanceId);
  Object.assign(fleet.members, { 'i-4': 'InService', 'i-5': 'InService' });
  Object.assign(fleet.health, { 'i-4': 'healthy', 'i-5': 'healthy' });
  await fleet.records.putInstance('web', { instanceId: 'i-4', version: '1.0.0', installedAtMs: START_MS + 1 });
  await fleet.install('i-5', '1.0.0');
  expect(await next()).toMatchObject({ verdict: 'ROLL', roll: { instanceId: 'i-5' } });
  await done('i-5');
  expect(await next()).toEqual(NOTHING_LEFT);
});

it('brings a server the release that has another one', async () => {
  await fleet.install('i-2', '0.9.0');
  await ask({ step: 'plan' });
  expect((await fleet.records.getDeploy('web', 'd1'))?.targets['i-2']).toMatchObject({ phase: 'waiting', fromVersion: '0.9.0' });
});

it('keeps the minimum in service, unless it recovers a fleet', async () => {
  Object.assign(fleet.health, { 'i-2': 'unhealthy', 'i-3': 'unhealthy' });
  await ask({ step: 'plan' });
  await expect(next()).rejects.toMatchObject({ name: 'TooFewHealthyTargets', message: expect.stringContaining('use --recover') });
  const rolled = await ask({ step: 'nextTarget', waitingSinceMs: 0 }, { ...ALL, recover: true });
  expect(rolled).toMatchObject({ verdict: 'ROLL', roll: { instanceId: 'i-2' } });
});

it('is refused for another release than the fleet has, before it touches anything', async () => {
  await expect(ask({ step: 'plan' }, { ...ALL, version: '2.0.0' })).rejects.toMatchObject({
    name: 'InvalidInput',
    message:
      'fleet web was not restarted: a restart keeps the release, and the current one of fleet web is 1.0.0, not 2.0.0; nothing was changed',
  });
});

it('stops when an alarm fires, as a deploy does', async () => {
  const watching = { ...ALL, settings: { ...ALL.settings, alarmNames: ['errors'] } };
  await ask({ step: 'plan' }, watching);
  Object.assign(fleet.alarms, { errors: { state: 'ALARM' } });
  const settling = { step: 'settle', settleStartedAtMs: 0, storeFailedOver: false };
  for (const step of [{ step: 'nextTarget', waitingSinceMs: 0 }, settling])
    await expect(ask(step, watching)).rejects.toMatchObject({ name: 'AlarmFired' });
});
