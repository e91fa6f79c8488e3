/** How unknown keys grew from one full sweep to the next. Never too much: what a bounded table does not show counts for the earlier one. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { SweepRecord, UnknownGrowth } from '../contract/record.ts';
import type { SweepContext } from '../contract/steps.ts';
import type { GrownShape, ShapeCounts } from '../contract/tally.ts';
import { withoutFirstWord } from '../keys/key-shape.ts';
import { FEWEST_OF_SHAPE, OTHER_SHAPES } from './learned-shapes.ts';
import type { SweepReport } from './make-report.ts';

/** What a sweep that has read every key counted. */
export interface CountedKeys {
  readonly shapes: ShapeCounts;
  /** All keys that its pages had, and the most that the store had, by its counters, before and after. */
  readonly seen: number;
  readonly had: number | undefined;
}

/**
 * @param before the record of `comparedWith`
 * @returns undefined where there is nothing to compare with; in a round of a cluster's sweep keys are counted once more after their slot moved
 */
export function growthSince(
  { comparedWith, round }: Pick<SweepContext, 'comparedWith' | 'round'>,
  before: Pick<SweepRecord, 'unknownShapes'> | undefined,
  { shapes, seen, had }: CountedKeys,
): UnknownGrowth | undefined {
  if (comparedWith === undefined || before?.unknownShapes === undefined || round !== undefined || had === undefined) return undefined;
  return { sinceMs: comparedWith.startedAtMs, shapes: compareShapes(before.unknownShapes, shapes, Math.max(0, seen - had)) };
}

export const withGrowth = (made: SweepReport, unknownGrowth: UnknownGrowth): SweepReport => ({
  ...made,
  summary: { ...made.summary, unknownGrowth },
});

/**
 * @param countedTwice keys that the later sweep can have counted twice, as a SCAN can return them
 * @returns the shapes that grew, the most first; those that have no place of their own together, as `other shapes`
 */
export function compareShapes(before: ShapeCounts, now: ShapeCounts, countedTwice = 0): readonly GrownShape[] {
  const earlier = new Map(before.shapes.map((one) => [`${one.type} ${one.shape}`, one]));
  const compared = now.shapes.map(({ shape, type, keys }) => {
    const was = earlier.get(`${type} ${shape}`);
    const joined = earlier.get(`${type} ${withoutFirstWord(shape)}`);
    const atMost = was ? was.keys + (was.missed ?? 0) : Math.max(before.mostOfOthers, joined?.keys ?? 0);
    return { shape, type, keys, was: was?.keys ?? 0, grown: keys - atMost };
  });
  const others = {
    keys: now.keys - sumOf(compared, ({ keys }) => keys),
    was: before.keys - sumOf(compared, ({ was }) => was),
  };
  return [...compared, { shape: OTHER_SHAPES, type: 'any', keys: others.keys, grown: others.keys - others.was }]
    .map(({ shape, type, keys, grown }) => ({ shape, type, keys, grown: grown - countedTwice }))
    .filter(({ grown }) => grown >= FEWEST_OF_SHAPE)
    .toSorted((one, other) => other.grown - one.grown);
}
