import { expect, test } from 'vitest';
import { jsonCopy } from './json-copy.ts';

test.each([
  ['plain values', { text: 'a', number: 1.5, truth: false, nothing: null, list: [1, [2, { a: 'b' }]], empty: {} }],
  ['what has no JSON', { absent: undefined, method: () => 1, list: [undefined, () => 1], noNumber: Number.NaN, endless: [-Infinity] }],
  [
    'objects with a JSON of their own',
    { at: new Date(0), set: new Set([1]), map: new Map(), error: new Error('no'), own: { toJSON: () => 7 } },
  ],
  ['an object without a prototype', { bare: Object.assign(Object.create(null), { a: 1 }) }],
  ['null', null],
])('a copy of %s is what JSON makes of it', (_, value) => {
  expect(jsonCopy(value)).toStrictEqual(JSON.parse(JSON.stringify(value)));
});

test('a copy shares nothing with the value', () => {
  const value = { list: [{ a: 1 }] };
  const copy = jsonCopy(value) as typeof value;
  value.list.push({ a: 2 });
  (value.list[0] as { a: number }).a = 3;
  expect(copy).toEqual({ list: [{ a: 1 }] });
});
