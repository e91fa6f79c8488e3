import { describe, expect, it } from 'vitest';
import { judgeCaching } from '../../../functions/canary/checks/caching.ts';
import { judgeCookie } from '../../../functions/canary/checks/cookies.ts';
import { findExposed, formsOfId, judgeExposure } from '../../../functions/canary/checks/exposure.ts';
import { judgeForeignId } from '../../../functions/canary/checks/foreign-id.ts';
import { judgeLateSave } from '../../../functions/canary/checks/late-save.ts';
import { judgeAtOnce, judgeLimit } from '../../../functions/canary/checks/limit.ts';
import { judgeLateReplay, judgeReplay } from '../../../functions/canary/checks/logout.ts';
import { judgeNewId } from '../../../functions/canary/checks/new-id.ts';
import { judgeServers } from '../../../functions/canary/checks/other-servers.ts';
import { judgeHsts, judgePlainHttp } from '../../../functions/canary/checks/transport.ts';
import type { Outcome } from '../../../functions/canary/findings/result.ts';
import { alterId, inventLike } from '../../../functions/canary/ids/foreign-values.ts';
import { readWho } from '../../../functions/canary/site/site.ts';

/** `holds`, `notice`, `not checked`, `unclear`, or the name of the finding. */
const briefly = (outcome: Outcome): string => {
  if (outcome.is === 'finding') return outcome.finding;
  if (outcome.is === 'notChecked') return outcome.unclear ? 'unclear' : 'not checked';
  return outcome.is;
};
const all = (outcomes: readonly Outcome[]) => outcomes.map(briefly);

describe('whom a page shows', () => {
  const shows = { a: 'anna', b: 'ben-2' };
  it.each([
    [200, 'hello anna', 'a'],
    [200, 'hello ben-2', 'b'],
    [200, 'anna and ben-2', 'unclear'],
    [200, 'please log in', 'nobody'],
    [302, 'anna', 'nobody'],
    [401, 'anna has ended', 'nobody'],
    [503, 'anna', 'unclear'],
  ])('%s %j: %s', (status, body, who) => {
    expect(readWho({ status, body }, shows)).toBe(who);
  });
});

describe('a new id', () => {
  it.each([
    [[], [], 'nobody', 'not checked'],
    [['SID'], ['SID'], 'a', 'id-kept-at-login'],
    [['SID'], [], 'a', 'old-id-alive-after-login'],
    [['SID'], [], 'nobody', 'holds'],
    // The login adds a ticket, and keeps the session: without the ticket it shows nobody.
    [['SID'], ['SID'], 'nobody', 'unclear'],
    [['SID', 'SHARD'], ['SHARD'], 'nobody', 'unclear'],
    [['SID'], [], 'unclear', 'unclear'],
  ] as const)('with %j before and %j as it was, where the old ones show %s: %s', (before, kept, whoBefore, expected) => {
    expect(briefly(judgeNewId({ when: 'login', before, kept, whoBefore }))).toBe(expected);
  });

  it('at a re-login has names of its own', () => {
    expect(briefly(judgeNewId({ when: 're-login', before: ['SID'], kept: ['SID'], whoBefore: 'a' }))).toBe('id-kept-at-re-login');
    expect(briefly(judgeNewId({ when: 're-login', before: ['SID'], kept: [], whoBefore: 'a' }))).toBe('old-id-alive-after-re-login');
    // All of the old cookies together are worth nothing.
    expect(briefly(judgeNewId({ when: 're-login', before: ['SID', 'SHARD'], kept: ['SHARD'], whoBefore: 'nobody' }))).toBe('holds');
  });
});

describe('a foreign id', () => {
  it.each([
    ['altered', 'a', 'altered-id-accepted'],
    ['altered', 'nobody', 'holds'],
    ['planted', 'a', 'planted-id-adopted'],
    ['planted', 'nobody', 'holds'],
    ['planted', 'unclear', 'unclear'],
  ] as const)('%s that shows %s: %s', (how, who, expected) => {
    expect(briefly(judgeForeignId(how, 'SID', who))).toBe(expected);
  });

  it.each([
    ['s%3Aabcdefgh12345678.0123456789abcdef0123', 's%3Aabcdefgh12345678.0123456789bbcdef0123'],
    ['00000000000000000000.node1', '00000000001000000000.node1'],
  ])('%s is altered in the middle of its longest part', (value, altered) => {
    expect(alterId(value)).toBe(altered);
  });

  it('is never altered where it is too short, nor in a percent escape', () => {
    expect([alterId('abc'), alterId('abc.def%20%20')]).toEqual([undefined, undefined]);
  });

  it('is invented with the same form', () => {
    const invented = inventLike('s%3Aabcdefgh12345678.node1', () => 1);
    expect(invented).toBe('s%3Abcdefahi23456789.node1');
    expect(inventLike('short', () => 1)).toBe(undefined);
  });
});

