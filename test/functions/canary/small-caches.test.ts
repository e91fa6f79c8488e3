/** Caches in front of a site that give one user's page, or id, to another, each by its smallest site. */
import { describe, expect, it } from 'vitest';
import { type Answer, type Asked, drawn, examine, findingsOf, HARD, type Handler, saidOf, sessionsIn } from './small-site.ts';

const hard = (): Handler =>
  sessionsIn(
    (id) => [`__Host-SID=${id}; ${HARD}`],
    ({ cookies }) => cookies['__Host-SID'],
  );

interface Cache {
  readonly seconds: number;
  /** What of a request decides which answer it gets; undefined for one that the cache passes on. */
  readonly keyOf: (asked: Asked) => string | undefined;
  /** Adds what real ones say of themselves. @default it says nothing */
  readonly says?: Readonly<Record<string, string>>;
}

/** Keeps what was answered with success. */
const cached = (inner: Handler, { seconds, keyOf, says = {} }: Cache): Handler => {
  const kept = new Map<string, { readonly answer: Answer; readonly untilMs: number }>();
  return (asked) => {
    const key = asked.what.startsWith('GET ') ? keyOf(asked) : undefined;
    const known = key === undefined ? undefined : kept.get(key);
    if (known && known.untilMs > asked.nowMs) return { ...known.answer, headers: { ...known.answer.headers, ...says } };
    const answer = inner(asked);
    if (key !== undefined && (answer.status ?? 200) === 200) kept.set(key, { answer, untilMs: asked.nowMs + seconds * 1_000 });
    return answer;
  };
};
const account = ({ what, past }: Asked) => (what === 'GET /account' ? what + past : undefined);
const withoutQuery: Cache['keyOf'] = ({ what }) => (what === 'GET /account' ? what : undefined);

describe('the page of a user', () => {
  it.each([
    ['for a minute', { seconds: 60, keyOf: account }],
    ['for a second', { seconds: 1, keyOf: account }],
    ['for everybody who has a session', { seconds: 60, keyOf: (asked) => account(asked) && `${account(asked)} ${asked.sent !== ''}` }],
  ] as const satisfies readonly (readonly [string, Cache])[])('is given to others by a cache: %s', async (_, cache) => {
    const report = await examine(cached(hard(), cache));
    expect(findingsOf(report)).toEqual(['page-of-another-user']);
    // Past the cache everything else is seen.
    expect(saidOf(report, 'foreign-id')).toEqual(['holds']);
    expect(saidOf(report, 'replay-after-logout')).toEqual(['holds']);
  });

  it('is given to others by a cache that cannot be gone past: it says so itself, and nothing else is concluded', async () => {
    const says = { age: '3', 'x-cache': 'Hit from cloudfront' };
    const report = await examine(cached(hard(), { seconds: 600, keyOf: withoutQuery, says }));
    expect(findingsOf(report)).toEqual(['page-of-another-user']);
    expect(saidOf(report, 'foreign-id')).toEqual(['not-checked']);
    expect(saidOf(report, 'other-user')).toEqual(['not-checked']);
  });

  it('is given to others on another page of the recipe', async () => {
    const keyOf = ({ what, past }: Asked) => (what === 'GET /orders' ? what + past : undefined);
    const report = await examine(cached(hard(), { seconds: 60, keyOf }), { pages: [{ get: '/orders' }] });
    expect(findingsOf(report)).toEqual(['page-of-another-user']);
  });

  it.each([
    ['by its cookie', ({ sent, what, past }: Asked) => (what === 'GET /account' ? sent + past : undefined), ['page-cacheable']],
    ['without cookies alone', ({ sent, what, past }: Asked) => (sent === '' ? what + past : undefined), []],
  ])('is kept, and given to nobody else: %s', async (_, keyOf, expected) => {
    expect(findingsOf(await examine(cached(hard(), { seconds: 20, keyOf })))).toEqual(expected);
  });

  it('is shown after a log-out by the site itself, which knows no address with a query', async () => {
    const inner = hard();
    const handle: Handler = (asked) =>
      asked.past !== '' ? { status: 404 } : asked.what === 'POST /logout' ? { cookies: [GONE] } : inner(asked);
    expect(findingsOf(await examine(handle))).toEqual(['alive-after-logout']);
  });
  const GONE = '__Host-SID=; Path=/; Secure; Max-Age=0';

  it('that names everybody who is there is no page of a user, and the recipe does not work', async () => {
    const inner = hard();
    let isOnline = false;
    const handle: Handler = (asked) => {
      const answer = inner(asked);
      isOnline ||= asked.what === 'POST /login' && answer.status === undefined;
      return asked.what === 'GET /account' && asked.sent === '' ? { body: isOnline ? 'online: canary-anna' : 'nobody is online' } : answer;
    };
    await expect(examine(handle)).rejects.toThrow('a login of user a with a wrong password is user a');
  });
});

describe('the id of a visitor', () => {
  /** Ids begin with the form of the login, as PHP and Express give them, and are kept or renewed by the login. */
  const visitors = (): Handler => {
    const inner = hard();
    return (asked) => {
      const isNew = asked.what === 'GET /login' && asked.cookies['__Host-SID'] === undefined;
      return isNew ? { cookies: [`__Host-SID=${drawn()}; ${HARD}`] } : inner(asked);
    };
  };
  const keyOf = ({ what, past, sent }: Asked) => (what === 'GET /login' && sent === '' ? what + past : undefined);

  it('is given to two browsers by a cache that keeps Set-Cookie', async () => {
    expect(findingsOf(await examine(cached(visitors(), { seconds: 600, keyOf })))).toEqual(['id-given-twice: __Host-SID']);
    expect(findingsOf(await examine(visitors()))).toEqual([]);
  });

  it('is the same for everybody where it is no id yet', async () => {
    const inner = hard();
    const handle: Handler = (asked) =>
      asked.what === 'GET /login' && asked.sent === ''
        ? { cookies: [`__Host-SID=eyJ2aXNpdGVkIjp0cnVlfQ.Zm9yLWV2ZXJ5Ym9keS10aGUtc2FtZS1zaWc; ${HARD}`] }
        : inner(asked);
    expect(findingsOf(await examine(handle))).toEqual([]);
  });

  it('may be kept by shared caches where its answer says public', async () => {
    const inner = visitors();
    const handle: Handler = (asked) => ({
      ...inner(asked),
      ...(asked.what === 'GET /login' && { headers: { 'cache-control': 'public, s-maxage=600' } }),
    });
    expect(findingsOf(await examine(handle))).toEqual(['page-cacheable']);
  });
});
