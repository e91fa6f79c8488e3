/** A server's requests by the minute and by the path: the rows of the document access-log as evidence. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { ReadLogsOutput } from '../contract/read-logs.ts';
import type { AccessLogFacts, ServerPath } from '../contract/server-facts.ts';
import { plainPath } from './server-words.ts';

type Access = NonNullable<ReadLogsOutput['access']>;
type Pair = readonly [number, number];

export const MINUTE_MS = 60_000;
/** In the place of a status: sessions that were lost. */
const LOST = 0;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const pairsOf = (text = ''): readonly Pair[] => text.split(',').map((pair) => pair.split(':').map(Number) as unknown as Pair);

/** @param words of the release's contract: all other words of paths are common ones, or `*` */
export function requestCounts(
  { fromMs, minutes, paths = [], errors = [], errorsCut, showsLost = false }: Access,
  words: ReadonlySet<string>,
): Pick<AccessLogFacts, 'byMinute' | 'byPath' | 'errorsByMinutePath' | 'errorsCut'> {
  // Of a document before these counts.
  if (minutes === undefined) return {};
  const beginMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS;
  const names = paths.map((row) => plainPath(row.split(' ')[0] ?? '', words));
  const cells = errors.flatMap((row) => {
    const [place, status, pairs] = row.split(' ');
    const path = names[Number(place)] ?? 'other';
    return pairsOf(pairs).map(([minute, count]) => ({ minuteMs: beginMs + minute * MINUTE_MS, path, status: Number(status), count }));
  });
  return {
    byMinute: minutes.map((row) => {
      const [minute = 0, requests = 0, redirects = 0, clientErrors = 0, serverErrors = 0, lost = 0, unknown = 0] = row
        .split(' ')
        .map(Number);
      const shown = showsLost ? { lost, lostUnknown: unknown } : { lost: null, lostUnknown: null };
      return { minuteMs: beginMs + minute * MINUTE_MS, requests, redirects, clientErrors, serverErrors, ...shown };
    }),
    byPath: names.map((path, place) => pathCounts(path, pairsOf(paths[place]?.split(' ')[1]), showsLost)),
    errorsByMinutePath: cells.toSorted((one, other) => other.count - one.count || one.minuteMs - other.minuteMs),
    ...(errorsCut && { errorsCut }),
  };
}

function pathCounts(path: string, pairs: readonly Pair[], showsLost: boolean): ServerPath {
  const sum = (isOf: (status: number) => boolean) => sumOf(pairs, ([status, count]) => (isOf(status) ? count : 0));
  const errors = pairs.filter(([status]) => status >= 400);
  return {
    path,
    requests: sum((status) => status >= 100),
    redirects: sum((status) => REDIRECTS.has(status)),
    clientErrors: sum((status) => status >= 400 && status < 500),
    serverErrors: sum((status) => status >= 500),
    lost: showsLost ? sum((status) => status === LOST) : null,
    statuses: Object.fromEntries(errors.map(([status, count]) => [String(status), count])),
  };
}
