import { expect, it } from 'vitest';
import { startRecheck } from '../../../../functions/incidents/alarm/alarm.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';

const NOW = 100 * 60_000;

it('starts a re-check that is due, once, and leaves the run, its execution and its cool-down alone', async () => {
  const records = memoryIncidentRecords();
  const started: string[] = [];
  const pointer = { incidentId: 'inc-00000000000a', fingerprint: 'a', runbook: 'logged-out', openedAtMs: NOW - 600_000 } as const;
  await records.ensureIncident(pointer);
  await records.addSign(pointer.incidentId, { from: 'alarm', state: 'ALARM', atMs: NOW - 600_000 });
  await records.beginRun(pointer.incidentId, 1, 'arn:1', NOW - 400_000);
  const before = await records.getIncident(pointer.incidentId);
  const ports = {
    ...{ records, stateMachineArn: 'arn:machine', now: () => NOW },
    executions: { startOnce: async (_: string, name: string) => started.push(name) > 0 },
  };
  expect(await startRecheck(ports, pointer.incidentId)).toBe(true);
  expect(await startRecheck(ports, pointer.incidentId)).toBe(false);
  expect(started).toEqual(['inc-00000000000a-look-1']);
  const { looked, ...after } = (await records.getIncident(pointer.incidentId)) ?? {};
  expect([after, looked?.number]).toEqual([before, 1]);
});

it.each([
  ['that is closed', 'inc-00000000000b', { closedAtMs: NOW }],
  ['that is not on record', 'inc-00000000000c', undefined],
])('starts none at an incident %s', async (_, incidentId, change) => {
  const records = memoryIncidentRecords();
  if (change) {
    await records.ensureIncident({ incidentId, fingerprint: 'b', runbook: 'logged-out', openedAtMs: NOW - 600_000 });
    await records.addSign(incidentId, { from: 'alarm', state: 'ALARM', atMs: NOW - 600_000 });
    await records.beginRun(incidentId, 1, 'arn:1', NOW - 400_000);
    await records.change(incidentId, change);
  }
  const executions = { startOnce: () => expect.unreachable('it was started') };
  expect(await startRecheck({ records, executions, stateMachineArn: 'arn:machine', now: () => NOW }, incidentId)).toBe(false);
});
