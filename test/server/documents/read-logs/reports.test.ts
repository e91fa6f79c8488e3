/** Lines and formats that users of other tools have reported as not read: what is right for each. */
import { expect, it } from 'vitest';
import { logPatternProblem } from '../../../../cli/releases/log-pattern-problem.ts';
import { type LogToRead, type ReadLog, readLogs } from '../../../../lab/corpus/check/check-logs.ts';

const HTTPLOG = '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq';
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
  [
    'Caddy, which replaces the value of a cookie among others: nobody’s session is known',
    {
      pattern: { time: 'ts', status: 'status', path: 'uri', session: 'headers.Cookie', set: 'resp_headers.Set-Cookie' },
      text:
        '{"ts": 1659995558.4, "uri": "/", "status": 200, "headers": {"Cookie": ["theme=dark; SID=REDACTED"]}, "resp_headers": {}}\n' +
        '{"ts": 1659995559.4, "uri": "/", "status": 302, "headers": {"Cookie": ["SID=REDACTED; theme=dark"]}, "resp_headers": {"Set-Cookie": ["SID=abcd00001; Path=/"]}}\n',
    },
    {
      lines: 2,
      withSession: 0,
      lost: [],
      gaps: ['the access log hides the session of 2 requests: its server leaves the values of cookies out'],
    },
  ],
  [
    'Traefik, which hides the whole header',
    {
      pattern: { time: 'time', status: 'DownstreamStatus', path: 'RequestPath', method: 'RequestMethod', session: 'request_Cookie' },
      text: '{"DownstreamStatus":200,"RequestMethod":"GET","RequestPath":"/a","level":"info","request_Cookie":"REDACTED","time":"2026-11-27T08:00:00Z"}\n',
    },
    {
      lines: 1,
      withSession: 0,
      gaps: ['the access log hides the session of 1 requests: its server leaves the values of cookies out'],
    },
  ],
  [
    'Traefik’s common format has more fields at its end',
    {
      pattern: 'combined',
      text: '203.0.113.7 - - [27/Sep/2018:18:25:09 +0000] "GET / HTTP/1.1" 200 1022 "-" "monitor" 1234 "frontend" "http://192.168.10.10:8080" 2ms\n',
    },
    { lines: 1, fromMs: Date.UTC(2018, 8, 27, 18, 25, 9), gaps: [] },
  ],
  [
    'HAProxy behind syslog, with its priority and without a host, and with captured headers',
    {
      pattern: 'httplog',
      text:
        '<30>Aug  4 20:06:17 haproxy[8]: 10.0.2.2:48080 [04/Aug/2020:20:06:14.613] website drm/backend 0/0/-1/-1/3004 503 222 - - SC-- 1/1/0/0/3 0/0 {|Edg} "GET /swagger HTTP/1.1"\n' +
        '2020-08-04T20:06:17+00:00 lb haproxy[8]: 10.0.2.2:48080 [04/Aug/2020:20:06:14.613] website drm/backend 0/0/1/1/4 200 222 - - ---- 1/1/0/0/3 0/0 "GET /swagger HTTP/1.1"\n',
    },
    { lines: 2, gaps: [] },
  ],
  [
    'HAProxy and Envoy, whose clients went away before there was a status: no request, and no gap',
    {
      pattern: '%ci [%tr] %ST %HM %HP',
      text: '10.0.0.1 [04/Aug/2020:20:06:14.613] 200 GET /\n10.0.0.1 [04/Aug/2020:20:06:15.613] -1 GET /\n10.0.0.1 [04/Aug/2020:20:06:15.613] 0 GET /\n',
    },
    { lines: 1, gaps: [] },
  ],
  [
    'W3C’s format, whose head is no request',
    {
      pattern: '%{%Y-%m-%d %H:%M:%S}t %A %m %U %s',
      text: '#Software: Servers 7.5\n#Version: 1.0\n#Date: 2015-06-11 00:00:01\n#Fields: date time s-ip cs-method\n2015-06-11 00:00:01 192.0.2.7 GET /website 200\n',
    },
    { lines: 1, fromMs: Date.UTC(2015, 5, 11, 0, 0, 1), gaps: [] },
  ],
  [
    'HAProxy’s TLS version and cipher',
    {
      pattern: `${HTTPLOG} %hr %hs %sslv %sslc %{+Q}r`,
      text: '80.1.2.3:2842 [21/Jan/2020:20:51:50.065] frontend~ gw/web1 0/0/1/6/7 200 649 - - ---- 233/233/3/2/0 0/0 {shop|UA} TLSv1.3 TLS_AES_256_GCM_SHA384 "GET /path HTTP/1.1"\n',
    },
    { lines: 1, gaps: [] },
  ],
  ...[
    'httpslog',
    `${HTTPLOG} %hr %hs %{+Q}r %[fc_err]/%[ssl_fc_err,hex]/%[ssl_c_err]/%[ssl_c_ca_err]/%[ssl_fc_is_resumed] %[ssl_fc_sni]/%sslv/%sslc`,
  ].map((pattern): (typeof CASES)[number] => [
    'HAProxy’s option httpslog, by its name and as its manual has it',
    {
      pattern,
      text: '10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1" 0/0/0/0/0 1wt.eu/TLSv1.3/TLS_AES_256_GCM_SHA384\n',
    },
    { lines: 1, gaps: [] },
  ]),
  [
    'HAProxy, with the spaces escaped as its configuration has them, and headers in quotes',
    {
      pattern: String.raw`[%pid]\ [%Ts.%ms]\ %ac/%fc/%bc/%bq/%sc/%sq/%rc\ %Tq/%Tw/%Tc/%Tr/%Tt\ %tsc\ %ci:%cp\ %fi:%fp\ %si:%sp\ %ft\ %sslc\ %sslv\ %{+Q}r\ %ST\ %b:%s\ "%CC"\ "%hr"\ "%CS"\ "%hs"\ req_size=%U\ resp_size=%B`,
      text: '[14887] [1394817291.250] 10/5/2/0/3/0/0 48/0/0/624/672 ---- 1.10.2.10:35701 10.151.122.228:443 127.0.0.1:8000 logger - - "GET /v1/ HTTP/1.0" 404 fxa-nodejs:nodejs1 "SID=abcd" "{||ApacheBench/2.3|a,b}" "-" "" req_size=592 resp_size=787\n',
    },
    { lines: 1, withSession: 1, fromMs: 1_394_817_291_000, gaps: [] },
  ],
  [
    'Spring Boot’s pattern for Tomcat and Undertow, whose request has no quotes',
    {
      pattern: '%t %a %r %s (%D microseconds)',
      text: '[21/Nov/2023:10:00:00 +0000] 127.0.0.1 GET /foo HTTP/1.1 200 (1234 microseconds)\n[21/Nov/2023:10:00:00 +0000] 127.0.0.1 - 400 (1 microseconds)\n',
    },
    { lines: 2, gaps: [] },
  ],
  [
    'nginx’s times and statuses of several servers that were tried, and of an internal redirect',
    {
      pattern: '$remote_addr [$time_local] $upstream_addr $upstream_response_time $upstream_status $status "$request" "$cookie_SID"',
      text:
        '::1 [26/May/2019:03:50:04 +0200] 127.0.0.1:80, [::]:80 0.000, 0.004 502, 200 200 "GET / HTTP/1.1" "abcdabcd"\n' +
        '::1 [26/May/2019:03:50:04 +0200] 127.0.0.1:80, [::]:80 : unix:/tmp/s 0.000, 0.004 : 0.1 502, 502 : 200 200 "GET / HTTP/1.1" "-"\n' +
        '::1 [26/May/2019:03:50:04 +0200] - - - 502 "GET / HTTP/1.1" "-"\n',
    },
    { lines: 3, withSession: 1, gaps: [] },
  ],
  [
    'Apache’s forwarded addresses without quotes',
    {
      pattern: '%h %{X-Forwarded-For}i %u %t "%r" %>s %b',
      text: '127.0.0.1 67.67.67.67, 163.241.184.49 - [16/Feb/2019:00:00:00 -0500] "GET /xx HTTP/1.1" 200 785\n127.0.0.1 - - [16/Feb/2019:00:00:00 -0500] "GET / HTTP/1.1" 302 -\n',
    },
    { lines: 2, gaps: [] },
  ],
  [
    'a time at the end of the line, with its zone, in brackets of the pattern’s own too',
    { pattern: '$status $time_local', text: '200 26/May/2019:03:50:04 +0200\n' },
    { lines: 1, fromMs: Date.UTC(2019, 4, 26, 1, 50, 4), gaps: [] },
  ],
  [
    'Apache’s time in brackets of the pattern’s own, and tabs between fields',
    { pattern: '%h\\t[%t]\\t%>s', text: '::1\t[[26/May/2019:03:50:04 +0200]]\t200\n::1\t[26/May/2019:03:50:04 +0200]\t200\n' },
    { lines: 2, fromMs: Date.UTC(2019, 4, 26, 1, 50, 4), gaps: [] },
  ],
  [
    'next-auth, whose session needs two cookies: it is known by the first one, is not lost when it is set again, and is lost by another one',
    {
      pattern: { time: 'time', status: 'status', path: 'uri', method: 'method', session: 'cookie', set: 'set' },
      text: [
        ['/me', 200, '', 'SID.0=aaaa; Path=/; HttpOnly, SID.1=bbbb; Path=/, SID=; Path=/; Max-Age=0'],
        ['/me', 200, 'theme=dark; SID.0=aaaa; SID.1=bbbb', ''],
        ['/me', 200, 'SID.1=cccc; SID.0=aaaa', 'SID.0=aaaa; Path=/, SID.1=cccc; Path=/'],
        ['/me', 302, 'SID.0=aaaa; SID.1=cccc', 'SID.0=dddd; Path=/, SID.1=eeee; Path=/'],
        ['/me', 302, 'SID.0=dddd; SID.1=eeee', 'SID.0=; Path=/; Max-Age=0, SID.1=; Path=/; Max-Age=0'],
      ]
        .map(([uri, status, cookie, set], at) => JSON.stringify({ time: 1_795_810_000 + at, method: 'GET', uri, status, cookie, set }))
        .join('\n')
        .concat('\n'),
    },
    { lines: 5, withSession: 4, known: [expect.any(String), expect.any(String)] as unknown as string[], gaps: [] },
  ],
  [
    'ASP.NET, whose first cookie has the number of the others',
    {
      pattern: '$time $status "$http_cookie" "$set"',
      text:
        '2026-11-27T20:00:00Z 200 "-" "SID=chunks-2; path=/, SIDC1=abcdabcd; path=/, SIDC2=efgh; path=/"\n' +
        '2026-11-27T20:00:01Z 200 "SID=chunks-2; SIDC1=abcdabcd; SIDC2=efgh" "-"\n' +
        '2026-11-27T20:00:02Z 200 "SID=chunks-2; SIDC1=ijklijkl; SIDC2=efgh" "-"\n',
    },
    { lines: 3, withSession: 2, known: [expect.any(String), expect.any(String)] as unknown as string[], gaps: [] },
  ],
  [
    'Supabase’s and oauth2-proxy’s, whose first cookie Apache and nginx log by its name',
    {
      pattern: '%t %>s "%{SID.0}C" "%{Set-Cookie}o" $cookie_other',
      text: '[27/Nov/2026:20:00:00 +0000] 200 "base64-eyJh" "-" x\n[27/Nov/2026:20:00:01 +0000] 200 "-" "SID.0=base64-eyJh; Path=/, SID.1=b" x\n',
    },
    { lines: 2, withSession: 1, known: [expect.any(String) as unknown as string], gaps: [] },
  ],
  ...['$cookie_SID_0', '$cookie_SID__0', '%{SIDC1}C'].map((directive): (typeof CASES)[number] => [
    `a first chunk as ${directive}`,
    { pattern: `$time_iso8601 $status ${directive}`, text: '2026-11-27T20:00:00Z 200 abcdabcd\n' },
    { lines: 1, withSession: 1, gaps: [] },
  ]),
  [
    'chunks that answers set and no request names: a gap that names what to log',
    {
      pattern: '$time_iso8601 $status "$cookie_SID" "$sent_http_set_cookie"',
      text:
        '2026-11-27T20:00:00Z 200 "-" "SID=; Path=/; Max-Age=0, SID_0=abcdabcd; Path=/, SID_1=efghefgh; Path=/"\n' +
        '2026-11-27T20:00:01Z 200 "-" "SID_0=abcdabcd; Path=/, SID_1=efghefgh; Path=/"\n',
    },
    {
      lines: 2,
      withSession: 0,
      gaps: ['2 answers set the session cookie in chunks, and no request names one: log the whole Cookie header'],
    },
  ],
  [
    'nginx with the request’s body, whose lines have nine thousand characters',
    {
      pattern: { time: 'time_local', status: 'status', method: 'method', path: 'uri', agent: 'user_agent' },
      text: Array.from({ length: 100 }, (_, at) =>
        JSON.stringify({
          time_local: '26/Jun/2023:14:24:00 +0800',
          method: 'POST',
          uri: '/x',
          request_body: 'x'.repeat((at % 2) * 9_000),
          status: '200',
        }),
      )
        .join('\n')
        .concat('\n'),
    },
    { lines: 100, gaps: [] },
  ],
  [
    'a CDN’s format with milliseconds between bars',
    { pattern: '$cache|$status|$msec|$rest', text: 'MISS|200|1609009529084|623|225654|68.6.149.0|https://www.example.at/|x\n' },
    { lines: 1, fromMs: 1_609_009_529_084, gaps: [] },
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
