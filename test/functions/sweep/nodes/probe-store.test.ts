import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { measureIdle, probe } from '../../../../functions/sweep/nodes/probe-store.ts';

const EVERY_MS = 20;
const stop: (() => void)[] = [];
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  for (const end of stop.splice(0)) end();
  vi.useRealTimers();
});

/** Each PING is answered after so many milliseconds, or fails where that is negative. */
function storeOf(answersMs: number) {
  const store = {
    pings: 0,
    ping: async () => {
      store.pings += 1;
      await new Promise((resolve) => setTimeout(resolve, Math.abs(answersMs)));
      if (answersMs < 0) throw new Error('connection lost');
      return 'PONG';
    },
  };
  return store;
}

const probed = async (answersMs: number) => {
  const [store, times]: [ReturnType<typeof storeOf>, number[]] = [storeOf(answersMs), []];
  const end = probe(store as never, times);
  stop.push(end);
  await vi.advanceTimersByTimeAsync(10 * EVERY_MS + 5);
  return { store, recorded: () => times.reduce((sum, count) => sum + count, 0), end };
};

it('a PING is sent every 20 ms, and its latency is recorded', async () => {
  const { store, recorded } = await probed(1);
  expect([store.pings, recorded()]).toEqual([10, 10]);
});

it('no PING is sent while one is under way', async () => {
  const { store, recorded } = await probed(50);
  expect([store.pings, recorded()]).toEqual([4, 3]);
});

it('a PING that fails is not recorded, and the next one is sent', async () => {
  const { store, recorded } = await probed(-1);
  expect([store.pings, recorded()]).toEqual([10, 0]);
});

it('nothing is sent once it is stopped', async () => {
  const { store, end } = await probed(1);
  end();
  await vi.advanceTimersByTimeAsync(10 * EVERY_MS);
  expect(store.pings).toBe(10);
});

it('an idle store is measured by a hundred PINGs, one after the other', async () => {
  const store = storeOf(4);
  const idle = measureIdle(store as never);
  await vi.advanceTimersByTimeAsync(1_000);
  const { medianMs, p99Ms } = await idle;
  expect(store.pings).toBe(100);
  // The bounds of the histogram grow by a tenth.
  for (const ms of [medianMs, p99Ms]) expect(ms).toBeGreaterThanOrEqual(4);
  for (const ms of [medianMs, p99Ms]) expect(ms).toBeLessThan(4.5);
});
