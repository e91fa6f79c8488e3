import { beforeEach, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import { createRestartTarget } from '../../../../functions/incidents/mitigate/restart-target.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { executionArnOf } from '../../../../functions/shared/aws/executions.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const TARGET = { incidentId: 'inc-1', fleet: 'web', instanceId: 'i-1' };
const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:holdfast-web-deploy';
const NAME = 'inc-1-restart-i-1';
const OWN = executionArnOf(MACHINE, NAME);
const INPUT = { version: '2.0.0', restart: 'i-1', requestedBy: 'incident inc-1' };

let records: Records;
let executions: ReturnType<typeof fakeExecutions>;
let restart: Mitigation;
const planned = async () => (await restart.plan(TARGET)) as Calls;
const deploy = { ...DEPLOY, deployId: NAME, restart: 'i-1' };

beforeEach(async () => {
  records = memoryRecords();
  executions = fakeExecutions();
  await records.promote('web', { version: '2.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  await records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 1 });
  restart = createRestartTarget({
    fleets: { web: { targetGroupArn: 'tg', strategy: 'redis', expectedStickiness: { enabled: false } } },
    deployStateMachineArn: () => MACHINE,
    records,
    executions,
    now: createClock().now,
  });
});

it('starts one deploy that restarts the server, however often its call is repeated', async () => {
  const plan = await planned();
  expect(plan.calls).toEqual([
    {
      service: 'stepfunctions',
      operation: 'StartExecution',
      input: { stateMachineArn: MACHINE, name: NAME, input: JSON.stringify(INPUT) },
    },
  ]);
  await restart.act(TARGET, plan);
  await restart.act(TARGET, plan);
  expect(executions.states).toEqual({ [OWN]: { status: 'RUNNING', input: JSON.stringify(INPUT) } });
  expect(await planned()).toEqual(plan);
});

it('is done when the deploy has succeeded, and shows its phase until then', async () => {
  const plan = await planned();
  expect(await restart.verify(TARGET, plan)).toEqual({ verdict: 'WAIT', detail: 'the restart of i-1 has not started yet' });
  await restart.act(TARGET, plan);
  await beginDeploy(records, deploy);
  await records.updateTarget('web', NAME, 'i-1', { phase: 'draining' });
  expect(await restart.verify(TARGET, plan)).toEqual({ verdict: 'WAIT', detail: `deploy ${NAME} restarts i-1: draining` });
  executions.states[OWN] = { status: 'SUCCEEDED' };
  expect(await restart.verify(TARGET, plan)).toMatchObject({ verdict: 'DONE', detail: expect.stringContaining('restarted with 2.0.0') });
  expect(await restart.plan(TARGET)).toEqual({ refused: 'this incident has restarted i-1: SUCCEEDED' });
});

it('fails with the reason and what became of the server', async () => {
  const plan = await planned();
  await beginDeploy(records, deploy);
  const error = { Error: 'TargetNeverUp', Cause: 'i-1 was never UP' };
  await records.finishDeploy('web', NAME, { status: 'FAILED', finishedAtMs: 2, error, outcome: 'i-1 failed.' });
  executions.states[OWN] = { status: 'FAILED' };
  expect(await restart.verify(TARGET, plan)).toEqual({
    verdict: 'FAILED',
    detail: 'the restart of i-1 ended with FAILED: i-1 was never UP; i-1 failed.',
  });
});

it.each([
  ['without a server', { ...TARGET, instanceId: undefined }, 'names no single server'],
  ['of a server that the fleet does not have', { ...TARGET, instanceId: 'i-9' }, 'has no server i-9'],
])('refuses %s', async (_, { instanceId, ...target }, why) => {
  expect(await restart.plan({ ...target, ...(instanceId && { instanceId }) })).toEqual({ refused: expect.stringContaining(why) });
});

it('refuses a server with another release, and while a deploy or the incident itself holds the lock', async () => {
  await records.putInstance('web', { instanceId: 'i-1', version: '1.0.0', installedAtMs: 1 });
  expect(await restart.plan(TARGET)).toEqual({ refused: expect.stringContaining('i-1 has release 1.0.0 and the fleet 2.0.0') });
  await records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 1 });
  await beginDeploy(records, { ...DEPLOY, startedAtMs: START_MS });
  expect(await restart.plan(TARGET)).toEqual({ refused: expect.stringContaining('deploy d1 of 2.0.0 holds the lock') });
});

it.each<[string, () => Promise<unknown>]>([
  ['was deployed to', () => records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 2 })],
  ['is gone', () => records.deleteInstance('web', 'i-1')],
])('starts nothing for a server that %s since the finding', async (_, happens) => {
  const plan = await planned();
  await happens();
  await expect(restart.act(TARGET, plan)).rejects.toMatchObject({
    name: 'MitigationRefused',
    message: expect.stringContaining('i-1 was deployed to or restarted since the finding, or is gone'),
  });
  expect(executions.calls).toEqual([]);
});

it('finds its own deploy by a repeated call, also once that has installed', async () => {
  const plan = await planned();
  await restart.act(TARGET, plan);
  await records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 2 });
  await restart.act(TARGET, plan);
  expect(Object.keys(executions.states)).toEqual([OWN]);
});

it('refuses a server that was restarted since the trouble began, by another incident or a person', async () => {
  const of = (firstSignMs: number) => restart.plan({ ...TARGET, firstSignMs });
  await records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 500 });
  expect(await of(499)).toEqual({ refused: expect.stringContaining('since the trouble began') });
  expect(await of(500)).toMatchObject({ calls: [{ operation: 'StartExecution' }] });
});
