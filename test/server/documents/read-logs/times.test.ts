/** Times as servers, frameworks and loggers write them, at the server's zone; what is not understood is none. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../run-python.ts';

const AT = Date.UTC(2026, 10, 27, 20, 16, 57);
const LINES: readonly (readonly [line: string, ms: number | null])[] = [
  ['[27/Nov/2026:20:16:57 +0000] "GET /', AT],
  ['27/Nov/2026:20:16:57.226 +0100', AT - 3_600_000 + 226],
  ['[27/Nov./2026:20:16:57 +0000]', AT],
  ['[27/Mai/2026:20:16:57 +0000]', Date.UTC(2026, 4, 27, 20, 16, 57)],
  ['[27/März/2026:20:16:57 +0000]', Date.UTC(2026, 2, 27, 20, 16, 57)],
  ['[27/Dez/2026:20:16:57 +0000]', Date.UTC(2026, 11, 27, 20, 16, 57)],
  ['[27/Juin/2026:20:16:57 +0000]', Date.UTC(2026, 5, 27, 20, 16, 57)],
  ['[27/janv./2026:20:16:57 +0000]', Date.UTC(2026, 0, 27, 20, 16, 57)],
  ['27-févr.-2026 20:16:57.226 GRAVE [main]', Date.UTC(2026, 1, 27, 20, 16, 57) + 226],
  ['[27/f\udce9vr./2026:20:16:57 +0000]', Date.UTC(2026, 1, 27, 20, 16, 57)],
  ['[27/août/2026:20:16:57 +0000]', Date.UTC(2026, 7, 27, 20, 16, 57)],
  ['[27/déc./2026:20:16:57 +0000]', Date.UTC(2026, 11, 27, 20, 16, 57)],
  ['[27/Nov/2026:20:16:57 EST]', null],
  ['[27/Giu/2026:20:16:57 +0000]', null],
  ['{"instant":{"epochSecond":1795810617,"nanoOfSecond":123456789},"level":"ERROR"}', AT + 123],
  ['{"instant":{"epochSecond":1795810617,"nanoOfSecond":-1}}', AT],
  ['[27/Xyz/2026:20:16:57 +0000]', null],
  ['[27/Nov/2026:20:16:57 XYZT]', null],
  ['[27/Nov/2026:20:16:57 +2600]', null],
  ['2026-11-27T20:16:57.123456789Z', AT + 123],
  ['2026-11-27T20:16:57+05:30', AT - 19_800_000],
  ['2026-11-27 20:16:57 +01', AT - 3_600_000],
  ['2026-11-27 20:16:57,123 INFO', AT + 123],
  ['2026-11-27 20:16:57 Europe/Berlin x', AT - 3_600_000],
  ['2026-11-27 20:16:57 America/Nowhere x', null],
  ['2026-11-27 20:16:57 CDT x', null],
  ['2026-11-27 20:16:57 Redis/Client x', AT],
  ['2026-11-27 20:16:57 REST call', AT],
  ['2026-11-27 20:16:57.123 HOST x', AT + 123],
  ['2026-11-27 20:16:57 -5 retries', AT],
  ['E, [2026-11-27T20:16:57.123456 #12] ERROR -- : Redis::CannotConnectError', AT + 123],
  ['time=2026-11-27T20:16:57Z level=ERROR msg="redis: connection refused"', AT],
  ['[27/Nov/2026 20:16:57] ERROR x', AT],
  ['{"t":"2026-11-27T20:16:57Z","m":"x"}', AT],
  ['{"time":1795810617123456789}', AT + 123],
  ['2026-11-27T20:16:57-0', null],
  ['2026/11/27 20:16:57 request failed', AT],
  ['2026/11/27 20:16:57.000123 request failed', AT],
  ['[27-Nov-2026 20:16:57 UTC] PHP Warning', AT],
  ['[27-Nov-2026 20:16:57 Europe/Berlin] PHP Fatal error', AT - 3_600_000],
  ['27-Mai-2026 20:16:57.226 SEVERE [main]', Date.UTC(2026, 4, 27, 20, 16, 57) + 226],
  ['27 Nov 2026 20:16:57,226 [main] ERROR', AT + 226],
  ['Nov 27, 2026 8:16:57 PM org.apache', AT],
  ['Fri Nov 27 20:16:57 2026', AT],
  ['[Fri Nov 27 20:16:57.226123 2026] [core:error]', AT + 226],
  ['INFO:     2026-11-27 20:16:57,123 started', AT + 123],
  ['ERROR 2026-11-27 20:16:57 no', AT],
  ['[WARN] 2026-11-27T20:16:57Z no', AT],
  ['{"@t":"2026-11-27T20:16:57.0000000Z","@mt":"x"}', AT],
  ['{"asctime":"2026-11-27 20:16:57,123","message":"x"}', AT + 123],
  ['{"level":30,"time":1795810617000}', AT],
  ['INFO started', null],
  ['users 2026-11-27 20:16:57', null],
];

describe('the time of a line', () => {
  it('is that of each form, and none of any other', async () => {
    const read = await evaluate<(number | null)[]>(
      '[(os.environ.__setitem__("TZ", "UTC"), time.tzset(), line_time_ms(line))[2] for line in given]',
      LINES.map(([line]) => line),
      'application_log',
    );
    expect(LINES.map(([line], index) => [line, read[index]])).toEqual(LINES);
  });
});
