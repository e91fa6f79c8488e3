import { describe, expect, it } from 'vitest';
import { briefSessions, shortLives } from '../../../../functions/incidents/trouble/sessions.ts';
import { dialect, evidence } from '../healthy-evidence.ts';

const LONG = { livesSeconds: { median: 1_800, p90: 1_800 }, ttlSeconds: { min: 3, median: 915, max: 1_799 } };
const brief = (lives: Readonly<Record<string, number>>, over: object = {}) =>
  briefSessions(dialect({ ...LONG, sampled: 100, lives, ...over }));

describe('sessions that live briefly among others', () => {
  it('are few of those that are there, and many of those that begin', () => {
    expect(brief({ 32: 30, 1024: 70 })).toEqual({
      ...{ count: 30, leastSeconds: 32 },
      text: '30 of 100 sampled sessions (connect-redis) live for less than 64 s, as do about 87 % of those that begin',
    });
  });

  it('are none where one of a thousand does, or where nothing shows lives', () => {
    expect(brief({ 32: 1, 1024: 999 }, { sampled: 1_000 })).toBeUndefined();
    expect(briefSessions(dialect(LONG))).toBeUndefined();
  });

  it('can be near the end of a long life where none declares one, unless there are many', () => {
    expect(brief({ 32: 7, 1024: 93 }, { declaredLifeSeconds: null })).toBeUndefined();
    expect(brief({ 32: 30, 1024: 70 }, { declaredLifeSeconds: null })?.text).toMatch(/live for less than 64 s$/);
  });
});

it('a first step has the sample where no server alone begins what is lost, and nothing of a healthy store', () => {
  const store = { dialects: [dialect({ ...LONG, sampled: 100, lives: { 32: 30, 1024: 70 } })] };
  expect(shortLives(evidence({ store }))).toMatch(/^30 of 100 sampled sessions/);
  expect(shortLives(evidence())).toBeUndefined();
});
