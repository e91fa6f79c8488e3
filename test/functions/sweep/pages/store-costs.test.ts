/** What pages and batches cost the store, by readings of INFO commandstats. */
import { describe, expect, it } from 'vitest';
import { parseCommandTimes } from '../../../../functions/sweep/nodes/command-times.ts';
import { createPageCost, createWorkCost } from '../../../../functions/sweep/pages/store-costs.ts';

const times = (commands: Readonly<Record<string, readonly [calls: number, microseconds: number]>>) =>
  parseCommandTimes(
    `# Commandstats\r\n${Object.entries(commands)
      .map(([name, [calls, usec]]) => `cmdstat_${name}:calls=${calls},usec=${usec},usec_per_call=${usec / calls},failed_calls=0\r\n`)
      .join('')}`,
  );

describe('the cost of a page', () => {
  const start = () => {
    const cost = createPageCost(['evalsha_ro', 'eval_ro']);
    cost.estimate(1);
    expect(cost.isReadingDue).toBe(true);
    // One page of 1 ms above idle, which the store had 100 µs for; INFO itself takes 40 µs twice.
    const spent = cost.read(times({ evalsha_ro: [1, 100], info: [5, 300] }), times({ evalsha_ro: [2, 200], info: [6, 340] }));
    return { cost, spent };
  };

  it('is the round trip less the idle one at first, and then corrected by what the store reports, INFO included', () => {
    const { cost, spent } = start();
    expect(spent).toBeCloseTo(0.1 + 0.08 + (0.1 - 1), 5);
    expect(cost.isReadingDue).toBe(false);
    expect(cost.estimate(1)).toBeCloseTo(0.1, 5);
  });

  it('of a window without other clients’ scripts is exact', () => {
    const { cost } = start();
    for (let page = 0; page < 8; page += 1) cost.estimate(2);
    expect(cost.isReadingDue).toBe(true);
    const spent = cost.read(times({ evalsha_ro: [10, 1_400], info: [6, 340] }), times({ evalsha_ro: [11, 1_550], info: [7, 380] }));
    // Eight pages took 1.2 ms, and 1.6 ms were estimated; this one took 0.15 ms, counted a quarter of it.
    expect(spent).toBeCloseTo(0.1125 + 0.08 + (1.2 - 1.6), 5);
  });

  it('of a window with other clients’ scripts is by the pages that were read between two readings, a fifth added', () => {
    const { cost } = start();
    for (let page = 0; page < 8; page += 1) cost.estimate(1);
    const spent = cost.read(times({ evalsha_ro: [60, 900_000], info: [6, 340] }), times({ evalsha_ro: [61, 900_100], info: [7, 380] }));
    expect(spent).toBeCloseTo(0.1 + 0.08 + (8 * 0.1 * 1.2 - 0.8), 5);
  });

  it('of a page that another client’s script came between is that of the samples before', () => {
    const { cost } = start();
    for (let page = 0; page < 8; page += 1) cost.estimate(1);
    const spent = cost.read(times({ evalsha_ro: [60, 900_000], info: [6, 340] }), times({ evalsha_ro: [62, 990_000], info: [7, 380] }));
    expect(spent).toBeCloseTo(0.1 + 0.08 + (8 * 0.1 * 1.2 - 0.8), 5);
  });

  it('after CONFIG RESETSTAT is by the samples', () => {
    const { cost } = start();
    for (let page = 0; page < 8; page += 1) cost.estimate(1);
    const spent = cost.read(times({ evalsha_ro: [1, 90], info: [1, 40] }), times({ evalsha_ro: [2, 190], info: [2, 80] }));
    expect(spent).toBeCloseTo(0.1 + 0.08 + (8 * 0.1 * 1.2 - 0.8), 5);
  });

  it('stays the estimate where the engine reports no times', () => {
    const cost = createPageCost(['evalsha_ro']);
    expect(cost.estimate(1)).toBe(1);
    expect(cost.read(times({}), times({}))).toBeCloseTo(1, 5);
    expect(cost.estimate(2)).toBe(2);
  });
});

describe('the cost of a batch', () => {
  it('is what its commands took, those inside scripts left out', () => {
    const cost = createWorkCost(true);
    const before = times({ eval: [1, 10], hget: [5, 5], expire: [100, 100], info: [1, 50] });
    const after = times({ eval: [2, 110], hget: [55, 105], expire: [150, 150], info: [2, 100] });
    expect(cost.isReadingDue).toBe(true);
    expect(cost.read(before, after, 50, 3)).toBeCloseTo(0.2 + 0.1, 5);
    expect(cost.isReadingDue).toBe(false);
    expect(cost.estimate(100, 3)).toBeCloseTo(0.4, 5);
  });

  it('without scripts includes every command', () => {
    const cost = createWorkCost(false);
    expect(cost.read(times({}), times({ expire: [50, 100], pttl: [50, 100] }), 50, 3)).toBeCloseTo(0.2, 5);
  });

  it('is at most its duration, and the mean of the last ones where it was not measured', () => {
    const cost = createWorkCost(true);
    expect(cost.read(times({}), times({ get: [9_000, 50_000], info: [1, 0] }), 50, 3)).toBeCloseTo(3, 5);
    for (let batch = 0; batch < 3; batch += 1) expect(cost.estimate(50, 5)).toBeCloseTo(3, 5);
    expect(cost.isReadingDue).toBe(true);
    cost.read(times({}), times({ hget: [50, 100], info: [1, 0] }), 50, 3);
    expect(cost.estimate(50, 5)).toBeCloseTo(1.55, 5);
  });

  it('is its duration where the engine reports no times', () => {
    const cost = createWorkCost(true);
    expect(cost.read(times({}), times({}), 50, 3)).toBe(3);
    expect(cost.estimate(50, 2)).toBe(2);
  });
});
