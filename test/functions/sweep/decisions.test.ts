/** The sweep's decisions, without a store. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS } from '../../../functions/sweep/contract/settings.ts';
import { UNREPAIRED_REASONS } from '../../../functions/sweep/contract/tally.ts';
import { CATALOGUE } from '../../../functions/sweep/keys/catalogue.ts';
import { chooseRepair, isLeftOnPurpose } from '../../../functions/sweep/keys/choose-repair.ts';
import { createClassify } from '../../../functions/sweep/keys/classify-key.ts';
import { createHashId, shareOf } from '../../../functions/sweep/keys/hash-id.ts';
import { readCookie } from '../../../functions/sweep/keys/read-expiry.ts';
import { type Life, readLife } from '../../../functions/sweep/keys/read-life.ts';
import { mergeHistograms, percentile, recordLatency } from '../../../functions/sweep/nodes/probe-store.ts';
import { plantable } from './planted.ts';

const classify = createClassify(DEFAULT_SWEEP_SETTINGS);
const [SESSION] = classify('sess:1', 'string');
const [LOCK] = classify('PHPREDIS_SESSION:1_LOCK', 'string');
const left = (remainingSeconds: number, isCertain = true, isDeclared = true): Life => ({
  kind: 'limited',
  remainingSeconds,
  isCertain,
  isDeclared,
});

describe('the catalogue', () => {
  it('has every framework, and a rule of each is met by what it writes', () => {
    const met = new Set(plantable(1, 0, 0).map(({ dialect }) => dialect));
    expect(CATALOGUE.map(({ name }) => name).filter((name) => !met.has(name))).toEqual([]);
  });

  it('knows no key by its name alone', () => {
    expect(classify('sess:1', 'hash')).toEqual([]);
    expect(classify('spring:session:sessions:1', 'string')).toEqual([]);
  });
});

describe('the remaining life of a session', () => {
  const fields = { from: 'fields', lastAccess: 'last', maxInactive: 'max', graceSeconds: 300, defaultSeconds: 1_800 } as const;
  const NOW = 1_700_000_000_000;
  it.each([
    ['by its fields', { last: `${NOW - 100_000}`, max: '600' }, 50, left(800)],
    ['a last access in the future counts as now', { last: `${NOW + 9e9}`, max: '600' }, 50, left(900)],
    ['without a last access: by the store’s idle time', { max: '600' }, 50, left(850, true, false)],
    ['without either: a whole life, not for certain', {}, undefined, left(2_100, false, false)],
    ['without a longest idle time: the default since its last access', { last: `${NOW}` }, 50, left(2_100, true, false)],
    ['meant to live for ever', { last: '1', max: '-1' }, 50, { kind: 'permanent' }],
  ] as const)('%s', (_, values, idleSeconds, expected) => {
    expect(readLife(fields, 'key', { idleSeconds, fields: values }, NOW)).toEqual(expected);
  });

  it('a text that is older than the last use does not shorten it', () => {
    const text = JSON.stringify({ cookie: { originalMaxAge: 60_000, expires: new Date(NOW - 5_000).toISOString() } });
    const source = { from: 'text', read: readCookie, defaultSeconds: 86_400 } as const;
    expect(readLife(source, 'key', { idleSeconds: 10, fields: {}, text: { start: text, isWhole: true } }, NOW)).toEqual(left(50));
    expect(readLife(source, 'key', { idleSeconds: 100, fields: {}, text: { start: text, isWhole: true } }, NOW)).toEqual(left(-5));
  });
});

describe('the repair of a key', () => {
  const settings = { policy: 'expire', policies: {}, minTtlSeconds: 300, jitterSeconds: 600 } as const;
  it.each([
    ['an unknown one is left', undefined, left(10), {}, 9, { action: 'leave', reason: 'unknown' }],
    ['what is left of its life', SESSION, left(1_000), {}, 9, { action: 'expire', seconds: 1_300 }],
    ['never less than the least', SESSION, left(-1_000), {}, 9, { action: 'expire', seconds: 600 }],
    ['deleted when it is past its life', SESSION, left(0), { policy: 'delete' }, 9, { action: 'delete' }],
    [
      'not deleted by a life that it does not state',
      SESSION,
      left(-1, true, false),
      { policy: 'delete' },
      9,
      { action: 'expire', seconds: 600 },
    ],
    ['not deleted in doubt', SESSION, left(-1, false), { policy: 'delete' }, 9, { action: 'expire', seconds: 600 }],
    ['not deleted while it lives', SESSION, left(1), { policy: 'delete' }, 9, { action: 'expire', seconds: 600 }],
    ['not deleted beyond the limit', SESSION, left(0), { policy: 'delete' }, 0, { action: 'leave', reason: 'delete-limit' }],
    ['a session’s companion is not deleted', LOCK, left(0), { policy: 'delete' }, 9, { action: 'expire', seconds: 600 }],
    ['one that lives for ever is left', SESSION, { kind: 'permanent' }, {}, 9, { action: 'leave', reason: 'permanent' }],
    ['a life without end is bounded', SESSION, left(1e12), {}, 9, { action: 'expire', seconds: 315_360_300 }],
  ] as const)('%s', (_, known, life, change, deletesLeft, expected) => {
    expect(chooseRepair(known, life, { ...settings, ...change }, 0.5, deletesLeft)).toEqual(expected);
  });
});

describe('what a sweep leaves on purpose', () => {
  it('is what the next one leaves too', () => {
    const left = UNREPAIRED_REASONS.filter((reason) => isLeftOnPurpose({ action: 'leave', reason }));
    expect(left).toEqual(['unknown', 'unverified', 'structural', 'report-only', 'permanent', 'unreadable', 'unconfirmed', 'uncounted']);
    expect(isLeftOnPurpose({ action: 'expire', seconds: 1 })).toBe(false);
    expect(isLeftOnPurpose({ action: 'delete' })).toBe(false);
  });
});

describe('times by classes', () => {
  it('give percentiles to a tenth, and add up', () => {
    const one: number[] = [];
    for (let at = 1; at <= 99; at += 1) recordLatency(one, 1);
    recordLatency(one, 100);
    expect(percentile(one, 50)).toBeGreaterThanOrEqual(1);
    expect(percentile(one, 50)).toBeLessThan(1.1);
    expect(percentile(mergeHistograms(one, one), 100)).toBeGreaterThanOrEqual(100);
    expect(percentile([], 99)).toBe(0);
  });
});

describe('names of keys', () => {
  it('depend on the secret, and do not reveal the key', () => {
    const key = Buffer.from('user:ann');
    expect(createHashId('a')(key)).toMatch(/^[0-9a-f]{16}$/);
    expect(createHashId('a')(key)).not.toBe(createHashId('b')(key));
  });
  it('shares of the jitter are spread from 0 to 1', () => {
    const shares = Array.from({ length: 1_000 }, (_, at) => shareOf(Buffer.from(`k${at}`)));
    expect(Math.min(...shares)).toBeLessThan(0.05);
    expect(Math.max(...shares)).toBeGreaterThan(0.95);
  });
});
