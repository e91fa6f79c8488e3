/**
 * Counts of unknown keys by shape: bounded, so that they fit a checkpoint. Where there are more shapes than places, the rarer half makes room,
 * and each shape that comes after it notes how many keys it can have had before (as in "Space-Saving" of Metwally, Agrawal and El Abbadi): a
 * shape with more than one in fifty keys has a place in the end, however late it came. What lost its place is in `other shapes`. Pure.
 */
import { sumOf } from '../../shared/arithmetic.ts';
import type { LearnedShape, ShapeCounts } from '../contract/tally.ts';
import { isOfSeveralWords, withoutFirstWord } from '../keys/key-shape.ts';

/** Keys of further shapes are counted together. */
export const MOST_SHAPES = 100;
export const OTHER_SHAPES = 'other shapes';

export type Shapes = Readonly<Record<string, LearnedShape>>;

/** Shapes that differ in their first word alone, none of which is frequent: the word is then a user's. */
const FEWEST_SIBLINGS = 20;
const RARE_PERCENT = 10;

export function addShapes(before: Shapes = {}, found: readonly LearnedShape[]): Shapes {
  if (found.length === 0) return before;
  const shapes = new Map(Object.entries(before));
  for (const one of found) addShape(shapes, one);
  return Object.fromEntries(shapes);
}

function addShape(shapes: Map<string, LearnedShape>, one: LearnedShape): void {
  const own = one.shape === OTHER_SHAPES ? OTHER_SHAPES : nameOf(one);
  const siblings = nameOf(asSibling(one));
  if (own === OTHER_SHAPES || shapes.has(own)) addTo(shapes, own, one);
  else if (shapes.has(siblings)) addTo(shapes, siblings, asSibling(one));
  else {
    if (placesIn(shapes) >= MOST_SHAPES) makeRoom(shapes);
    const missed = missedIn(shapes) + (one.missed ?? 0);
    addTo(shapes, own, missed > 0 ? { ...one, missed } : one);
  }
}

const nameOf = ({ shape, type }: LearnedShape): string => `${type} ${shape}`;
const placesIn = (shapes: ReadonlyMap<string, LearnedShape>): number => shapes.size - Number(shapes.has(OTHER_SHAPES));
/** With those that were counted before it had its place. */
const mostKeysOf = ({ keys, missed = 0 }: Pick<LearnedShape, 'keys' | 'missed'>): number => keys + missed;
/** The most keys that a shape without a place can have had. */
const missedIn = (shapes: ReadonlyMap<string, LearnedShape>): number => shapes.get(OTHER_SHAPES)?.missed ?? 0;
const asOther = ({ keys, recent }: LearnedShape): LearnedShape => ({ shape: OTHER_SHAPES, type: 'any', keys, recent });
const asSibling = (one: LearnedShape): LearnedShape => ({ ...one, shape: withoutFirstWord(one.shape) });

function makeRoom(shapes: Map<string, LearnedShape>): void {
  joinSiblings(shapes, () => true);
  const places = [...shapes.values()].filter(({ shape }) => shape !== OTHER_SHAPES).toSorted((a, b) => mostKeysOf(b) - mostKeysOf(a));
  const rare = places.slice(MOST_SHAPES / 2);
  if (rare.length === 0) return;
  const missed = Math.max(missedIn(shapes), ...rare.map(mostKeysOf));
  for (const one of rare) {
    shapes.delete(nameOf(one));
    addTo(shapes, OTHER_SHAPES, asOther(one));
  }
  shapes.set(OTHER_SHAPES, { ...(shapes.get(OTHER_SHAPES) as LearnedShape), missed });
}

function addTo(shapes: Map<string, LearnedShape>, name: string, one: LearnedShape): void {
  const known = shapes.get(name);
  shapes.set(name, known ? together(known, one) : one);
}

/** `ann:cart:*` of many users is `*:cart:*`. Before an id alone, as in `orders:{uuid}`, a first word is a program's. */
function joinSiblings(shapes: Map<string, LearnedShape>, mayJoin = ({ shape }: LearnedShape) => isOfSeveralWords(shape)): void {
  const groups = Map.groupBy([...shapes.values()].filter(mayJoin), (one) => nameOf(asSibling(one)));
  for (const [name, all] of groups) {
    const most = (sumOf(all, ({ keys }) => keys) * RARE_PERCENT) / 100;
    const rare = all.filter((one) => nameOf(one) !== name && one.keys <= most);
    if (rare.length < FEWEST_SIBLINGS) continue;
    for (const one of rare) {
      shapes.delete(nameOf(one));
      addTo(shapes, name, asSibling(one));
    }
  }
}

/** Fewer keys of one shape can be one person's. */
export const FEWEST_OF_SHAPE = 10;

