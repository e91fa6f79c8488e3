/** Errors of one page, at one server or at all: too few to show among all requests, and yet nobody gets past them. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import type { Cell, Channel } from './channels.ts';
import { channelOf, type Minute } from './series.ts';

/** Fewer are an accident: a person who tries again and again makes some. */
const FEWEST = 10;
/** So large a part of the requests to the page fails. */
const LEAST = 0.2;
/** The pages by which people sign in. A log-in asks for one twice at least, and one of these requests alone can fail. */
export const OF_SIGN_IN = /\/(?:log-?in|sign-?in|oauth2?|oidc|saml2?|sso|auth|callback)(?:\/|$)/i;
const LEAST_AT_SIGN_IN = 0.1;
/** Fewer requests to a page say nothing about what is usual there. */
const FEWEST_OF = 20;
/** Where it has always been so, another server answers the same page this much better. */
const UNLIKE = 5;
const MOST = 0.5;

export interface Series {
  readonly server: string;
  readonly path: string;
  readonly minutes: readonly Minute[];
}

/** Undefined where no page has more than usual. */
export function errorsOfPaths(evidence: Evidence, servers: readonly ServerFacts[]): Channel | undefined {
  const found = pagesOf(servers, 5).flatMap((page) => {
    const [first, ...others] = page.flatMap((one) => acuteOf(one.minutes, [one], evidence) ?? unlikeOthers(one, page) ?? []);
    const together = acuteOf(joined(page), page, evidence);
    return together ?? (first === undefined ? [] : union([first, ...others]));
  });
  if (found.length === 0) return undefined;
  return ofAllRequests(union(found as [Channel, ...Channel[]]), servers);
}

/** Each page's answers of a class, at every server. */
export const pagesOf = (servers: readonly ServerFacts[], statusClass: 4 | 5): readonly (readonly Series[])[] => [
  ...Map.groupBy(
    servers.flatMap((server) => seriesOf(server, statusClass)),
    ({ path }) => path,
  ).values(),
];

/** How often a page is asked for by the minute is in no log's answer: its part of the whole log is. */
function seriesOf({ instanceId, access }: ServerFacts, statusClass: 4 | 5): Series[] {
  const { byMinute = [], byPath = [], errorsByMinutePath = [], partial } = access ?? {};
  const ever = sumOf(byMinute, ({ requests }) => requests);
  // Those without a place of their own are of any page.
  if (partial || ever === 0) return [];
  return byPath.flatMap(({ path, requests }) => {
    if (path === 'other') return [];
    const errors = new Map<number, number>();
    for (const cell of errorsByMinutePath)
      if (cell.path === path && Math.floor(cell.status / 100) === statusClass)
        errors.set(cell.minuteMs, (errors.get(cell.minuteMs) ?? 0) + cell.count);
    const minutes = byMinute.map(({ minuteMs, requests: all }) => ({
      minuteMs,
      count: errors.get(minuteMs) ?? 0,
      of: (all * requests) / ever,
    }));
    return [{ server: instanceId, path, minutes }];
  });
}

export const joined = (page: readonly Series[]): readonly Minute[] =>
  [
    ...Map.groupBy(
      page.flatMap(({ minutes }) => minutes),
      ({ minuteMs }) => minuteMs,
    ),
  ]
    .toSorted(([one], [other]) => one - other)
    .map(([minuteMs, group]) => ({ minuteMs, count: sumOf(group, ({ count }) => count), of: sumOf(group, ({ of }) => of) }));

/** More than before: what has always failed there is a fault of the page. */
export function acuteOf(minutes: readonly Minute[], at: readonly Series[], evidence: Evidence): Channel | undefined {
  const least = at.some(({ path }) => OF_SIGN_IN.test(path)) ? LEAST_AT_SIGN_IN : LEAST;
  const channel = channelOf({ ...evidence, minutes, least, fewestOf: FEWEST_OF }, (troubled, usual) => cellsAt(at, troubled, usual));
  if (channel?.state !== 'acute' || typeof channel.onset !== 'number') return undefined;
  const excess = sumOf(channel.cells, (cell) => cell.excess);
  return excess >= FEWEST && excess >= channel.of * least ? channel : undefined;
}

function cellsAt(at: readonly Series[], troubled: readonly Minute[], usual: number): readonly Cell[] {
  const times = new Set(troubled.map(({ minuteMs }) => minuteMs));
  return at.flatMap(({ server, minutes }) =>
    minutes.flatMap(({ minuteMs, count, of }) =>
      times.has(minuteMs) && count > usual * of ? [{ minuteMs, server, excess: count - usual * of }] : [],
    ),
  );
}

/** As old as the log: most of a page's requests fail at this server, and next to none where others answer it. */
function unlikeOthers({ server, minutes }: Series, page: readonly Series[]): Channel | undefined {
  const others = joined(page.filter((one) => one.server !== server));
  const [count, of] = [sumOf(minutes, (one) => one.count), sumOf(minutes, (one) => one.of)];
  const [othersCount, othersOf] = [sumOf(others, (one) => one.count), sumOf(others, (one) => one.of)];
  const usual = othersOf === 0 ? 1 : othersCount / othersOf;
  if (count < FEWEST || othersOf < FEWEST || count < of * MOST || usual * UNLIKE > count / of) return undefined;
  const cells = minutes.flatMap((one) => (one.count === 0 ? [] : [{ minuteMs: one.minuteMs, server, excess: one.count }]));
  return { state: 'chronic', cells, of, usual, usualFrom: 'hour', onset: 'before' };
}

/** Of several pages, the earliest begin and the latest end. */
export function union(all: readonly [Channel, ...Channel[]]): Channel {
  const [first] = all;
  const acute = all.filter(({ state }) => state === 'acute');
  const [kept] = acute.length > 0 ? acute : [first];
  const some = acute.length > 0 ? acute : all;
  const onsets = some.flatMap(({ onset }) => (typeof onset === 'number' ? [onset] : []));
  const ends = some.map(({ untilMs }) => untilMs);
  const { untilMs: _, ...rest } = kept ?? first;
  return {
    ...rest,
    cells: some.flatMap(({ cells }) => cells),
    ...(onsets.length > 0 && { onset: Math.min(...onsets) }),
    ...(ends.every((end) => end !== undefined) && { untilMs: Math.max(...ends) }),
  };
}

/** A page's part of all requests since then: the sentence names the page and its own share. */
export function ofAllRequests(channel: Channel, servers: readonly ServerFacts[]): Channel {
  const { onset, untilMs = Number.POSITIVE_INFINITY, usual } = channel;
  const isIn = (minuteMs: number) => (typeof onset !== 'number' || minuteMs >= onset) && minuteMs <= untilMs;
  const of = sumOf(servers, ({ access }) => sumOf(access?.byMinute ?? [], (one) => (isIn(one.minuteMs) ? one.requests : 0)));
  return { ...channel, of, usual: usual === null ? null : (usual * channel.of) / Math.max(1, of) };
}
