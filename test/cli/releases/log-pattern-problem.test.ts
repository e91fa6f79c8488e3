/** What `publish` says about an access log's pattern, and what the server's script then makes of it: both accept and refuse the same. */
import { expect, it } from 'vitest';
import { isReadTime, logPatternProblem } from '../../../cli/releases/log-pattern-problem.ts';
import { readLogs } from '../../../lab/corpus/check/check-logs.ts';
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
