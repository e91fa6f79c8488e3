import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RealStore, startStore } from '../../../test/functions/sweep/real-store.ts';
import { checkCommitted, compareWithToday, readWrongToday } from '../check/report.ts';

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());

it('a sweep takes every recorded key for what it is, except those of the list, which only shrinks', async () => {
  const { report, wrong } = await checkCommitted(store);
  expect(compareWithToday(wrong, readWrongToday())).toEqual([]);
  const { keys, foreign } = report;
  expect(keys.total).toBe(keys.recognised + keys.byLearn + keys.wrong.length);
  expect(foreign.keys).toBeGreaterThan(10_000);
});
