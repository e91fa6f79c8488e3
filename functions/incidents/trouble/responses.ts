/** What people get instead of pages, by the load balancer's metrics and the servers' access logs. Pure. */
import { medianOf, sumOf } from '../../shared/arithmetic.ts';
import { type Collected, type Evidence, type Facts, factsOf, type TrafficMinute } from '../contract/evidence.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import { allOf, type Cell, type Channel, type Channels, channelOf, excessOf, type Gap, isTroubled, type Minute } from './channels.ts';
import { errorsOfPaths } from './people.ts';

/** From these shares on, responses are bad although they are usual. Applications refuse a few requests in every hour. */
const BAD_ERRORS = 0.02;
const BAD_REFUSALS = 0.03;
const MINUTE_MS = 60_000;

type ResponseChannels = Pick<
  Channels,
  'redirects' | 'refusals' | 'errors' | 'balancerRefusals' | 'balancerErrors' | 'signIns' | 'requests'
>;
type OfServers = 'redirects' | 'refusals' | 'errors';

/** What is counted of a minute, what of it by the logs is no trouble, from where on it is bad, and by how much it rises where it is. */
const OF_SERVERS = {
  redirects: { of: ({ target3xx }: Counts) => target3xx, inLogs: 'redirects', harmless: ['304'], bad: undefined, least: 0.05 },
  refusals: { of: ({ target4xx }: Counts) => target4xx, inLogs: 'clientErrors', harmless: ['404'], bad: BAD_REFUSALS, least: 0.02 },
  errors: { of: ({ target5xx }: Counts) => target5xx, inLogs: 'serverErrors', harmless: [], bad: BAD_ERRORS, least: 0.01 },
} as const;
type Counts = Pick<TrafficMinute, 'target3xx' | 'target4xx' | 'target5xx' | 'elb4xx' | 'elb5xx' | 'requests'>;

export function responseChannels(evidence: Evidence): ResponseChannels {
  const collected = evidence.sources.traffic as Collected<Facts['traffic']> | undefined;
  const servers = factsOf(evidence, 'servers')?.servers ?? [];
  const traffic = collected && 'facts' in collected && collected.facts.byMinute ? collected.facts : undefined;
  const gap: Gap = { gap: collected && 'gap' in collected ? collected.gap : "the load balancer's metrics" };
  // Logs show machines as such; what ended servers answered is in the metrics alone.
  const hasEnded = (factsOf(evidence, 'scaling')?.terminated ?? 0) > 0;
  const ofServers = (name: OfServers): Channel | Gap => {
    const logged = hasEnded ? null : fromLogs(evidence, servers, name);
    const counted = traffic === undefined ? null : fromMetrics(evidence, traffic, servers, name);
    // What goes on since before the hour shows against other days alone.
    const isOld = logged?.state !== 'acute' && counted?.state === 'acute' && counted.onset === 'before' && counted.usualFrom === 'days';
    const found = (isOld ? counted : (logged ?? counted)) ?? gap;
    // Few among all requests can be all of one page, or of one server's.
    return name === 'errors' && !isTroubled(found) ? (errorsOfPaths(evidence, servers) ?? found) : found;
  };
  return {
    redirects: ofServers('redirects'),
    refusals: ofServers('refusals'),
    errors: ofServers('errors'),
    ...(traffic === undefined
      ? { balancerRefusals: gap, balancerErrors: gap, signIns: gap, requests: gap }
      : ofBalancer(evidence, traffic)),
  };
}

/** How many of all answers of their class the servers' logs show as these: 304 of 3xx, 404 of 4xx. The lower middle, so that one of them alone says nothing. */
export function harmlessShare(servers: readonly ServerFacts[], harmless: readonly string[]): number {
  const [{ [0]: first } = ''] = harmless;
  if (first === undefined) return 0;
  const shares = servers.flatMap(({ access }) => {
    const all = sumOf(Object.entries(access?.statuses ?? {}), ([one, count]) => (one[0] === first ? count : 0));
    return all === 0 ? [] : [sumOf(harmless, (status) => access?.statuses[status] ?? 0) / all];
  });
  return shares.toSorted((a, b) => a - b)[Math.floor((shares.length - 1) / 2)] ?? 0;
}

function fromMetrics(evidence: Evidence, traffic: Facts['traffic'], servers: readonly ServerFacts[], name: OfServers): Channel | null {
  const { of, harmless, bad, least } = OF_SERVERS[name];
  const left = 1 - harmlessShare(servers, harmless);
  const { byMinute = [], usual } = traffic;
  const minutes = byMinute.map((minute) => ({ minuteMs: minute.minuteMs, count: of(minute) * left, of: minute.requests }));
  const days = usual?.map((day) => ({ count: of(day) * left, of: day.requests }));
  const channel = channelOf({ ...evidence, minutes, days, bad, least }, (troubled, share) => byServer(troubled, share, servers, name));
  return channel && { ...channel, ...onTop(channel, minutes) };
}

