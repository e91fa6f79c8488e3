import { beforeEach, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import { createStopDeploy } from '../../../../functions/incidents/mitigate/stop-deploy.ts';
import type { DeployEnd, Records } from '../../../../functions/records/records.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, DEPLOY } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const TARGET = { incidentId: 'inc-1', fleet: 'web', deployId: 'd1' };
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
  expect(await stop.verify(TARGET, plan)).toEqual({ verdict: 'WAIT', detail: 'deploy d1 has not stopped yet' });
  await stop.act(TARGET, plan);
  await stop.act(TARGET, plan);
  expect(executions.states[ARN]?.status).toBe('ABORTED');
  expect(await stop.verify(TARGET, plan)).toMatchObject({ verdict: 'WAIT', goesOn: true });
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
    'fleet web has no deploy d1 on record',
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

it('stops no deploy that the finding does not name: it can be the repair', async () => {
  const { deployId: _, ...target } = TARGET;
  expect(await stop.plan(target)).toEqual({ refused: expect.stringContaining('names no deploy') });
});

it('stops no restart, which touches one server alone', async () => {
  records = memoryRecords();
  const { executionArn, fleet, version } = DEPLOY;
  const restart = { deployId: 'd1', executionArn, fleet, from: version, to: version, requestedBy: 'ann', startedAtMs: 2, restart: 'i-1' };
  await records.createDeploy({ ...restart, status: 'RUNNING', stage: 'rolling', targets: {} });
  begin();
  expect(await stop.plan(TARGET)).toEqual({ refused: expect.stringContaining('deploy d1 of 2.0.0 restarts i-1 and touches no other') });
});

it('says how far the deploy is, and that what its clean-up restores is as young', async () => {
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'installing', startedAtMs: 2 });
  expect((await planned()).effect).toContain('the servers that it touched (1 of 1 by now) back to 1.0.0;');
  const before = {
    deployId: 'd0',
    executionArn: 'arn:d0',
    fleet: 'web',
    from: '0.9.0',
    to: '1.0.0',
    startedAtMs: DEPLOY.startedAtMs - 9e5,
  };
  await records.createDeploy({ ...before, requestedBy: 'x', status: 'RUNNING', stage: 'rolling', targets: {} });
  await records.finishDeploy('web', 'd0', { status: 'SUCCEEDED', finishedAtMs: DEPLOY.startedAtMs - 6e5 });
  expect((await planned()).effect).toContain('back to 1.0.0, which the fleet has had only since 2026-01-05 11:50');
});

it('says that a deploy which succeeded meanwhile was not stopped', async () => {
  const plan = await planned();
  await ends({ status: 'SUCCEEDED' });
  await expect(stop.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
  expect(executions.calls).toEqual([]);
  expect(await stop.verify(TARGET, plan)).toMatchObject({ verdict: 'FAILED' });
});

it('stops nothing, and says so, where an operator or the deploy itself was first', async () => {
  const plan = await planned();
  await executions.stop(ARN, 'stopped by ann with "holdfast deploys abort"');
  await expect(stop.act(TARGET, plan)).rejects.toMatchObject({
    name: 'MitigationRefused',
    message: 'deploy d1 had ended before it could be stopped; nothing was changed',
  });
});

it('is done where the deploy had not touched a server yet', async () => {
  const plan = await planned();
  await stop.act(TARGET, plan);
  await ends({ rolledBack: false, outcome: 'No target was touched.' });
  expect(await stop.verify(TARGET, plan)).toEqual({ verdict: 'DONE', detail: 'No target was touched.' });
});

it('fails where servers could not go back', async () => {
  const plan = await planned();
  await stop.act(TARGET, plan);
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'installing', startedAtMs: 2 });
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'failed' });
  await ends({ rolledBack: false, outcome: 'i-1 is out of service.' });
  expect(await stop.verify(TARGET, plan)).toEqual({ verdict: 'FAILED', detail: 'i-1 is out of service.' });
});