describe('after a log-out', () => {
  it.each([
    [['nobody'], ['nobody'], 'holds'],
    [['a'], ['nobody'], 'notice'],
    [['a'], ['nobody', 'a'], 'alive-after-logout'],
    [['nobody'], ['unclear'], 'unclear'],
  ] as const)('%j at once and %j later: %s', (atOnce, soon, expected) => {
    expect(briefly(judgeReplay({ atOnce, soon }))).toBe(expected);
  });

  it.each([
    [['nobody'], 'holds'],
    [['nobody', 'a'], 'alive-after-logout'],
    [['unclear'], 'unclear'],
  ] as const)('%j after 65 s: %s', (who, expected) => {
    expect(briefly(judgeLateReplay(who))).toBe(expected);
  });

  it.each([
    [[{ overlapped: true, who: ['nobody', 'nobody'] }], 'holds'],
    [[{ overlapped: true, who: ['nobody', 'a'] }], 'revived-by-late-save'],
    [[{ overlapped: false, who: ['nobody', 'nobody'] }], 'unclear'],
    [[{ overlapped: true, who: ['unclear', 'nobody'] }], 'unclear'],
  ] as const)('with a slow request %j: %s', (repetitions, expected) => {
    expect(briefly(judgeLateSave(repetitions))).toBe(expected);
  });
});

describe('the limit', () => {
  it.each([
    ['ends-oldest', ['nobody', 'a', 'a'], 'holds'],
    ['ends-oldest', ['a', 'a', 'a'], 'sessions-not-limited'],
    ['ends-oldest', ['a', 'a', 'nobody'], 'surplus-login-not-as-promised'],
    ['ends-oldest', ['a', 'nobody', 'a'], 'surplus-login-not-as-promised'],
    // Another run has logged in meanwhile: no finding.
    ['ends-oldest', ['nobody', 'nobody', 'a'], 'unclear'],
    ['refuses', ['a', 'a', 'nobody'], 'holds'],
    ['refuses', ['nobody', 'a', 'a'], 'surplus-login-not-as-promised'],
    ['refuses', ['a', 'a', 'unclear'], 'unclear'],
  ] as const)('of 2 that %s, with %j: %s', (surplus, who, expected) => {
    expect(briefly(judgeLimit({ limit: 2, surplus, who }))).toBe(expected);
  });

  it('is a notice when only logins at once pass it', () => {
    expect(briefly(judgeAtOnce(1, ['a', 'a', 'nobody']))).toBe('notice');
    expect(briefly(judgeAtOnce(1, ['a', 'nobody', 'nobody']))).toBe('holds');
    expect(briefly(judgeAtOnce(1, ['nobody', 'nobody']))).toBe('unclear');
  });
});

describe('a cookie', () => {
  const good = { name: '__Host-SID', value: 'x'.repeat(40), host: 'shop', secure: true, httpOnly: true, sameSite: 'strict', path: '/' };
  it.each([
    [{}, undefined, []],
    [{ secure: false }, undefined, ['cookie-not-secure']],
    [{ httpOnly: false }, undefined, ['cookie-readable-by-scripts']],
    [{ sameSite: undefined }, undefined, ['cookie-sent-cross-site']],
    [{ sameSite: 'lax' }, undefined, []],
    [{ sameSite: 'lax' }, 'Strict', ['cookie-sent-cross-site']],
    [{ sameSite: 'none' }, 'None', []],
    [{ sameSite: 'strict' }, 'Lax', []],
    [{ domain: 'example.com' }, undefined, ['cookie-for-other-hosts']],
    [{ name: 'SID' }, undefined, ['cookie-without-prefix']],
    [{ name: '__Secure-SID' }, undefined, ['notice']],
    [{ name: 'JSESSIONID' }, undefined, ['cookie-without-prefix', 'notice']],
  ] as const)('with %j and the promise %s: %j', (more, promised, expected) => {
    expect(all(judgeCookie({ ...good, ...more }, promised))).toEqual(expected);
  });
});

