/** The lock's record is as version 5ae116a0 left it while its mitigation keep-servers was in effect. */
import { beforeEach, expect, it } from 'vitest';
import { endKeptServers } from '../../../../functions/deploy/reconcile/reconcile.ts';
import type { LockRecord } from '../../../../functions/records/types.ts';
import { recordingLog, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const ID = 'inc-0123456789ab';
const BOTH = ['HealthCheck', 'ReplaceUnhealthy'];
let records: ReturnType<typeof memoryRecords>;
let calls: string[];

const member = (instanceId: string, healthStatus: string) => ({ instanceId, lifecycleState: 'InService', healthStatus });
const group = {
  describe: async () => ({
    members: [member('i-1', 'Unhealthy'), member('i-2', 'Healthy')],
    targetGroupArns: [],
    suspendedProcesses: BOTH,
  }),
  resume: async (processes: readonly string[]) => void calls.push(`resume ${processes.join(' ')}`),
  markHealthy: async (instanceId: string) => void calls.push(`healthy ${instanceId}`),
};
const end = async () =>
  endKeptServers({ records, group, log: recordingLog(), now: () => START_MS, fleet: 'web' }, await records.getLock('web'));

beforeEach(async () => {
  [records, calls] = [memoryRecords(), []];
  const request = { fleet: 'web', deployId: ID, executionArn: 'arn', requestedBy: 'a runbook', version: 'keep-servers' };
  await records.acquireLock({ ...request, nowMs: START_MS, expiresAtMs: START_MS + 900_000, heldBy: 'incident' });
  const suspension = { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: BOTH, round: 1 };
  await records.putSuspension({ fleet: 'web', deployId: ID, fencingToken: 1 }, suspension);
});

it('marks servers Healthy, then resumes exactly what was suspended, and releases the lock', async () => {
  expect(await end()).toEqual({ fencingToken: 2, resumedEpoch: 2001 } satisfies LockRecord);
  expect(calls).toEqual(['healthy i-1', `resume ${BOTH.join(' ')}`]);
  await end();
  expect(calls).toHaveLength(2);
});

it('does the same where the runbook has died, or a deploy has handed it back: the lock is free', async () => {
  await records.releaseLock({ fleet: 'web', deployId: ID, fencingToken: 1 });
  expect(await end()).toEqual({ fencingToken: 2, resumedEpoch: 2001 });
  expect(calls).toContain(`resume ${BOTH.join(' ')}`);
});

it('goes on after a turn that failed in between, whatever left the group meanwhile', async () => {
  const failing = { ...group, resume: () => Promise.reject(new Error('throttled')), markHealthy: () => Promise.reject(new Error('gone')) };
  const lock = await records.getLock('web');
  await expect(endKeptServers({ records, group: failing, log: recordingLog(), now: () => START_MS, fleet: 'web' }, lock)).rejects.toThrow();
  expect(await end()).toMatchObject({ resumedEpoch: expect.any(Number) });
  expect(calls).toEqual(['healthy i-1', `resume ${BOTH.join(' ')}`]);
});

it('leaves it to a deploy that has the lock, or whose clean-up has to take it over', async () => {
  await records.releaseLock({ fleet: 'web', deployId: ID, fencingToken: 1 });
  const deploy = { fleet: 'web', deployId: 'd1', executionArn: 'arn', requestedBy: 'ann', version: '2', nowMs: START_MS };
  await records.acquireLock({ ...deploy, expiresAtMs: START_MS + 900_000 });
  expect(await end()).toMatchObject({ deployId: 'd1' });
  await records.releaseLock({ fleet: 'web', deployId: 'd1', fencingToken: 2 });
  expect(await end()).toMatchObject({ openDeploys: new Set(['d1']) });
  expect(calls).toEqual([]);
});
