import { beforeEach, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import { createStopDeploy } from '../../../../functions/incidents/mitigate/stop-deploy.ts';
import type { DeployEnd, Records } from '../../../../functions/records/records.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, DEPLOY } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const TARGET = { incidentId: 'inc-1', fleet: 'web' };
const ARN = DEPLOY.executionArn;

let records: Records;
let executions: ReturnType<typeof fakeExecutions>;
let stop: Mitigation;
const planned = async () => (await stop.plan(TARGET)) as Calls;
const ends = (end: Partial<DeployEnd>) => records.finishDeploy('web', 'd1', { status: 'ABORTED', finishedAtMs: 1, ...end });

beforeEach(async () => {
  records = memoryRecords();
  await beginDeploy(records);
  executions = fakeExecutions({ [ARN]: { status: 'RUNNING' } });
  const web = { targetGroupArn: 'tg', strategy: 'sticky', expectedStickiness: { enabled: true } } as const;
  stop = createStopDeploy({ fleets: { web }, records, executions });
});

it('stops the deploy that holds the lock, once, and waits for its clean-up', async () => {
  const plan = await planned();
  const cause = 'stopped by the runbook of incident inc-1';
  expect(plan).toMatchObject({ calls: [{ service: 'stepfunctions', operation: 'StopExecution', input: { executionArn: ARN, cause } }] });
  expect(executions.calls).toEqual([]);
  await stop.act(TARGET, plan);
  await stop.act(TARGET, plan);
  expect(executions.states[ARN]?.status).toBe('ABORTED');
  expect(await stop.verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT' });
  await ends({ rolledBack: true, outcome: 'Every server runs 1.0.0 again.' });
  expect(await stop.verify(TARGET, plan)).toEqual({ verdict: 'DONE', detail: 'Every server runs 1.0.0 again.' });
  expect(stop.undo).toBeUndefined();
});

it.each<[string, () => unknown, string]>([
  [
    'without a deploy',
    () => {
      records = memoryRecords();
      begin();
    },
    'no deploy of fleet web is running',
  ],
  ['that has ended', () => ends({}), 'has already ended with ABORTED'],
  [
    'whose clean-up works',
    () => records.claimCleanUp('web', 'd1', { executionArn: 'c', startedAtMs: 1, attempt: 1 }, undefined),
    'its clean-up is restoring',
  ],
  ['whose execution has ended', () => executions.stop(ARN, 'x'), 'its clean-up has not reported yet'],
])('refuses one %s', async (_, prepare, reason) => {
  await prepare();
  expect(await stop.plan(TARGET)).toEqual({ refused: expect.stringContaining(reason) });
});
function begin() {
  const web = { targetGroupArn: 'tg', strategy: 'sticky', expectedStickiness: { enabled: true } } as const;
  stop = createStopDeploy({ fleets: { web }, records, executions });
}

it('refuses a deploy to a release that the fleet had before: somebody brings it back', async () => {
  records = memoryRecords();
  const before = { deployId: 'd0', executionArn: 'arn:d0', fleet: 'web', from: '0.9.0', to: DEPLOY.version, startedAtMs: 0 };
  await records.createDeploy({ ...before, requestedBy: 'x', status: 'RUNNING', stage: 'rolling', targets: {} });
  await records.finishDeploy('web', 'd0', { status: 'SUCCEEDED', finishedAtMs: 1 });
  await beginDeploy(records);
  begin();
  expect(await stop.plan(TARGET)).toEqual({ refused: expect.stringContaining('a release that the fleet had before') });
});

it('says whom it logs out where sessions are in the servers’ memory', async () => {
  expect((await planned()).effect).toContain('log in again');
});

it('stops no refresh and no incident that holds the lock', async () => {
  await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: 1 });
  await records.closeDeploy('web', 'd1');
  await records.acquireLock({ ...DEPLOY, deployId: 'r1', nowMs: 1, expiresAtMs: 2, heldBy: 'refresh' });
  expect(await stop.plan(TARGET)).toEqual({ refused: expect.stringContaining('no deploy') });
});

it('says that a deploy which succeeded meanwhile was not stopped', async () => {
  const plan = await planned();
  await ends({ status: 'SUCCEEDED' });
  await expect(stop.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
  expect(executions.calls).toEqual([]);
  expect(await stop.verify(TARGET, plan)).toMatchObject({ verdict: 'FAILED' });
});

it('fails where servers could not go back', async () => {
  const plan = await planned();
  await stop.act(TARGET, plan);
  await ends({ rolledBack: false, outcome: 'i-1 is out of service.' });
  expect(await stop.verify(TARGET, plan)).toEqual({ verdict: 'FAILED', detail: 'i-1 is out of service.' });
});
