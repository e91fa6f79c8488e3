import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createProgress, newCheckpoint } from '../../../functions/sweep/progress.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('a checkpoint is due ten seconds after the last one, and not with each batch', async () => {
  const records = { saveCheckpoint: async () => true } as never;
  const progress = createProgress({ records, now: Date.now }, '0001', newCheckpoint('s-1'));
  expect(progress.isSaveDue()).toBe(false);
  vi.advanceTimersByTime(9_999);
  expect(progress.isSaveDue()).toBe(false);
  vi.advanceTimersByTime(1);
  expect(progress.isSaveDue()).toBe(true);
  await progress.save({});
  expect(progress.isSaveDue()).toBe(false);
});

it('a sweep whose lease another one has does not go on', async () => {
  const records = { saveCheckpoint: async () => false } as never;
  const progress = createProgress({ records, now: Date.now }, '0001', newCheckpoint('s-1'));
  await expect(progress.save({})).rejects.toMatchObject({ name: 'SweepLeaseLost' });
});
