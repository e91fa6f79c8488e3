import { describe, expect, it } from 'vitest';
import { type IncidentPointer, openOrJoin } from '../../../../functions/incidents/records/incident-records.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';
import { simulatedIncidentRecords } from '../simulated-incident-records.ts';

const POINTER: IncidentPointer = {
  ...{ incidentId: 'inc-000000000001', fingerprint: 'logged-out/web', runbook: 'logged-out', fleet: 'web', openedAtMs: 1_000 },
};

describe.each([
  ['memory', () => memoryIncidentRecords()],
  ['DynamoDB', () => simulatedIncidentRecords()],
])('%s: the incident of a runbook and a fleet', (_, create) => {
  const opening = (records: ReturnType<typeof create>) => (atMs: number) =>
    openOrJoin(records, { runbook: 'logged-out', fleet: 'web', atMs, coolDownMs: 60_000 });

  it('is one, however many alarms open it at once', async () => {
    const records = create();
    const found = await Promise.all([1_000, 1_001, 1_002, 1_003].map(opening(records)));
    expect(new Set(found.map((one) => one?.incidentId)).size).toBe(1);
    expect([(await records.latestIncidents(10)).length, (await records.pointers()).length]).toEqual([1, 1]);
  });

  it('is opened again within the cool-down, is a new one after it, and none for what came before its end', async () => {
    const records = create();
    const open = opening(records);
    const closed = { ...POINTER, closedAtMs: 5_000 };
    await records.putPointer(closed, undefined);
    expect(await open(5_000)).toBeUndefined();
    expect(await open(64_999)).toMatchObject({ incidentId: POINTER.incidentId, stage: 'watching' });
    await records.putPointer(closed, POINTER);
    expect((await open(65_000))?.incidentId).not.toBe(POINTER.incidentId);
  });
});
