import { describe, expect, it } from 'vitest';
import { LOOK_PAUSES_MS, lookPatiently, pauseUntil } from '../../../functions/shared/patient.ts';

const recording = (pausesMs: readonly number[]) => {
  const paused: number[] = [];
  return { paused, patience: { pausesMs, pause: async (ms: number) => void paused.push(ms) } };
};

describe('lookPatiently', () => {
  it.each([
    { title: 'looks once when it is over at once', over: 1, looks: 1, pauses: [] },
    { title: 'stops looking as soon as it is over', over: 3, looks: 3, pauses: [10, 20] },
    { title: 'gives the last look when the pauses are used up', over: 9, looks: 4, pauses: [10, 20, 30] },
  ])('$title', async ({ over, looks, pauses }) => {
    const { paused, patience } = recording([10, 20, 30]);
    let count = 0;
    const seen = await lookPatiently(
      async () => ++count,
      (look) => look >= over,
      patience,
    );
    expect(seen).toBe(looks);
    expect(paused).toEqual(pauses);
  });

  it('passes on what the look throws', async () => {
    await expect(
      lookPatiently(
        async () => Promise.reject(new Error('gone')),
        () => true,
        recording([1]).patience,
      ),
    ).rejects.toThrow('gone');
  });

  it('ends well below the 60 s of a function', () => {
    expect(LOOK_PAUSES_MS.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(12_000);
  });
});

describe('pauseUntil', () => {
  it.each([
    [5_000, 2_000, 3_000],
    [60_000, 0, 10_000],
    [1_000, 2_000, 0],
  ])('until %d at %d pauses %d ms', async (untilMs, nowMs, expected) => {
    const { paused, patience } = recording([]);
    await pauseUntil(untilMs, nowMs, patience);
    expect(paused).toEqual([expected]);
  });
});
