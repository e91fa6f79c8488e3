import { describe, expect, it } from 'vitest';
import type { LearnedShape, ShapeCounts } from '../../../../functions/sweep/contract/tally.ts';
import { dialectOf } from '../../../../functions/sweep/keys/key-shape.ts';
import { compareShapes, growthSince } from '../../../../functions/sweep/report/compare-shapes.ts';
import {
  addShapes,
  countShapes,
  MOST_SHAPES,
  mergeShapes,
  OTHER_SHAPES,
  shownShapes,
  withoutNames,
} from '../../../../functions/sweep/report/learned-shapes.ts';

const one = (shape: string, over: Partial<LearnedShape> = {}): LearnedShape => ({ shape, type: 'string', keys: 1, recent: 0, ...over });
const times = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
/** Names that have nothing but a first part in common with no other: no word that could be a user's. */
const noise = (count: number) => times(count, (at) => one(`job:{hex:${at + 100}}:*`));

describe('a table of shapes that is full', () => {
  it('has a place for the shape that grows, however late it comes', () => {
    const shapes = addShapes(
      addShapes({}, noise(150)),
      times(500, () => one('Session:userId:*')),
    );
    expect(Object.keys(shapes).length).toBeLessThanOrEqual(MOST_SHAPES + 1);
    expect(shapes['string Session:userId:*']).toMatchObject({ keys: 500, missed: 1 });
    expect(shapes[OTHER_SHAPES]).toMatchObject({ keys: 100, missed: 1 });
  });

  it('has it too where its keys come one by one among many rare shapes', () => {
    const shapes = times(2_000, (at) => one(`job:{hex:${at + 1_000}}:*`)).reduce(
      (before, rare) => addShapes(before, [rare, one('Session:userId:*')]),
      addShapes({}, noise(150)),
    );
    const { keys = 0, missed = 0 } = shapes['string Session:userId:*'] ?? {};
    expect(keys).toBeLessThanOrEqual(2_000);
    expect(keys + missed).toBeGreaterThanOrEqual(2_000);
    expect(keys).toBeGreaterThan(1_900);
  });

  it('counts each key once, in its own shape or in the other ones', () => {
    const shapes = addShapes(addShapes({}, noise(400)), noise(400));
    expect(Object.values(shapes).reduce((sum, { keys }) => sum + keys, 0)).toBe(800);
  });
});

it('a first word that differs with each is a user’s, and is left out', () => {
  const words = 'ann bob cid dan eve fay gus hal ida jan kim lea mia ned ole pam ria sam tom uma vic wim'.split(' ');
  const found = words.flatMap((word) => times(12, () => one(`${word}:cart:*`)));
  const shown = shownShapes(
    addShapes({}, [...found, ...times(500, () => one('counter:cart:*')), ...times(40, () => one('session:cart:*'))]),
  );
  expect(shown.map(({ shape, keys }) => [shape, keys])).toEqual([
    ['counter:cart:*', 500],
    ['*:cart:*', 264],
    ['session:cart:*', 40],
  ]);
});

it('programs with keys of one form stay apart, and no dialect is printed for any word', () => {
  const programs = times(22, (at) => `svc${String.fromCharCode(97 + at)}`);
  const shapes = addShapes(
    {},
    programs.flatMap((word) => times(40, () => one(`${word}:{uuid}`, { firstBytes: '7b2273' }))),
  );
  expect(shownShapes(shapes).map(({ shape }) => shape)).toEqual(programs.map((word) => `${word}:{uuid}`));
  expect(dialectOf(one('svca:{uuid}', { firstBytes: '7b2273' }))).toMatchObject({ pattern: 'svca:{uuid}' });
  expect(dialectOf(one('*:{uuid}', { firstBytes: '7b2273' }))).toBeUndefined();
});

it('in records and reports a first word of fewer than a thousand keys is left out: it can be a person’s', () => {
  const words = [...times(19, (at) => `ann${String.fromCharCode(97 + at)}`), 'ann-smith'];
  const found = words.flatMap((word) => times(100, () => one(`${word}:cart:*`)));
  const shapes = addShapes({}, [...found, ...times(1_000, () => one('svc:{uuid}')), ...times(20, () => one('Session:userId:*'))]);
  const shown = [
    ['*:cart:*', 2_000],
    ['svc:{uuid}', 1_000],
    ['Session:userId:*', 20],
  ];
  expect(shownShapes(withoutNames(shapes)).map(({ shape, keys }) => [shape, keys])).toEqual(shown);
  expect(countShapes(shapes, 3_020).shapes.map(({ shape, keys }) => [shape, keys])).toEqual(shown);
});

