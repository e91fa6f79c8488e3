/** Requests from pages of other sites, as the script counts them: links apart from POSTs, from which SameSite=Lax keeps a cookie too. */
import { describe, expect, it } from 'vitest';
import { type ReadLog, readLogs } from '../../../../lab/corpus/check/check-logs.ts';
import { evaluate } from '../run-python.ts';

/** Method, status, referer, host and whether a session's cookie came. */
type Asked = readonly [method: string, status: number, referer: string, host: string | null, isNamed: boolean];

const COUNT = `(lambda sites: ([sites.note(dict(status=str(status), referer=referer, host=host), named, dict(GET=0, OPTIONS=0, POST=1).get(method, 2), method == "OPTIONS")
  for method, status, referer, host, named in given], sites.result()))(OtherSites())[1]`;
const count = (asked: readonly Asked[]) => evaluate<unknown>(COUNT, asked, 'other_sites', 'import json\n');
const HOST = 'shop.example';
const BANK = 'https://bank.example/';

it('links and POSTs are counted apart, with the cookie and without, and how many were refused', async () => {
  const asked: Asked[] = [
    ['GET', 200, BANK, HOST, true],
    ['GET', 302, BANK, HOST, false],
    ['GET', 403, BANK, HOST, false],
    ['POST', 303, BANK, HOST, false],
    ['POST', 403, BANK, HOST, false],
    ['POST', 419, BANK, HOST, false],
    ['POST', 200, BANK, HOST, false],
    ['POST', 200, BANK, HOST, true],
    ['', 302, BANK, HOST, false],
    // A browser never sends a cookie with it.
    ['OPTIONS', 401, BANK, HOST, false],
    ['POST', 401, 'https://shop.example/cart', HOST, false],
    ['GET', 200, '-', HOST, false],
  ];
  expect(await count(asked)).toEqual({
    withCookie: 1,
    withoutCookie: 3,
    refused: 2,
    posts: { withCookie: 1, withoutCookie: 4, refused: 3 },
  });
});

it.each([
  ['another host', 'https://bank.example/3ds', HOST, 'other'],
  ['the same host', 'https://shop.example/cart', HOST, 'same'],
  ['the same host in capitals, with a port', 'https://Shop.example:8443/cart', 'SHOP.example:443', 'same'],
  ['a host below it', 'https://login.shop.example/', HOST, 'same'],
  ['a host next to it', 'https://login.shop.example/', 'www.shop.example', 'same'],
  ['a host whose name ends alike', 'https://myshop.example/', HOST, 'other'],
  ["a neighbour below a country's registry", 'https://bank.co.uk/', 'shop.co.uk', 'other'],
  ["a host of its own below a country's registry", 'https://login.shop.co.uk/', 'www.shop.co.uk', 'same'],
  ['a short name below a country', 'https://www.bmw.de/', 'bmw.de', 'same'],
  ['another address', 'http://10.0.0.2/', '10.0.0.1', 'other'],
  ['another IPv6 address', 'http://[fd00::2]:8080/', '[fd00::1]:8080', 'other'],
  ['the same IPv6 address', 'http://[fd00::1]:8080/', '[fd00::1]', 'same'],
  ['an app', 'android-app://com.bank.app/', HOST, 'other'],
  ['an origin alone', 'https://bank.example', HOST, 'other'],
  ['a word of the log itself', 'same', HOST, 'same'],
  ['another word of the log itself', 'other', null, 'other'],
])('the site of a referer: %s', async (_, referer, host, site) => {
  const without = site === 'other' ? 1 : 0;
  expect(await count([['GET', 302, referer, host, false]])).toEqual({ withCookie: 0, withoutCookie: without, refused: without });
});

it('without a host in the log the most frequent site is the own one, with all its hosts', async () => {
  const own: Asked[] = Array.from({ length: 6 }, (_, number) => [
    'GET',
    200,
    `https://${number % 2 ? 'www.' : ''}shop.example/`,
    null,
    true,
  ]);
  const other: Asked[] = Array.from({ length: 4 }, () => ['POST', 302, BANK, null, false]);
  expect(await count([...own, ...other])).toMatchObject({ withCookie: 0, withoutCookie: 0, posts: { withoutCookie: 4 } });
});

describe('public reports', () => {
  const SID = (number: number) => `sid=${`${number}`.padStart(2, '0')}9f3a1c7be04d21`;
  const line = (request: string, status: number, referer: string, cookie = '-') =>
    `[27/Nov/2026:09:30:00 +0000] "${request} HTTP/1.1" ${status} "${referer}" shop.example "${cookie}"`;
  const read = async (lines: readonly string[]) => {
    const [log] = readLogs([
      { pattern: '[$time_local] "$request" $status "$http_referer" $host "$http_cookie"', cookie: 'sid', text: `${lines.join('\n')}\n` },
    ]);
    return (log as ReadLog).fromOtherSite;
  };
  const both = Array.from({ length: 6 }, (_, number) => number);

  it.each([
    // https://github.com/simplesamlphp/simplesamlphp/issues/1411, https://github.com/PowerDNS-AuthAdmin/powerdns-authadmin/issues/108
    ['SAML answers by POST to a Lax cookie', 'POST /saml/acs', 303, 'https://idp.example/'],
    // https://github.com/GoogleChromeLabs/samesite-examples/blob/main/3d-secure.md
    ['a bank returns by POST after 3-D Secure', 'POST /checkout/3ds?MD=1', 302, 'https://acs.bank.example'],
    // https://github.com/latchset/mod_auth_mellon/issues/20
    ['the cookie that a SAML module tests with is missing', 'POST /mellon/postResponse', 403, 'https://idp.example/sso'],
  ])('%s: its POSTs come without the cookie, while links have it', async (_, request, status, referer) => {
    const lines = both.flatMap((number) => [line('GET /account', 200, referer, SID(number)), line(request, status, referer)]);
    expect(await read(lines)).toEqual({
      withCookie: 6,
      withoutCookie: 0,
      refused: 0,
      posts: { withCookie: 0, withoutCookie: 6, refused: 6 },
    });
  });

  // https://github.com/rapidez/core/pull/1395
  it('a payment page returns by a link to a Strict cookie: links come without it', async () => {
    const lines = both.map(() => line('GET /checkout/payment', 302, 'https://pay.example/done'));
    expect(await read(lines)).toEqual({ withCookie: 0, withoutCookie: 6, refused: 6 });
  });
});
