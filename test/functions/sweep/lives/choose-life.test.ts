import { describe, expect, it } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../functions/sweep/contract/settings.ts';
import type { LifeChange } from '../../../../functions/sweep/contract/tally.ts';
import { createClassify, type KnownKey } from '../../../../functions/sweep/keys/classify-key.ts';
import type { LifeFacts } from '../../../../functions/sweep/keys/read-life.ts';
import { canChange, chooseLife } from '../../../../functions/sweep/lives/choose-life.ts';
import { uuid } from '../planted.ts';

const NOW_MS = Date.UTC(2026, 0, 5, 12);
const SPRING = `spring:session:sessions:${uuid(1)}`;
const classify = createClassify({
  ...DEFAULT_SWEEP_SETTINGS,
  dialects: [{ name: 'own', pattern: 'own:*', type: 'string', structural: false, idleSeconds: 60 }],
});
const known = (key: string, type: string) => classify(key, type)[0] as KnownKey;
const settings = { minTtlSeconds: 300, jitterSeconds: 600 };
const choose = (change: LifeChange, key: string, type: string, facts: Omit<LifeFacts, 'idleSeconds'>, share = 0) =>
  chooseLife(known(key, type), { key, facts, share }, { change, settings, nowMs: NOW_MS });
const spring = (usedSecondsAgo: number, maxInactive: string, more = {}) => ({
  fields: { lastAccessedTime: String(NOW_MS - usedSecondsAgo * 1000), maxInactiveInterval: maxInactive, ...more },
});

describe('keys whose life can change', () => {
  it.each<[string, string, boolean, boolean]>([
    [SPRING, 'hash', true, true],
    ['redisson:tomcat_session:1', 'hash', true, true],
    ['sess:1', 'string', true, false],
    [`session_${'A'.repeat(52)}`, 'string', false, false],
    // In capitals: ASP.NET's.
    [`shop:${uuid(1).toUpperCase()}`, 'hash', false, false],
    [`shop:${uuid(1)}`, 'hash', true, false],
    ['PHPREDIS_SESSION:1', 'string', false, false],
    [`laravel_cache:${'a'.repeat(40)}`, 'string', false, false],
    ['own:1', 'string', false, false],
    [`spring:session:sessions:expires:${uuid(1)}`, 'string', false, false],
    ['spring:session:sessions:expirations', 'zset', false, false],
  ])('%s: raise %s, shorten %s', (key, type, raised, shortened) => {
    expect([canChange(known(key, type), 'raise'), canChange(known(key, type), 'shorten-anonymous')]).toEqual([raised, shortened]);
  });
});

describe('raise', () => {
  it('gives what a session declares, since its last use', () => {
    expect(choose('raise', SPRING, 'hash', spring(100, '1800'))).toEqual({ how: 'raise', leastSeconds: 1_800 + 300 - 100 });
  });

  it('lets the store subtract the idle time where no use is on record', () => {
    const start = JSON.stringify({ cookie: { originalMaxAge: 3_600_000, expires: new Date(NOW_MS + 600_000).toISOString() } });
    expect(choose('raise', 'sess:1', 'string', { fields: {}, text: { start, isWhole: true } })).toEqual({
      how: 'raise',
      leastSeconds: 600,
      unusedSeconds: 3_600,
    });
  });

  it.each<[string, Omit<LifeFacts, 'idleSeconds'>]>([
    ['that a user has logged out of', spring(10, '0')],
    ['without expiry by intent', spring(10, '-1')],
    ['past its life', spring(4_000, '1800')],
    ['that cannot be read', spring(10, 'kryo?')],
    ['of which a request has saved a part alone', { fields: { lastAccessedTime: String(NOW_MS) } }],
  ])('leaves a session %s', (_, facts) => {
    expect(choose('raise', SPRING, 'hash', facts)).toBeUndefined();
  });

  it.each<[string, string]>([
    ['no cookie', '{"code":1}'],
    ['an expiry of its own, and no cookie', `{"code":1,"expires":"${new Date(NOW_MS + 600_000).toISOString()}"}`],
    ['a cookie that ends with the browser', '{"cookie":{"originalMaxAge":null,"expires":null}}'],
  ])('leaves JSON with %s', (_, start) => {
    expect(choose('raise', 'sess:1', 'string', { fields: {}, text: { start, isWhole: true } })).toBeUndefined();
  });

  it('takes no default for longer than a cookie’s own expiry', () => {
    const start = JSON.stringify({ cookie: { originalMaxAge: null, expires: new Date(NOW_MS + 600_000).toISOString() } });
    const text = { start, isWhole: true };
    expect(choose('raise', 'sess:1', 'string', { fields: {}, text })).toEqual({ how: 'raise', leastSeconds: 600 });
  });
});

describe('shorten', () => {
  it('leaves anonymous sessions some minutes, spread by their own share', () => {
    const chosen = choose('shorten-anonymous', SPRING, 'hash', spring(10, '1800'));
    expect(chosen).toEqual({ how: 'shorten', leastSeconds: 300, onlyFields: expect.arrayContaining(['lastAccessedTime']) });
    expect(choose('shorten-anonymous', SPRING, 'hash', spring(10, '1800'), 0.5)).toMatchObject({ leastSeconds: 600 });
  });
});
