import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { SOURCES } from '../../../../functions/incidents/contract/evidence.ts';
import type { RunContext } from '../../../../functions/incidents/contract/steps.ts';
import { gatherEvidence, readEvidence } from '../../../../functions/incidents/run/report.ts';

const run = { incidentId: 'inc-000000000001', run: 1, fromMs: 1, toMs: 3, firstSignMs: 2 } as RunContext;
const part = (source: string) => `_incidents/inc-000000000001/1/${source}.json`;

function bucket(parts: Readonly<Record<string, string>>) {
  const objects = new Map(Object.entries(parts).map(([source, body]) => [part(source), body]));
  return {
    objects,
    get: async (key: string) => objects.get(key),
    put: async (key: string, body: string) => void objects.set(key, body),
  };
}

it('the bundle has every source: a part, or the reason why there is none', async () => {
  const objects = bucket({ sweeps: '{"takenAtMs":1,"facts":{"sweeps":[]}}', scaling: '{"takenAt' });
  const { evidence } = await gatherEvidence(objects, run, [{ source: 'traffic', gap: 'it could not be collected: States.Timeout' }]);
  expect(Object.keys(evidence.sources).sort()).toEqual([...SOURCES].sort());
  expect(evidence).toMatchObject({
    firstSignMs: 2,
    sources: {
      sweeps: { takenAtMs: 1 },
      scaling: { gap: 'what was collected cannot be read' },
      traffic: { gap: 'it could not be collected: States.Timeout' },
      balancer: { gap: 'it was not collected' },
    },
  });
});

it('the hash is that of the object as it is stored, and a repeated step gives the same', async () => {
  const objects = bucket({ sweeps: '{"takenAtMs":1,"facts":{"sweeps":[]}}' });
  const first = await gatherEvidence(objects, run, []);
  const stored = objects.objects.get(first.key) ?? '';
  expect(createHash('sha256').update(stored).digest('hex')).toBe(first.sha256);
  expect((await gatherEvidence(objects, run, [])).sha256).toBe(first.sha256);
  expect((await readEvidence(objects, run))?.sha256).toBe(first.sha256);
  objects.objects.set(first.key, stored.replace('"sweeps"', '"sweep"'));
  expect((await readEvidence(objects, run))?.sha256).not.toBe(first.sha256);
  expect(await readEvidence(objects, { ...run, run: 2 })).toBeUndefined();
});
