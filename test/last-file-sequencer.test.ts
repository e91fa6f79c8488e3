import path from 'node:path';
import { expect, it } from 'vitest';
import { arrange, LAST } from './last-file-sequencer.ts';
import { REPOSITORY } from './run-node.ts';

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

it('begins with what takes longest by the recorded seconds, whatever has run here', () => {
  const files = ['test/advisor/contradictions.test.ts', 'lab/simulation/simulate.test.ts', 'test/infra/dashboards.test.ts'];
  const ids = files.map((file) => path.join(REPOSITORY, file));
  expect(arrange(ids, '')).toEqual([ids[1], ids[2], ids[0]]);
  expect(arrange(ids, '', [files[2] as string])).toEqual([ids[2], ids[1], ids[0]]);
});

it('keeps the order of Vitest without a seed, and puts first what a caller wants first', () => {
  const [one = '', ...others] = FILES.slice(0, -LAST.length);
  expect(arrange(FILES, '')).toEqual([one, ...others, ...LOOK_BACK]);
  expect(arrange(FILES, '', ['/e2e/h.test.ts'])[0]).toBe('/checkout/test/e2e/h.test.ts');
});
