/** Lines and formats that users of other tools have reported as not read: what is right for each. */
import { expect, it } from 'vitest';
import { logPatternProblem } from '../../../../cli/releases/log-pattern-problem.ts';
import { type LogToRead, type ReadLog, readLogs } from '../../../../lab/corpus/check/check-logs.ts';

const CASES: readonly (readonly [what: string, log: Omit<LogToRead, 'cookie'>, expected: Partial<ReadLog>])[] = [
  [
    'gunicorn 18 without a zone: the server’s',
    { pattern: '%(h)s %(t)s "%(r)s" %(s)s', text: '10.0.0.1 [09/Jan/2014:00:02:08] "GET / HTTP/1.1" 200\n' },
    { lines: 1, fromMs: Date.UTC(2014, 0, 9, 0, 2, 8), gaps: [] },
  ],
  [
    'gunicorn 19.7 with the name of a zone that is not known: a gap that names the time',
    { pattern: '%(h)s %(t)s "%(r)s" %(s)s', text: '10.0.0.1 [18/Aug/2020:08:00:54 CDT] "DELETE /ws/v1/sessions HTTP/1.1" 200\n' },
    { lines: 0, gaps: ['the time of 1 of 1 lines of the access log is not understood'] },
  ],
  [
    'gunicorn’s fields as a template of JSON, whose status is a text',
    {
      pattern: { time: 'date', status: 'status', method: 'method', path: 'url_path' },
      text: '{"remote_address": "::1", "date": "[12/Nov/2020:15:49:43 +0000]", "status": "200", "method": "GET", "url_path": "/ping"}\n',
    },
    { lines: 1, fromMs: Date.UTC(2020, 10, 12, 15, 49, 43), gaps: [] },
  ],
  [
    'a login that sets the cookie twice, without a space between them: the last one counts',
    {
      pattern: '$time "$path" $status $session "$set"',
      text:
        '2026-11-27T20:00:00Z "POST /api.php/login" 200 - "SID=pkca4uass6qtovsdglch8okunm; path=/,SID=atp5t1o3qdn0g6mt125tdekifs; path=/,"\n' +
        '2026-11-27T20:00:01Z "GET /api.php/me" 200 atp5t1o3qdn0g6mt125tdekifs "-"\n',
    },
    { lines: 2, withSession: 1, known: [expect.any(String) as unknown as string], lost: [], gaps: [] },
  ],
  [
    'a login that removes the cookie, sets another one, and then the last one',
    {
      pattern: '$time "$path" $status $session "$set"',
      text:
        '2026-11-27T20:00:00Z "GET /account" 302 - "-"\n' +
        '2026-11-27T20:00:01Z "GET /login" 200 - "SID=before00000; path=/"\n' +
        '2026-11-27T20:00:02Z "POST /" 302 before00000 "SID=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/, SID=middle00000; path=/, SID=after000000; path=/"\n' +
        '2026-11-27T20:00:03Z "GET /account" 200 after000000 "-"\n',
    },
    { lines: 4, lost: [], gaps: [] },
  ],
  [
    'Jetty, which sets the changed id a second time: it is the same session',
    {
      pattern: '$time "$path" $status $session "$set"',
      text: '2026-11-27T20:00:00Z "GET /account" 200 node0abc123def456 "JSESSIONID=x; Path=/, SID=node0abc123def456; Path=/"\n',
    },
    { lines: 1, withSession: 1, lost: [], gaps: [] },
  ],
  [
    'what scanners send to nginx: no request line, or bytes',
    {
      pattern: 'combined',
      text:
        '62.233.50.179 - - [03/Oct/2022:21:59:42 +0200] "\\x03\\x00\\x00/*\\xE0\\x00\\x00\\x00\\x00\\x00Cookie: mstshash=Administr" 400 150 "-" "-"\n' +
        '85.202.168.47 - - [04/Oct/2022:04:34:49 +0200] "" 400 0 "-" "-"\n' +
        '13.88.8.154 - - [19/Jun/2024:03:58:35 +0000] "MGLNDD_SERVER_IP_443" 400 157 "-" "-"\n' +
        '1.2.3.4 - - [19/Jun/2024:03:58:36 +0000] "GET / HTTP/1.1" 400 157 "" ""\n',
    },
    { lines: 4, gaps: [] },
  ],
  [
    'Nginx Proxy Manager, which has two statuses: the one that the client got',
    {
      pattern:
        '[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $server] "$http_user_agent" "$http_referer"',
      text: '[11/Jan/2023:02:16:53 +0100] - - 301 - GET http cool.example "/" [Client 10.10.10.10] [Length 166] [Gzip -] [Sent-to dokuwiki] "Expanse indexes customers\\xE2\\x80\\x99 networks" "-"\n',
    },
    { lines: 1, fromMs: Date.UTC(2023, 0, 11, 1, 16, 53), gaps: [] },
  ],
  [
    'what syslog puts before a line of another server: a gap that names the pattern',
    { pattern: 'combined', text: 'Jul 26 13:13:49 web 10.0.0.1 - - [26/Jul/2023:13:13:49 +0530] "POST /a HTTP/1.1" 200 4 "-" "-"\n' },
    { lines: 0, gaps: ['1 of 1 lines of the access log do not have the pattern'] },
  ],
  [
    'a clock that was put back: no line is lost',
    {
      pattern: 'combined',
      text:
        '1.2.3.4 - - [30/Dec/2019:12:48:50 +0000] "GET /?lan=en HTTP/1.1" 200 17082 "-" "got/9.6.0"\n' +
        '1.2.3.4 - - [30/Dec/2019:12:39:12 +0000] "GET / HTTP/1.1" 200 17082 "-" "Ruby"\n',
    },
    { lines: 2, fromMs: Date.UTC(2019, 11, 30, 12, 39, 12), gaps: [] },
  ],
];

it('each is read, or a gap that names the field', () => {
  const read = readLogs(CASES.map(([, log]) => ({ ...log, cookie: 'SID' })));
  for (const [index, [what, , expected]] of CASES.entries()) expect([what, read[index]]).toEqual([what, expect.objectContaining(expected)]);
});

it('publish accepts each of these patterns', () => {
  const problems = CASES.map(([, { pattern }]) => (typeof pattern === 'string' ? logPatternProblem(pattern) : undefined));
  expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
});
