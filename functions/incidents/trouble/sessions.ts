/** Sessions that people lose, as servers, store and canary show it. Pure. */
import { leastOf, medianOf, mostOf, sumOf } from '../../shared/arithmetic.ts';
import { type DeployFacts, type Evidence, factsOf } from '../contract/evidence.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import type { DialectFacts } from '../contract/store-facts.ts';
import { type Cell, type Channel, type Channels, channelOf, type Gap, type Minute, quietChannel } from './channels.ts';
import { minutesOfPeople } from './people.ts';
import { FEWEST_SESSIONS, knownTraces, logsBeginMs, type MergedTrace, mergedTraces, newSessions, serversOf } from './traces.ts';

const MINUTE_MS = 60_000;
const minuteOf = (atMs: number): number => Math.floor(atMs / MINUTE_MS) * MINUTE_MS;

/** One session in ten that is lost is bad, whatever is usual. */
const BAD_LOST = 0.1;
const FEW_LOST = 0.05;
/** Of the sessions of a minute: each of them is counted in many minutes, and lost in one. */
const LEAST_LOST = 0.003;
/** How long a session counts as being there after its last request. */
const THERE_MS = 5 * MINUTE_MS;

export function sessionChannels(evidence: Evidence): Pick<Channels, 'lost' | 'vain' | 'returns' | 'canary'> {
  return { lost: lostSessions(evidence), vain: sessionsInVain(evidence), returns: comeBackWithout(evidence), canary: ofCanary(evidence) };
}

function lostSessions(evidence: Evidence): Channel | Gap {
  const servers = factsOf(evidence, 'servers')?.servers;
  if (servers === undefined) return { gap: "the servers' access logs" };
  // The log of a server that has ended is gone with it: its users' ids are known by no other.
  const isInMemory = factsOf(evidence, 'balancer')?.strategy !== 'redis';
  const hasEnded = isInMemory && (factsOf(evidence, 'scaling')?.terminated ?? 0) > 0;
  const traces = (hasEnded ? mergedTraces : knownTraces)(servers, Number.NEGATIVE_INFINITY);
  if (traces.length < FEWEST_SESSIONS) return { gap: 'access logs with sessions that the servers knew' };
  const minutes = minutesOf(traces, logsBeginMs(evidence), lastMinuteOf(servers, evidence));
  const series = { ...evidence, minutes, least: LEAST_LOST };
  const channel = channelOf(series, (troubled, usual) => cellsOf(traces, troubled, usual));
  const all = { count: traces.filter(({ lost }) => lost).length, of: traces.length };
  if (channel?.state === 'acute') return { ...channel, of: sessionsSince(traces, channel.onset) };
  if (all.count >= FEWEST_SESSIONS && all.count >= all.of * BAD_LOST) return chronic(traces, channel);
  // Nothing to compare with: so few are lost at any time.
  const areFew = all.count < FEWEST_SESSIONS || all.count < all.of * FEW_LOST;
  if (channel === null && areFew) return quietChannel(all.of);
  return channel ?? { gap: 'access logs of a time before the trouble' };
}

const sessionsSince = (traces: readonly MergedTrace[], onset: Channel['onset']): number =>
  traces.filter(({ lastMs }) => typeof onset !== 'number' || lastMs >= onset).length;

function chronic(traces: readonly MergedTrace[], channel: Channel | null): Channel {
  const lost = traces.filter((trace) => trace.lost);
  const cells = lost.map((session) => ({ minuteMs: minuteOf(session.lastMs), server: session.lostAt, session, excess: 1 }));
  const { usual = null, usualFrom = 'none' } = channel ?? {};
  return { state: 'chronic', cells, of: traces.length, usual, usualFrom, onset: 'before' };
}

const lastMinuteOf = (servers: readonly ServerFacts[], { toMs }: Evidence): number =>
  Math.min(toMs, Math.max(...servers.flatMap(({ access }) => (access ? [access.toMs] : []))));

function minutesOf(traces: readonly MergedTrace[], fromMs: number, toMs: number): readonly Minute[] {
  const count = new Map<number, number>();
  for (const { lost, lastMs } of traces) if (lost) count.set(minuteOf(lastMs), (count.get(minuteOf(lastMs)) ?? 0) + 1);
  const minutes: Minute[] = [];
  for (let minuteMs = minuteOf(fromMs); minuteMs <= toMs; minuteMs += MINUTE_MS) {
    const of = traces.filter(({ firstMs, lastMs }) => firstMs < minuteMs + MINUTE_MS && lastMs + THERE_MS >= minuteMs).length;
    minutes.push({ minuteMs, count: count.get(minuteMs) ?? 0, of });
  }
  return minutes;
}

