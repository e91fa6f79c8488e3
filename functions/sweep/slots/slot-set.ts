import type { Redis } from 'ioredis';
import { sumOf } from '../../shared/arithmetic.ts';
import { NO_LONG_NAMES, type PageKeys } from '../store/sweep-store.ts';

/** Sets of hash slots of a store in cluster mode, as ascending ranges. Pure. */

/** Slots of a cluster: 0 to 16383. @see https://valkey.io/topics/cluster-spec/ */
const SLOTS = 16_384;

export type SlotRange = readonly [first: number, last: number];
/** Ascending ranges without overlap. */
export type SlotSet = readonly SlotRange[];

export const ALL_SLOTS: SlotSet = [[0, SLOTS - 1]];

/** The slots that are in any of the ranges. */
export function slotSet(ranges: readonly SlotRange[]): SlotSet {
  const joined: [number, number][] = [];
  for (const [first, last] of [...ranges].sort(([a], [b]) => a - b)) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

export const inBoth = (one: SlotSet, other: SlotSet): SlotSet =>
  slotSet(
    one.flatMap(([first, last]) =>
      other.flatMap(([from, to]): SlotRange[] => {
        const range: SlotRange = [Math.max(first, from), Math.min(last, to)];
        return range[0] <= range[1] ? [range] : [];
      }),
    ),
  );

export function without(one: SlotSet, other: SlotSet): SlotSet {
  let left = one;
  for (const [from, to] of other) {
    left = left.flatMap(([first, last]): SlotRange[] => {
      if (to < first || from > last) return [[first, last]];
      const parts: SlotRange[] = [
        [first, from - 1],
        [to + 1, last],
      ];
      return parts.filter(([start, end]) => start <= end);
    });
  }
  return left;
}

export const countSlots = (slots: SlotSet): number => slots.reduce((sum, [first, last]) => sum + last - first + 1, 0);

export const hasSlot = (slots: SlotSet, slot: number): boolean => slots.some(([first, last]) => slot >= first && slot <= last);

/** `0-5460,7000`; empty for no slot. */
export const slotsText = (slots: SlotSet): string =>
  slots.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');

/** Parses {@link slotsText}. */
export const readSlots = (text: string): SlotSet => (text === '' ? [] : text.split(',').map(readRange));

/** `0-5460`, or one slot. */
export function readRange(text: string): SlotRange {
  const [first = 0, last = first] = text.split('-').map(Number);
  return [first, last];
}

/**
 * The hash slot of a key: CRC16 (XMODEM) of its hash tag, or of the whole key, modulo 16384. Pure.
 * @see https://valkey.io/topics/cluster-spec/#key-distribution-model
 */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});
const OPEN = '{'.charCodeAt(0);
const CLOSE = '}'.charCodeAt(0);

export function keySlot(key: Buffer): number {
  let crc = 0;
  for (const byte of hashTag(key)) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] as number);
  return crc % 16_384;
}

/** What is between the first `{` and the next `}`, if anything is; otherwise the whole key. */
function hashTag(key: Buffer): Buffer {
  const open = key.indexOf(OPEN);
  const close = open === -1 ? -1 : key.indexOf(CLOSE, open);
  return close > open + 1 ? key.subarray(open + 1, close) : key;
}

export interface OwnedSlots {
  /** The slots that it serves, and that are not moving to or from it: all keys of these are on this node. */
  readonly stable: SlotSet;
  readonly moving: SlotSet;
}

/** The slots of the connection's node. @throws when the user is not allowed to run CLUSTER NODES */
export async function readOwnedSlots(redis: Pick<Redis, 'cluster'>): Promise<OwnedSlots> {
  return ownedSlots(String(await redis.cluster('NODES')));
}

/**
 * Only the line of the asked node itself lists slots in migration: `[93-<-id]` for one that arrives, `[77->-id]` for one that goes.
 * @param nodes the reply to CLUSTER NODES
 * @see https://valkey.io/commands/cluster-nodes/
 */
export function ownedSlots(nodes: string): OwnedSlots {
  const myself = nodes.split('\n').find((line) => /^\S+ \S+ \S*\bmyself\b/.test(line)) ?? '';
  const words = myself.trim().split(' ').slice(8);
  const ranges = words.filter((word) => /^\d/.test(word)).map(readRange);
  const moving = slotSet(words.flatMap((word) => /^\[(\d+)-[<>]-/.exec(word)?.slice(1, 2) ?? []).map(readRange));
  return { stable: without(slotSet(ranges), moving), moving };
}

/**
 * The part of a page whose keys are in `slots`: a later round of a sweep handles and counts no key of a slot that an earlier round
 * has swept. The number of keys with a TTL is estimated by the page's sample. Pure.
 * @param slots undefined: all
 */
export function keysInSlots<Keys extends PageKeys>(page: Keys, slots: SlotSet | undefined): Keys {
  if (slots === undefined) return page;
  const isIn = ({ key }: { readonly key: Buffer }) => hasSlot(slots, keySlot(key));
  const persistentKeys = page.persistentKeys.filter(isIn);
  const samples = page.samples.filter(isIn);
  return {
    ...page,
    persistentKeys,
    samples,
    larger: page.larger.filter(isIn),
    // The slots of these keys are unknown, because a page does not have their names. An earlier round has counted them, unless their slot
    // moved before it came to them.
    longNames: NO_LONG_NAMES,
    keys: persistentKeys.length + sumOf(samples, ({ weight }) => weight),
  };
}
