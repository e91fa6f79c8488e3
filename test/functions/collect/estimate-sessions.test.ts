import { describe, expect, it } from 'vitest';
import { chooseBaseline, estimateSessions, measuredBefore, sessionsBy } from '../../../functions/collect/estimate-sessions.ts';

const share = (sessions: number, withoutTtl = 0) => ({ sessions, structural: 0, withoutTtl, bytesSampled: 0 });
/** A thousand sessions of two keys each, with an index of 50 keys; a hundred of one key. */
const SHARES = {
  takenAtMs: 5,
  othersWithTtl: 0,
  byDialect: { 'spring-indexed': share(1_000), 'connect-redis': share(100), unknown: share(0) },
};
const THEN = { keys: 2_150, expires: 2_100 };

describe('estimateSessions', () => {
  const estimate = (now: { readonly keys: number; readonly expires: number }, shares: Parameters<typeof chooseBaseline>[0] = SHARES) =>
    estimateSessions(now, chooseBaseline(shares, undefined, THEN));

  it('keeps the share of each dialect while the keys with a TTL grow', () => {
    expect(estimate({ keys: 4_250, expires: 4_200 })).toEqual({
      activeSessions: 2_200,
      atMost: 2_200,
      activeSessionsFrom: 'sweep',
      sessionsByDialect: { 'spring-indexed': 2_000, 'connect-redis': 200 },
    });
  });

  it.each([
    ['jobs without a TTL come', { keys: 7_150, expires: 2_100 }],
    ['jobs without a TTL end', { keys: 2_100, expires: 2_100 }],
  ])('counts the same sessions when %s', (_title, now) => {
    expect(estimate(now).activeSessions).toBe(1_100);
  });

  it.each([
    ['half of all keys with a TTL are gone', 0, { keys: 1_100, expires: 1_050 }, 550, 550],
    ['a cache of 1,050 keys was cleared', 1_050, { keys: 1_100, expires: 1_050 }, 550, 1_100],
    ['more than the cache is gone', 1_050, { keys: 575, expires: 525 }, 275, 550],
    ['all is gone', 1_050, { keys: 0, expires: 0 }, 0, 0],
  ])('when %s, sessions are between the estimate and the most that can be left', (_title, othersWithTtl, now, activeSessions, atMost) => {
    expect(estimate(now, { ...SHARES, othersWithTtl })).toMatchObject({ activeSessions, atMost });
  });

  it('counts sessions without a TTL as long as there are keys without one, and takes no job for one', () => {
    const lasting = { takenAtMs: 5, othersWithTtl: 0, byDialect: { 'connect-redis': share(50, 50) } };
    expect(estimate({ keys: 2_150, expires: 2_100 }, lasting).activeSessions).toBe(50);
    expect(estimate({ keys: 9_000, expires: 2_100 }, lasting).activeSessions).toBe(50);
    expect(estimate({ keys: 2_110, expires: 2_100 }, lasting).activeSessions).toBe(10);
  });

  it.each([
    ['a sweep gives each of them a TTL', 0, { keys: 8_413, expires: 8_413 }, 8_413],
    ['a sweep is half done', 0, { keys: 8_413, expires: 4_000 }, 8_413],
    ['a sweep gives them a TTL where others had one', 57, { keys: 8_413, expires: 8_413 }, 8_413],
    ['half of those with a new TTL have ended', 0, { keys: 4_000, expires: 4_000 }, 4_000],
    ['new ones have a TTL, and none had', 0, { keys: 9_000, expires: 587 }, 9_000],
    ['all are gone', 0, { keys: 0, expires: 0 }, 0],
  ])('keeps sessions without a TTL when %s', (_title, expiring, now, sessions) => {
    const lasting = { takenAtMs: 5, othersWithTtl: 0, byDialect: { 'connect-redis': share(8_413, 8_413 - expiring) } };
    const sweep = chooseBaseline({ ...lasting, counts: { keys: 8_413, expires: expiring } }, undefined, now);
    expect(estimateSessions(now, sweep)).toMatchObject({ activeSessions: sessions, sessionsByDialect: { 'connect-redis': sessions } });
    expect(sessionsBy(sweep, now)).toBe(sessions);
  });

  it('counts at once the jobs that stay, and the sessions among them that get a TTL', () => {
    const jobs = { takenAtMs: 5, othersWithTtl: 0, byDialect: { 'connect-redis': share(100, 100) } };
    expect(estimate({ keys: 2_150, expires: 2_150 }, { ...jobs, counts: THEN }).activeSessions).toBe(100);
    expect(estimate({ keys: 10_100, expires: 100 }, { ...jobs, counts: { keys: 10_100, expires: 0 } }).activeSessions).toBe(100);
  });

  it('never counts more sessions than keys, though they got a TTL between the counters and the pages', () => {
    const counted = { takenAtMs: 5, othersWithTtl: 0, byDialect: { 'connect-redis': share(8_413) } };
    const sweep = chooseBaseline({ ...counted, counts: { keys: 8_413, expires: 456 } }, undefined, THEN);
    expect(estimateSessions({ keys: 8_413, expires: 8_413 }, sweep)).toMatchObject({ activeSessions: 8_413, atMost: 8_413 });
    expect(sessionsBy(sweep, { keys: 8_413, expires: 8_413 })).toBe(8_413);
  });

  it.each([
    ['no sweep has been', undefined],
    [
      'the sweep found an empty store',
      chooseBaseline({ takenAtMs: 5, othersWithTtl: 0, byDialect: {} }, undefined, { keys: 0, expires: 0 }),
    ],
  ])('counts keys, and marks it, when %s', (_title, sweep) => {
    expect(estimateSessions({ keys: 70, expires: 70 }, sweep)).toEqual({
      activeSessions: 70,
      atMost: 70,
      activeSessionsFrom: 'keys',
      sessionsByDialect: {},
    });
    expect(sessionsBy(sweep, { keys: 70, expires: 70 })).toBe(70);
  });
});

