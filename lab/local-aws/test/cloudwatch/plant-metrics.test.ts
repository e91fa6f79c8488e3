import { expect, it } from 'vitest';
import { createMetricStore } from '../../cloudwatch/metric-store.ts';
import { plantMetrics } from '../../cloudwatch/plant-metrics.ts';
import { aggregateOf } from '../../cloudwatch/statistics.ts';

const NOW_MS = Date.parse('2026-11-21T10:00:00Z');
const MINUTE_MS = 60_000;
const METRIC = { namespace: 'AWS/ApplicationELB', name: 'RequestCount', dimensions: { LoadBalancer: 'app/web/1' } };
const RANGE = { fromMs: NOW_MS - 10 * MINUTE_MS, usualUntilMs: NOW_MS - 5 * MINUTE_MS, toMs: NOW_MS - MINUTE_MS };

const newStore = () =>
  createMetricStore(() => NOW_MS, { visibilityDelayMs: 0, customVisibilityDelayMs: 0, retentionMs: 3_600_000, maxSeries: 10 });
const sums = (store: ReturnType<typeof newStore>) =>
  [...store.read(METRIC, { startMs: NOW_MS - 20 * MINUTE_MS, endMs: NOW_MS + MINUTE_MS, periodMs: MINUTE_MS })]
    .toSorted(([a], [b]) => a - b)
    .map(([atMs, { sum }]) => [(atMs - NOW_MS) / MINUTE_MS, sum]);

it('replaces what a metric had by the usual value, and leaves what comes after it', () => {
  const store = newStore();
  for (const minute of [-12, -8, -3, -1, 0]) {
    const timestampMs = NOW_MS + minute * MINUTE_MS;
    store.add({ ...METRIC, unit: 'Count', timestampMs, aggregate: aggregateOf([7]), resolutionSeconds: 60 });
  }
  expect(plantMetrics(store, { ...RANGE, metrics: [{ ...METRIC, perMinute: 100 }] }, NOW_MS)).toEqual({ minutes: 5 });
  expect(sums(store)).toEqual([[-12, 7], ...[-10, -9, -8, -7, -6].map((minute) => [minute, 100]), [-1, 7], [0, 7]]);
});

it.each([
  ['time that is not over', { toMs: NOW_MS + MINUTE_MS }],
  ['times in another order', { usualUntilMs: RANGE.fromMs - 1 }],
  ['more than three hours', { fromMs: NOW_MS - 200 * MINUTE_MS }],
])('refuses %s, and changes nothing', (_title, wrong) => {
  const store = newStore();
  store.add({ ...METRIC, unit: 'Count', timestampMs: NOW_MS - 8 * MINUTE_MS, aggregate: aggregateOf([7]), resolutionSeconds: 60 });
  expect(() => plantMetrics(store, { ...RANGE, ...wrong, metrics: [{ ...METRIC, perMinute: 100 }] }, NOW_MS)).toThrow(
    'no metric was changed',
  );
  expect(sums(store)).toEqual([[-8, 7]]);
});
