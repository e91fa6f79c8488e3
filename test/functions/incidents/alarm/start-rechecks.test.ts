import { expect, it } from 'vitest';
import { BETWEEN_LOOKS_MS, startRechecks } from '../../../../functions/incidents/alarm/start-rechecks.ts';
import { CHANGING, PAUSE_MS } from '../../../../functions/incidents/collect/collect-changes.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';

const NOW = 100 * 60_000;

it('lets one look make all its calls of CloudTrail before the next one begins', () => {
  expect(BETWEEN_LOOKS_MS).toBeGreaterThan((CHANGING.length - 1) * PAUSE_MS);
});

it('starts one look after the other, so that they share CloudTrail, those first that have waited longest; and each once', async () => {
  const records = memoryIncidentRecords();
  const started: [string, number][] = [];
  let nowMs = NOW;
  const pointers = ['a', 'b', 'c'].map((letter) => ({
    ...{ incidentId: `inc-00000000000${letter}`, fingerprint: letter, runbook: 'logged-out' as const, openedAtMs: NOW - 600_000 },
  }));
  for (const [at, pointer] of pointers.entries()) {
    await records.ensureIncident(pointer);
    await records.addSign(pointer.incidentId, { from: 'alarm', state: 'ALARM', atMs: NOW - 600_000 });
    await records.beginRun(pointer.incidentId, 1, 'arn:1', NOW - 400_000 - at * 1_000);
  }
  const before = await records.getIncident('inc-00000000000a');
  const ports = {
    ...{ records, stateMachineArn: 'arn:machine', now: () => nowMs },
    executions: { startOnce: async (_: string, name: string) => started.push([name, nowMs - NOW]) > 0 },
    async pause(ms: number) {
      nowMs += ms;
    },
  };
  const read = () => Promise.all(pointers.map((pointer) => records.ensureIncident(pointer)));
  expect(await startRechecks(ports, await read())).toHaveLength(3);
  expect(started).toEqual([
    ['inc-00000000000c-look-1', 0],
    ['inc-00000000000b-look-1', 24_000],
    ['inc-00000000000a-look-1', 48_000],
  ]);
  expect(await startRechecks(ports, await read())).toEqual([]);
  // The run, its execution and its cool-down are as before.
  const { looked, ...after } = (await records.getIncident('inc-00000000000a')) ?? {};
  expect([after, looked?.number]).toEqual([before, 1]);
});
