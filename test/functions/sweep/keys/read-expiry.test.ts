import { describe, expect, it } from 'vitest';
import { readExpiry } from '../../../../functions/sweep/keys/read-expiry.ts';

const AT = '2026-11-21T08:00:00.000Z';
const EXPIRES_MS = Date.parse(AT);
const cookie = (fields: object) => JSON.stringify({ cookie: { httpOnly: true, path: '/', ...fields }, user: { name: 'ann' } });

describe('the expiry of a session in JSON', () => {
  it.each([
    ['of the cookie', cookie({ originalMaxAge: 60_000, expires: AT }), { expiresMs: EXPIRES_MS, maxAgeSeconds: 60, isOfCookie: true }],
    ['of the cookie alone', cookie({ expires: AT }), { expiresMs: EXPIRES_MS, isOfCookie: true }],
    ['none: it ends with the browser', cookie({ originalMaxAge: null, expires: null }), { isOfCookie: true }],
    ['none: the application turned it off', cookie({ expires: false }), { isOfCookie: true }],
    ['none: not mentioned', '{"user":"ann"}', { isOfCookie: false }],
    ['of the session itself', JSON.stringify({ sessionToken: 't', expires: AT }), { expiresMs: EXPIRES_MS, isOfCookie: false }],
    [
      'of the cookie, not of something before it',
      `{"token":{"expires":"2001-01-01T00:00:00Z"},"cookie":{"expires":"${AT}"}}`,
      { expiresMs: EXPIRES_MS, isOfCookie: true },
    ],
  ])('is %s', (_, text, expiry) => expect(readExpiry(text, true)).toEqual(expiry));

  it.each([
    ['nothing', ''],
    ['no JSON', 'x'],
    ['MessagePack', '\x81\xa6cookie\x81\xa7expires\xc0'],
    ['JSON within a string', JSON.stringify(cookie({ expires: AT }))],
    ['a list', '[]'],
    ['a cookie that is no object', '{"cookie":"s"}'],
    ['a date in words', cookie({ expires: 'Sat, 21 Nov 2026 08:00:00 GMT' })],
    ['no date', cookie({ expires: 'never' })],
    ['a date in seconds', cookie({ expires: 1_795_000_000 })],
    ['a day that does not exist', cookie({ expires: '2026-13-41T08:00:00Z' })],
    ['a lifetime in words', cookie({ originalMaxAge: '1 day' })],
  ])('is unknown for %s', (_, text) => expect(readExpiry(text, true)).toBeUndefined());

  it('is read from the beginning of a long session, if its cookie is there', () => {
    const long = JSON.stringify({ cookie: { originalMaxAge: null, expires: AT }, cart: 'x'.repeat(9_000) });
    expect(readExpiry(long.slice(0, 512), false)).toEqual({ expiresMs: EXPIRES_MS, isOfCookie: true });
    expect(readExpiry(long.slice(0, 30), false)).toBeUndefined();
  });

  it.each([
    ['further behind', { cart: 'x'.repeat(9_000), cookie: { expires: AT } }],
    ['behind another expiry', { token: { expires: '2001-01-01T00:00:00Z' }, cookie: { expires: AT }, cart: 'x'.repeat(9_000) }],
  ])('is unknown where the cookie of a long session is %s', (_, session) => {
    expect(readExpiry(JSON.stringify(session).slice(0, 512), false)).toBeUndefined();
  });
});
