import { expect, it } from 'vitest';
import { NO_FAULTS } from '../faults/faults.ts';
import { EPOCH_MS, Kernel } from '../kernel/kernel.ts';
import { startSchedule } from './scheduler.ts';

async function turnsOf(hours: number, { expression = 'rate(5 minutes)', skips = false } = {}) {
  const kernel = new Kernel(3);
  const turns: number[] = [];
  const took: string[] = [];
  const faults = { ...NO_FAULTS, scheduleSkipped: () => skips, took: (kind: string) => void took.push(kind) };
  startSchedule({ kernel, faults, expression, invoke: () => void turns.push(kernel.now()) });
  await kernel.run(EPOCH_MS + hours * 3_600_000);
  return { turns, took };
}

it('invokes once a period, at most a minute late', async () => {
  const { turns } = await turnsOf(10);
  expect(turns.length).toBeGreaterThanOrEqual(119);
  expect(turns.length).toBeLessThanOrEqual(120);
  const gaps = turns.slice(1).map((at, index) => at - (turns[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(240_000);
  expect(Math.max(...gaps)).toBeLessThan(360_000);
});

it('misses turns when faults say so, and counts them', async () => {
  const { turns, took } = await turnsOf(1, { skips: true });
  expect(turns).toEqual([]);
  expect(new Set(took)).toEqual(new Set(['schedule.skipped']));
});

it('reads rates only', async () => {
  expect((await turnsOf(3, { expression: 'rate(1 hour)' })).turns.length).toBeGreaterThanOrEqual(2);
  await expect(turnsOf(1, { expression: 'cron(0 12 * * ? *)' })).rejects.toThrow('cron(0 12 * * ? *)');
});