it('counts what has come since as sessions where the count found jobs alone, and takes no job for one', () => {
  const jobs = chooseBaseline({ takenAtMs: 5, othersWithTtl: 0, byDialect: {} }, undefined, { keys: 500, expires: 0 });
  expect(estimateSessions({ keys: 900, expires: 70 }, jobs)).toMatchObject({ activeSessions: 70, atMost: 70, activeSessionsFrom: 'keys' });
  expect(sessionsBy(jobs, { keys: 900, expires: 70 })).toBe(70);
});

describe('measuredBefore', () => {
  const count = { takenAtMs: 0, keys: 2_000, expires: 2_000, expiring: 1_000, lasting: 50, countedBy: 'k' };
  const next = { ...count, takenAtMs: 60 * 60_000, expiring: 0, others: 2_000, byDialect: {} };
  it.each([
    ['sessions of a count in the same way', count, 1_000],
    ['no count', undefined, 0],
    ['one that is three hours old', { ...count, takenAtMs: -2 * 60 * 60_000 }, 0],
    ['one by other settings, or another version', { ...count, countedBy: 'other' }, 0],
    ['one in which sessions are few', { ...count, expiring: 199 }, 0],
  ])('%s', (_title, before, expected) => {
    expect(measuredBefore(before, next)).toBe(expected);
  });
});

describe('chooseBaseline', () => {
  const now = { keys: 9, expires: 8 };
  it('notes the keys when it first sees a sweep', () => {
    expect(chooseBaseline(SHARES, { takenAtMs: 4, keys: 1, expires: 1, expiring: 1, lasting: 0 }, THEN)).toMatchObject(THEN);
  });
  it('continues with the recorded keys', () => {
    expect(chooseBaseline(SHARES, { takenAtMs: 5, ...THEN, expiring: 1, lasting: 0 }, now)).toMatchObject(THEN);
  });
  it('prefers the keys that were counted with the sessions', () => {
    expect(chooseBaseline({ ...SHARES, counts: THEN }, { takenAtMs: 5, keys: 1, expires: 1, expiring: 1, lasting: 0 }, now)).toMatchObject(
      THEN,
    );
  });
});
