/**
 * Parts of a node's key space, each with a cursor of its own. Pure.
 *
 * A cursor of SCAN is a position in the bit-reversed order of the hash table's buckets, masked for each table, so that a part stays
 * a part while the table grows or shrinks. In cluster mode, engines with a table per slot count the slots first: the cursor's low
 * 14 bits are the slot. No engine documents this. Hence three checks: a part's position only grows, which ends it at the position of
 * the next part; and together the parts have at least the keys that the store counts (leastKeysSeen).
 *
 * Consecutive parts share at most a page: the last page of the one reads on into the other. Its keys are seen twice, as keys can be
 * in any SCAN; a repaired key has a TTL by then.
 * @see https://github.com/valkey-io/valkey/blob/8.0/src/dict.c dictScan
 * @see https://github.com/valkey-io/valkey/blob/8.0/src/kvstore.c kvstoreScan
 */

import { HoldfastError } from '../../shared/errors.ts';
import type { Part } from '../contract/checkpoint.ts';
import type { CursorOrder } from '../store/sweep-store.ts';

/** Cursors of this store do not have the positions that reading in parts depends on. */
export class CursorInDoubt extends HoldfastError {
  override readonly name = 'CursorInDoubt';
}

/** The whole key space as one part, in which any cursor is followed until it is `0`. */
export const WHOLE: Part = { cursor: '0', until: '0', keys: 0, withTtl: 0, isDone: false };

const SLOT_BITS = 14n;
const BITS = 64n;

/** Equal parts of all buckets. @param count 2 or more */
export function partsOfBuckets(count: number): readonly Part[] {
  const starts = Array.from({ length: count }, (_, at) => String(reverse((BigInt(at) << BITS) / BigInt(count))));
  return between(starts);
}

/** Parts of the slots, each with an equal number of the node's own ones. @param own the node's ranges of slots @param count 2 or more */
export function partsOfSlots(own: readonly (readonly [first: number, last: number])[], count: number): readonly Part[] {
  const slots = own.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at)).sort((a, b) => a - b);
  const starts = Array.from({ length: count }, (_, at) => slots[Math.floor((slots.length * at) / count)] ?? 0);
  // The first part begins at the first slot of all: a slot on its way to the node is in no range.
  return between([...new Set([0, ...starts.slice(1)])].map(String));
}

const between = (starts: readonly string[]): readonly Part[] =>
  starts.map((cursor, at) => ({ cursor, until: starts[at + 1] ?? '0', keys: 0, withTtl: 0, isDone: false }));

/**
 * The part after a page that returned this cursor.
 * @param order undefined: the only part, whose cursors mean nothing but where to go on
 * @throws CursorInDoubt when the position did not grow
 */
export function advance(part: Part, cursor: string, keys: number, order: CursorOrder | undefined): Part {
  const next = { ...part, cursor, keys: part.keys + keys };
  if (cursor === '0') return { ...next, isDone: true };
  if (order === undefined) return next;
  const position = positionOf(cursor, order);
  if (position <= positionOf(part.cursor, order)) throw new CursorInDoubt(`after cursor ${part.cursor} the store returned ${cursor}`);
  return { ...next, isDone: part.until !== '0' && position >= positionOf(part.until, order) };
}

/** @throws CursorInDoubt for anything but a number of 64 bits */
function positionOf(cursor: string, order: CursorOrder): bigint {
  if (!/^\d{1,20}$/.test(cursor)) throw new CursorInDoubt('a cursor is not a number');
  const value = BigInt(cursor);
  if (value >> BITS) throw new CursorInDoubt(`cursor ${cursor} has more than 64 bits`);
  if (order === 'buckets') return reverse(value);
  return (BigInt.asUintN(Number(SLOT_BITS), value) << BITS) | reverse(value >> SLOT_BITS);
}

const WORD = 32n;

/** All 64 bits, the last one first. */
const reverse = (value: bigint): bigint =>
  (BigInt(reverseWord(Number(BigInt.asUintN(32, value)))) << WORD) | BigInt(reverseWord(Number(value >> WORD)));

function reverseWord(word: number): number {
  let bits = word;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}

export const isSamePosition = (some: readonly Part[], others: readonly Part[]): boolean =>
  some.length === others.length && some.every(({ cursor, isDone }, at) => cursor === others[at]?.cursor && isDone === others[at].isDone);
