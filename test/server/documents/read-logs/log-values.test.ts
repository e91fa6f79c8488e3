/** Which session a Set-Cookie header or a URL names, and which part of a path is nobody's own, as the script reads them. */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { joinPython } from '../../../../server/documents/join-python.ts';

/** Of the answer. */
const NOW = Date.parse('2026-11-27T09:30:00Z') / 1_000;
const ID = '3BD6A1F00C4E4E0B9A7D5C2211EE4477';
type Call = readonly [call: 'cookie_in' | 'session_in_path' | 'plain_path' | 'agent_class', ...args: (string | number | null)[]];

/** @returns what each call returned, and last the seconds of CPU time that they took with the start of Python */
function evaluate(calls: readonly Call[]): unknown[] {
  const input = `${joinPython('log_values')}
import json, sys, time
def plain_path(path, known):
    return Paths([known]).plain(path)
print(json.dumps([globals()[call](*args) for call, *args in json.load(sys.stdin)] + [time.process_time()]))`;
  const { stdout, stderr } = spawnSync('python3', ['-I', '-c', input], {
    input: JSON.stringify(calls),
    encoding: 'utf8',
    timeout: 120_000,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as unknown[];
}

const SET: readonly (readonly [what: string, header: string, expected: string | null])[] = [
  ['with attributes', 'SID=abc; Path=/; HttpOnly', 'abc'],
  ['alone', 'SID=abc', 'abc'],
  ['in quotes', 'SID="abc"; Path=/', 'abc'],
  ['with a value that has an equals sign', 'SID=a=b; Path=/', 'a=b'],
  ['behind another one', 'theme=dark; Path=/, SID=abc; Path=/', 'abc'],
  ['behind one whose date has a comma', 'theme=dark; Expires=Thu, 21 Nov 2030 20:00:00 GMT; Path=/, SID=abc; Path=/', 'abc'],
  ['behind one whose date is written with hyphens', 'theme=dark; Expires=Thu, 21-Nov-2030 20:00:00 GMT, SID=abc', 'abc'],
  ['with a date of its own', 'SID=abc; Expires=Thu, 21 Nov 2030 20:00:00 GMT', 'abc'],
  ['that is removed with Max-Age', 'SID=abc; Max-Age=0', ''],
  ['that is removed with max-age in front of the path', 'SID=abc; max-age=0; Path=/', ''],
  ['that lives for some seconds', 'SID=abc; Max-Age=09', 'abc'],
  ['that is removed by its date', 'SID=abc; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', ''],
  ['that is removed by a date with hyphens', 'SID=abc; expires=Thu, 01-Jan-1970 00:00:00 GMT', ''],
  ['that is removed by a date without a weekday', 'SID=abc; Expires=1 Jan 1970 00:00:00 GMT', ''],
  ['that is removed by another day of that month', 'SID=abc; Expires=Wed, 21 Jan 1970 00:00:00 GMT', ''],
  ['that is removed by a date of one digit', 'SID=abc; Expires=Thu, 1 Jan 1970 00:00:00 GMT; Path=/', ''],
  ['that is removed by the day before', 'SID=abc; expires=Thu, 26-Nov-26 09:30:00 GMT; path=/', ''],
  ['that has a day left', 'SID=abc; expires=Sat, 28-Nov-26 09:30:00 GMT; path=/', 'abc'],
  ['that is removed by a date without a zone', 'SID=abc; expires=Thu Jan  1 00:00:00 1970', ''],
  ['whose date is none', 'SID=abc; Expires=Thu, 32 Jan 1970 00:00:00 GMT', 'abc'],
  ['that is removed for the whole domain next to it', 'SID=abc; Path=/, SID=; Path=/; Domain=.shop.example; Max-Age=0', 'abc'],
  ['that is removed outside of its partition', 'SID=abc; Path=/; Secure; Partitioned, SID=; Path=/; Max-Age=0', 'abc'],
  ['that is empty', 'SID=; Path=/', ''],
  ['whose neighbour is removed', 'SID=abc; Path=/, theme=; Max-Age=0', 'abc'],
  ['behind one that is removed', 'theme=; Max-Age=0, SID=abc; Path=/', 'abc'],
  ['of a longer name', 'MYSID=abc; Path=/', null],
  ['whose name is an attribute of another one', 'theme=dark; SID=abc', null],
  ['that is not there', 'theme=dark; Path=/', null],
];

const PATHS: readonly (readonly [path: string, cookie: string | null, expected: string | null])[] = [
  [`/cart;jsessionid=${ID}`, null, ID],
  [`/cart;jsessionid=${ID}.node-1_a?x=1`, null, `${ID}.node-1_a`],
  [`/cart;JSESSIONID=${ID};other=1`, null, ID],
  [`/cart;shopid=${ID}/item`, 'SHOPID', ID],
  [`/cart;jsessionid=${ID}`, 'SHOPID', ID],
  [`/cart;shop.id=${ID}`, 'shop.id', ID],
  [`/cart;shopXid=${ID}`, 'shop.id', null],
  ['/cart;jsessionid=12345678', null, '12345678'],
  ['/cart;jsessionid=1234567', null, null],
  [`/cart;jsessionid=${'a'.repeat(201)}`, null, null],
  [`/cart;shopid=${ID}`, null, null],
  [`/cart?jsessionid=${ID}`, null, null],
  [`/cart;myjsessionid=${ID}`, null, null],
  ['/cart', null, null],
];

const PLAIN: readonly (readonly [path: string, plain: string])[] = [
  ['GET /cart?id=7 HTTP/1.1', '/cart'],
  ['GET /cart', '/cart'],
  ['/cart;jsessionid=1', '/cart'],
  ['https://shop.example/cart#top', '/cart'],
  ['get /cart', '/*'],
  ['/users/anna@example.org', '/users/*'],
  ['/our-own/x', '/our-own/*'],
  ['/cart/cart/cart/cart', '/cart/cart/cart/cart'],
  ['/cart/cart/cart/cart/cart', '/cart/cart/cart/cart/*'],
  ['/', '/'],
];

it('the session in a Set-Cookie header and in a URL is read, and a path without what is a user’s own', () => {
  // One process of Python: its start takes longest.
  const read = evaluate([
    ['cookie_in', 'abc=def; Path=/, SID=ghi', null, NOW],
    // A search that begins anew at each letter takes seconds.
    ['cookie_in', 'a'.repeat(60_000), 'SID', NOW],
    ...SET.map(([, header]): Call => ['cookie_in', header, 'SID', NOW]),
    ...PATHS.map(([path, cookie]): Call => ['session_in_path', path, cookie]),
    ...PLAIN.map(([path]): Call => ['plain_path', path, '/our-own/1?x=y']),
  ]);
  expect([read.shift(), read.shift(), read.pop()]).toEqual(['def', null, expect.toSatisfy((seconds: number) => seconds < 1)]);
  expect(SET.map(([what], index) => [what, read[index]])).toEqual(SET.map(([what, , expected]) => [what, expected]));
  expect(PLAIN.map(([path], index) => [path, read[SET.length + PATHS.length + index]])).toEqual(PLAIN);
  expect(PATHS.map(([path, cookie], index) => [path, cookie, read[SET.length + index]])).toEqual(PATHS);
});

const AGENTS: readonly (readonly [kind: string, agent: string])[] = [
  ['browser', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ['browser', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148'],
  ['browser', 'Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)'],
  ['browser', 'Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 (like Gecko)'],
  ['browser', 'Dalvik/2.1.0 (Linux; U; Android 15; Pixel 9)'],
  ['browser', 'Shop/512 CFNetwork/1568.200.51 Darwin/24.1.0'],
  ['bot', 'Mozilla/5.0 (compatible; InternetMeasurement/1.0; +https://internet-measurement.example/)'],
  ['bot', 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Answers-User/1.0; +https://answers.example/user)'],
  ['bot', 'Mozilla/5.0 (compatible; Qwantify/1.0)'],
  ['script', 'python-requests/2.32.5'],
  ['none', '-'],
];

it('a client is a browser, a bot, a script or none, by the name that it gives', () => {
  const read = evaluate(AGENTS.map(([, agent]): Call => ['agent_class', agent]));
  expect(AGENTS.map(([, agent], index) => [read[index], agent])).toEqual(AGENTS);
});
