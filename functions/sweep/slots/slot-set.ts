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

/** The slots that are in both. */
export const inBoth = (one: SlotSet, other: SlotSet): SlotSet =>
  slotSet(
    one.flatMap(([first, last]) =>
      other.flatMap(([from, to]): SlotRange[] => {
        const range: SlotRange = [Math.max(first, from), Math.min(last, to)];
        return range[0] <= range[1] ? [range] : [];
      }),
    ),
  );

/** The slots of `one` that are not in `other`. */
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
