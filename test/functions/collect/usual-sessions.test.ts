import { describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import { noteShare, usualShare } from '../../../functions/collect/estimate-sessions.ts';
import { readNode } from '../../../functions/collect/read-node.ts';
import { takeReading } from '../../../functions/collect/take-reading.ts';
import type { DialectShares } from '../../../functions/records/dialect-shares.ts';
import { primaryInfo } from './info.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 10, 2);

describe('noteShare', () => {
  const shares = (from: readonly (readonly [atMs: number, share: number | undefined])[]) =>
    from.reduce<ReturnType<typeof noteShare>>((days, [atMs, share]) => noteShare(days, share, atMs), []);

  it('keeps the lowest of each hour, never more than 1, and nothing of an hour with too few sessions', () => {
    const [day] = shares([
      [MONDAY + 9 * HOUR, 1.7],
      [MONDAY + 17 * HOUR, 0.8],
      [MONDAY + 17.5 * HOUR, 0.1239],
      [MONDAY + 17.9 * HOUR, 0.6],
      [MONDAY + 23 * HOUR, undefined],
    ]);
    expect([day?.lowest[9], day?.lowest[17], day?.lowest[23]]).toEqual([1, 0.123, null]);
  });

  it('keeps a week besides today, and forgets days to come when the clock goes back', () => {
    const days = shares(Array.from({ length: 12 }, (_, day) => [MONDAY + day * DAY, 1] as const));
    expect(days).toHaveLength(8);
    expect(noteShare(days, 1, MONDAY + 6 * DAY).at(-1)?.day).toBe(MONDAY / DAY + 6);
  });
});

describe('usualShare', () => {
  const week = (hours: Readonly<Record<number, number>>, days = 7) =>
    Array.from({ length: days }, (_, at) => ({
      day: MONDAY / DAY + at,
      lowest: Array.from({ length: 24 }, (_, hour) => hours[hour] ?? (hour < 6 ? null : 1)),
    }));
  it.each([
    ['before a week is known', week({ 17: 0.1 }, 6), MONDAY + 6 * DAY + 17 * HOUR, undefined],
    ['at an hour with too few sessions on all days', week({}), MONDAY + 7 * DAY + 3 * HOUR, undefined],
    ['at the hour at which all leave', week({ 17: 0.1 }), MONDAY + 7 * DAY + 17 * HOUR, 0.1],
    ['in the hour before', week({ 17: 0.1 }), MONDAY + 7 * DAY + 16 * HOUR, 0.1],
    ['two hours before', week({ 17: 0.1 }), MONDAY + 7 * DAY + 15 * HOUR, 1],
    ['before midnight, by the next day', week({ 0: 0.2 }), MONDAY + 7 * DAY + 23.5 * HOUR, 0.2],
  ])('%s', (_title, days, atMs, expected) => {
    expect(usualShare(days, atMs)).toBe(expected);
  });
});

const read = new Map<string, ReturnType<typeof readNode>>();
/** Weeks have few different numbers of keys, and thousands of readings. */
function nodeWith(db0: string): ReturnType<typeof readNode> {
  const node = read.get(db0) ?? readNode('a:1', primaryInfo({ db0 }));
  read.set(db0, node);
  return node;
}

/** Readings every five minutes of a store with these numbers of keys. */
function readingsOf(
  keysAt: (atMs: number) => { readonly expires: number; readonly jobs?: number },
  [fromMs, toMs]: readonly [number, number],
  sharesAt: (atMs: number) => DialectShares | undefined = () => countOf(5_000, 5_000, MONDAY - 1),
) {
  let record: StoreRecord | undefined;
  const readings: StoreRecord['reading'][] = [];
  for (let nowMs = fromMs; nowMs < toMs; nowMs += 5 * MINUTE) {
    const { expires, jobs = 0 } = keysAt(nowMs);
    const nodes = [nodeWith(`keys=${expires + jobs},expires=${expires}`)];
    const shares = sharesAt(nowMs);
    record = takeReading(
      { nodes, failed: [], shares, baseline: undefined, swept: [0], startedAtMs: nowMs, nowMs, sampleSeconds: 300 },
      record,
    );
    readings.push(record.reading);
  }
  return readings;
}

const countOf = (sessions: number, keys: number, takenAtMs: number): DialectShares => ({
  takenAtMs,
  othersWithTtl: 0,
  byDialect: { 'connect-redis': { sessions, structural: 0, withoutTtl: 0, bytesSampled: 0 } },
  counts: { keys, expires: keys },
  largest: [],
  largestSampledOneIn: 1,
});

/** 5,000 sessions from 8 to 17 on weekdays (Fridays to 14), then they end within half an hour, and 40 stay. */
const office = (atMs: number): { readonly expires: number } => {
  const weekday = Math.floor(atMs / DAY - MONDAY / DAY) % 7;
  const hour = (atMs % DAY) / HOUR;
  const end = weekday === 4 ? 14 : 17;
  if (weekday > 4 || hour < 8 || hour >= end + 0.5) return { expires: 40 };
  if (hour < 9) return { expires: 40 + Math.round((hour - 8) * 4_960) };
  return { expires: hour < end ? 5_000 : 40 + Math.round((end + 0.5 - hour) * 2 * 4_960) };
};
const WEEK = 7 * DAY;
const dropsOf = (readings: readonly StoreRecord['reading'][]) => readings.map(({ sessionDropPercent }) => sessionDropPercent);

describe('sessionDropPercent', () => {
  it('of an office is none in the first week, and in the second no evening, no Friday and no weekend is a drop', () => {
    const drops = dropsOf(readingsOf(office, [MONDAY, MONDAY + 3 * WEEK]));
    const perDay = DAY / (5 * MINUTE);
    expect(drops.slice(0, 7 * perDay).every((drop) => drop === null)).toBe(true);
    expect(drops.slice(7 * perDay).some((drop) => drop !== null)).toBe(true);
    expect(Math.max(...drops.map((drop) => drop ?? 0))).toBe(0);
  });

  it.each([
    ['on a Monday at 10:00, though on Sunday nobody was there', WEEK + 10 * HOUR, 100],
    ['on a Friday at noon', WEEK + 4 * DAY + 12 * HOUR, 100],
  ])('is found when sessions are gone %s', (_title, goneMs, expected) => {
    const gone = MONDAY + goneMs;
    const readings = readingsOf((atMs) => (atMs >= gone ? { expires: 0 } : office(atMs)), [MONDAY, gone + 20 * MINUTE]);
    expect(dropsOf(readings).slice(-4)).toEqual([expected, expected, expected, expected]);
  });

  it.each([
    [
      'the number of keys by a count',
      (atMs: number) => (atMs < MONDAY + WEEK + 11 * HOUR ? undefined : countOf(300, 5_000, MONDAY + WEEK + 11 * HOUR)),
    ],
    [
      'a count by another, after an update',
      (atMs: number) => (atMs < MONDAY + WEEK + 11 * HOUR ? countOf(5_000, 5_000, 1) : countOf(60, 5_000, MONDAY + WEEK + 11 * HOUR)),
    ],
    [
      'a count of none by one of some, and again',
      (atMs: number) =>
        countOf(
          [0, 4_000, 0][Math.floor((atMs - MONDAY - WEEK) / (11 * HOUR)) + 1] ?? 900,
          5_000,
          Math.floor((atMs - MONDAY - WEEK) / (11 * HOUR)),
        ),
    ],
  ])('is none where one replaces %s', (_title, sharesAt) => {
    const readings = readingsOf(() => ({ expires: 5_000 }), [MONDAY, MONDAY + WEEK + DAY], sharesAt);
    expect(Math.max(...readings.map(({ sessionDropPercent }) => sessionDropPercent ?? 0))).toBe(0);
    expect(new Set(readings.map(({ activeSessions }) => activeSessions)).size).toBeGreaterThan(1);
  });

  it('is none when jobs end, or a cache is cleared', () => {
    const cleared = MONDAY + WEEK + 11 * HOUR;
    const shares = { ...countOf(1_000, 5_000, 1), othersWithTtl: 4_000 };
    const readings = readingsOf(
      (atMs) => (atMs < cleared ? { expires: 5_000, jobs: 9_000 } : { expires: 1_000 }),
      [MONDAY, cleared + HOUR],
      () => shares,
    );
    expect(readings.at(-1)?.sessionDropPercent).toBe(0);
  });

  it.each([
    ['while it grows as fast', 5_000],
    ['and the number of keys halves', 2_500],
  ])('next to a cache as large is found by the next count: sessions end %s', (_title, left) => {
    const gone = MONDAY + WEEK + 10.5 * HOUR;
    const counted = (atMs: number): DialectShares => {
      const takenAtMs = Math.floor(atMs / HOUR) * HOUR;
      const sessions = takenAtMs < gone ? 2_500 : 0;
      const keys = takenAtMs < gone ? 5_000 : left;
      return { ...countOf(sessions, keys, takenAtMs), othersWithTtl: keys - sessions, countedBy: 'k' };
    };
    const readings = readingsOf((atMs) => ({ expires: atMs < gone ? 5_000 : left }), [MONDAY, gone + 2 * HOUR], counted);
    const drops = readings.map(({ takenAtMs, sessionDropPercent }) => [takenAtMs, sessionDropPercent ?? 0] as const);
    expect(Math.max(...drops.flatMap(([atMs, drop]) => (atMs < gone ? [drop] : [])))).toBe(0);
    expect(drops.find(([, drop]) => drop > 50)).toEqual([gone + HOUR / 2, 100]);
  });

  it('an outage hides none at its hour on the next days, and what comes each day is learned', () => {
    const at = MONDAY + 9 * DAY + 10 * HOUR;
    const isOut = (atMs: number) => atMs >= at && (atMs - at) % DAY < 25 * MINUTE;
    const load = (atMs: number) => ({ expires: isOut(atMs) ? 100 : 5_000 });
    const readings = readingsOf(load, [MONDAY, at + 3 * DAY]);
    const perDay = [0, 1, 2].map((day) =>
      Math.max(
        ...readings.flatMap(({ takenAtMs, sessionDropPercent }) =>
          takenAtMs >= at + day * DAY && takenAtMs < at + day * DAY + HOUR ? [sessionDropPercent ?? 0] : [],
        ),
      ),
    );
    expect(perDay).toEqual([98, 98, 0]);
  });

  it('is null with too few sessions', () => {
    const few = readingsOf(
      (atMs) => ({ expires: atMs < MONDAY + WEEK + 11 * HOUR ? 15 : 1 }),
      [MONDAY, MONDAY + WEEK + 12 * HOUR],
      () => countOf(15, 15, 1),
    );
    expect(new Set(dropsOf(few))).toEqual(new Set([null]));
  });
});
