/** What `publish` says about an access log's pattern, and what the server's script then makes of it: both accept and refuse the same. */
import { expect, it } from 'vitest';
import { isReadTime, logPatternProblem, madeLine } from '../../../cli/releases/log-pattern-problem.ts';
import { readLogs } from '../../../lab/corpus/check/check-logs.ts';
import { random as seeded } from '../../functions/sweep/random.ts';
import { evaluate } from '../../server/documents/run-python.ts';

/** The pattern, a line of it, and the line's time where it is read. */
const PATTERNS: readonly (readonly [pattern: string, line: string, at?: string])[] = [
  [
    '%h [%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] "%r" %>s',
    '::1 [27/Nov/2026:20:16:57.123 +0530] "GET / HTTP/1.1" 200',
    '2026-11-27T14:46:57.123Z',
  ],
  ['%h %{sec}t.%{msec_frac}t %>s', '::1 1795810617.123 200', '2026-11-27T20:16:57.123Z'],
  ['%h [%{dd/MMM/yyyy:HH:mm:ss.SSS Z}t] %s', '::1 [27/Mai/2026:20:16:57.226 +0200] 200', '2026-05-27T18:16:57.226Z'],
  ["%{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}t %s", '2026-11-27T20:16:57.226+01:00 200', '2026-11-27T19:16:57.226Z'],
  ['%{yyyy-MM-dd HH:mm:ss ZZZ|UTC|de}t %s', '2026-11-27 20:16:57 +0000 200', '2026-11-27T20:16:57.000Z'],
  ['%{begin:%Y-%m-%d %H:%M:%S %z}t %>s', '2026-11-27 20:16:57 -0800 200', '2026-11-28T04:16:57.000Z'],
  ['%t "%{c,SID}" %s', '[27/Nov/2026:20:16:57 +0100] "abc" 200', '2026-11-27T19:16:57.000Z'],
  ['%(asctime)s %(status_code)s', '2026-11-27 20:16:57,123 200', '2026-11-27T20:16:57.123Z'],
  [':date[web] :status :url', 'Fri, 27 Nov 2026 20:16:57 GMT 200 /', '2026-11-27T20:16:57.000Z'],
  [':date[clf] :status :url', '27/Nov/2026:20:16:57 +0000 200 /', '2026-11-27T20:16:57.000Z'],
  ['$time_local $status', '27/Nov/2026:20:16:57 +0100 200', '2026-11-27T19:16:57.000Z'],
  ['%{%I:%M %p}t %>s', '08:16 PM 200'],
  ['%{%D}t %>s', '11/27/26 200'],
  ['%{hh:mm a}t %s', '08:16 PM 200'],
  ['%{%d/%b/%Y}t %>s', '27/Nov/2026 200'],
  [':method :url', 'GET /'],
  ['%ci [%tr] %B %ST%B', '::1 [27/Nov/2026:20:16:57.123] 1 2001'],
];

it('refuses a pattern that is not read on the server, and no other', () => {
  const read = readLogs(PATTERNS.map(([pattern, line]) => ({ pattern, cookie: 'SID', text: `${line}\n` })));
  const found = PATTERNS.map(([pattern], index) => [pattern, logPatternProblem(pattern) === undefined, read[index]?.fromMs ?? null]);
  expect(found).toEqual(PATTERNS.map(([pattern, , at]) => [pattern, at !== undefined, at === undefined ? null : Date.parse(at)]));
});

/** Of each family, directives with all kinds of values. */
const DIRECTIVES = [
  [
    ...[
      '%h',
      '%u',
      '%>s',
      '%r',
      '%U%q',
      '%m',
      '%D',
      '%t',
      '%{%d/%b/%Y:%T %z}t',
      '%{sec}t',
      '%{User-Agent}i',
      '%{Cookie}i',
      '%{Set-Cookie}o',
    ],
  ],
  [...['%{SID}C', '%{X-Forwarded-For}i', '%{Referer}i', '%{Content-Type}o', '%{c,SID}', '%{yyyy-MM-dd HH:mm:ss}t', '%s', '%S', '%t', '%a']],
  [
    ...[
      '$time_local',
      '$msec',
      '$time_iso8601',
      '$status',
      '$request',
      '$request_uri',
      '$upstream_addr',
      '$upstream_status',
      '$http_cookie',
    ],
  ],
  [
    ...[
      '$http_user_agent',
      '$cookie_SID',
      '$sent_http_set_cookie',
      '$http_x_forwarded_for',
      '$status',
      ...['time_local', 'request'].map((name) => `$\{${name}}`),
    ],
  ],
  [...['%(t)s', '%(r)s', '%(s)s', '%(a)s', '%(h)s', '%({cookie}i)s', '%(asctime)s', '%(status_code)s', '%(request_line)s', '%(D)s']],
  [
    ...[
      ':date[clf]',
      ':date[web]',
      ':date[iso]',
      ':status',
      ':url',
      ':method',
      ':req[cookie]',
      ':res[set-cookie]',
      ':user-agent',
      ':status',
    ],
  ],
  [
    ...[
      '%ci',
      '%tr',
      '%ST',
      '%hr',
      '%hs',
      '%{+Q}r',
      '%r',
      '%CC',
      '%CS',
      '%sslv',
      '%[ssl_fc_sni]',
      '%{+Q}[a]',
      '%T',
      '%tsc',
      '%ST',
      '%{+Q,+E}r',
    ],
  ],
];
const BETWEEN = [' ', ' ', ' ', '" "', '|', '\t', ',', '] [', ' - ', '\\ ', '\\"', '/', ''];