function cellsOf(traces: readonly MergedTrace[], troubled: readonly Minute[], usual: number): readonly Cell[] {
  return troubled.flatMap(({ minuteMs, count, of }) => {
    const lost = traces.filter((trace) => trace.lost && minuteOf(trace.lastMs) === minuteMs);
    const part = (count - usual * of) / Math.max(1, count);
    return lost.map((session) => ({ minuteMs, server: session.lostAt, session, excess: part }));
  });
}

const accessLogs = (evidence: Evidence) => (factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ access }) => (access ? [access] : []));

const overall = (excess: number, of: number, isTrouble: boolean): Channel => ({
  state: isTrouble ? 'chronic' : 'usual',
  cells: isTrouble ? [{ excess }] : [],
  ...{ of, usual: null, usualFrom: 'none', onset: isTrouble ? 'before' : null },
});

const FEWEST_BEGUN = 10;

/** Fewer requests name a session than sessions are begun by people's browsers: almost none comes back. */
function sessionsInVain(evidence: Evidence): Channel | Gap {
  const logs = accessLogs(evidence);
  if (logs.length === 0 || logs.some(({ created, withSession }) => created === null || withSession === null))
    return { gap: 'access logs that show which sessions are new' };
  const { byPeople: begun } = newSessions(serversOf(evidence));
  const named = sumOf(logs, ({ withSession }) => withSession ?? 0);
  return overall(begun, begun, begun >= FEWEST_BEGUN && named < begun && !othersGoOn(evidence));
}

/** Of the usual requests so many name a session: visitors who see one page name none. */
const NAMED_SHARE = 0.8;
/** Of the hour's minutes so many are quieter than what counts as its quiet ones. */
const QUIETER_SHARE = 0.1;
const JUST_NOW_MS = 10 * MINUTE_MS;
const STILL_USED = 0.1;

/** Newcomers come on top of those who are in: as many requests name a session as usual, and sessions that were used still are. */
function othersGoOn(evidence: Evidence): boolean {
  const { byMinute = [], usual = [] } = factsOf(evidence, 'traffic') ?? {};
  const perMinute = (requests: readonly number[]) =>
    requests.toSorted((one, other) => one - other)[Math.floor(requests.length * QUIETER_SHARE)];
  const usually = [
    medianOf(usual.flatMap((day) => (day.minutes > 0 ? [day.requests / day.minutes] : []))),
    perMinute(byMinute.map(({ requests }) => requests)),
    // Without machines.
    perMinute(minutesOfPeople(evidence).map(({ requests }) => requests)),
  ].filter((rate) => rate !== undefined);
  const [servers, logs] = [serversOf(evidence), accessLogs(evidence)];
  const rates = logs.map(({ withSession, fromMs, toMs }) => ((withSession ?? 0) * MINUTE_MS) / Math.max(MINUTE_MS, toMs - fromMs));
  // Servers whose log was not read get as many.
  const named = (sumOf(rates) / rates.length) * servers.length;
  const used = knownTraces(servers, Number.NEGATIVE_INFINITY).filter(({ requests }) => requests > 0);
  const endMs = Math.max(...logs.map(({ toMs }) => toMs));
  const stillUsed = used.filter(({ lastMs }) => lastMs >= endMs - JUST_NOW_MS).length;
  const fellSilent = used.length >= FEWEST_SESSIONS && stillUsed < used.length * STILL_USED;
  return usually.length > 0 && named >= Math.min(...usually) * NAMED_SHARE && !fellSilent;
}

/** Most of those who come from a page of another site without a session are turned away: visitors are shown a page. */
function comeBackWithout(evidence: Evidence): Channel | Gap {
  const logs = accessLogs(evidence);
  if (logs.length === 0 || logs.some(({ fromOtherSite }) => fromOtherSite === null))
    return { gap: 'access logs that show where requests come from' };
  const both = logs.flatMap(({ fromOtherSite }) =>
    fromOtherSite ? [fromOtherSite, ...(fromOtherSite.posts ? [fromOtherSite.posts] : [])] : [],
  );
  const withoutCookie = sumOf(both, (one) => one.withoutCookie);
  const refused = sumOf(both, ({ refused: turnedAway }) => turnedAway ?? 0);
  const isTrouble = refused >= FEWEST_SESSIONS && refused * 2 >= withoutCookie;
  const channel = overall(refused, withoutCookie, isTrouble);
  const deploy = deployTookCookie({ withCookie: sumOf(both, (one) => one.withCookie), withoutCookie }, evidence);
  return isTrouble && deploy ? { ...channel, state: 'acute', onset: minuteOf(deploy.startedAtMs) } : channel;
}

