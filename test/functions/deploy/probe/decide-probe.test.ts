import { describe, expect, it } from 'vitest';
import {
  compareCookies,
  judgeProbe,
  type ProbedContract,
  type ProbeFacts,
  planProbe,
} from '../../../../functions/deploy/probe/decide-probe.ts';
import type { TargetProgress } from '../../../../functions/records/types.ts';

const probe = { write: '/w', read: '/r' };
const WITH: ProbedContract = { session: { cookie: 'SID', probe } };
const PAGE: ProbedContract = { session: { cookie: 'SID', page: '/p' } };
const IN_MEMORY: ProbedContract = { ...WITH, sessions: { path: '/s', field: 'n' } };
const target = (more: Partial<TargetProgress> = {}): TargetProgress => ({
  ...{ phase: 'waiting', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 },
  ...more,
});
const facts = (own: ProbedContract, previous: ProbedContract, more: Partial<ProbeFacts> = {}): ProbeFacts => ({
  ...{ instanceId: 'i-1', version: '2.0.0', hasSecret: true, healthy: new Set(['i-2', 'i-3']) },
  contracts: new Map([
    ['2.0.0', own],
    ['1.0.0', previous],
  ]),
  targets: { 'i-1': target({ phase: 'checkingReadiness' }), 'i-2': target(), 'i-3': target() },
  ...more,
});

describe('a session probe', () => {
  it('takes place on the first target, with a healthy server of the previous release', () => {
    expect(planProbe(facts(WITH, WITH))).toEqual({ other: 'i-2', otherVersion: '1.0.0', reads: true });
    expect(planProbe(facts(WITH, WITH, { healthy: new Set(['i-3']) }))).toMatchObject({ other: 'i-3' });
  });

  it('takes no server whose own roll has begun, although it waits until its first step', () => {
    const targets = { 'i-1': target({ phase: 'checkingReadiness' }), 'i-2': target({ executionName: 'i-2-1' }), 'i-3': target() };
    expect(planProbe(facts(WITH, WITH, { targets }))).toMatchObject({ other: 'i-3' });
    expect(planProbe(facts(WITH, WITH, { targets, healthy: new Set(['i-2']) }))).toMatchObject({
      reads: false,
      unchecked: expect.stringMatching(/no other server is healthy/),
    });
  });

  it('is over once a target is done, and is none of a release that declares nothing', () => {
    const targets = { 'i-1': target({ phase: 'checkingReadiness' }), 'i-2': target({ phase: 'done' }), 'i-3': target() };
    expect(planProbe(facts(WITH, WITH, { targets }))).toBeUndefined();
    expect(planProbe(facts({}, WITH))).toBeUndefined();
  });

  it.each<[string, ProbeFacts, RegExp]>([
    ['one server', facts(WITH, WITH, { targets: { 'i-1': target() } }), /no other server is healthy/],
    ['no other healthy server', facts(WITH, WITH, { healthy: new Set() }), /no other server is healthy/],
    ['sessions in memory', facts(IN_MEMORY, WITH), /2\.0\.0 keeps sessions in each server's memory/],
    ['sessions of the previous release in memory', facts(WITH, IN_MEMORY), /the previous release keeps sessions/],
    ['a previous release without the probe', facts(WITH, PAGE), /the previous release has no session\.probe/],
    ['no secret', facts(WITH, PAGE, { hasSecret: false }), /deploy\.sessionProbe/],
  ])('with %s is unchecked, and says so', (_what, given, why) => {
    expect(planProbe(given)).toMatchObject({ reads: false, unchecked: expect.stringMatching(why) });
  });

  it('without a secret says so once: with the first release that has a probe, not with those that follow it or with the fleet’s first', () => {
    expect(planProbe(facts(WITH, WITH, { hasSecret: false }))).not.toHaveProperty('unchecked');
    expect(planProbe(facts(WITH, WITH, { hasSecret: false, healthy: new Set() }))).not.toHaveProperty('unchecked');
  });

  it('writes no session into the memory of a server: a deploy would wait for it', () => {
    expect(planProbe(facts(IN_MEMORY, IN_MEMORY))?.other).toBeUndefined();
    expect(planProbe(facts(WITH, IN_MEMORY))?.other).toBeUndefined();
  });

  it('without a probe only compares the cookies of two pages', () => {
    expect(planProbe(facts(PAGE, PAGE))).toEqual({ other: 'i-2', otherVersion: '1.0.0', reads: false });
  });
});

describe('what a server answers', () => {
  const of = { version: '2.0.0', otherVersion: '1.0.0', reads: true };
  it.each([
    ['newReads', { read: 'different', status: 404 }, /2\.0\.0 does not read the session that release 1\.0\.0 wrote .*404/],
    ['previousReads', { read: 'different', status: 200 }, /1\.0\.0 does not read the session that release 2\.0\.0 wrote .*rollback/],
    ['newWrites', { reason: '/w answers with status 500', fault: 'release' }, /release 2\.0\.0: \/w answers with status 500/],
    ['newReads', { reason: '/r answers the same without a session', fault: 'release' }, /release 2\.0\.0: \/r answers the same/],
  ] as const)('%s: %j refuses the release', (stage, seen, why) => {
    expect(judgeProbe(stage, seen as never, of)).toEqual({ verdict: 'incompatible', why: expect.stringMatching(why) });
  });

  it.each([
    ['previousWrites', { reason: '/w answers with status 500', fault: 'release' }],
    ['previousReads', { reason: 'the command on its server failed' }],
  ] as const)('%s: a fault of the previous release leaves it unchecked', (stage, seen) => {
    expect(judgeProbe(stage, seen, of)).toMatchObject({ verdict: 'unchecked', why: expect.stringContaining('release 1.0.0: ') });
  });

  it.each([
    ['newWrites', { reason: 'the secret of the session probe cannot be read' }],
    ['newReads', { reason: 'the command on its server failed' }],
    ['newWrites', { cookie: undefined }],
  ] as const)('%s: %j shows nothing about the new release, and leaves it unchecked', (stage, seen) => {
    expect(judgeProbe(stage, seen as never, of)).toMatchObject({ verdict: 'unchecked', why: expect.stringContaining('release 2.0.0: ') });
  });

  it('goes on with what it should be', () => {
    expect(judgeProbe('newReads', { read: 'same', status: 200 }, of)).toEqual({ verdict: 'goOn' });
    expect(judgeProbe('newWrites', { sealed: 'x' }, of)).toEqual({ verdict: 'goOn' });
    expect(judgeProbe('newWrites', { reason: 'no page' }, { ...of, reads: false })).toEqual({ verdict: 'goOn' });
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
