/** Headers of which browsers keep some and drop others, the smallest of each kind. Chromium judges each. */
import type { CookieAnswer, GivenAnswer } from './recorded-cookies.ts';

export interface BrowserRule {
  readonly name: string;
  readonly answers: readonly (Pick<CookieAnswer, 'request'> & GivenAnswer)[];
}

/** What an answer of `/app/login` sets, and then nothing, to see what is sent. */
const rule = (name: string, ...setCookie: readonly string[]): BrowserRule => ({
  name,
  answers: [
    { request: 'POST /app/login', setCookie },
    { request: 'GET /app/account', setCookie: [] },
  ],
});
const LONG = 'x'.repeat(4_096);

export const BROWSER_RULES: readonly BrowserRule[] = [
  rule('__Secure- without Secure', '__Secure-SID=a; Path=/', '__Secure-OK=a; Secure'),
  rule('__Host- without Secure', '__Host-SID=a; Path=/', '__Host-OK=a; Secure; Path=/'),
  rule('__Host- without Path', '__Host-SID=a; Secure', '__Host-OTHER=a; Secure; Path=/app'),
  rule('__Host- with Domain', '__Host-SID=a; Secure; Path=/; Domain=shop.example', '__Host-EMPTY=a; Secure; Path=/; Domain='),
  rule('a prefix in other letters', '__host-SID=a; Path=/', '__SECURE-SID=a; Path=/'),
  rule(
    '__Http- and __Host-Http-',
    '__Http-SID=a; Path=/; Secure',
    '__Http-OK=a; Path=/; Secure; HttpOnly',
    '__Host-Http-SID=a; Path=/; Secure',
  ),
  rule('SameSite=None without Secure', 'SID=a; Path=/; SameSite=None', 'OK=a; Path=/; SameSite=None; Secure'),
  rule(
    'SameSite that no browser knows',
    'SID=a; Path=/; SameSite=Foo',
    'TWO=a; Path=/; SameSite=Strict; SameSite=Foo',
    'EMPTY=a; Path=/; SameSite',
  ),
  rule('Partitioned without Secure', 'SID=a; Path=/; Partitioned', 'OK=a; Path=/; Secure; SameSite=None; Partitioned'),
  rule('Domain of another host', 'SID=a; Path=/; Domain=other.example', 'SUB=a; Path=/; Domain=www.shop.example'),
  rule('Domain of a public suffix', 'SID=a; Path=/; Domain=example', 'OK=a; Path=/; Domain=.shop.example'),
  rule(
    'Domain twice, the last one is empty',
    'SID=a; Path=/; Domain=other.example; Domain=',
    'TWO=a; Path=/; Domain=shop.example; Domain=other.example',
  ),
  rule('Domain with two dots, and with one at its end', 'SID=a; Path=/; Domain=..shop.example', 'END=a; Path=/; Domain=shop.example.'),
  rule('Domain in capitals', 'SID=a; Path=/; Domain=SHOP.Example'),
  rule('no Path: the folder of the page', 'SID=a', 'ROOT=a; Path=/', 'RELATIVE=a; Path=app', 'EMPTY=a; Path='),
  rule('a Path that is not that of the page', 'SID=a; Path=/account', 'PART=a; Path=/ap', 'SLASH=a; Path=/app/'),
  rule('longer paths first, then older ones', 'ONE=1; Path=/', 'TWO=2; Path=/app', 'THREE=3; Path=/', 'FOUR=4; Path=/app/'),
  rule('a name and a value of 4,096 bytes', `${'n'.repeat(96)}=${LONG.slice(96)}; Path=/`, `SID=${LONG.slice(3)}; Path=/`),
  rule('a name and a value of 4,097 bytes', `${'n'.repeat(97)}=${LONG.slice(96)}; Path=/`, `SID=${LONG.slice(2)}; Path=/`),
  rule('an attribute of more than 1,024 bytes', `SID=a; Path=/${'x'.repeat(1_024)}`, `TWO=a; Path=/; Domain=${'x'.repeat(1_025)}`),
  rule('a value without a name', 'alone; Path=/', '=value; Path=/app'),
  rule('a value without a name that has a prefix', '__Host-SID; Path=/; Secure', '=__Secure-SID; Path=/; Secure'),
  rule('nothing', '', '; Path=/', '=; Path=/'),
  rule('quotes, spaces and signs of equality', 'SID="a b"; Path=/', 'TWO = a=b ; Path=/', 'THREE=a,b; Path=/'),
  rule(
    'Max-Age with a sign, with a unit, and empty',
    'SID=a; Path=/; Max-Age=+60',
    'TWO=a; Path=/; Max-Age=60s',
    'THREE=a; Path=/; Max-Age=',
  ),
  rule('Max-Age twice', 'SID=a; Path=/; Max-Age=0; Max-Age=60', 'TWO=a; Path=/; Max-Age=60; Max-Age=0'),
  rule('Max-Age of many years, and a negative one', 'SID=a; Path=/; Max-Age=99999999999', 'TWO=a; Path=/; Max-Age=-5'),
  rule('Expires twice', 'SID=a; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Expires=Tue, 22 Jun 2060 10:09:02 GMT'),
  rule('attributes with values that they do not take', 'SID=a; Path=/; Secure=false; HttpOnly=0'),
  rule('the same name for the host and for the domain', 'SID=host; Path=/', 'SID=domain; Path=/; Domain=shop.example'),
  rule('a removal of another path', 'SID=a; Path=/', 'SID=; Path=/app; Max-Age=0'),
  rule('a removal with a prefix that does not fit', '__Host-SID=a; Path=/; Secure', '__Host-SID=; Path=/; Max-Age=0'),
  {
    name: 'a cookie that is set anew keeps its place',
    answers: [
      { request: 'POST /app/login', setCookie: ['ONE=1; Path=/', 'TWO=2; Path=/'] },
      { request: 'GET /app/account', setCookie: ['ONE=3; Path=/'] },
      { request: 'GET /app/account', setCookie: [] },
    ],
  },
  {
    name: 'a page that has not changed sets a cookie, then none, and then removes it',
    answers: [
      { request: 'GET /app/account', setCookie: ['SID=first; Path=/; Max-Age=60'] },
      { request: 'GET /app/account', status: 304, setCookie: ['SID=second; Path=/; Max-Age=120', 'TWO=2; Path=/'] },
      { request: 'GET /app/account', status: 304, setCookie: [] },
      { request: 'GET /app/account', status: 304, setCookie: ['SID=; Path=/; Max-Age=0'] },
      { request: 'GET /app/account', setCookie: [] },
    ],
  },
];