it('makes the line and reads it as the server does, for patterns of any directives in any order', async () => {
  const random = seeded(19);
  const oneOf = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const patterns = Array.from({ length: 3_000 }, () => {
    const of = oneOf(DIRECTIVES);
    const ends = oneOf(['', '"', '[']);
    return `${ends}${Array.from({ length: 3 + Math.floor(random() * 4) }, () => oneOf(of)).reduce((text, one) => `${text}${oneOf(BETWEEN)}${one}`)}${ends.replace('[', ']')}`;
  });
  const made = patterns.map((pattern) => ({ pattern, problem: logPatternProblem(pattern), ...madeLine(pattern) }));
  const read = await evaluate<(Record<string, string> | null)[]>(
    '[read_made(*each) for each in given]',
    made.map(({ pattern, line }) => [pattern, line]),
    'log_pattern',
    `
def read_made(pattern, line):
    try:
        read, _ = reader_of(pattern, "SID")
    except NoLog:
        return None
    values = read(line)
    return values if values and values["status"] == "200" else None
`,
  );
  const wrong = made.filter(({ problem, values }, at) => {
    const is = read[at];
    // A time can be of several directives.
    const fields = Object.entries(is ?? {}).filter(([name]) => name !== 'time');
    return (
      problem === undefined &&
      (!is || !isReadTime(is['time'] ?? '') || fields.some(([, value]) => !values.some(({ sample }) => sample.trim() === value?.trim())))
    );
  });
  expect(wrong.map(({ pattern, line }) => [pattern, line])).toEqual([]);
  const accepted = made.filter(({ problem }) => problem === undefined).length;
  expect(accepted).toBeGreaterThan(300);
  const needless = made.filter(({ problem, values }, at) => {
    const fields = Object.entries(read[at] ?? {}).filter(([name]) => name !== 'time');
    const isRight =
      read[at] && isReadTime(read[at]['time'] ?? '') && fields.every(([, value]) => values.some(({ sample }) => sample === value));
    return isRight && problem?.endsWith('is not read');
  });
  // Of two directives of one field the server takes the first, and publishing compares both.
  expect(needless.length).toBeLessThan(patterns.length / 100);
});

it.each([
  ['%h %t "%r" %>s %{User-Agent}i "%{Referer}i"', '%{User-Agent}i', ' '],
  ['$time_local $status $http_user_agent "$request"', '$http_user_agent', ' '],
  ['%t %s %{Cookie}i %S', '%{Cookie}i', ' '],
  ['$time_iso8601 $status $sent_http_set_cookie $request_uri', '$sent_http_set_cookie', ' '],
  [':date[iso] :status :req[cookie] :url', ':req[cookie]', ' '],
  ['$time_iso8601,$status,$upstream_addr,$request_uri', '$upstream_addr', ','],
  ['$time_iso8601,$status,$http_user_agent,$request_uri', '$http_user_agent', ','],
  ['%(t)s %(s)s %(a)s %(r)s', '%(a)s', ' '],
])('refuses %s, whose %s can have what ends it, and shows the line', (pattern, directive, end) => {
  const line = JSON.stringify(madeLine(pattern).line);
  const problem = `whose ${directive} can have ${JSON.stringify(end)} in it: put it in quotes, since a line such as ${line} is not read`;
  expect(logPatternProblem(pattern)).toBe(problem);
  // In quotes it is read.
  expect(logPatternProblem(pattern.replace(directive, `"${directive}"`))).toBe(undefined);
});

it.each(['%{+Q}o %ci [%trg] %ST %B', '$time_local\n$status'])('refuses %j, by which no line is read, and shows the line', (pattern) => {
  expect(logPatternProblem(pattern)).toBe(`by which a line such as ${JSON.stringify(madeLine(pattern).line)} is not read`);
});

it('names the time that is of no form', () => {
  expect(logPatternProblem('%h %{%I:%M %p}t %>s')).toBe(
    'whose time %{%I:%M %p}t is of no form that is read: use %t, $time_iso8601, or a date and a clock as in 2026-11-27 20:16:57.123 +0100',
  );
});

/** Times as patterns bring them about, and whether they are read. */
const TIMES: readonly (readonly [time: string, isRead: boolean])[] = [
  ['27/Nov/2026:20:16:57 +0000', true],
  ['27/Nov/2026 20:16:57 +0000', true],
  ['[27/Nov/2026 20:16:57.123]', true],
  ['27/November/2026:20:16:57', true],
  ['27/Nov/2026T20:16:57', false],
  ['2026-11-27T20:16:57+0000', true],
  ['2026-11-27 20:16:57,123', true],
  ['2026/11/27 - 20:16:57', true],
  ['2026-11-27 20:16', false],
  ['27-Nov-2026 20:16:57.226', true],
  ['27 Nov 2026 20:16:57 UTC', true],
  ['Fri, 27 Nov 2026 20:16:57 UTC', true],
  ['Fri Nov 27 20:16:57 2026', true],
  ['1795810617', true],
  ['1795810617.123', true],
  ['1795810617123', true],
  ['1795810617123456', true],
  ['1795810617123456789', true],
  ['17958106171234567', false],
  ['179581061', false],
  ['20:16:57', false],
  ['11/27/26 20:16:57', false],
];

it('takes a time for read that the server reads, and no other', async () => {
  const read = await evaluate<boolean[]>(
    '[time_ms(text) is not None for text in given]',
    TIMES.map(([text]) => text),
    'application_log',
  );
  expect(TIMES.map(([text], at) => [text, isReadTime(text), read[at]])).toEqual(TIMES.map(([text, isRead]) => [text, isRead, isRead]));
});
