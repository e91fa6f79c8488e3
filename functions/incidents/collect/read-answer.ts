/** What a server answered, if the documents could have printed it. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { CommandState } from '../../shared/aws/commands.ts';
import { parseJson } from '../../shared/json.ts';
import { APPLICATION_CATEGORIES, type ApplicationCategory, MOST_CELLS, OUTPUT_OF, type ReadLogsOutput } from '../contract/read-logs.ts';
import type { AccessLogFacts, ServerPath } from '../contract/server-facts.ts';
import { plainPath } from './server-words.ts';

type Counts = Record<ApplicationCategory, number>;
type Access = NonNullable<ReadLogsOutput['access']>;
type Pair = readonly [number, number];

export const MINUTE_MS = 60_000;
const LOST = 0;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

const pairsOf = (text = ''): readonly Pair[] => text.split(',').map((pair) => pair.split(':').map(Number) as unknown as Pair);

/** @param words of the release's contract: all other words of paths are common ones, or `*` */
export function requestCounts(
  { fromMs, minutes, paths = [], errors = [], showsLost = false }: Access,
  words: ReadonlySet<string>,
): Pick<AccessLogFacts, 'byMinute' | 'byPath' | 'errorsByMinutePath'> {
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
      const [minute = 0, requests = 0, redirects = 0, clientErrors = 0, serverErrors = 0] = row.split(' ').map(Number);
      return { minuteMs: beginMs + minute * MINUTE_MS, requests, redirects, clientErrors, serverErrors };
    }),
    byPath: names.map((path, place) => pathCounts(path, pairsOf(paths[place]?.split(' ')[1]), showsLost)),
    errorsByMinutePath: cells.toSorted((one, other) => other.count - one.count || one.minuteMs - other.minuteMs),
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

type FinishedCommand = Exclude<CommandState, { state: 'running' }>;

type Window = { readonly fromMs: number; readonly toMs: number };

/** Systems Manager keeps 24,000 characters. */
export const LONGEST_OUTPUT = 24_000;

/** The one JSON line of the answer, or a sentence. Nothing of it is quoted: a server that somebody has taken over writes what it likes. */
export function readAnswer(document: keyof typeof OUTPUT_OF, command: FinishedCommand, asked: Window): ReadLogsOutput | string {
  const line = command.output
    .slice(0, LONGEST_OUTPUT)
    .split('\n')
    .map((text) => text.trim())
    .findLast((text) => text.startsWith('{'));
  if (line !== undefined) {
    const parsed = OUTPUT_OF[document].safeParse(parseJson(line));
    if (parsed.success && isPossible(parsed.data, asked)) return parsed.data;
  }
  if (command.state === 'failed' && line === undefined)
    return 'its logs were not read: the command failed, and Systems Manager has its output';
  return 'its answer is none that the document gives, and nothing of it is used';
}

const sum = (counts: Readonly<Record<string, number | undefined>>): number => sumOf(Object.values(counts), (count) => count ?? 0);

/** Of two releases, as in the middle of an install, that of the access log counts: its words are judged by it. */
export function joinAnswers(
  own: ReadLogsOutput | string,
  access: ReadLogsOutput | string,
): { readonly answer: ReadLogsOutput; readonly missing: readonly string[] } | string {
  if (typeof own === 'string')
    return typeof access === 'string' ? own : { answer: access, missing: [`the server's own view and its application's log: ${own}`] };
  if (typeof access === 'string') return { answer: own, missing: [`the access log: ${access}`] };
  return { answer: { ...own, ...access, gaps: [...own.gaps, ...access.gaps] }, missing: [] };
}

