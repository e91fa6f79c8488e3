/** What people have reported of their sites, each by its smallest one: what the canary has to say was written before it was asked. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Answer, type Asked, drawn, examine, findingsOf, HARD, type Handler, saidOf, sessionsIn, userOf } from './small-site.ts';

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (text: string) => createHmac('sha256', 'key').update(text).digest('base64url');
const nobody = ({ what }: Asked): Answer => ({ status: what === 'GET /login' ? 200 : 401 });
const hard = (name = '__Host-SID'): Handler =>
  sessionsIn(
    (id) => [`${name}=${id}; ${HARD}`],
    ({ cookies }) => cookies[name],
  );

describe('a log-out', () => {
  it('vouch-proxy 187: clears the cookie of a signed token, and the token stays valid', async () => {
    const handle: Handler = (asked) => {
      if (asked.what === 'POST /logout') return { cookies: ['__Host-vouch=; Path=/; Secure; Max-Age=0'] };
      if (asked.what === 'POST /login') {
        const user = userOf(asked);
        const text = `${base64url({ alg: 'HS256' })}.${base64url({ sub: user, iat: asked.nowMs })}`;
        return user === undefined ? { status: 401 } : { cookies: [`__Host-vouch=${text}.${sign(text)}; ${HARD}`] };
      }
      const [head = '', payload = '', signature] = (asked.cookies['__Host-vouch'] ?? '').split('.');
      if (signature !== sign(`${head}.${payload}`) || asked.what === 'GET /login') return nobody(asked);
      return { body: `you are ${(JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub}` };
    };
    const report = await examine(handle);
    expect(findingsOf(report)).toEqual(['alive-after-logout', 'old-id-alive-after-re-login']);
    expect(saidOf(report, 'id-strength')).toEqual(['not-checked']);
  });

  it.each([
    ['kanboard 5864, thelia 3872: leaves the token that remembers the user', false, ['alive-after-logout', 'old-id-alive-after-re-login']],
    ['the same with a token that the log-out and the next login end', true, []],
  ])('%s', async (_, isRetired, expected) => {
    const inner = hard();
    const tokens = new Map<string, string>();
    const handle: Handler = (asked) => {
      const answer = inner(asked);
      const token = asked.cookies['__Host-remember'] ?? '';
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (isRetired && (asked.what === 'POST /logout' || user !== undefined)) tokens.delete(token);
      if (asked.what === 'POST /logout') return { cookies: ['__Host-remember=; Path=/; Secure; Max-Age=0'] };
      if (user !== undefined) {
        const next = drawn();
        tokens.set(next, user);
        return { cookies: [...(answer.cookies ?? []), `__Host-remember=${next}; ${HARD}`] };
      }
      return asked.what === 'GET /account' && answer.status === 401 && tokens.has(token)
        ? { body: `you are ${tokens.get(token)}` }
        : answer;
    };
    expect(findingsOf(await examine(handle))).toEqual(expected);
  });

  it.each([
    ['Lax', false],
    ['None', true],
  ])('spree_auth_devise 302, goiabada 411: by GET without a token, with SameSite=%s', async (sameSite, isSaid) => {
    const inner = sessionsIn(
      (id) => [`__Host-SID=${id}; ${HARD.replace('Lax', sameSite)}`],
      ({ cookies }) => cookies['__Host-SID'],
    );
    const handle: Handler = (asked) => inner({ ...asked, what: asked.what === 'GET /logout' ? 'POST /logout' : asked.what });
    const { lines } = await examine(handle, { logout: [{ get: '/logout' }] });
    expect(lines.some(({ what }) => what.includes('by an image'))).toBe(isSaid);
  });

  it('obsidian-mcp 198: ends a signed cookie in the browser alone, whose time is in plain text', async () => {
    const handle: Handler = (asked) => {
      if (asked.what === 'POST /logout') return { cookies: ['__Host-session=null; Path=/; Secure; Max-Age=0'] };
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (asked.what === 'POST /login' && user === undefined) return { status: 401 };
      const text = `${Buffer.from(JSON.stringify({ uid: user?.length })).toString('base64')}.${Math.floor(asked.nowMs / 1_000).toString(36)}`;
      if (user !== undefined) return { cookies: [`__Host-session=${text}.${sign(text)}; ${HARD}`] };
      const [payload = '', at = '', signature] = (asked.cookies['__Host-session'] ?? '').split('.');
      if (signature !== sign(`${payload}.${at}`) || asked.what === 'GET /login') return nobody(asked);
      return {
        body:
          payload.includes('MTF9') || payload === Buffer.from('{"uid":11}').toString('base64')
            ? 'you are canary-anna'
            : 'you are canary-ben',
      };
    };
    expect(findingsOf(await examine(handle))).toEqual(['alive-after-logout', 'old-id-alive-after-re-login']);
  });
});

describe('a cache', () => {
  it('PennyDreadful 6615: Cloudflare keeps a picture with the Set-Cookie of the first visitor', async () => {
    const inner = hard();
    let kept: Answer | undefined;
    const handle: Handler = (asked) => {
      if (asked.what !== 'GET /logo.svg') return inner(asked);
      if (kept !== undefined) return { ...kept, headers: { ...kept.headers, 'cf-cache-status': 'HIT' } };
      kept = { cookies: [`__Host-SID=${drawn()}; ${HARD}`], headers: { 'cache-control': 'public, max-age=43200' } };
      return kept;
    };
    const login = [{ get: '/logo.svg' }, { post: '/login', form: { user: '{name}', password: '{password}' } }];
    // The picture takes the cookie of a user who is logged in, too, so that the next login ends nothing.
    const expected = ['id-given-twice: __Host-SID', 'old-id-alive-after-re-login', 'page-cacheable'];
    expect(findingsOf(await examine(handle, { login }))).toEqual(expected);
  });

  it('supabase/ssr 172, nextjs-auth0 2112: an answer that renews the session may be kept', async () => {
    const inner = hard();
    const handle: Handler = (asked) => {
      const answer = inner(asked);
      const isUser = asked.what === 'GET /account' && answer.body !== undefined;
      return isUser
        ? { ...answer, cookies: [`__Host-SID=${asked.cookies['__Host-SID']}; ${HARD}`], headers: { 'cache-control': 'max-age=0' } }
        : answer;
    };
    expect(findingsOf(await examine(handle))).toEqual(['page-cacheable']);
  });
});

describe('cookies', () => {
  it('code-dot-org 74198, lobu 2578: two of one name, of which the site reads the older one: the recipe’s error names it', async () => {
    const sessions = new Map<string, string>();
    const handle: Handler = (asked) => {
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      const id = drawn();
      if (user !== undefined) sessions.set(id, user);
      if (user !== undefined) return { cookies: [`SID=${id}; ${HARD}`] };
      const known = sessions.get(asked.cookies['SID'] ?? '');
      if (asked.what === 'GET /login' && asked.sent === '') return { cookies: [`SID=${drawn()}; ${HARD}; Domain=shop.example`] };
      return known === undefined ? nobody(asked) : { body: `you are ${known}` };
    };
    await expect(examine(handle)).rejects.toThrow('cookie SID is sent twice');
  });

  it('authservice 351: __Host- with a Domain', async () => {
    const handle = sessionsIn(
      (id) => [`__Host-s=${id}; ${HARD}; Domain=shop.example`],
      ({ cookies }) => cookies['__Host-s'],
    );
    await expect(examine(handle)).rejects.toThrow('browsers drop cookie __Host-s, which has the prefix __Host- and a Domain');
  });

  it('pomerium 211, unkey 7226: a session above 4,096 bytes, of the second user alone', async () => {
    const inner = hard();
    const handle: Handler = (asked) => {
      const answer = inner(asked);
      const isLarge = userOf(asked) === 'canary-ben' && asked.what === 'POST /login';
      return isLarge ? { cookies: [`__Host-SID=${drawn()}${'x'.repeat(4_096)}; ${HARD}`] } : answer;
    };
    await expect(examine(handle)).rejects.toThrow(/login of user b .*browsers drop cookie __Host-SID, which has 4149 bytes/);
  });

  it('arxiv-auth 62: two of one name, and the first that is valid counts', async () => {
    const sessions = new Map<string, string>();
    const handle: Handler = (asked) => {
      const ids = [...asked.sent.matchAll(/SID=([^;]+)/g)].map(([, id = '']) => id);
      const id = ids.find((one) => sessions.has(one));
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (user !== undefined || asked.what === 'POST /logout') for (const one of ids) sessions.delete(one);
      if (user === undefined)
        return id === undefined || asked.what !== 'GET /account' ? nobody(asked) : { body: `you are ${sessions.get(id)}` };
      const [next, other] = [drawn(), drawn()];
      for (const one of [next, other]) sessions.set(one, user);
      return { cookies: [`__Secure-SID=${next}; ${HARD}`, `__Secure-SID=${other}; ${HARD}; Domain=shop.example`] };
    };
    const report = await examine(handle);
    expect(saidOf(report, 'foreign-id')).toEqual(['holds']);
    expect(findingsOf(report)).toEqual(['cookie-for-other-hosts: __Secure-SID']);
  });
});

describe('a return by POST', () => {
  const returns = [{ post: '/acs', form: { SAMLResponse: 'x' } }];
  it.each([
    ['simplesamlphp 1411, lightSAML 94: without the cookie the site begins a new session', 'new', ['logged-out-by-return']],
    ['discourse-saml 49: the page sends the form again by itself', 'form', ['holds']],
    ['BookStack 2996: the answer leads on to a GET', 'get', ['holds']],
  ])('%s', async (_, how, expected) => {
    const inner = hard();
    const handle: Handler = (asked) => {
      if (asked.what === 'GET /after') return { status: 302, headers: { location: '/account' } };
      if (asked.what !== 'POST /acs') return inner(asked);
      if (asked.cookies['__Host-SID'] !== undefined) return { status: 302, headers: { location: '/account' } };
      if (how === 'new') return { status: 302, headers: { location: '/account' }, cookies: [`__Host-SID=${drawn()}; ${HARD}`] };
      return how === 'form' ? { body: '<form method="post" action="/acs"></form>' } : { status: 302, headers: { location: '/after' } };
    };
    expect(saidOf(await examine(handle, { returns }), 'return-from-other-site')).toEqual(expected);
  });
});

describe('ids', () => {
  it.each([
    ['marklogic 1099: a whole number below 2^53', () => `${Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)}`, ['id-too-short']],
    // Nothing from outside shows that a generator can be foreseen.
    [
      'redis-sessions 41, jitsu 1356: 64 characters of Math.random()',
      () => Array.from({ length: 64 }, () => Math.floor(Math.random() * 36).toString(36)).join(''),
      ['holds'],
    ],
    ['liagold 33: eight characters of Math.random()', () => `u${Math.random().toString(36).slice(2, 10).padEnd(8, '0')}`, ['id-too-short']],
  ])('%s', async (_, newId, said) => {
    const sessions = new Map<string, string>();
    const handle: Handler = (asked) => {
      const id = asked.cookies['__Host-SID'] ?? '';
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (user !== undefined || asked.what === 'POST /logout') sessions.delete(id);
      if (user === undefined)
        return sessions.has(id) && asked.what === 'GET /account' ? { body: `you are ${sessions.get(id)}` } : nobody(asked);
      const next = newId();
      sessions.set(next, user);
      return { cookies: [`__Host-SID=${next}; ${HARD}`] };
    };
    expect(saidOf(await examine(handle), 'id-strength')).toEqual(said);
  });

  it('fuel/auth 24, lets-chat 159: new every five minutes, and not at a login', async () => {
    const sessions = new Map<string, { user: string; bornMs: number }>();
    const handle: Handler = (asked) => {
      let id = asked.cookies['__Host-SID'] ?? '';
      const session = sessions.get(id) ?? { user: '', bornMs: asked.nowMs };
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (asked.what === 'POST /login' && user === undefined) return { status: 401 };
      const isOld = !sessions.has(id) || asked.nowMs - session.bornMs > 300_000;
      if (isOld) sessions.delete(id);
      if (isOld) id = drawn();
      if (asked.what === 'POST /logout') session.user = '';
      sessions.set(id, { user: user ?? session.user, bornMs: isOld ? asked.nowMs : session.bornMs });
      const shown = sessions.get(id)?.user;
      const cookies = isOld ? [`__Host-SID=${id}; ${HARD}`] : [];
      return asked.what !== 'GET /account' ? { cookies } : shown ? { body: `you are ${shown}`, cookies } : { status: 401, cookies };
    };
    expect(findingsOf(await examine(handle))).toEqual(['id-kept-at-login', 'id-kept-at-re-login']);
  });
});
