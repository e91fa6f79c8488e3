import { describe, expect, it } from 'vitest';
import { POLL_PAUSES_MS, pauseUntil, pollUntil } from '../../../functions/shared/poll.ts';

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

  it('throws what the read throws', async () => {
    await expect(
      pollUntil(
        async () => Promise.reject(new Error('gone')),
        () => true,
        recording([1]).polling,
      ),
    ).rejects.toThrow('gone');
  });

  it('ends well below the 60 s of a function', () => {
    expect(POLL_PAUSES_MS.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(12_000);
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
