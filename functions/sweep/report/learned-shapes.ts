/** Counts of unknown keys by shape: bounded, so that they fit a checkpoint. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { LearnedShape } from '../contract/tally.ts';

/** Keys of further shapes are counted together. */
export const MOST_SHAPES = 100;
export const OTHER_SHAPES = 'other shapes';

export type Shapes = Readonly<Record<string, LearnedShape>>;

export function addShapes(before: Shapes = {}, found: readonly LearnedShape[]): Shapes {
  if (found.length === 0) return before;
  const shapes: Record<string, LearnedShape> = { ...before };
  let count = Object.keys(shapes).length;
  for (const one of found) {
    const own = `${one.type} ${one.shape}`;
    const isNew = !(own in shapes);
    const name = isNew && count >= MOST_SHAPES ? OTHER_SHAPES : own;
    const known = shapes[name];
    if (known === undefined) count += 1;
    const { type, keys, recent } = one;
    shapes[name] = known ? together(known, one) : name === own ? one : { shape: OTHER_SHAPES, type, keys, recent };
  }
  return shapes;
}

/** Fewer keys of one shape can be one person's. */
const FEWEST_OF_SHAPE = 10;

/** The most frequent first; those of few keys in one. */
export function shownShapes(shapes: Shapes = {}): readonly LearnedShape[] {
  const all = Object.values(shapes);
  const shown = all.filter(({ keys }) => keys >= FEWEST_OF_SHAPE).toSorted((a, b) => b.keys - a.keys);
  const few = all.filter(({ keys }) => keys < FEWEST_OF_SHAPE);
  const rest = { shape: OTHER_SHAPES, type: 'any', keys: sumOf(few, ({ keys }) => keys), recent: sumOf(few, ({ recent }) => recent) };
  return few.length === 0 ? shown : [...shown, rest];
}

export const mergeShapes = (one: Shapes | undefined, other: Shapes = {}): Shapes => addShapes(one, Object.values(other));

function together(one: LearnedShape, other: LearnedShape): LearnedShape {
  const firstBytes = commonStart(one.firstBytes, other.firstBytes);
  const oldest = Math.max(one.oldestIdleSeconds ?? -1, other.oldestIdleSeconds ?? -1);
  return {
    shape: one.shape,
    type: one.type,
    keys: one.keys + other.keys,
    recent: one.recent + other.recent,
    ...(oldest >= 0 && { oldestIdleSeconds: oldest }),
    ...(firstBytes && { firstBytes }),
    ...(one.field !== undefined && one.field === other.field && { field: one.field }),
    ...(one.resembles !== undefined && one.resembles === other.resembles && { resembles: one.resembles }),
  };
}

/** Of whole bytes. */
function commonStart(one = '', other = ''): string {
  let length = 0;
  while (length < one.length && one.slice(0, length + 2) === other.slice(0, length + 2)) length += 2;
  return one.slice(0, length);
}
