import { expect, test } from 'vitest';
import { noCoverage } from '../coverage/coverage.ts';
import type { SeedResult } from './seed-result.ts';
import { Summary } from './summary.ts';

const result = (seed: number, hash: string) =>
  ({ seed, hash, kind: 'calm', endings: [], violations: [], faults: {}, coverage: noCoverage() }) as unknown as SeedResult;
const timelinesOf = (...results: SeedResult[]) => {
  const summary = new Summary();
  for (const one of results) summary.add(one);
  return (summary.json(1, { states: [], catches: [], branches: [] } as never) as { timelines: string }).timelines;
};

test('the hash over all timelines is that of the seeds, not of the order in which they were ready', () => {
  const [first, second, other] = [result(1, 'a'), result(2, 'b'), result(2, 'c')];
  expect(timelinesOf(second, first)).toBe(timelinesOf(first, second));
  expect(timelinesOf(first, other)).not.toBe(timelinesOf(first, second));
});
