import { describe, expect, it } from 'vitest';
import {
  cookieIn,
  type KeyText,
  readAuthJs,
  readBetterAuth,
  readCookie,
  readHono,
  readKoa,
} from '../../../../functions/sweep/keys/read-expiry.ts';

const AT = '2026-11-21T08:00:00.000Z';
const EXPIRES_MS = Date.parse(AT);
const whole = (start: string): KeyText => ({ start, isWhole: true });
/** As a sweep reads what is longer than 512 bytes. */
const ends = (session: object): KeyText => {
  const text = JSON.stringify(session);
  return { start: text.slice(0, 512), end: text.slice(-512), isWhole: false };
};
const cookie = (fields: object) => JSON.stringify({ cookie: { httpOnly: true, path: '/', ...fields }, user: { name: 'ann' } });

describe('the expiry of a session of connect-redis or fastify', () => {
  it.each([
    ['of the cookie', cookie({ originalMaxAge: 60_000, expires: AT }), { expiresMs: EXPIRES_MS, maxAgeSeconds: 60 }],
    ['of the cookie alone', cookie({ expires: AT }), { expiresMs: EXPIRES_MS }],
    ['of the cookie of next-session, in seconds', cookie({ maxAge: 3_600, expires: AT }), { expiresMs: EXPIRES_MS, maxAgeSeconds: 3_600 }],
    [
      'of the cookie alone, where maxAge is not of next-session',
      `{"user":"ann","cookie":{"maxAge":3600,"expires":"${AT}"}}`,
      { expiresMs: EXPIRES_MS },
    ],
    ['none: it ends with the browser', cookie({ originalMaxAge: null, expires: null }), {}],
    ['none: the application turned it off', cookie({ expires: false }), {}],
    [
      'of the cookie, not of something before it',
      `{"token":{"expires":"2001-01-01T00:00:00Z"},"cookie":{"expires":"${AT}"}}`,
      { expiresMs: EXPIRES_MS },
    ],
  ])('is %s', (_, text, expiry) => expect(readCookie(whole(text))).toEqual(expiry));

  it.each([
    ['a date in words', cookie({ expires: 'Sat, 21 Nov 2026 08:00:00 GMT' })],
    ['no date', cookie({ expires: 'never' })],
    ['a date in seconds', cookie({ expires: 1_795_000_000 })],
    ['a day that does not exist', cookie({ expires: '2026-13-41T08:00:00Z' })],
    ['a lifetime in words', cookie({ originalMaxAge: '1 day' })],
  ])('is unknown for %s, in a session all the same', (_, text) => {
    expect([readCookie(whole(text)), cookieIn(whole(text)) !== undefined]).toEqual([undefined, true]);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'x'],
    ['MessagePack', '\x81\xa6cookie\x81\xa7expires\xc0'],
    ['JSON within a string', JSON.stringify(cookie({ expires: AT }))],
    ['a list', '[]'],
    ['a cookie that is no object', '{"cookie":"s"}'],
    ['a cookie without a life', '{"cookie":{"path":"/"}}'],
    ['an expiry that is no cookie’s', JSON.stringify({ sessionToken: 't', expires: AT })],
    ['none', '{"user":"ann"}'],
  ])('no session is %s', (_, text) => expect(cookieIn(whole(text))).toBeUndefined());

  it('is read from both ends of a long session', () => {
    const cart = 'x'.repeat(9_000);
    expect(readCookie(ends({ cookie: { originalMaxAge: null, expires: AT }, cart }))).toEqual({ expiresMs: EXPIRES_MS });
    expect(readCookie(ends({ cart, cookie: { originalMaxAge: 60_000, expires: AT } }))).toEqual({
      expiresMs: EXPIRES_MS,
      maxAgeSeconds: 60,
    });
    expect(readCookie(ends({ token: { expires: AT }, cookie: { expires: AT }, cart }))).toBeUndefined();
  });
});

describe('the expiry of other sessions in JSON', () => {
  it.each([
    ['koa', readKoa, { user: 1, _expire: EXPIRES_MS, _maxAge: 60_000 }, { expiresMs: EXPIRES_MS, maxAgeSeconds: 60 }],
    ['koa, that ends with the browser', readKoa, { user: 1, _session: true }, {}],
    ['Better Auth', readBetterAuth, { session: { expiresAt: AT, token: 't' }, user: {} }, { expiresMs: EXPIRES_MS }],
    ['Auth.js', readAuthJs, { sessionToken: 't', userId: '1', expires: AT }, { expiresMs: EXPIRES_MS }],
  ])('of %s is read', (_, read, session, expiry) => expect(read(whole(JSON.stringify(session)))).toEqual(expiry));

  it('is read from both ends of a long one', () => {
    const cart = 'x'.repeat(9_000);
    expect(readKoa(ends({ cart, _expire: EXPIRES_MS, _maxAge: 60_000 }))).toEqual({ expiresMs: EXPIRES_MS, maxAgeSeconds: 60 });
    expect(readBetterAuth(ends({ session: { expiresAt: AT, token: 't' }, user: { cart } }))).toEqual({ expiresMs: EXPIRES_MS });
  });

  it.each([
    ['a one-time password', { code: 1, expires: AT }],
    ['an order', { session: 'abc', user: {} }],
    ['numbers in words', { _expire: 'soon', _maxAge: 'long' }],
  ])('no session is %s', (_, value) => {
    const text = whole(JSON.stringify(value));
    expect([readKoa(text), readBetterAuth(text), readAuthJs(text)]).toEqual([undefined, undefined, undefined]);
  });
});

describe('the expiry of a session of hono-sessions', () => {
  const hono = (expire: string | null, data: object = {}) => ({
    _data: data,
    _expire: expire,
    _delete: false,
    _accessed: AT,
    _id: 'an-id',
  });
  it.each([
    ['is its own', whole(JSON.stringify(hono(AT))), { expiresMs: EXPIRES_MS }],
    ['is at the end of a long one', ends(hono(AT, { user: { value: 'x'.repeat(2_000), flash: false } })), { expiresMs: EXPIRES_MS }],
    ['is a day after its last use where it has none', whole(JSON.stringify(hono(null))), { maxAgeSeconds: 86_400 }],
    ['is none of other JSON', whole(JSON.stringify({ _expire: AT })), undefined],
    ['is none of what an application keeps in a session', whole(JSON.stringify({ _data: hono(AT), user: 1 })), undefined],
  ])('%s', (_, text, expiry) => expect(readHono(text)).toEqual(expiry));
});