function byServer(troubled: readonly Minute[], usual: number, servers: readonly ServerFacts[], name: OfServers): readonly Cell[] {
  const counts = countsOf(servers, name);
  return troubled.flatMap(({ minuteMs, count, of }) => {
    const excess = count - usual * of;
    const shown = counts.flatMap(({ server, minutes }) => {
      const here = minutes.get(minuteMs);
      return here === undefined || here === 0 ? [] : [{ server, here }];
    });
    const all = sumOf(shown, ({ here }) => here);
    return all === 0 ? [{ minuteMs, excess }] : shown.map(({ server, here }) => ({ minuteMs, server, excess: (excess * here) / all }));
  });
}

const countsOf = (servers: readonly ServerFacts[], name: OfServers) =>
  servers.flatMap(({ instanceId, access }) =>
    access?.byMinute === undefined
      ? []
      : [{ server: instanceId, minutes: new Map(access.byMinute.map((minute) => [minute.minuteMs, minute[OF_SERVERS[name].inLogs]])) }],
  );

function fromLogs(evidence: Evidence, servers: readonly ServerFacts[], name: OfServers): Channel | null {
  const { bad, least, inLogs } = OF_SERVERS[name];
  if (servers.length === 0 || servers.some(({ access }) => access?.byMinute === undefined || access.partial)) return null;
  const all = servers.flatMap(({ access }) => access?.byMinute ?? []);
  const minutes = [...Map.groupBy(all, ({ minuteMs }) => minuteMs)]
    .toSorted(([one], [other]) => one - other)
    .map(([minuteMs, group]) => ({
      minuteMs,
      count: sumOf(group, (minute) => minute[inLogs]),
      of: sumOf(group, ({ requests }) => requests),
    }));
  const cells = (troubled: readonly Minute[], share: number) => byServer(troubled, share, servers, name);
  if (name !== 'refusals') {
    const channel = channelOf({ ...evidence, minutes, bad, least }, cells);
    return channel && { ...channel, ...onTop(channel, minutes) };
  }
  // A page that is gone (404) instead of answered well is trouble, and one that a scanner asks for besides is none.
  const found = channelOf({ ...evidence, minutes, least }, cells);
  if (found?.state === 'acute' && !comesOnTop(found, minutes)) return found;
  const left = 1 - harmlessShare(servers, OF_VISITORS);
  return channelOf({ ...evidence, minutes: minutes.map((one) => ({ ...one, count: one.count * left })), bad, least }, cells);
}

/** Refusals of visitors who have not logged in, and of pages that never were: in every hour of many sites. */
const OF_VISITORS = ['401', '404'] as const;

function ofBalancer(evidence: Evidence, traffic: Facts['traffic']): Omit<ResponseChannels, OfServers> {
  const { byMinute = [], usual } = traffic;
  const notRead: Gap = { gap: "the load balancer's own answers by the minute" };
  const channel = (count: (minute: Partial<TrafficMinute>) => number | undefined, bad: number, isHint = false): Channel | Gap => {
    const minutes = byMinute.map((minute) => ({ minuteMs: minute.minuteMs, count: count(minute) ?? 0, of: allOf(minute) }));
    const days = usual?.flatMap((day) => {
      const counted = count(day);
      return counted === undefined ? [] : [{ count: counted, of: allOf(day) }];
    });
    const found = channelOf({ ...evidence, minutes, days, bad });
    if (found === null || !isHint || !comesOnTop(found, minutes)) return found ?? notRead;
    // On top of as many good requests as before it is a scanner's, or another application's. Of a few it can be people's who try again.
    return excessOf(found) > found.of * MOST_TRIED_AGAIN ? asUsual(found) : { ...found, isPerhaps: true };
  };
  return {
    balancerRefusals: channel(({ elb4xx }) => elb4xx, BAD_REFUSALS, true),
    balancerErrors: channel(({ elb5xx }) => elb5xx, BAD_ERRORS, traffic.balancerShared),
    // Other days' counts do not have them.
    signIns: channel(({ authErrors, authFailures = 0 }) => (authErrors === undefined ? undefined : authErrors + authFailures), BAD_ERRORS),
    requests: missingRequests(evidence, traffic),
  };
}

/** So much of the requests that were answered well before is there while the trouble goes on. */
const AS_MANY = 0.95;
const FEWEST_MINUTES_BEFORE = 10;
const MANY_MORE = 1.5;

/** Of people who are refused more often, some give up: then fewer requests are answered well. */
const MOST_TRIED_AGAIN = 0.3;

export const asUsual = ({ of, usual, usualFrom }: Channel): Channel => ({ state: 'usual', cells: [], of, usual, usualFrom, onset: null });

