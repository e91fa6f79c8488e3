import { describe, expect, it } from 'vitest';
import {
  type CookieContract,
  choosePartner,
  compareCookies,
  type PartnerFacts,
} from '../../../../functions/deploy/session-cookie/judge-cookie.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';

const PAGE: CookieContract = { session: { cookie: 'SID', page: '/p' } };
const IN_MEMORY: CookieContract = { ...PAGE, sessions: { path: '/s', field: 'n' } };
const target = (more: Partial<TargetProgress> = {}): TargetProgress => ({
  ...{ phase: 'waiting', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 },
  ...more,
});
const facts = (own: CookieContract, previous: CookieContract, more: Partial<PartnerFacts> = {}): PartnerFacts => ({
  ...{ instanceId: 'i-1', version: '2.0.0', healthy: new Set(['i-2', 'i-3']) },
  contracts: new Map([
    ['2.0.0', own],
    ['1.0.0', previous],
  ]),
  targets: { 'i-1': target({ phase: 'checkingReadiness' }), 'i-2': target(), 'i-3': target() },
  ...more,
});

describe('the server whose cookie is compared', () => {
  it('is a healthy one with the previous release, once for the first target', () => {
    expect(choosePartner(facts(PAGE, PAGE))).toEqual({ instanceId: 'i-2', version: '1.0.0' });
    expect(choosePartner(facts(PAGE, PAGE, { healthy: new Set(['i-3']) }))).toMatchObject({ instanceId: 'i-3' });
  });

  it('is none whose own roll has begun, although it waits until its first step', () => {
    const targets = { 'i-1': target({ phase: 'checkingReadiness' }), 'i-2': target({ executionName: 'i-2-1' }), 'i-3': target() };
    expect(choosePartner(facts(PAGE, PAGE, { targets }))).toMatchObject({ instanceId: 'i-3' });
    expect(choosePartner(facts(PAGE, PAGE, { targets, healthy: new Set(['i-2']) }))).toBeUndefined();
  });

  it.each<[string, PartnerFacts]>([
    ['once a target is done', facts(PAGE, PAGE, { targets: { 'i-1': target(), 'i-2': target({ phase: 'done' }), 'i-3': target() } })],
    ['with one server', facts(PAGE, PAGE, { targets: { 'i-1': target() } })],
    ['without another healthy server', facts(PAGE, PAGE, { healthy: new Set() })],
    ['where the new release shows no page', facts({}, PAGE)],
    ['where the previous release shows no page', facts(PAGE, {})],
    ['where the new release has sessions in memory, for which a deploy would wait', facts(IN_MEMORY, PAGE)],
    ['where the previous release has sessions in memory', facts(PAGE, IN_MEMORY)],
  ])('is none %s', (_when, given) => {
    expect(choosePartner(given)).toBeUndefined();
  });
});

describe('the session cookie of the new release', () => {
  const SAFE = { name: 'SID', secure: true, httpOnly: true };
  it.each([
    ['a lost Secure', { ...SAFE, secure: false }, /has lost Secure/],
    ['a lost HttpOnly', { ...SAFE, httpOnly: false }, /has lost HttpOnly/],
    ['another name', { ...SAFE, name: 'NEW' }, /is named NEW and no longer SID/],
    ['another domain', { ...SAFE, domain: 'example.com' }, /has the domain example\.com and no longer that of its host/],
  ])('%s is a warning', (_what, after, words) => {
    expect(compareCookies('2.0.0', SAFE, after)).toEqual([expect.stringMatching(words)]);
  });

  it('that is not shown any more is a warning with the reason', () => {
    expect(compareCookies('2.0.0', SAFE, undefined, '/page answers with status 200 and no cookie SID')).toEqual([
      expect.stringMatching(/2\.0\.0 has not shown its session cookie.*no cookie SID/),
    ]);
    expect(compareCookies('2.0.0', undefined, SAFE)).toEqual([]);
  });

  it('that is as before, or safer, is none', () => {
    expect(compareCookies('2.0.0', SAFE, SAFE)).toEqual([]);
    expect(compareCookies('2.0.0', { ...SAFE, secure: false, httpOnly: false }, SAFE)).toEqual([]);
    expect(compareCookies('2.0.0', { ...SAFE, domain: '.Example.com' }, { ...SAFE, domain: 'example.com' })).toEqual([]);
  });
});
