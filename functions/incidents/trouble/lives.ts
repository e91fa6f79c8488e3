/** How long sessions live, by a sample of the store and by cookies that end with nobody's refusal. Pure. */
import { leastOf, mostOf, sumOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { DialectFacts } from '../contract/store-facts.ts';
import type { Channel } from './channels.ts';
import { knownTraces, type MergedTrace, mergedTraces, serversOf } from './traces.ts';

/** Nobody fills in a form or reads a page within less. */
export const SHORTEST_LIFE_SECONDS = 120;
/** Fewer of the sessions that begin are those of a form that is sent at once, or of machines. */
const FEWEST_PERCENT = 5;
/** Where sessions do not declare their life, so many can be near the end of a long one that no use renews. */
const FEWEST_PERCENT_NEAR_END = 10;

/**
 * A framework refuses a session after the life that it declares, though its key stays longer: five minutes with Spring, one with Redisson.
 * Below 1 it is a session that is meant to stay, or that a user has logged out of.
 */
export const declaredOf = ({ declaredLifeSeconds }: Pick<DialectFacts, 'declaredLifeSeconds'>): number =>
  declaredLifeSeconds !== null && declaredLifeSeconds >= 1 ? declaredLifeSeconds : Number.POSITIVE_INFINITY;

export interface BriefSessions {
  readonly count: number;
  /** None of them lives for less. */
  readonly leastSeconds: number;
  /** `7 of 120 sampled sessions (connect-redis) live for less than 64 s, as do about 40 % of those that begin` */
  readonly text: string;
}

/**
 * Sessions whose life is too short, among others that keep a long one: from before a setting changed, or of other servers. They are gone so
 * soon that few of them show many that begin.
 */
export function briefSessions({
  dialect,
  sampled,
  lives = {},
  livesSeconds,
  declaredLifeSeconds,
}: DialectFacts): BriefSessions | undefined {
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

/** The life that most of them get, or those that begin, in seconds. One that was just used has all of it left, and idle ones less: so it is at least the median. */
export const lifeAtLeast = (one: DialectFacts & { readonly ttlSeconds: NonNullable<DialectFacts['ttlSeconds']> }): number =>
  Math.min(one.ttlSeconds.median, declaredOf(one), briefSessions(one)?.leastSeconds ?? Number.POSITIVE_INFINITY);

/** What shows that some sessions live for too short a time. */
export const shortLives = (evidence: Evidence): string | undefined =>
  (factsOf(evidence, 'store')?.dialects ?? []).flatMap((one) => briefSessions(one)?.text ?? [])[0];

/** Fewer sessions than these can end by chance, or be used for longer by a client that does not heed a Max-Age. */
export const FEWEST_ENDED = 5;
/**
 * A session whose age at its end is between these shares of the cookie's Max-Age ended with its cookie: an active user's last request comes
 * a little before that, and clocks differ a little.
 */
const EARLIEST_SHARE = 0.7;
const LATEST_SHARE = 1.1;
const SLACK_MS = 15_000;
/** One who is there makes a request at least so often: after a longer pause than this before the log's end, a session has ended. */
const PAUSE_SHARE = 0.3;
const MINUTE_MS = 60_000;

/** Sessions that began in the logs and were used often, by how long, against the cookie's Max-Age. */
export interface CookieLives {
  readonly maxAgeSeconds: number;
  /** All that are counted began after this, which some that began before outlived: they have another cookie. Absent: since the logs began. */
  readonly sinceMs?: number;
  readonly ended: readonly MergedTrace[];
  /** Those of them that ended at the Max-Age. */
  readonly atMaxAge: readonly MergedTrace[];
  /** Those whose users were there until then. */
  readonly cutOff: readonly MergedTrace[];
  /** Sessions that were used for longer. */
  readonly older: readonly MergedTrace[];
}

/** Most of those that ended did so at the Max-Age. */
export const endWithCookie = ({ ended, atMaxAge }: CookieLives): boolean =>
  atMaxAge.length >= FEWEST_ENDED && atMaxAge.length * 2 >= ended.length;
/** And their users were there. */
export const areCutOff = (lives: CookieLives): boolean => endWithCookie(lives) && lives.cutOff.length * 2 >= lives.ended.length;

const LIVES = new WeakMap<Evidence, { readonly lives: CookieLives | undefined }>();

/** Undefined where no cookie has a Max-Age that stays. */
export function cookieLives(evidence: Evidence): CookieLives | undefined {
  const known = LIVES.get(evidence);
  if (known) return known.lives;
  const all = livesSince(evidence);
  const sinceMs = all?.older.map(({ firstMs }) => firstMs).toSorted((one, other) => other - one)[FEWEST_ENDED - 1];
  const later = sinceMs === undefined ? undefined : livesSince(evidence, sinceMs);
  const lives = later && areCutOff(later) ? later : all;
  LIVES.set(evidence, { lives });
  return lives;
}

function livesSince(evidence: Evidence, sinceMs?: number): CookieLives | undefined {
  const servers = serversOf(evidence);
  const maxAgeSeconds = leastOf(servers.flatMap(({ cookie }) => (cookie && cookie.slides !== true && cookie.maxAgeSeconds) || []));
  if (maxAgeSeconds === undefined) return undefined;
  const afterMs = sinceMs ?? Number.NEGATIVE_INFINITY;
  const maxAgeMs = maxAgeSeconds * 1_000;
  const endMs = Math.max(...servers.flatMap(({ access }) => access?.toMs ?? []));
  const startMs = Math.max(evidence.fromMs, ...servers.flatMap(({ access }) => access?.fromMs ?? []));
  const age = ({ firstMs, lastMs }: MergedTrace) => lastMs - firstMs;
  const ended = knownTraces(servers, evidence.firstSignMs - maxAgeMs).filter(
    ({ firstMs, lastMs, requests }) =>
      // A session that was there before the log began is older than it looks.
      firstMs > Math.max(startMs + SLACK_MS, afterMs) && requests >= 3 && lastMs < endMs - Math.max(SLACK_MS, maxAgeMs * PAUSE_SHARE),
  );
  const isOlder = (one: MergedTrace) => age(one) > maxAgeMs * LATEST_SHARE + SLACK_MS;
  // One who is there makes the next request about as soon as the ones before: a visit that was over has no reason to end just then.
  const wasActive = (one: MergedTrace) => age(one) >= maxAgeMs - Math.max(SLACK_MS, (3 * age(one)) / (one.requests - 1));
  return {
    ...{ maxAgeSeconds, ended, ...(sinceMs !== undefined && { sinceMs }) },
    cutOff: ended.filter((one) => wasActive(one) && !isOlder(one)),
    atMaxAge: ended.filter((one) => age(one) >= maxAgeMs * EARLIEST_SHARE && !isOlder(one)),
    older: mergedTraces(servers, evidence.firstSignMs).filter((one) => one.firstMs > afterMs && isOlder(one)),
  };
}

/** A cookie can end while its user is there, and within the hour that is looked at; true as well where one was not read. */
export const canEndWithCookie = (evidence: Evidence): boolean =>
  serversOf(evidence).some(
    ({ cookie }) =>
      cookie === undefined ||
      (cookie.slides !== true && cookie.maxAgeSeconds !== null && cookie.maxAgeSeconds * 1_000 <= evidence.toMs - evidence.fromMs),
  );

/** Sessions of people who were there when their cookie ended; undefined where most do not end so. */
export function endedWithCookie(evidence: Evidence): Channel | undefined {
  const lives = cookieLives(evidence);
  if (lives === undefined || lives.older.length >= FEWEST_ENDED || !areCutOff(lives)) return undefined;
  // No server sent them away.
  const cells = lives.cutOff.map((session) => ({ minuteMs: Math.floor(session.lastMs / MINUTE_MS) * MINUTE_MS, session, excess: 1 }));
  const firstMs = leastOf(cells.map(({ minuteMs }) => minuteMs)) ?? evidence.firstSignMs;
  const of = knownTraces(serversOf(evidence), lives.sinceMs === undefined ? Number.NEGATIVE_INFINITY : firstMs).length;
  return lives.sinceMs === undefined
    ? { state: 'chronic', cells, of, usual: null, usualFrom: 'none', onset: 'before' }
    : { state: 'acute', cells, of, usual: 0, usualFrom: 'hour', onset: firstMs };
}
