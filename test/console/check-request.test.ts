import { describe, expect, it } from 'vitest';
import { checkChange, checkHost, checkToken, type RequestHead } from '../../console/server.ts';

describe('the host of a request', () => {
  it('is its address', () => expect(checkHost('127.0.0.1:8080', 8080)).toBeUndefined());
  it.each([
    undefined,
    '',
    '127.0.0.1',
    '127.0.0.1:8081',
    '0.0.0.0:8080',
    'holdfast.example.com:8080',
    '127.0.0.1.example.com:8080',
    'localhost:8080',
    '[::1]:8080',
  ])('cannot be %j', (host) => expect(checkHost(host, 8080)).toMatchObject({ status: 421, code: 'WrongHost' }));
});

describe('the token of a request', () => {
  it('is that of the link', () => expect(checkToken('secret', 'secret')).toBeUndefined());
  it.each([undefined, '', 'secreT', 'secre', 'secret '])('is not %j', (token) =>
    expect(checkToken(token, 'secret')).toMatchObject({
      status: 403,
      code: 'WrongToken',
      message: expect.stringContaining('nothing was read'),
    }),
  );
});

describe('a change', () => {
  const good: RequestHead = {
    host: '127.0.0.1:8080',
    origin: 'http://127.0.0.1:8080',
    fetchSite: 'same-origin',
    contentType: 'application/json; charset=utf-8',
  };
  const check = (more: Partial<RequestHead>) => checkChange({ ...good, ...more });

  it('is accepted from the page itself, and without fetch metadata', () => {
    expect(check({})).toBeUndefined();
    expect(check({ fetchSite: undefined })).toBeUndefined();
  });

  it.each<[string, Partial<RequestHead>, number, string]>([
    ['another site', { origin: 'https://example.com' }, 403, 'WrongOrigin'],
    ['another port of this machine', { origin: 'http://127.0.0.1:9' }, 403, 'WrongOrigin'],
    ['the page by its other name', { origin: 'http://localhost:8080' }, 403, 'WrongOrigin'],
    ['a sandboxed frame', { origin: 'null' }, 403, 'WrongOrigin'],
    ['a client without Origin', { origin: undefined }, 403, 'WrongOrigin'],
    ['another site, by fetch metadata', { fetchSite: 'cross-site' }, 403, 'WrongOrigin'],
    ['a form', { contentType: 'application/x-www-form-urlencoded' }, 415, 'NotJson'],
    ['a content type similar to JSON', { contentType: 'application/jsonp' }, 415, 'NotJson'],
    ['a request without a content type', { contentType: undefined }, 415, 'NotJson'],
  ])('is refused from %s', (_, more, status, code) => {
    expect(check(more)).toMatchObject({ status, code, message: expect.stringContaining('nothing was changed') });
  });
});