/** As many as come by chance more or less in a part of the hour. */
const BY_CHANCE = 0.1;

/** The deploy before which requests had their cookie, and since which they have none: counts of the whole logs mix both, by how long each was. */
export function deployTookCookie(
  { withCookie, withoutCookie }: Readonly<Record<'withCookie' | 'withoutCookie', number>>,
  evidence: Evidence,
): DeployFacts['deploys'][number] | undefined {
  const fromMs = logsBeginMs(evidence);
  const had = withCookie / Math.max(1, withCookie + withoutCookie);
  return factsOf(evidence, 'deploys')?.deploys.find(({ startedAtMs, finishedAtMs = evidence.toMs }) => {
    const [least, most] = [startedAtMs, finishedAtMs].map((atMs) => (atMs - fromMs) / (evidence.toMs - fromMs)) as [number, number];
    return most < 1 - 2 * BY_CHANCE && had > BY_CHANCE && had >= least - BY_CHANCE && had <= most + BY_CHANCE;
  });
}

function ofCanary(evidence: Evidence): Channel | Gap {
  const facts = factsOf(evidence, 'canary');
  if (facts === undefined) return { gap: 'notInstalled' };
  const { sessions, vanished } = facts;
  if (vanished === 0 && sessions === 0) return { gap: "the canary's sessions" };
  const cells = vanished === 0 ? [] : [{ excess: vanished }];
  return { state: vanished > 0 ? 'acute' : 'usual', cells, of: Math.max(sessions, vanished), usual: 0, usualFrom: 'hour', onset: null };
}

/** Nobody fills in a form or reads a page within less. */
export const SHORTEST_LIFE_SECONDS = 120;
/** Fewer of the sessions that begin are those of a form that is sent at once, or of machines. */
const FEWEST_PERCENT = 5;
/** Where sessions do not declare their life, so many can be near the end of a long one that no use renews. */
const FEWEST_PERCENT_NEAR_END = 10;

/** A framework refuses a session after it, though its key stays a while. Below 1: it is meant to stay, or its user has logged out. */
export const declaredOf = ({ declaredLifeSeconds }: Pick<DialectFacts, 'declaredLifeSeconds'>): number =>
  declaredLifeSeconds !== null && declaredLifeSeconds >= 1 ? declaredLifeSeconds : Number.POSITIVE_INFINITY;

/** `text`: `7 of 120 sampled sessions (connect-redis) live for less than 64 s, as do about 40 % of those that begin`. */
export type BriefSessions = { readonly count: number; readonly leastSeconds: number; readonly text: string };

/** Sessions whose life is too short, among others that keep a long one: from before a setting changed, or of other servers. */
export function briefSessions(facts: DialectFacts): BriefSessions | undefined {
  const { dialect, sampled, lives = {}, livesSeconds, declaredLifeSeconds } = facts;
  const brief = Object.entries(lives).flatMap(([from, count]) =>
    Number(from) < SHORTEST_LIFE_SECONDS ? [{ from: Number(from), count }] : [],
  );
  const [count, longest] = [sumOf(brief, (one) => one.count), mostOf(brief.map(({ from }) => from))];
  if (longest === undefined || !livesSeconds) return undefined;
  const isDeclared = declaredLifeSeconds !== null;
  // Each stays for about its life: what lives a tenth as long is there a tenth as often.
  const begun = count / SHORTEST_LIFE_SECONDS;
  const others = (sampled - count) / Math.max(SHORTEST_LIFE_SECONDS, livesSeconds.median);
  const percent = Math.round(100 * (isDeclared ? begun / (begun + others) : count / sampled));
  if (percent < (isDeclared ? FEWEST_PERCENT : FEWEST_PERCENT_NEAR_END)) return undefined;
  const also = isDeclared ? `, as do about ${percent} % of those that begin` : '';
  const text = `${count} of ${sampled} sampled sessions (${dialect}) live for less than ${2 * longest} s${also}`;
  return { count, leastSeconds: leastOf(brief.map(({ from }) => from)) ?? 0, text };
}

export const shortLives = (evidence: Evidence): string | undefined =>
  (factsOf(evidence, 'store')?.dialects ?? []).flatMap((one) => briefSessions(one)?.text ?? [])[0];

/** A cookie can end while its user is there, and within the hour that is looked at; true as well where one was not read. */
export const canEndWithCookie = (evidence: Evidence): boolean =>
  serversOf(evidence).some(
    ({ cookie }) =>
      cookie === undefined ||
      (cookie.slides !== true && cookie.maxAgeSeconds !== null && cookie.maxAgeSeconds * 1_000 <= evidence.toMs - evidence.fromMs),
  );
