import { expect, it } from 'vitest';
import { oldAge } from '../../../console/browser/format.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const at = (secondsAgo: number, periodSeconds: number) => ({ points: [[NOW - secondsAgo * 1000, 5]] as const, periodSeconds });

it.each([
  ['the period under way', at(30, 60), undefined],
  ['two readings ago', at(180, 60), undefined],
  ['more than two readings ago', at(190, 60), 130_000],
  ['yesterday, of a metric per day', at(2 * 86_400, 86_400), undefined],
  ['last week, of a metric per day', at(7 * 86_400, 86_400), 6 * 86_400_000],
  ['no data', { points: [], periodSeconds: 60 }, undefined],
])('a value of %s is old or not', (_, series, age) => expect(oldAge(series, NOW)).toBe(age));
