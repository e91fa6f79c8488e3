import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { amongSeveral, POLL_PAUSES_MS, pauseUntil, pollUntil } from '../../../functions/shared/poll.ts';

const recording = (pausesMs: readonly number[]) => {
  const paused: number[] = [];
  return { paused, polling: { pausesMs, pause: async (ms: number) => void paused.push(ms) } };
};

describe('pollUntil', () => {
  it.each([
    { title: 'polls once when it is done at once', doneAt: 1, polls: 1, pauses: [] },
    { title: 'stops polling as soon as it is done', doneAt: 3, polls: 3, pauses: [10, 20] },
    { title: 'returns the last value when the pauses are used up', doneAt: 9, polls: 4, pauses: [10, 20, 30] },
  ])('$title', async ({ doneAt, polls, pauses }) => {
    const { paused, polling } = recording([10, 20, 30]);
    let count = 0;
    const last = await pollUntil(
      async () => ++count,
      (value) => value >= doneAt,
      polling,
    );
    expect(last).toBe(polls);
    expect(paused).toEqual(pauses);
  });

  it('ends with the last value when its calls are slow, long before the function ends', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    onTestFinished(() => void vi.useRealTimers());
    const takes = async (ms: number): Promise<number> => {
      vi.setSystemTime(Date.now() + ms);
      return Date.now();
    };
    const polling = { pausesMs: POLL_PAUSES_MS, pause: takes };
    expect(
      await pollUntil(
        () => takes(4_000),
        () => false,
        polling,
      ),
    ).toBeLessThan(20_000);
  });

  it('throws what the read throws', async () => {
    await expect(
      pollUntil(
        async () => Promise.reject(new Error('gone')),
        () => true,
        recording([1]).polling,
      ),
    ).rejects.toThrow('gone');
  });

  const throttle = (name = 'ThrottlingException') => Object.assign(new Error('Rate exceeded'), { name });
  /** Throttled at these reads, counted from 1. */
  const throttledAt = (...reads: number[]) => {
    let count = 0;
    return async () => {
      count += 1;
      if (reads.includes(count)) throw throttle();
      return count;
    };
  };

  it('goes on after a throttle, with longer pauses', async () => {
    const { paused, polling } = recording([10, 20, 30, 40]);
    await expect(pollUntil(throttledAt(2, 3), (value) => value === 4, polling)).resolves.toBe(4);
    expect(paused).toEqual([10, 40, 120]);
  });

  it('never pauses longer than 4 s for a throttle', async () => {
    const { paused, polling } = recording([3_000, 10_000]);
    await pollUntil(throttledAt(1), (value) => value === 9, polling);
    expect(paused).toEqual([4_000, 10_000]);
  });

  it('pauses as before once a read is answered again, so that the invocation ends well below its 60 s', async () => {
    const { paused, polling } = recording([10, 20, 30, 40]);
    await pollUntil(throttledAt(1, 3), () => false, polling);
    expect(paused).toEqual([20, 20, 60, 40]);
    const long = recording(POLL_PAUSES_MS);
    await pollUntil(throttledAt(1, 2, 3), () => false, long.polling);
    expect(long.paused.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(15_000);
  });

  it('fails with the fourth throttle, for the state machine to repeat the step', async () => {
    const { paused, polling } = recording(POLL_PAUSES_MS);
    await expect(pollUntil(throttledAt(1, 3, 5, 7), () => false, polling)).rejects.toThrow('Rate exceeded');
    expect(paused).toHaveLength(6);
  });

  it('fails when the last read is throttled', async () => {
    await expect(pollUntil(throttledAt(2), () => false, recording([1]).polling)).rejects.toThrow('Rate exceeded');
  });

  it('ends well below the 60 s of a function', () => {
    expect(POLL_PAUSES_MS.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(12_000);
  });
});

describe('one of several that poll', () => {
  const alone = { pausesMs: POLL_PAUSES_MS, pause: async () => {} };
  const pausesOf = (atOnce: number, subject = 'i-1') => amongSeveral(alone, atOnce, subject).pausesMs;

  it.each([0, 1])('polls as ever when %d are at work', (atOnce) => {
    expect(amongSeveral(alone, atOnce, 'i-1')).toBe(alone);
  });

  it('polls once where one polls once', () => {
    expect(amongSeveral({ ...alone, pausesMs: [] }, 10, 'i-1').pausesMs).toEqual([]);
  });

  it.each([2, 3, 5, 10, 20, 40, 64])('makes fewer than 9 calls a second together with the others: %d at once', (atOnce) => {
    const ids = Array.from({ length: atOnce }, (_, index) => `i-0abc${index.toString(16).padStart(4, '0')}`);
    const perSecond = ids.map((id) => {
      const pauses = pausesOf(atOnce, id);
      return ((pauses.length + 1) * 1_000) / pauses.reduce((sum, ms) => sum + ms, 0);
    });
    expect(perSecond.reduce((sum, rate) => sum + rate, 0)).toBeLessThan(9);
  });

  it.each([2, 10, 64, 1_000])('ends within 60 s although one call takes 36: %d at once', (atOnce) => {
    const worst = Math.max(...['i-1', 'i-2', 'i-3', 'i-4'].map((id) => pausesOf(atOnce, id).reduce((sum, ms) => sum + ms, 0)));
    expect(worst).toBeGreaterThan(7_000);
    expect(worst + 36_000).toBeLessThan(60_000);
  });

  it('does not stay together with those that begin with it', () => {
    const ids = Array.from({ length: 10 }, (_, index) => `i-0abc000000000000${index}`);
    expect(new Set(ids.map((id) => pausesOf(10, id)[0])).size).toBeGreaterThan(7);
    expect(pausesOf(10, 'i-0abc0000000000001')).toEqual(pausesOf(10, 'i-0abc0000000000001'));
  });
});

describe('pauseUntil', () => {
  it.each([
    [5_000, 2_000, 3_000],
    [60_000, 0, 10_000],
    [1_000, 2_000, 0],
  ])('until %d at %d pauses %d ms', async (untilMs, nowMs, expected) => {
    const { paused, polling } = recording([]);
    await pauseUntil(untilMs, nowMs, polling);
    expect(paused).toEqual([expected]);
  });
});
