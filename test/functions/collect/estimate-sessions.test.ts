import { describe, expect, it } from 'vitest';
import { chooseBaseline, estimateSessions } from '../../../functions/collect/estimate-sessions.ts';

const share = (sessions: number) => ({ sessions, structural: 0, withoutTtl: 0, bytesSampled: 0 });
/** A thousand sessions of two keys each, with an index; a hundred of one key. */
const SHARES = { takenAtMs: 5, byDialect: { 'spring-indexed': share(1_000), 'connect-redis': share(100), unknown: share(0) } };

describe('estimateSessions', () => {
  it('keeps the share of each dialect while the keys grow', () => {
    expect(estimateSessions(4_300, { shares: SHARES, keys: 2_150 })).toEqual({
      activeSessions: 2_200,
      activeSessionsFrom: 'sweep',
      sessionsByDialect: { 'spring-indexed': 2_000, 'connect-redis': 200 },
    });
  });

  it.each([
    ['no sweep has been', undefined],
    ['the sweep found an empty store', { shares: { takenAtMs: 5, byDialect: {} }, keys: 0 }],
  ])('counts keys, and marks it, when %s', (_title, sweep) => {
    expect(estimateSessions(70, sweep)).toEqual({ activeSessions: 70, activeSessionsFrom: 'keys', sessionsByDialect: {} });
  });
});

describe('chooseBaseline', () => {
  it('notes the keys when it first sees a sweep', () => {
    expect(chooseBaseline(SHARES, { takenAtMs: 4, keys: 1 }, 2_150)?.keys).toBe(2_150);
  });
  it('continues with the recorded keys', () => {
    expect(chooseBaseline(SHARES, { takenAtMs: 5, keys: 2_150 }, 9)?.keys).toBe(2_150);
  });
});