describe('an id elsewhere', () => {
  const id = 'Zr3kQ-xD_9vLw2HcTn7bYpM4';
  const answer = (body: string, location?: string) => ({
    place: 'who',
    url: new URL('https://shop/home'),
    answer: { status: 200, headers: { ...(location !== undefined && { location }) } as Record<string, string>, setCookies: [], body },
  });
  it.each([
    ['nowhere', answer(`the end of one: ${id.slice(4)}`), ['holds']],
    ['in a link', answer(`<a href="/x;jsessionid=${id}?a=1">`), ['id-in-url']],
    ['in a redirect', answer('', `/x?sid=${id}`), ['id-in-url']],
    ['in a page', answer(`your session is ${id}.`), ['id-in-body']],
    ['in both', answer(`${id} <a href="?sid=${id}">`), ['id-in-url', 'id-in-body']],
  ])('%s: %j', (_, seen, expected) => {
    const exposed = findExposed([seen], [id]);
    expect(all(judgeExposure(exposed))).toEqual(expected);
    expect(JSON.stringify(judgeExposure(exposed))).not.toContain(id);
  });

  it('is named by the place of the recipe: the path can have the id of another user, a short one, or another form', () => {
    const others = ['Kd8sP2mQx7Vb4Nz1Lf6T', 'short-id', encodeURIComponent(`s:${id}.signature`), Buffer.from(id).toString('base64')];
    for (const other of others) {
      const seen = { ...answer(`<a href="?sid=${id}"> ${id}`), place: 'login, step 2', url: new URL(`https://shop/home/${other}/${id}`) };
      const outcomes = judgeExposure(findExposed([seen], [id]));
      expect(outcomes.map(({ what }) => what)).toEqual([
        'an id is part of an address in the answer of login, step 2',
        'an id is in the body of login, step 2',
      ]);
    }
  });

  it('is in no body as far as all of them were kept', () => {
    const none = { inUrls: [], inBodies: [] };
    expect(all(judgeExposure(none, 1))).toEqual(['unclear']);
    expect(all(judgeExposure({ ...none, inBodies: ['who'] }, 1))).toEqual(['id-in-body']);
  });

  it('is searched for in each of its forms, and never in parts', () => {
    expect(formsOfId(`s%3A${id}.signature`)).toEqual([`s%3A${id}.signature`, `s:${id}.signature`, id]);
    const uuid = '3f0f9b0e-7a55-4e0c-9d6a-2f2b1c0d9e8f';
    expect(formsOfId(Buffer.from(uuid).toString('base64'))).toContain(uuid);
    expect(formsOfId('short')).toEqual([]);
  });
});

describe('pages and the way to them', () => {
  it.each([
    ['no-store', 'holds'],
    ['private, No-Store', 'holds'],
    ['private, max-age=0', 'page-cacheable'],
    [undefined, 'page-cacheable'],
  ])('Cache-Control %s: %s', (value, expected) => {
    expect(briefly(judgeCaching({ headers: value === undefined ? {} : { 'cache-control': value } }))).toBe(expected);
  });

  it.each([
    ['max-age=31536000; includeSubDomains', 'holds'],
    ['includeSubDomains; max-age="63072000"', 'holds'],
    ['max-age=600', 'no-hsts'],
    ['', 'no-hsts'],
  ])('Strict-Transport-Security %j: %s', (value, expected) => {
    expect(briefly(judgeHsts({ headers: { 'strict-transport-security': value } }))).toBe(expected);
  });

  it.each([
    [301, 'https://shop/', 'holds'],
    [301, 'https://other/', 'unclear'],
    [302, 'http://shop/login', 'plain-http-served'],
    [302, '/login', 'plain-http-served'],
    [200, '', 'plain-http-served'],
    [401, '', 'plain-http-served'],
    [403, '', 'holds'],
    [503, '', 'unclear'],
  ])('plain HTTP with %s %s: %s', (status, location, expected) => {
    expect(briefly(judgePlainHttp({ status, headers: { location } }, ({ host }) => (host === 'shop' ? undefined : 'is not it')))).toBe(
      expected,
    );
  });

  it.each([
    [['one a', 'two a'], 'holds'],
    [['one a', 'two nobody'], 'not-on-every-server'],
    [['one a', 'one a'], 'not checked'],
    [['one a', 'two unclear'], 'unclear'],
    [['one nobody', 'two nobody'], 'unclear'],
  ])('servers %j: %s', (facts, expected) => {
    const read = facts.map((fact) => fact.split(' ') as ['one', 'a']).map(([server, who]) => ({ server, who }));
    expect(briefly(judgeServers(read))).toBe(expected);
  });
});
