import { describe, expect, it } from 'vitest';
import type { TtlBaseline } from '../../../../functions/records/ttl-baseline.ts';
import { type CounterQuestion, judgeCounters } from '../../../../functions/sweep/begin/end-clean.ts';
import { settingsKeyOf } from '../../../../functions/sweep/begin/sample-units.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../functions/sweep/contract/settings.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;
const baseline = (change: Partial<TtlBaseline> = {}): TtlBaseline => ({
  sweepId: 's0',
  startedAtMs: NOW - DAY,
  takenAtMs: NOW - DAY,
  settingsKey: 'k',
  primaries: 1,
  byDatabase: { 0: { left: 10, structural: 4, unrepaired: 2 } },
  ...change,
});
const judge = (persistent: number, change: Partial<CounterQuestion> = {}) =>
  judgeCounters(
    {
      counts: [
        { database: 0, keys: 500 + persistent, expires: 500 },
        { database: 7, keys: 90, expires: 0 },
      ],
    },
    { databases: [0], full: false, reconcile: false, baseline: baseline(), settingsKey: 'k', everyHours: 24, nowMs: NOW, ...change },
  );

describe('the counters decide', () => {
  it.each<[string, number, Partial<CounterQuestion>, string | undefined]>([
    ['clean: what the last full sweep left on purpose', 10, {}, undefined],
    ['clean: fewer keys than that', 3, {}, undefined],
    ['clean: databases that are not swept do not count', 10, { databases: [0] }, undefined],
    ['clean: no key without a TTL, whatever the settings', 0, { settingsKey: 'other' }, undefined],
    ['one key more', 11, {}, 'grown'],
    ['keys that the last full sweep could not repair', 12, {}, 'grown'],
    ['another swept database', 10, { databases: [0, 7] }, 'grown'],
    ['other settings', 1, { settingsKey: 'other' }, 'settings'],
    ['no full sweep yet', 0, { baseline: undefined }, 'first'],
    ['a full sweep is requested', 0, { full: true }, 'full'],
    ['indexes are reconciled', 0, { reconcile: true }, 'reconcile'],
    [
      'the next day would be more than a week after the last full sweep',
      10,
      { baseline: baseline({ startedAtMs: NOW - 5.75 * DAY }) },
      'weekly',
    ],
    ['clean: it is a minute younger', 10, { baseline: baseline({ startedAtMs: NOW - 5.75 * DAY + 60_000 }) }, undefined],
    ['the clock jumped back', 10, { baseline: baseline({ startedAtMs: NOW + 1 }) }, 'weekly'],
  ])('%s', (_title, persistent, change, because) => {
    expect(judge(persistent, change).because).toBe(because);
  });

  it('that a schedule of any interval has a full sweep within a week', () => {
    const HOUR = DAY / 24;
    for (let everyHours = 1; everyHours <= 168; everyHours += 1) {
      let ageHours = everyHours;
      const isFull = () => judge(10, { everyHours, baseline: baseline({ startedAtMs: NOW - ageHours * HOUR }) }).because === 'weekly';
      while (!isFull()) ageHours += everyHours;
      expect(ageHours, `every ${everyHours} hours`).toBeLessThanOrEqual(168);
    }
  });

  it('counts what a sweep can repair without those that the last one could not', () => {
    expect(judge(15).comparison).toEqual({ persistent: 15, withoutTtl: 5, repairable: 3 });
  });
});

describe('a baseline is bound to', () => {
  const key = (change: Partial<typeof DEFAULT_SWEEP_SETTINGS>, version = '1') =>
    settingsKeyOf({ ...DEFAULT_SWEEP_SETTINGS, ...change }, version);
  it.each<[string, string]>([
    ['databases', key({ databases: [0, 1] })],
    ['policies', key({ policies: { spring: 'report' } })],
    ['the policy', key({ policy: 'report' })],
    ['dialects', key({ dialects: [{ name: 'own', pattern: 'own:*', type: 'string', structural: false, idleSeconds: 60 }] })],
    ['idle times', key({ idleSeconds: { spring: 60 } })],
    ['prefixes alone', key({ onlyKeyPrefixes: true })],
    ['the version of the function', key({}, '2')],
  ])('%s', (_title, other) => {
    expect(other).not.toBe(key({}));
  });
  it.each<[string, string, string]>([
    ['the pace', key({ pace: 'fast' }), key({})],
    ['the order of databases', key({ databases: [3, 1] }), key({ databases: [1, 3] })],
    ['the order of policies', key({ policies: { a: 'report', b: 'expire' } }), key({ policies: { b: 'expire', a: 'report' } })],
  ])('not %s', (_title, one, other) => {
    expect(one).toBe(other);
  });
});
