/** Mitigations by the runbook's own machine, over drawn outages: see play-mitigations.ts for what must never be. */
import { expect, it } from 'vitest';
import { statesOf } from '../../../../lab/simulation/asl/definition.ts';
import { FULL } from '../../../e2e/full-run.ts';
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
