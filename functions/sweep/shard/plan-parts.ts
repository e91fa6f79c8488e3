import { sumOf } from '../../shared/arithmetic.ts';
import type { Checkpoint, KeyCounts, Part } from '../contract/checkpoint.ts';
import { leastKeysSeen } from '../nodes/key-counts.ts';
import { CursorInDoubt, partsOfBuckets, partsOfSlots, WHOLE } from '../pages/key-space.ts';
import { startAgain } from '../report/count-tally.ts';
import type { CursorOrder } from '../store/sweep-store.ts';

/** A store with fewer keys is read within milliseconds. */
export const LEAST_KEYS = 10_000;

/** The parts in which a node's keys are read. Pure. @param count number of parts @param shard the slots of a shard, as `0-5460` */
export function planParts(count: number, order: CursorOrder, shard: string): readonly Part[] {
  if (order === 'buckets') return partsOfBuckets(count);
  const [, first = '0', last = '0'] = /^(\d+)-(\d+)/.exec(shard) ?? [];
  return partsOfSlots([[Number(first), Number(last)]], count);
}

/** @throws CursorInDoubt when the parts had fewer keys than lived throughout */
export function checkKeysSeen({ parts, countsBefore }: Pick<Checkpoint, 'parts' | 'countsBefore'>, after: KeyCounts): void {
  const seen = sumOf(parts, ({ keys }) => keys);
  const least = countsBefore ? leastKeysSeen(countsBefore, after) : 0;
  if (seen < least) throw new CursorInDoubt(`the parts have ${seen} keys, and the store at least ${least}`);
}

/** Starts again with one cursor from the first page on. Pure. */
export const withOneCursor = ({ tally, restarts }: Pick<Checkpoint, 'tally' | 'restarts'>): Partial<Checkpoint> => ({
  parts: [WHOLE],
  inDoubt: true,
  confirmed: undefined,
  tally: startAgain(tally),
  restarts: restarts + 1,
});
