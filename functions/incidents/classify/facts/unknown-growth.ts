/** Keys of no known framework that come without a TTL, as full sweeps counted them by shape. Pure. */
import { WITHOUT_TTL_THRESHOLD } from '../../../records/ttl-baseline.ts';
import { sumOf } from '../../../shared/arithmetic.ts';
import type { GrownShape } from '../../../sweep/contract/tally.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import { firmIf, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';

/** As for sessions without a TTL (store-content.ts). */
const EXPLAINS_PERCENT = 20;
const FEW_PERCENT = 1;
const MOST_NAMED = 3;

/** By all full sweeps in the evidence, each compared with the one before it; the most grown first. */
export function grownShapes(evidence: Evidence): readonly Pick<GrownShape, 'shape' | 'grown'>[] {
  const found = (factsOf(evidence, 'sweeps')?.sweeps ?? []).flatMap(({ unknownGrowth }) => unknownGrowth?.shapes ?? []);
  return [...Map.groupBy(found, ({ shape, type }) => `${type} ${shape}`).values()]
    .map((all) => ({ shape: all[0]?.shape ?? '', grown: sumOf(all, ({ grown }) => grown) }))
    .filter(({ grown }) => grown >= WITHOUT_TTL_THRESHOLD)
    .toSorted((one, other) => other.grown - one.grown);
}

const grownIn = (evidence: Evidence): number => sumOf(grownShapes(evidence), ({ grown }) => grown);

export const unknownKeysGrow = judgeSource('sweeps', ({ sweeps }, { complete, evidence }) => {
  const shapes = grownShapes(evidence);
  if (shapes.length === 0 && !complete) return open('sweeps', 'sweeps on record: all of the last day');
  const isCompared = sweeps.some(({ unknownGrowth }) => unknownGrowth !== undefined);
  if (shapes.length === 0)
    return firmIf(isCompared, no('sweeps', 'no sweep found that keys of no known framework without a TTL became more'));
  const sinceMs = Math.min(...sweeps.flatMap(({ unknownGrowth }) => (unknownGrowth?.shapes.length ? unknownGrowth.sinceMs : [])));
  const named = shapes.slice(0, MOST_NAMED).map(({ shape, grown }) => `+${grown} ${shape}`);
  const rest = shapes.length > MOST_NAMED ? ['…'] : [];
  const text = `keys of no known framework without a TTL, since the full sweep of ${new Date(sinceMs).toISOString().slice(0, 16)}Z: ${[...named, ...rest].join(', ')}`;
  const growth = yes('sweeps', text, sinceMs);
  const keys = factsOf(evidence, 'readings')?.reading?.keys;
  if (keys === undefined) return shaky(growth);
  return firmIf(grownIn(evidence) * 100 >= keys * EXPLAINS_PERCENT, { ...growth, others: ['readings'] });
});

export const unknownIsFew = judgeSource('readings', ({ reading }, { evidence }) => {
  if (!reading || grownShapes(evidence).length === 0) return open('readings', "collector's readings: the number of keys");
  const grown = grownIn(evidence);
  const text = `${grown} of ${reading.keys} keys are new ones of no known framework without a TTL`;
  return whether('readings', grown * 100 < reading.keys * FEW_PERCENT, text);
});
