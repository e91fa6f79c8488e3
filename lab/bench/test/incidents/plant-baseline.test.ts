import { expect, it } from 'vitest';
import type { StoreReading } from '../../../../functions/collect/contract.ts';
import { usualMinutes, usualWindow } from '../../incidents/plant-baseline.ts';

it('has as many sessions in each minute and in each sample as the latest reading: what was deleted between two cases is no fall', () => {
  const reading = { activeSessions: 120, keys: 130, memoryUsedBytes: 1, memoryPercent: 2, hitRatePercent: 99 } as StoreReading;
  const nowMs = Date.parse('2026-11-22T03:20:00Z');
  const minutes = usualMinutes(reading, nowMs);
  expect(minutes).toHaveLength(75);
  expect(
    minutes.every(
      ([atSeconds, sessions, keys, refused, evicted]) =>
        atSeconds * 1_000 < nowMs && sessions === 120 && keys === 130 && refused === 0 && evicted === 0,
    ),
  ).toBe(true);
  expect(new Set(usualWindow(reading, nowMs).map(({ activeSessions }) => activeSessions))).toEqual(new Set([120]));
});
