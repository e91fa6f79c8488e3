import { expect, it } from 'vitest';
import { decideStart } from '../../../../functions/sweep/begin/begin.ts';
import type { LastStart } from '../../../../functions/sweep/contract/record.ts';

const NOW = 10_000_000;
const COOL_DOWN = 3_600;
const last = (secondsAgo: number, more: Partial<LastStart> = {}): LastStart => ({
  sweepId: 'last',
  startedAtMs: NOW - secondsAgo * 1_000,
  ...more,
});
const alarm = (secondsAgo: number) => NOW - secondsAgo * 1_000;

it.each<[string, number | undefined, LastStart | undefined, object]>([
  ['no alarm asks: at once, whatever was', undefined, last(1), { verdict: 'DONE' }],
  ['the first of all', alarm(5), undefined, { verdict: 'DONE' }],
  ['the last one has cooled down', alarm(5), last(3_600), { verdict: 'DONE' }],
  ['the last one began before the alarm, and is warm still', alarm(5), last(600), { verdict: 'WAIT', waitSeconds: 3_000 }],
  ['the last one began after the alarm', alarm(700), last(600), { verdict: 'SKIP', sweepId: 'last' }],
  ['it began in the same second', alarm(600), last(600), { verdict: 'SKIP', sweepId: 'last' }],
  ['it began after the alarm, and failed', alarm(700), last(600, { failed: true }), { verdict: 'WAIT', waitSeconds: 3_000 }],
  ['it is this very one, asked again', alarm(5), last(3, { sweepId: 'this' }), { verdict: 'DONE' }],
  ['it began in a moment, by another clock', alarm(-5), last(-4, { failed: true }), { verdict: 'WAIT', waitSeconds: 3_600 }],
  ['it began in a year, by a clock that jumped', alarm(5), last(-31_536_000), { verdict: 'DONE' }],
])('%s', (_, alarmAtMs, before, verdict) => {
  expect(decideStart(alarmAtMs, before, 'this', COOL_DOWN, NOW)).toEqual(verdict);
});
