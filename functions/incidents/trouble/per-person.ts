/** What people who are on the site do: fewer requests than before, or no log-in that succeeds; and whether machines come besides. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { ServerMinute } from '../contract/server-facts.ts';
import type { Channel } from './channels.ts';
import { allOf } from './responses.ts';
import { allLogsRead, knownTraces, type MergedTrace, serversOf } from './traces.ts';

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

/** By how much parts of the time before, each as long as what is compared, differ from all of it. */
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
  const none: Channel = { state: 'usual', cells: [], of: sumOf(all, ({ begun }) => begun), usual: null, usualFrom: 'none', onset: null };
  const last = all.findLastIndex(({ begun }) => begun > 0);
  const silent = all.slice(last + 1);
  const before = all.slice(0, last + 1);
  if (before.length < FEWEST_MINUTES || silent.length < FEWEST_MINUTES) return none;
  const rate = (some: readonly PersonMinute[], of: (minute: PersonMinute) => number) => sumOf(some, of) / some.length;
  const expected = rate(before, ({ begun }) => begun) * silent.length;
  const sent = (minute: PersonMinute) => minute.redirects;
  if (expected < FEWEST_LOGINS || rate(silent, sent) < rate(before, sent) * STILL_SENT) return none;
  const onset = silent[0]?.minuteMs ?? null;
  return {
    state: 'acute',
    cells: [{ minuteMs: onset ?? evidence.firstSignMs, excess: expected }],
    of: expected,
    usual: 1,
    usualFrom: 'hour',
    onset,
  };
}

/** So many times as many requests are more than parts of the hour differ by. */
const RISE = 2;

/**
 * Machines make many more requests in the last third of the hour than in its first sixth: what begins as many sessions as ever makes nothing
 * grow. They are in no count by minute of the logs, and in those of the load balancer.
 */
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
