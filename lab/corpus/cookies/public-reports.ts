/** Headers of public reports on cookies. Chromium judges each, as it does the frameworks' own. */
import type { CookieAnswer } from './recorded-cookies.ts';

export interface PublicReport {
  /** What was reported. */
  readonly name: string;
  readonly from: string;
  readonly answers: readonly Pick<CookieAnswer, 'request' | 'setCookie'>[];
}

/** Chromium's clock is the recorder's: an end is long past, or decades ahead. */
const report = (name: string, from: string, ...answers: readonly (readonly string[])[]): PublicReport => ({
  name,
  from,
  answers: answers.map((setCookie, at) => ({ request: at === 0 ? 'POST /login' : 'GET /account', setCookie })),
});
/** Of one answer each: an end as it was written. */
const dates = (name: string, from: string, ...written: readonly string[]): PublicReport =>
  report(name, from, ...written.map((date, at) => [`SID=a${at}b7c1d0e4f5; Expires=${date}; Path=/`]));

export const PUBLIC_REPORTS: readonly PublicReport[] = [
  report('the new id after the old one', 'https://github.com/goravel/gin/pull/226', [
    'SID=old4f1c8a2be7; Path=/; HttpOnly',
    'SID=new9d03b6f1a5; Path=/; HttpOnly; SameSite=Lax',
  ]),
  report('the domain is given up: removed there, set for the host', 'https://github.com/vercel/edge-runtime/issues/341', [
    'SID=; HttpOnly; Max-Age=-1; Path=/; Domain=.shop.example',
    'SID=4f1c8a2be79d; HttpOnly; Max-Age=3600; Path=/',
  ]),
  report('the same, in the other order', 'https://github.com/vercel/edge-runtime/issues/341', [
    'SID=4f1c8a2be79d; HttpOnly; Max-Age=3600; Path=/',
    'SID=; HttpOnly; Max-Age=-1; Path=/; Domain=.shop.example',
  ]),
  report('the old cookie goes, the partitioned one comes', 'https://github.com/h3js/h3/pull/1553', [
    'SID=4f1c8a2be79d; Path=/; Secure; SameSite=None; Partitioned',
    'SID=; Max-Age=0; Path=/; SameSite=Lax',
  ]),
  report(
    'a removal without Partitioned leaves the partitioned cookie',
    'https://github.com/aspnet/AspNetKatana/issues/531',
    ['SID=4f1c8a2be79d; Path=/; HttpOnly; Secure; SameSite=None; Partitioned'],
    ['SID=; path=/; expires=Thu, 01-Jan-1970 00:00:00 GMT'],
  ),
  report(
    'a removal without the domain leaves the cookie of the domain',
    'https://github.com/expressjs/express/issues/3941',
    ['SID=4f1c8a2be79d; Domain=shop.example; Path=/'],
    ['SID=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'],
  ),
  report('removed and set in one answer, the removal first', 'https://github.com/jetty/jetty.project/pull/3426', [
    'SID=; Path=/; Max-Age=0',
    'SID=4f1c8a2be79d; Path=/; HttpOnly',
  ]),
  report('commas of dates between two cookies', 'https://github.com/oakserver/oak/issues/343', [
    'lang=de; path=/; expires=Tue, 22 Jun 2060 10:09:02 GMT',
    'SID=4f1c8a2be79d; path=/; expires=Tue, 22 Jun 2060 10:09:02 GMT; httponly',
    'flash=; path=/; expires=Thu, 1 Jan 1970 00:00:00 GMT',
  ]),
  report('a date with hyphens before the other attributes', 'https://github.com/eclipse-ee4j/jersey/issues/4678', [
    'SID=4f1c8a2be79d; expires=Wed, 10-Feb-2060 16:16:26 GMT; HttpOnly; Path=/; SameSite=Lax',
    'old=bar; expires=Wed, 10-Feb-2021 16:16:26 GMT; HttpOnly; Path=/; SameSite=Lax',
  ]),
  dates(
    'years of two digits',
    'https://github.com/salesforce/tough-cookie/issues/19',
    'Thu, 26-Jun-14 18:59:59 GMT',
    'Thu, 01-Dec-94 16:00:00 GMT',
  ),
  dates(
    'years of two digits that are to come',
    'https://github.com/h4ckf0r0day/obscura/issues/616',
    '05-Aug-68 10:00:00',
    'Sun, 05-Aug-60 10:00:00 GMT',
  ),
  dates(
    'zones that a browser does not read',
    'https://github.com/oven-sh/bun/pull/35232',
    '21 Oct 65 07:28:00 GMT',
    '21 Oct 2015 07:28:00 CET',
    '21 Oct 2060 07:28:00 EST',
    '21 Oct 1600 07:28:00 GMT',
  ),
  dates(
    'the three forms of a date in HTTP',
    'https://github.com/netty/netty/issues/426',
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    'Sun Nov  6 08:49:37 2061',
  ),
  dates('what is no date ends nothing', 'https://github.com/openjdk/jdk/pull/30341', 'never', '0', 'Thu, 31 Feb 2060 10:00:00 GMT', ''),
  report(
    'an age of one end is sent again, and does not slide',
    'https://github.com/expressjs/session/issues/732',
    ['SID=4f1c8a2be79d; Path=/; Expires=Tue, 22 Jun 2027 10:09:02 GMT'],
    ['SID=4f1c8a2be79d; Path=/; Expires=Tue, 22 Jun 2027 10:09:02 GMT'],
    ['SID=4f1c8a2be79d; Path=/; Expires=Tue, 22 Jun 2027 10:09:02 GMT'],
  ),
  report(
    'rolling: an age that each answer begins anew',
    'https://github.com/expressjs/session/issues/391',
    ['SID=4f1c8a2be79d; Path=/; Max-Age=30'],
    ['SID=4f1c8a2be79d; Path=/; Max-Age=30'],
    ['SID=4f1c8a2be79d; Path=/; Max-Age=30'],
  ),
  report(
    'an age that is never renewed',
    'https://github.com/koajs/session/issues/61',
    ['SID=4f1c8a2be79d; Path=/; Max-Age=180'],
    ['theme=dark; Path=/'],
    [],
  ),
  report('one name at two paths', 'https://github.com/vercel/edge-runtime/issues/341', [
    'SID=root4f1c8a2be7; Path=/; HttpOnly',
    'SID=deep9d03b6f1a5; Path=/login; HttpOnly; Secure',
  ]),
];
