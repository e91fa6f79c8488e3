import { expect, it } from 'vitest';
import { medianCase, type SweepCase, unmetExpectations } from '../../../bench/sweep/judge-cases.ts';

const one = (name: SweepCase['name'], keysPerSecond: number, probeP99Ms: number, count = 100): SweepCase => ({
  name,
  count,
  keysPerSecond,
  probeP50Ms: 0.1,
  probeP99Ms,
  probeMaxMs: 2,
  clientCpuSeconds: 1,
});
const good = (change: Partial<Record<SweepCase['name'], SweepCase>> = {}) =>
  Object.values({
    idle: one('idle', 0, 0.3, 0),
    scan: one('scan', 400_000, 0.5),
    holdfast: one('holdfast', 345_000, 0.9),
    'scan-pttl': one('scan-pttl', 160_000, 9),
    'holdfast-paced': one('holdfast-paced', 10_000, 0.38, 10),
    ...change,
  });

it('accepts cases that meet every expectation', () => expect(unmetExpectations(good())).toEqual([]));

it.each([
  [{ holdfast: one('holdfast', 335_000, 0.9) }, "0.84 of a bare SCAN's speed"],
  [{ 'scan-pttl': one('scan-pttl', 173_000, 9) }, '1.99 of the speed of SCAN with pipelined PTTL'],
  [{ holdfast: one('holdfast', 345_000, 1.1) }, '1.00 ms are allowed'],
  [{ 'holdfast-paced': one('holdfast-paced', 10_000, 0.4) }, 'during a gentle sweep'],
  [{ scan: one('scan', 400_000, 0.5, 1_000) }, 'COUNT 1000'],
])('names an unmet expectation: %j', (change, says) => {
  expect(unmetExpectations(good(change))).toEqual([expect.stringContaining(says)]);
});

it('allows twice the idle time where that is longer than 1 ms, and reports a missing case', () => {
  const slow = { idle: one('idle', 0, 3, 0), holdfast: one('holdfast', 345_000, 5.9) };
  expect(unmetExpectations(good(slow))).toEqual([]);
  expect(unmetExpectations(good().slice(1))).toEqual(['a case is missing']);
});

it('takes the median, number by number', () => {
  const rounds = [one('scan', 3, 1), one('scan', 1, 2), one('scan', 2, 9)];
  expect(medianCase(rounds)).toMatchObject({ keysPerSecond: 2, probeP99Ms: 2 });
});