/** Every line is counted once in each of its parts, and every time is in the window. */
function isPossible({ access, application }: ReadLogsOutput, asked: Window): boolean {
  const isInWindow = (atMs: number) => atMs >= Math.floor(asked.fromMs) && atMs <= Math.ceil(asked.toMs);
  if (access !== undefined && !isPossibleAccess(access, isInWindow)) return false;
  if (application === undefined) return true;
  const { lines, firstMs, lastMs, minutes = {}, forms = [] } = application;
  const counts = Object.fromEntries(APPLICATION_CATEGORIES.map((category) => [category, application[category] ?? 0])) as Counts;
  const times = [...Object.values(firstMs), ...Object.values(lastMs)];
  const byMinute = Object.entries(minutes).map(([category, of = []]) => ({ of, all: counts[category as ApplicationCategory] }));
  return (
    sum(counts) <= lines &&
    forms.every(({ minute }) => isInWindow((minute + 1) * MINUTE_MS - 1) || isInWindow(minute * MINUTE_MS)) &&
    sumOf(
      forms.flatMap(({ counts: ofMinutes }) => ofMinutes),
      (ofMinute) => ofMinute,
    ) <= lines &&
    times.every(isInWindow) &&
    byMinute.every(({ of, all }) => areAscending(of.map(([minute]) => minute)) && sumOf(of, ([, count]) => count) <= all) &&
    byMinute.every(({ of }) => of.every(([minute]) => isInWindow(minute * MINUTE_MS) || isInWindow((minute + 1) * MINUTE_MS - 1))) &&
    Object.entries(counts).every(
      ([category, count]) =>
        count > 0 === category in firstMs &&
        count > 0 === category in lastMs &&
        (firstMs[category as ApplicationCategory] ?? 0) <= (lastMs[category as ApplicationCategory] ?? 0),
    )
  );
}

function isPossibleAccess(access: Access, isInWindow: (atMs: number) => boolean): boolean {
  const { lines, fromMs, toMs, statuses, withSession, replaced, foreignRoute, routes, sessions, allSessions, created, fromOtherSite } =
    access;
  // A sample that ends before its first session would leave no session of any server to compare.
  if (!allSessions && sessions.length === 0) return false;
  const named = withSession ?? 0;
  const others = fromOtherSite ? [fromOtherSite, ...(fromOtherSite.posts ? [fromOtherSite.posts] : [])] : [];
  return (
    isInWindow(fromMs) &&
    isInWindow(toMs) &&
    fromMs <= toMs &&
    sum(statuses) === lines &&
    named <= lines &&
    (replaced ?? 0) <= named &&
    (foreignRoute ?? 0) <= named &&
    (created === null || sum(created.byAgent) <= lines) &&
    others.reduce((count, { withCookie, withoutCookie }) => count + withCookie + withoutCookie, 0) <= lines &&
    others.every(({ refused, withoutCookie }) => refused <= withoutCookie) &&
    new Set(routes).size === routes.length &&
    areSessions(sessions, routes.length, { seconds: (toMs - fromMs) / 1_000, requests: lines }) &&
    areCounts(access)
  );
}

const areAscending = (values: readonly number[]): boolean => values.every((value, at) => at === 0 || value > (values[at - 1] ?? 0));

/** Requests by minute and path: each line once, within the log's time. */
function areCounts(access: Access): boolean {
  const { lines, toMs, paths = [], errors = [] } = access;
  const { byMinute = [], byPath = [], errorsByMinutePath = [] } = requestCounts(access, new Set());
  const areLines = <Row>(rows: readonly Row[], of: (row: Row) => number): boolean => sumOf(rows, of) <= lines;
  return (
    areAscending(byMinute.map(({ minuteMs }) => minuteMs)) &&
    [...byMinute, ...errorsByMinutePath].every(({ minuteMs }) => minuteMs <= toMs) &&
    byMinute.every(({ requests, redirects, clientErrors, serverErrors }) => redirects + clientErrors + serverErrors <= requests) &&
    areLines(byMinute, ({ requests }) => requests) &&
    areLines(byPath, ({ requests }) => requests) &&
    areLines(byPath, ({ lost }) => lost ?? 0) &&
    areLines(errorsByMinutePath, ({ count }) => count) &&
    errorsByMinutePath.length <= MOST_CELLS &&
    errors.every((row) => Number(row.split(' ')[0]) < paths.length)
  );
}

function areSessions(rows: readonly string[], routes: number, most: { readonly seconds: number; readonly requests: number }): boolean {
  let requests = 0;
  let before = '';
  for (const row of rows) {
    const [hash = '', first, last, count, numbers = '-'] = row.split(' ');
    const named = numbers === '-' ? [] : numbers.split(',').map(Number);
    if (hash <= before || Number(first) > Number(last) || Number(last) > most.seconds || named.some((number) => number >= routes))
      return false;
    before = hash;
    requests += Number(count);
  }
  return requests <= most.requests;
}
