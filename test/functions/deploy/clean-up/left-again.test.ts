/** A deregistration that is delivered twice, and takes effect after its target was put back into service. */
import { beforeEach, expect, it } from 'vitest';
import { createCleanUp } from '../../../../functions/deploy/clean-up/clean-up.ts';
import type { CleanUpTask, NextCleanUpTarget } from '../../../../functions/deploy/contract/clean-up-steps.ts';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { createTraffic } from '../../../../functions/deploy/traffic/traffic.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease, TargetProgress } from '../../../../functions/records/types.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const arn = (kind: string, name: string) => `arn:aws:states:eu-west-1:123456789012:${kind}:${name}`;
const CAUSE = 'i-1 was not rolled, for the deploy has failed meanwhile — registered again: release 1.0.0 still serves';
const error = { Error: 'DeployStopping', Cause: 'the deploy has failed meanwhile' };

let records: Records;
let clock: ReturnType<typeof createClock>;
let targetGroup: ReturnType<typeof fakeTargetGroup>;
let cleanUp: ReturnType<typeof createCleanUp>;
let traffic: ReturnType<typeof createTraffic>;
let own: { readonly deploy: typeof DEPLOY; readonly lease: Lease };

const recorded = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1'] as TargetProgress;

/** Put back into service `secondsAgo`, and taken out again since; the clean-up begins now. */
async function claim(secondsAgo: number) {
  const finishedAtMs = clock.nowMs - secondsAgo * 1000;
  await records.updateTarget('web', 'd1', 'i-1', {
    ...{ startedAtMs: START_MS, healthBefore: 'healthy', phase: 'failed', takenOut: false, finishedAtMs, detail: CAUSE },
    phases: [{ phase: 'draining', startedAtMs: START_MS }],
  });
  const input = { deployId: 'd1' };
  own = (await cleanUp({ step: 'claim', input, executionArn: arn('execution', 'clean-up:c1') })) as CleanUpTask & typeof own;
}

const next = async () => (await cleanUp({ step: 'nextTarget', ...own, waitingSinceMs: 0 })) as NextCleanUpTarget;
const checkServing = () => cleanUp({ step: 'checkServing', ...own, waitingSinceMs: 0 });
const register = (roll: Roll | undefined) => traffic({ step: 'putBack', ...own, error, roll: roll as Roll });

beforeEach(async () => {
  records = memoryRecords();
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  await records.putRelease(RELEASE);
  await records.putInstance('web', { instanceId: 'i-1', version: '1.0.0', installedAtMs: 1 });
  await beginDeploy(records);
  clock = createClock(START_MS + 600_000);
  targetGroup = fakeTargetGroup({ 'i-1': 'draining' });
  const ports = { records, targetGroup, log: recordingLog(), now: clock.now };
  cleanUp = createCleanUp({
    ...{ ...ports, fleet: 'web', settings: {}, commands: { running: async () => [], cancel: async () => {} } },
    executions: fakeExecutions({ [DEPLOY.executionArn]: { status: 'ABORTED' } }),
    ...{ deployStateMachineArn: arn('stateMachine', 'deploy'), rollTargetStateMachineArn: arn('stateMachine', 'roll') },
  });
  traffic = createTraffic(ports);
});

it('registers the target once more, and goes on to say why it failed', async () => {
  await claim(170);
  const { verdict, roll } = await next();
  expect(verdict).toBe('REGISTER');
  expect(await register(roll)).toMatchObject({ verdict: 'DONE' });
  expect(targetGroup.calls).toEqual(['register i-1']);
  expect(await recorded()).toMatchObject({ phase: 'failed', takenOut: false, detail: CAUSE, finishedAtMs: clock.nowMs });
});

it('does so in the middle of the wait for its health, where the load balancer shows it then', async () => {
  await claim(5);
  expect(await next(), 'its answer can be old').toMatchObject({ verdict: 'DONE' });
  expect(await checkServing()).toMatchObject({ verdict: 'WAIT' });
  clock.nowMs += 60_000;
  expect(await checkServing()).toEqual({ verdict: 'REGISTER', waitingSinceMs: 0 });
  expect(await next()).toMatchObject({ verdict: 'REGISTER' });
});

it('does so once: somebody else can want it out', async () => {
  await claim(170);
  await register((await next()).roll);
  targetGroup.states['i-1'] = 'unused';
  clock.nowMs += 120_000;
  expect(await next()).toMatchObject({ verdict: 'DONE' });
  expect(await checkServing()).toMatchObject({ verdict: 'WAIT' });
});

it('does not touch one that a rollback is at work on', async () => {
  await claim(170);
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'registering', rollingBackTo: '1.0.0' });
  await cleanUp({ step: 'checkServing', ...own, waitingSinceMs: 0 });
  expect((await next()).verdict).not.toBe('REGISTER');
  await register({ instanceId: 'i-1', quietSeconds: 25, phaseStartedAtMs: clock.nowMs, hasLeft: true });
  expect(await recorded(), 'it goes back').toMatchObject({ phase: 'waiting' });
});

it('leaves one whose instance has ended to Auto Scaling', async () => {
  await claim(170);
  targetGroup.register = async () => {
    throw Object.assign(new Error('not in a running state'), { name: 'InvalidTargetException' });
  };
  await register((await next()).roll);
  expect(await recorded()).toMatchObject({ phase: 'failed', notRunning: true, detail: expect.stringContaining('not running') });
  expect(await checkServing()).toMatchObject({ verdict: 'DONE' });
});

it('waits until an address can be registered, and leaves it out where that does not come', async () => {
  await claim(170);
  targetGroup.register = async () => ({ registered: false, why: 'its deregistration delay has not passed' });
  const { roll } = await next();
  expect(await register(roll)).toMatchObject({ verdict: 'WAIT' });
  expect(await recorded()).toMatchObject({ takenOut: false });
  clock.nowMs += 3_600_000;
  await register(roll);
  expect(await recorded()).toMatchObject({ takenOut: true, detail: expect.stringContaining('out of service') });
});
