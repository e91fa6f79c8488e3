/** What people who are on the site do, and pages that fail for few of all requests: log-ins above all. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { ServerFacts, ServerMinute } from '../contract/server-facts.ts';
import { allOf, type Cell, type Channel, channelOf, type Minute, quietChannel } from './channels.ts';
import { allLogsRead, knownTraces, logsShowAnswered, type MergedTrace, newSessions, serversOf } from './traces.ts';

const MINUTE_MS = 60_000;
/** How long a session counts as being there after its last request. */
const THERE_MS = 5 * MINUTE_MS;
/** Fewer say nothing about what a person does. */
const FEWEST_THERE = 10;
const FEWEST_MINUTES = 10;

export interface PersonMinute extends Pick<ServerMinute, 'minuteMs' | 'requests' | 'redirects' | 'clientErrors' | 'serverErrors'> {
  /** Sampled sessions that were there; what a monitor without cookies begins at each of its requests is never named. */
  readonly there: number;
  /** Sampled sessions that a server gave out then. */
  readonly begun: number;
}

/** Whole minutes, oldest first; none where a log is missing or cut off. */
export function minutesOfPeople(evidence: Evidence): readonly PersonMinute[] {
  const servers = serversOf(evidence);
  const logs = servers.flatMap(({ access }) => (access?.byMinute ? [access] : []));
  if (!allLogsRead(servers, true) || logs.length < servers.length) return [];
  const traces = knownTraces(servers, Number.NEGATIVE_INFINITY);
  const toMs = Math.min(evidence.toMs, ...logs.map((log) => log.toMs));
  const all = Map.groupBy(
    logs.flatMap(({ byMinute = [] }) => byMinute),
    ({ minuteMs }) => minuteMs,
  );
  return [...all]
    .filter(([minuteMs]) => minuteMs >= evidence.fromMs && minuteMs + MINUTE_MS <= toMs)
    .toSorted(([one], [other]) => one - other)
    .map(([minuteMs, group]) => ({ minuteMs, ...countsOf(group), ...sessionsAt(traces, minuteMs) }));
}

const countsOf = (group: readonly ServerMinute[]) => ({
  requests: sumOf(group, ({ requests }) => requests),
  redirects: sumOf(group, ({ redirects }) => redirects),
  clientErrors: sumOf(group, ({ clientErrors }) => clientErrors),
  serverErrors: sumOf(group, ({ serverErrors }) => serverErrors),
});

const sessionsAt = (traces: readonly MergedTrace[], minuteMs: number) => ({
  there: traces.filter(({ requests, firstMs, lastMs }) => requests > 0 && firstMs < minuteMs + MINUTE_MS && lastMs + THERE_MS >= minuteMs)
    .length,
  begun: traces.filter(({ firstMs, begins }) => begins && firstMs >= minuteMs && firstMs < minuteMs + MINUTE_MS).length,
});

/** Well-answered requests of a person in a minute; undefined where there are too few to say. */
function perPerson(minutes: readonly PersonMinute[]): number | undefined {
  const there = sumOf(minutes, (minute) => minute.there);
  if (minutes.length < FEWEST_MINUTES || there < FEWEST_THERE * minutes.length) return undefined;
  return sumOf(minutes, ({ requests, clientErrors, serverErrors }) => requests - clientErrors - serverErrors) / there;
}

/** The latest minutes, against those well before the first sign. */
const RECENT_MINUTES = 12;
const MARGIN_MS = 15 * MINUTE_MS;
/** So much less is beyond what parts of the hour differ by, and beyond what other days do. */
const LESS = 0.12;
const SPREAD = 4;
const STILL_THERE = 0.85;