const comesOnTop = (channel: Channel, minutes: readonly Minute[]): boolean => onTop(channel, minutes).isOnTop === true;

function onTop(channel: Channel, minutes: readonly Minute[]): Pick<Channel, 'isOnTop'> {
  const { state, onset, untilMs = Number.POSITIVE_INFINITY } = channel;
  if (state !== 'acute' || typeof onset !== 'number') return {};
  const mean = (some: readonly Minute[]) => sumOf(some, ({ of, count }) => of - count) / Math.max(1, some.length);
  const before = minutes.filter(({ minuteMs }) => minuteMs < onset);
  const during = minutes.filter(({ minuteMs }) => minuteMs >= onset && minuteMs <= untilMs);
  if (before.length >= FEWEST_MINUTES_BEFORE) return mean(during) < mean(before) * AS_MANY ? {} : { isOnTop: true };
  // Nearly as old as the series: then more and more people must have come.
  const [first, last] = [minutes.slice(0, FEWEST_MINUTES_BEFORE), during.slice(-FEWEST_MINUTES_BEFORE)];
  const isMuchMore = minutes.length >= 3 * FEWEST_MINUTES_BEFORE && mean(last) >= mean(first) * MANY_MORE;
  return isMuchMore ? { isOnTop: true } : {};
}

/** Below this part of the quietest of the other days, requests do not come. */
const FEW_SHARE = 0.4;
const FEWEST_A_MINUTE = 20;
const FEWEST_MINUTES = 4;
/** Of what came just before, less than this part is left. */
const FALLEN = 0.4;
/** No holiday is as quiet. */
const AS_GOOD_AS_NONE = 0.02;
/** So long after the last minute in which they did not come, they come again. */
const BACK_MS = 5 * MINUTE_MS;
/** CloudWatch has the load balancer's data so late at most. */
const LATE_MS = 4 * MINUTE_MS;

/** Fewer requests than at the same hour of each other day: a name, a certificate or a front that keeps people away shows in nothing else. */
function missingRequests({ firstSignMs, toMs }: Evidence, { byMinute = [], usual = [] }: Facts['traffic']): Channel | Gap {
  const rates = usual.flatMap((day) => (day.minutes > 0 ? [allOf(day) / day.minutes] : []));
  const expected = Math.min(...rates);
  const middle = medianOf(rates);
  if (middle === undefined || rates.length < 2) return { gap: 'notInstalled' };
  if (expected < FEWEST_A_MINUTE) return { gap: 'enough requests on other days to see that some do not come' };
  const counts = new Map(byMinute.map((minute) => [minute.minuteMs, allOf(minute)]));
  // A minute without a request has no datapoint: where none comes any more, the series ends.
  const lastMs = Math.max(byMinute.at(-1)?.minuteMs ?? 0, Math.floor(toMs / MINUTE_MS) * MINUTE_MS - LATE_MS);
  const firstMs = Math.min(byMinute[0]?.minuteMs ?? lastMs, firstSignMs);
  const countAt = (minuteMs: number) => counts.get(minuteMs) ?? 0;
  const missing = minutesFrom(firstMs, lastMs + MINUTE_MS)
    .filter((minuteMs) => countAt(minuteMs) < expected * FEW_SHARE)
    .map((minuteMs) => ({ minuteMs, excess: middle - countAt(minuteMs) }));
  const base = { of: middle * Math.max(1, missing.length), usual: 1, usualFrom: 'days' } as const;
  const sudden = missing.filter(({ minuteMs }) => minuteMs > lastMs - 15 * MINUTE_MS);
  const first = missing[0]?.minuteMs ?? firstMs;
  const before = minutesFrom(Math.max(firstMs, first - 15 * MINUTE_MS), first - 3 * MINUTE_MS).map(countAt);
  const mean = (some: readonly number[]) => sumOf(some) / Math.max(1, some.length);
  // A day that is quiet since before is a holiday, and a site that becomes quiet little by little an evening.
  const left = mean(missing.map(({ minuteMs }) => countAt(minuteMs)));
  const hasFallen = left < mean(before) * FALLEN || left < expected * AS_GOOD_AS_NONE;
  if (sudden.length < FEWEST_MINUTES || !hasFallen) return { state: 'usual', cells: [], onset: null, ...base };
  const endMs = missing.at(-1)?.minuteMs ?? lastMs;
  // They come again, and what kept them away can have been a pause of their own.
  const isOver = endMs + BACK_MS <= lastMs;
  return {
    state: 'acute',
    cells: missing,
    onset: first === firstMs ? 'before' : first,
    ...base,
    ...(isOver && { untilMs: endMs + MINUTE_MS, isPerhaps: true }),
  };
}

const minutesFrom = (fromMs: number, toMs: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.floor((toMs - fromMs) / MINUTE_MS)) }, (_, at) => fromMs + at * MINUTE_MS);
