import { describe, expect, it } from 'vitest';
import { countFor, createPacer, limitsFor, partsFor } from '../../../../functions/sweep/pages/pace.ts';
import { createStoreBudget } from '../../../../functions/sweep/pages/store-costs.ts';

const idle = { medianMs: 0.1, p99Ms: 0.3 };
const observe = (pacer: ReturnType<typeof createPacer>, ms: number, pages: number, busyMs = ms) => {
  for (let page = 0; page < pages; page += 1) pacer.observe(ms, busyMs);
};

describe('the size of pages', () => {
  it('is halved when the store is slow, then it rests, and grows step by step again', () => {
    const pacer = createPacer(limitsFor('fast', idle));
    expect(pacer.pace).toEqual({ count: 200, restMs: 0, slowdown: 1 });
    observe(pacer, 5, 8);
    expect(pacer.pace.count).toBe(100);
    observe(pacer, 5, 48);
    expect(pacer.pace.count).toBe(10);
    expect(pacer.pace.restMs).toBeGreaterThan(5);
    observe(pacer, 0.2, 8 * 2, 0.02);
    expect(pacer.pace).toEqual({ count: 10, restMs: 0, slowdown: 1 });
    observe(pacer, 0.2, 8, 0.02);
    expect(pacer.pace.count).toBe(20);
    observe(pacer, 0.2, 8 * 20, 0.02);
    expect(pacer.pace.count).toBe(200);
  });

  it('is not changed by one late answer', () => {
    const pacer = createPacer(limitsFor('fast', idle));
    for (let page = 0; page < 80; page += 1) pacer.observe(page % 8 === 0 ? 50 : 0.3, 0.2);
    expect(pacer.pace.count).toBe(200);
  });

  it('when gentle, depends on the time that a page took in the store, not on network latency', () => {
    const pacer = createPacer(limitsFor('gentle', idle));
    observe(pacer, 0.9, 8 * 4, 0.09);
    expect(pacer.pace.count).toBe(40);
    observe(pacer, 0.9, 8, 0.4);
    expect(pacer.pace.count).toBe(20);
  });

  it('when fast, depends on what the measured pages take in the store, which a single one does not decide', () => {
    const pacer = createPacer(limitsFor('fast', idle, 2));
    const pages = (count: number, measured: (keys: number) => number) => {
      for (let page = 0; page < count; page += 1) pacer.observe(0.6, page % 8 === 0 ? measured(pacer.pace.count) : undefined);
    };
    pages(8 * 2, () => 40);
    expect(pacer.pace.count).toBe(100);
    const engine = (msPerKey: number) => (keys: number) => 0.03 + keys * msPerKey;
    pages(8 * 20, engine(0.001));
    expect(pacer.pace.count).toBe(100);
    // The same on a slow machine: 0.2 ms are over after 50 keys.
    pages(8 * 40, engine(0.0034));
    expect(Math.abs(pacer.pace.count - 50)).toBeLessThanOrEqual(2);
    pages(8 * 40, engine(0.001));
    expect(pacer.pace.count).toBe(100);
  });

  it('of a store that does not report times, grows again after it was slow', () => {
    const pacer = createPacer(limitsFor('fast', idle, 2));
    const pages = (count: number, ms: number) => {
      for (let page = 0; page < count; page += 1) pacer.observe(ms, undefined);
    };
    pages(8, 5);
    expect(pacer.pace.count).toBe(50);
    pages(8 * 5, 0.5);
    expect(pacer.pace.count).toBe(100);
  });

  it.each([
    ['stays at a page that takes as long as it may', 100, 0.2, 100],
    ['is smaller in proportion to what is too long', 100, 0.4, 50],
    ['has no more than the least keys', 100, 9, 10],
    ['grows by a step where there is room', 40, 0.01, 50],
    ['grows no further than its page may take', 40, 0.19, 42],
    ['has no more than the most keys', 95, 0.01, 100],
    ['grows where nothing is known', 40, 0, 50],
  ])('%s: of %i keys in %d ms, %i', (_, count, busyMs, next) => {
    expect(countFor(count, busyMs, limitsFor('fast', idle, 2))).toBe(next);
  });

  it('is smaller in parts, whose pages queue behind one another', () => {
    expect(limitsFor('fast', idle, 2).most).toBe(100);
    expect(limitsFor('fast', idle, 1).most).toBe(200);
    expect(limitsFor('fast', idle, 2, { count: 50 }).most).toBe(50);
  });
});

it('a fast sweep has more parts on a node of its own and where the way is long, and a gentle one has one', () => {
  expect(partsFor('fast', { medianMs: 0.2, p99Ms: 1 }, false)).toBe(2);
  expect(partsFor('fast', { medianMs: 0.2, p99Ms: 1 }, true)).toBe(3);
  expect(partsFor('fast', { medianMs: 0.5, p99Ms: 1 }, false)).toBe(4);
  expect(partsFor('gentle', { medianMs: 0.5, p99Ms: 1 }, true)).toBe(1);
  expect(partsFor('gentle', idle, false, { parts: 3 })).toBe(3);
});

describe('the share of the store’s time', () => {
  it('is kept by pauses: a hundredth', () => {
    const budget = createStoreBudget(0.01, 0);
    budget.spend(1, 0);
    expect(budget.pauseMs(0)).toBeCloseTo(100, 5);
    expect(budget.pauseMs(50)).toBeCloseTo(50, 5);
    expect(budget.pauseMs(100)).toBeCloseTo(0, 5);
  });

  it('is taken in bursts of pages, each of which is paid for by one pause', () => {
    const budget = createStoreBudget(0.01, 0);
    const pauses = Array.from({ length: 7 }, (_, at) => {
      budget.spend(0.16, at);
      return budget.pauseMs(at);
    });
    expect(pauses.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(pauses[6]).toBeCloseTo(112 - 6, 5);
    budget.spend(0.15, 200);
    expect(budget.pauseMs(200)).toBe(0);
  });

  it('is corrected upwards and downwards', () => {
    const budget = createStoreBudget(0.01, 0);
    budget.spend(1, 0);
    budget.spend(2, 0);
    expect(budget.pauseMs(0)).toBeCloseTo(300, 5);
    budget.spend(-2.5, 0);
    expect(budget.pauseMs(0)).toBeCloseTo(50, 5);
  });

  it('leaves a small credit after a long time or correction, and no pause is longer than a second', () => {
    const budget = createStoreBudget(0.01, 0);
    budget.spend(-100, 60_000);
    budget.spend(1.3, 60_000);
    expect(budget.pauseMs(60_000)).toBeCloseTo(100, 5);
    budget.spend(5_000, 60_000);
    expect(budget.pauseMs(60_000)).toBeCloseTo(1_000, 5);
  });
});