/** People who are there ask for less than before, and less comes than on any other day at this hour. Perhaps some of it does not arrive. */
export function asksLess(evidence: Evidence): Channel | undefined {
  const { byMinute = [], usual = [] } = factsOf(evidence, 'traffic') ?? {};
  const days = usual.flatMap((day) => (day.minutes > 0 ? [allOf(day) / day.minutes] : []));
  const all = minutesOfPeople(evidence);
  const recent = all.slice(-RECENT_MINUTES);
  const before = all.filter(({ minuteMs }) => minuteMs < evidence.firstSignMs - MARGIN_MS);
  const [now, then] = [perPerson(recent), perPerson(before)];
  if (days.length < 2 || now === undefined || then === undefined) return undefined;
  const [got, there] = [sumOf(recent, ({ requests }) => requests), sumOf(recent, (minute) => minute.there)];
  const expected = then * there;
  const spread = spreadOf(before, then);
  const less = 1 - now / then;
  // Who goes home is counted for some minutes more, and asks for nothing.
  if (there / recent.length < (sumOf(before, (minute) => minute.there) / before.length) * STILL_THERE) return undefined;
  const onset = recent[0]?.minuteMs ?? evidence.firstSignMs;
  // The days have machines too, which the logs' minutes leave out.
  const counted = byMinute.filter(({ minuteMs }) => minuteMs >= onset).map(allOf);
  const rate = Math.max(got / recent.length, sumOf(counted) / Math.max(1, counted.length));
  if (less < Math.max(LESS, SPREAD * spread) || rate > Math.min(...days)) return undefined;
  return {
    ...{ state: 'acute', isPerhaps: true, cells: [{ minuteMs: onset, excess: expected - now * there }] },
    ...{ of: expected, usual: 1, usualFrom: 'days', onset },
  };
}

function spreadOf(before: readonly PersonMinute[], mean: number): number {
  const parts: number[] = [];
  for (let at = 0; at + RECENT_MINUTES <= before.length; at += RECENT_MINUTES) {
    const part = perPerson(before.slice(at, at + RECENT_MINUTES));
    if (part !== undefined) parts.push(part / mean - 1);
  }
  return Math.sqrt(sumOf(parts, (part) => part * part) / Math.max(1, parts.length - 1));
}

/** Fewer log-ins than these can fail to come by chance. */
const FEWEST_LOGINS = 15;
/** People still ask to log in: they are sent to the login. */
const STILL_SENT = 0.4;

/** No session begins any more, while people are sent to the login as before. */
export function noLogins(evidence: Evidence): Channel {
  const all = minutesOfPeople(evidence);
  const none = quietChannel(sumOf(all, ({ begun }) => begun));
  const last = all.findLastIndex(({ begun }) => begun > 0);
  const silent = all.slice(last + 1);
  const before = all.slice(0, last + 1);
  if (before.length < FEWEST_MINUTES || silent.length < FEWEST_MINUTES) return none;
  const rate = (some: readonly PersonMinute[], of: (minute: PersonMinute) => number) => sumOf(some, of) / some.length;
  const expected = rate(before, ({ begun }) => begun) * silent.length;
  const sent = (minute: PersonMinute) => minute.redirects;
  if (expected < FEWEST_LOGINS || rate(silent, sent) < rate(before, sent) * STILL_SENT) return none;
  const onset = silent[0]?.minuteMs ?? null;
  const cells = [{ minuteMs: onset ?? evidence.firstSignMs, excess: expected }];
  return { state: 'acute', cells, of: expected, usual: 1, usualFrom: 'hour', onset };
}

/** So many times as many requests are more than parts of the hour differ by. */
const RISE = 2;

/** Many more requests in the last third of the hour than in its first sixth; the minutes of logs leave machines out. */
export function machinesBecomeMore(evidence: Evidence): boolean {
  const logs = serversOf(evidence).flatMap(({ access }) => access?.byMinute ?? []);
  const people = Map.groupBy(logs, ({ minuteMs }) => minuteMs);
  const machines = (factsOf(evidence, 'traffic')?.byMinute ?? []).map(
    ({ minuteMs, requests }) => requests - sumOf(people.get(minuteMs) ?? [], (minute) => minute.requests),
  );
  const mean = (some: readonly number[]) => sumOf(some) / Math.max(1, some.length);
  const later = mean(machines.slice(-Math.ceil(machines.length / 3)));
  return logs.length > 0 && later > 0 && later >= mean(machines.slice(0, Math.ceil(machines.length / 6))) * RISE;
}

/** Fewer are an accident: a person who tries again and again makes some. */
const FEWEST = 10;
/** So large a part of the requests to the page fails. */
const LEAST = 0.2;
/** The pages by which people sign in. A log-in asks for one twice at least, and one of these requests alone can fail. */
export const OF_SIGN_IN = /\/(?:log-?in|sign-?in|oauth2?|oidc|saml2?|sso|auth|callback)(?:\/|$)/i;
const LEAST_AT_SIGN_IN = 0.1;
/** Fewer requests to a page say nothing about what is usual there. */
const FEWEST_OF = 20;