it('a shape of fewer than ten keys is in no record: it can be one person’s', () => {
  const shapes = addShapes({}, [...times(9, () => one('ann:*')), ...times(10, () => one('cart:*'))]);
  const counted = countShapes(shapes, 19);
  expect(counted).toEqual({ keys: 19, mostOfOthers: 9, shapes: [{ shape: 'cart:*', type: 'string', keys: 10 }] });
  expect(shownShapes(shapes).map(({ shape, keys }) => [shape, keys])).toEqual([
    ['cart:*', 10],
    [OTHER_SHAPES, 9],
  ]);
});

it('tables of two units are one: what one lacks can be among its other shapes', () => {
  const full = addShapes(
    addShapes({}, noise(150)),
    times(300, () => one('a:*')),
  );
  const merged = mergeShapes(
    full,
    addShapes(
      {},
      times(200, () => one('b:*')),
    ),
  );
  expect(merged['string a:*']).toMatchObject({ keys: 300, missed: 1 });
  expect(merged['string b:*']).toMatchObject({ keys: 200 });
  expect(merged['string b:*']?.missed).toBeGreaterThanOrEqual(1);
});

describe('unknown keys that have come since the full sweep before', () => {
  const counts = (shapes: Record<string, number>, keys?: number, mostOfOthers = 9): ShapeCounts => ({
    keys: keys ?? Object.values(shapes).reduce((sum, own) => sum + own, 0),
    mostOfOthers,
    shapes: Object.entries(shapes).map(([shape, own]) => ({ shape, type: 'string', keys: own })),
  });
  const grown = (before: ShapeCounts, now: ShapeCounts, twice = 0) =>
    Object.fromEntries(compareShapes(before, now, twice).map((found) => [found.shape, found.grown]));

  it.each([
    ['of a known shape', counts({ 'a:*': 100, 'b:*': 50 }), counts({ 'a:*': 600, 'b:*': 50 }), { 'a:*': 500 }],
    ['of a new one, less what it can have had', counts({ 'b:*': 50 }), counts({ 'a:*': 500, 'b:*': 50 }), { 'a:*': 491 }],
    ['of shapes without a place', counts({ 'b:*': 50 }, 90), counts({ 'b:*': 50 }, 1_090), { [OTHER_SHAPES]: 1_000 }],
    ['where as many others went', counts({ 'a:*': 100, 'b:*': 500 }), counts({ 'a:*': 600 }), { 'a:*': 500 }],
    ['none', counts({ 'a:*': 100 }), counts({ 'a:*': 100 }), {}],
    [
      'none, where a shape has got a place that it had not before',
      counts({ 'b:*': 50 }, 4_050, 4_000),
      counts({ 'a:*': 4_000, 'b:*': 50 }),
      {},
    ],
    ['none, where a shape has lost its place', counts({ 'a:*': 400, 'b:*': 500 }), counts({ 'b:*': 500 }, 900), {}],
    ['none, where a word was left out before', counts({ '*:cart:*': 900 }), counts({ 'bob:cart:*': 700, '*:cart:*': 200 }), {}],
    [
      'of a word that has become frequent',
      counts({ '*:cart:*': 900 }),
      counts({ 'bob:cart:*': 1_400, '*:cart:*': 200 }),
      { 'bob:cart:*': 500, '*:cart:*': 200 },
    ],
    ['of one more user with as many keys', counts({ '*:cart:*': 1_900 }), counts({ '*:cart:*': 2_000 }), { '*:cart:*': 100 }],
    ['none, where a word has become rare', counts({ 'bob:cart:*': 1_000 }), counts({ '*:cart:*': 990 }), {}],
    ['of other words, where one has become rare', counts({ 'bob:cart:*': 1_000 }), counts({ '*:cart:*': 1_500 }), { '*:cart:*': 500 }],
    ['too few to be shown', counts({ 'a:*': 100 }), counts({ 'a:*': 109 }), {}],
  ])('%s', (_, before, now, expected) => expect(grown(before, now)).toEqual(expected));

  it('are not those that a SCAN returned twice', () => {
    expect(grown(counts({ 'a:*': 100 }), counts({ 'a:*': 160 }), 60)).toEqual({});
  });

  it('are unknown without an earlier count, and where slots have moved', () => {
    const counted = { shapes: counts({ 'a:*': 600 }), seen: 600, had: 600 };
    const comparedWith = { sweepId: 's-1', startedAtMs: 1 };
    expect(growthSince({}, undefined, counted)).toBeUndefined();
    expect(growthSince({ comparedWith }, {}, counted)).toBeUndefined();
    expect(
      growthSince({ comparedWith, round: { number: 2, slots: '1', earlierShards: [] } }, { unknownShapes: counts({}) }, counted),
    ).toBeUndefined();
    expect(growthSince({ comparedWith }, { unknownShapes: counts({}) }, counted)).toEqual({
      sinceMs: 1,
      shapes: [{ shape: 'a:*', type: 'string', keys: 600, grown: 591 }],
    });
  });
});
