import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMeter } from '../../elbv2/data-plane/meter.ts';
import type { MetricDatum } from '../../interfaces.ts';

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 0, 1, 12);

beforeEach(() => {
  vi.useFakeTimers({ now: NOON_MS + 50_000 });
});
afterEach(() => vi.useRealTimers());

it('reports each whole minute of the clock, by the time of its start', async () => {
  const data: MetricDatum[] = [];
  const meter = createMeter({ record: (recorded) => void data.push(...recorded) }, Date.now, MINUTE_MS, () => []);
  meter.count('RequestCount', 'app/one/1');
  await vi.advanceTimersByTimeAsync(10_000);
  meter.count('RequestCount', 'app/one/1');
  await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
  meter.count('RequestCount', 'app/one/1');
  await vi.advanceTimersByTimeAsync(1);
  meter.stop();
  expect(data.map(({ timestampMs, values }) => [timestampMs - NOON_MS, values])).toEqual([
    [0, [1]],
    [MINUTE_MS, [2]],
  ]);
});

it('forgets what it counted in the minute that runs, and goes on counting', async () => {
  const data: MetricDatum[] = [];
  const meter = createMeter({ record: (recorded) => void data.push(...recorded) }, Date.now, MINUTE_MS, () => []);
  meter.count('RequestCount', 'app/one/1');
  meter.forget();
  meter.count('RequestCount', 'app/one/1');
  await vi.advanceTimersByTimeAsync(10_000);
  meter.stop();
  expect(data.map(({ name, values }) => [name, values])).toEqual([['RequestCount', [1]]]);
});