export type Series = { readonly server: string; readonly path: string; readonly minutes: readonly Minute[] };

/** Undefined where no page has more than usual. */
export function errorsOfPaths(evidence: Evidence, servers: readonly ServerFacts[]): Channel | undefined {
  const found = pagesOf(servers, 5).flatMap((page) => {
    const [first, ...others] = page.flatMap((one) => acuteOf(one.minutes, [one], evidence) ?? []);
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
    const countOf = (minuteMs: number) => errors.get(minuteMs) ?? 0;
    const minutes = byMinute.map(({ minuteMs, requests: all }) => ({ minuteMs, count: countOf(minuteMs), of: (all * requests) / ever }));
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

/** Of several pages that are worse than before, the earliest begin and the latest end. */
export function union(all: readonly [Channel, ...Channel[]]): Channel {
  const [{ untilMs: _, ...first }] = all;
  const ends = all.map(({ untilMs }) => untilMs);
  return {
    ...first,
    cells: all.flatMap(({ cells }) => cells),
    onset: Math.min(...all.map(({ onset }) => Number(onset))),
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

/** More requests to the pages of the sign-in are refused than before. */
export function refusalsAtSignIn(evidence: Evidence): Channel | undefined {
  const people = minutesOfPeople(evidence);
  const [first, ...others] = signInPages(evidence, 4).flatMap((page) => {
    const channel = acuteOf(joined(page), page, evidence);
    return channel === undefined ? [] : (byWhom(channel, wellAnswered(evidence, page), people) ?? []);
  });
  return first && ofAllRequests(union([first, ...others]), serversOf(evidence));
}

const signInPages = (evidence: Evidence, statusClass: 4 | 5) =>
  pagesOf(serversOf(evidence), statusClass).filter(([one]) => one !== undefined && OF_SIGN_IN.test(one.path));

function wellAnswered(evidence: Evidence, page: readonly Series[]): number {
  const minutes = new Set(page.flatMap((one) => one.minutes.map(({ minuteMs }) => minuteMs))).size;
  const counts = serversOf(evidence).flatMap(({ access }) => access?.byPath ?? []);
  const own = counts.filter(({ path }) => path === page[0]?.path);
  return sumOf(own, ({ requests, clientErrors, serverErrors }) => requests - clientErrors - serverErrors) / Math.max(1, minutes);
}

/** One person tries so often at most, for each request to the page that is answered well. */
const MOST_TRIES = 3;
/** Fewer log-ins than these can fail to come by chance, and so much less is beyond that. */
const FEWEST_SIGN_INS = 10;
const FEWER = 0.6;
/** Of the refused, so many are sent to the login again. */
const SENT_BACK = 0.5;

/** Undefined where they are a guesser's. */
function byWhom(channel: Channel, wellPerMinute: number, people: readonly PersonMinute[]): Channel | undefined {
  const { onset, untilMs = Number.POSITIVE_INFINITY } = channel;
  const isDuring = ({ minuteMs }: PersonMinute) => typeof onset === 'number' && minuteMs >= onset && minuteMs <= untilMs;
  const [during, before] = [people.filter(isDuring), people.filter(({ minuteMs }) => typeof onset === 'number' && minuteMs < onset)];
  const sum = (some: readonly PersonMinute[], of: 'begun' | 'redirects') => sumOf(some, (minute) => minute[of]);
  const usualLogins = (sum(before, 'begun') / Math.max(1, before.length)) * during.length;
  const logins = sum(during, 'begun');
  if (usualLogins >= FEWEST_SIGN_INS && logins < usualLogins * FEWER) return channel;
  const refused = sumOf(channel.cells, ({ excess }) => excess);
  const minutes = new Set(channel.cells.map(({ minuteMs }) => minuteMs)).size;
  if (refused > wellPerMinute * minutes * MOST_TRIES) return undefined;
  // A log-in has its own redirects: more of them are people's who go back to where they came from, and are sent to the login again.
  const sentBack = sum(during, 'redirects') - (sum(before, 'redirects') / Math.max(1, sum(before, 'begun'))) * logins;
  return before.length > 0 && sentBack >= refused * SENT_BACK ? channel : { ...channel, isPerhaps: true };
}

/** So large a part of the requests to a page of the sign-in ends in errors as ever: no few people meet them. */
const BAD_SHARE = 0.03;
const FEWEST_ERRORS = 8;
/** In so many parts of the hour, each of ten minutes: who tries once makes all of them in one. */
const FEWEST_PARTS = 4;
const PART_MS = 10 * MINUTE_MS;

/** Errors of the sign-in that are as old as the logs. One client can make them all: whether people meet them, nobody can say. */
export function oldErrorsAtSignIn(evidence: Evidence): Channel | undefined {
  const found = signInPages(evidence, 5).flatMap((page) => {
    const cells = page.flatMap(({ server, minutes }) =>
      minutes.flatMap(({ minuteMs, count }) => (count > 0 ? [{ minuteMs, server, excess: count }] : [])),
    );
    const [count, of] = [sumOf(cells, ({ excess }) => excess), sumOf(page, ({ minutes }) => sumOf(minutes, (minute) => minute.of))];
    const parts = new Set(cells.map(({ minuteMs }) => Math.floor(minuteMs / PART_MS)));
    return count >= FEWEST_ERRORS && count >= of * BAD_SHARE && parts.size >= FEWEST_PARTS ? cells : [];
  });
  const channel = { state: 'chronic', isPerhaps: true, cells: found, of: 0, usual: null, usualFrom: 'none', onset: 'before' } as const;
  return found.length === 0 ? undefined : ofAllRequests(channel, serversOf(evidence));
}

/** A browser names the session that it got within this time, if it keeps it. */
const RETURN_MS = 2 * MINUTE_MS;
/** Where visitors get sessions too, many of them see one page and never come back. */
const MOST_USUAL = 0.15;
const LEAST_VAIN = 0.15;
const FEWEST_BEGUN = 10;
const FEWEST_BEFORE = 20;

/** More sessions than before are begun and never named: their browsers did not get the cookie, or do not send it. */
export function moreInVain(evidence: Evidence): Channel | undefined {
  const servers = serversOf(evidence);
  if (!allLogsRead(servers, true) || !logsShowAnswered(servers)) return undefined;
  const toMs = Math.min(...servers.flatMap(({ access }) => (access ? [access.toMs] : []))) - RETURN_MS;
  const begun = knownTraces(servers, Number.NEGATIVE_INFINITY).filter(({ begins, firstMs }) => begins && firstMs < toMs);
  const byMinute = Map.groupBy(begun, ({ firstMs }) => Math.floor(firstMs / MINUTE_MS) * MINUTE_MS);
  const minutes = [...byMinute]
    .toSorted(([one], [other]) => one - other)
    .map(([minuteMs, some]) => ({ minuteMs, count: some.filter(({ requests }) => requests === 0).length, of: some.length }));
  const channel = channelOf({ ...evidence, toMs, minutes, least: LEAST_VAIN, fewestOf: FEWEST_BEFORE });
  if (channel?.state !== 'acute' || typeof channel.onset !== 'number' || (channel.usual ?? 1) > MOST_USUAL) return undefined;
  const vain = sumOf(channel.cells, ({ excess }) => excess);
  // Machines keep no cookies.
  if (vain < FEWEST_BEGUN || newSessions(servers).byMachines >= vain) return undefined;
  return isSentBack(channel, vain, evidence) ? channel : { ...channel, isPerhaps: true };
}

/** Who does not keep the session is sent to the login at the next request; a robot that takes one after another is not. */
function isSentBack({ onset }: Channel, vain: number, evidence: Evidence): boolean {
  const people = minutesOfPeople(evidence);
  const [before, since] = [
    people.filter(({ minuteMs }) => minuteMs < Number(onset)),
    people.filter(({ minuteMs }) => minuteMs >= Number(onset)),
  ];
  const turned = (some: readonly PersonMinute[]) => sumOf(some, ({ redirects, clientErrors }) => redirects + clientErrors);
  return before.length > 0 && turned(since) - (turned(before) / before.length) * since.length >= vain * SENT_BACK;
}
