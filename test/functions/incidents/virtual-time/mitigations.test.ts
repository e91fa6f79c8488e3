/** Mitigations by the runbook's own machine, over drawn outages: see play-mitigations.ts for what must never be. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { statesOf } from '../../../../lab/simulation/asl/definition.ts';
import { changeText } from '../../../../lab/simulation/plants/plant-hook.ts';
import { FULL } from '../../../e2e/full-run.ts';
import { PLANTS } from './plants.ts';
import { playMitigations } from './play-mitigations.ts';
import { RUNBOOK } from './runbook-machine.ts';

const SEEDS = Array.from({ length: FULL ? 600 : 40 }, (_, index) => Number(process.env['HOLDFAST_FIRST_SEED'] ?? 1) + index);

it('holds up nothing that repairs, leaves nothing in effect, and does nothing twice', { timeout: 600_000 }, async () => {
  const entered = new Set<string>();
  const broken: object[] = [];
  for (const seed of SEEDS) {
    const played = await playMitigations(seed);
    for (const state of played.entered) entered.add(state);
    if (played.broken.length > 0) broken.push({ seed, broken: played.broken, did: played.did });
  }
  expect(broken).toEqual([]);
  // Not those to which only a fault of a function, or of a source, leads, an effect that takes its time, or an alarm that ends within the
  // second in which its re-check begins.
  const never = statesOf(RUNBOOK)
    .map(([name]) => name)
    .filter((name) => !entered.has(name));
  expect(
    never.filter((name) => !/: gap$|error|failed|trouble|^Not |^Nothing to do$|Undo$|Wait for (the effect|its turn)$/.test(name)),
  ).toEqual([]);
});

it.each(PLANTS.flatMap(({ also, ...one }) => [one, ...(also ? [{ ...one, ...also }] : [])]))(
  'the plant “$name” applies to $file',
  (plant) => {
    const source = readFileSync(path.resolve(import.meta.dirname, '../../../..', plant.file), 'utf8');
    expect(changeText(source, plant)).not.toBe(source);
  },
);
