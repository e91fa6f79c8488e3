import { expect, it } from 'vitest';
import { arrange, LAST } from './last-file-sequencer.ts';

const LOOK_BACK = LAST.map((name) => `/checkout/test${name}`);
const FILES = [...'abcdefgh'].map((name) => `/checkout/test/e2e/${name}.test.ts`).concat(LOOK_BACK.toReversed());

it('draws an order of scenarios from the seed, the same each time, and keeps those that look back at the end', () => {
  const orders = ['1', '2', '3'].map((seed) => arrange(FILES, seed));
  expect(arrange(FILES, '1')).toEqual(orders[0]);
  expect(new Set(orders.map(String)).size).toBe(3);
  for (const order of orders) {
    expect(order.toSorted()).toEqual(FILES.toSorted());
    expect(order.slice(-LAST.length)).toEqual(LOOK_BACK);
  }
});

it('keeps the order of Vitest without a seed, and puts first what a caller wants first', () => {
  const [one = '', ...others] = FILES.slice(0, -LAST.length);
  expect(arrange(FILES, '')).toEqual([one, ...others, ...LOOK_BACK]);
  expect(arrange(FILES, '', ['/e2e/h.test.ts'])[0]).toBe('/checkout/test/e2e/h.test.ts');
});
