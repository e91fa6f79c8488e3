/** How unknown keys grew from one full sweep to the next: rather too little, since what a bounded table does not show counts for the earlier one. Pure. */
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
 * Shapes that differ in their first word alone are compared together, since one sweep can know a word that another one left out; what of it
 * is one shape's is said of this one.
 * @param countedTwice keys that the later sweep can have counted twice, as a SCAN can return them
 * @returns the shapes that grew, the most first; those that have no place of their own together, as `other shapes`
 */
export function compareShapes(before: ShapeCounts, now: ShapeCounts, countedTwice = 0): readonly GrownShape[] {
  const earlier = Map.groupBy(before.shapes, groupOf);
  const compared = [...Map.groupBy(now.shapes, groupOf)].flatMap(([name, those]) =>
    compareGroup(those, earlier.get(name) ?? [], before.mostOfOthers),
  );
  const others = {
    keys: now.keys - sumOf(now.shapes, ({ keys }) => keys),
    was: before.keys - sumOf(compared, ({ was }) => was),
  };
  return [...compared, { shape: OTHER_SHAPES, type: 'any', keys: others.keys, was: others.was, grown: others.keys - others.was }]
    .map(({ shape, type, keys, grown }) => ({ shape, type, keys, grown: grown - countedTwice }))
    .filter(({ grown }) => grown >= FEWEST_OF_SHAPE)
    .toSorted((one, other) => other.grown - one.grown);
}

type Counted = ShapeCounts['shapes'][number];
const groupOf = ({ shape, type }: Counted): string => `${type} ${withoutFirstWord(shape)}`;

/** Those with the same word in both are compared by themselves; of the others, what has come is said first of those with a word. */
function compareGroup(
  now: readonly Counted[],
  before: readonly Counted[],
  mostOfOthers: number,
): (GrownShape & { readonly was: number })[] {
  const hasWord = ({ shape }: Counted): boolean => withoutFirstWord(shape) !== shape;
  const wasOf = (one: Counted) => (hasWord(one) ? before.find(({ shape }) => shape === one.shape) : undefined);
  const isLeft = (one: Counted): boolean => !now.some((later) => wasOf(later) === one);
  const left = before.filter(isLeft);
  const unnamed = left.find((one) => !hasWord(one));
  const fresh = now.filter((one) => !wasOf(one));
  let rest = sumOf(fresh, ({ keys }) => keys) - (left.length === 0 ? mostOfOthers : sumOf(left, mostOf));
  return now
    .toSorted((one, other) => Number(hasWord(other)) - Number(hasWord(one)))
    .map((one) => {
      const was = wasOf(one);
      const own = one.keys - (was ? mostOf(was) : hasWord(one) ? Math.max(unnamed?.keys ?? 0, mostOfOthers) : 0);
      const grown = was ? own : Math.min(rest, own);
      if (!was) rest -= Math.max(0, grown);
      return { shape: one.shape, type: one.type, keys: one.keys, was: (was ?? (hasWord(one) ? undefined : unnamed))?.keys ?? 0, grown };
    });
}

const mostOf = ({ keys, missed = 0 }: Counted): number => keys + missed;