/** One person hardly has so many keys: a first word of fewer is in no record and in no report. */
export const FEWEST_OF_WORD = 1_000;

/** What records and reports may keep: a first word can be a person's name. */
export function withoutNames(shapes: Shapes = {}): Shapes {
  const kept = new Map<string, LearnedShape>();
  for (const one of Object.values(shapes)) {
    const unnamed = one.keys < FEWEST_OF_WORD ? asSibling(one) : one;
    addTo(kept, nameOf(unnamed), unnamed);
  }
  return Object.fromEntries(kept);
}

/** The most frequent first; those of few keys in one. */
export function shownShapes(shapes: Shapes = {}): readonly LearnedShape[] {
  const joined = new Map(Object.entries(shapes));
  joinSiblings(joined);
  const all = [...joined.values()];
  const isShown = ({ shape, keys }: LearnedShape) => keys >= FEWEST_OF_SHAPE && shape !== OTHER_SHAPES;
  const few = all.filter((one) => !isShown(one));
  const rest = few.map(asOther).reduce(together, { shape: OTHER_SHAPES, type: 'any', keys: 0, recent: 0 });
  const shown = all.filter(isShown).toSorted((a, b) => b.keys - a.keys);
  return few.length === 0 ? shown : [...shown, rest];
}

/** Of the shapes that a record keeps: its item has no room for a hundred. */
const MOST_KEPT = 50;

/**
 * What the next full sweep compares its own counts with.
 * @param keys all unknown keys, those with long names included, of which no shape is known
 */
export function countShapes(shapes: Shapes | undefined, keys: number): ShapeCounts {
  const shown = shownShapes(withoutNames(shapes)).filter(({ shape }) => shape !== OTHER_SHAPES);
  const kept = shown
    .slice(0, MOST_KEPT)
    .map(({ shape, type, keys: own, missed }) => ({ shape, type, keys: own, ...(missed && { missed }) }));
  const mostOfOthers = Math.max(FEWEST_OF_SHAPE - 1, shapes?.[OTHER_SHAPES]?.missed ?? 0, ...shown.slice(MOST_KEPT).map(mostKeysOf));
  return { keys, mostOfOthers, shapes: kept };
}

/** Tables of two units: what one of them lacks can be among its other shapes. */
export function mergeShapes(one: Shapes = {}, other: Shapes = {}): Shapes {
  return addShapes(withMissed(one, other), Object.values(withMissed(other, one)));
}

function withMissed(shapes: Shapes, other: Shapes): Shapes {
  const most = other[OTHER_SHAPES]?.missed ?? 0;
  const entries = Object.entries(shapes).map(
    ([name, one]) =>
      [name, most === 0 || name === OTHER_SHAPES || name in other ? one : { ...one, missed: (one.missed ?? 0) + most }] as const,
  );
  return Object.fromEntries(entries);
}

function together(one: LearnedShape, other: LearnedShape): LearnedShape {
  const firstBytes = commonStart(one.firstBytes, other.firstBytes);
  const oldest = Math.max(one.oldestIdleSeconds ?? -1, other.oldestIdleSeconds ?? -1);
  const missed = (one.missed ?? 0) + (other.missed ?? 0);
  const fields = (one.fields ?? []).filter((name) => other.fields?.includes(name));
  return {
    shape: one.shape,
    type: one.type,
    keys: one.keys + other.keys,
    recent: one.recent + other.recent,
    ...(missed > 0 && { missed }),
    ...(oldest >= 0 && { oldestIdleSeconds: oldest }),
    ...(firstBytes && { firstBytes }),
    ...(fields.length > 0 && { fields }),
    ...(one.resembles !== undefined && one.resembles === other.resembles && { resembles: one.resembles }),
  };
}

/** Of whole bytes. */
function commonStart(one = '', other = ''): string {
  let length = 0;
  while (length < one.length && one.slice(0, length + 2) === other.slice(0, length + 2)) length += 2;
  return one.slice(0, length);
}

/**
 * As one: shapes that differ in the length of their ids alone, which is then any, or in whether their texts are whole numbers. Their
 * values have the same evidence.
 */
export function familiesOf(shapes: readonly LearnedShape[]): readonly LearnedShape[] {
  const openOf = ({ shape }: LearnedShape) => shape.replace(/\{id:\d+\}/g, '{id}');
  const typeOf = ({ type }: LearnedShape) => (type === 'integer' ? 'string' : type);
  return [...Map.groupBy(shapes, (one) => JSON.stringify([typeOf(one), openOf(one), one.firstBytes, one.fields?.[0]])).values()].map(
    (all) => {
      const joined = all.reduce(together);
      return { ...joined, type: typeOf(joined), shape: all.every(({ shape }) => shape === joined.shape) ? joined.shape : openOf(joined) };
    },
  );
}
