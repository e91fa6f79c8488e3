import { describe, expect, it } from 'vitest';
import { judgeChange, judgeHost, type RequestHead } from '../../console/judge-request.ts';

describe('the host of a request', () => {
  it.each(['127.0.0.1:8080', 'localhost:8080'])('may be %s', (host) => expect(judgeHost(host, 8080)).toBeUndefined());
  it.each([
    undefined,
    '',
    '127.0.0.1',
    '127.0.0.1:8081',
    '0.0.0.0:8080',
    'holdfast.example.com:8080',
    '127.0.0.1.example.com:8080',
    'localhost:8080.example.com',
  ])('may not be %j', (host) => expect(judgeHost(host, 8080)).toMatchObject({ status: 421, code: 'WrongHost' }));
});

describe('a change', () => {
  const good: RequestHead = {
    method: 'POST',
    host: '127.0.0.1:8080',
    origin: 'http://127.0.0.1:8080',
    fetchSite: 'same-origin',
    token: 'secret',
    contentType: 'application/json; charset=utf-8',
  };
  const judge = (more: Partial<RequestHead>) => judgeChange({ ...good, ...more }, 'secret');

  it('is let through from the page itself, by either of its names, and from a client that sends no fetch metadata', () => {
    expect(judge({})).toBeUndefined();
    expect(judge({ host: 'localhost:8080', origin: 'http://localhost:8080' })).toBeUndefined();
    expect(judge({ fetchSite: undefined })).toBeUndefined();
  });

  it.each<[string, Partial<RequestHead>, number, string]>([
    ['another site', { origin: 'https://example.com' }, 403, 'WrongOrigin'],
    ['another port of this machine', { origin: 'http://127.0.0.1:9' }, 403, 'WrongOrigin'],
    ['the page by its other name', { origin: 'http://localhost:8080' }, 403, 'WrongOrigin'],
    ['a sandboxed frame', { origin: 'null' }, 403, 'WrongOrigin'],
    ['nobody in particular', { origin: undefined }, 403, 'WrongOrigin'],
    ['another site, as the browser says', { fetchSite: 'cross-site' }, 403, 'WrongOrigin'],
    ['somebody with another token', { token: 'secreT' }, 403, 'WrongToken'],
    ['somebody with the beginning of the token', { token: 'secre' }, 403, 'WrongToken'],
    ['somebody without a token', { token: undefined }, 403, 'WrongToken'],
    ['a form', { contentType: 'application/x-www-form-urlencoded' }, 415, 'NotJson'],
    ['a request that only looks like JSON', { contentType: 'application/jsonp' }, 415, 'NotJson'],
    ['a request without a type', { contentType: undefined }, 415, 'NotJson'],
  ])('is refused to %s', (_, more, status, code) => {
    expect(judge(more)).toMatchObject({ status, code, message: expect.stringContaining('nothing was changed') });
  });
});
