/** How long sessions live, by a sample of the store and by cookies that end with nobody's refusal. Pure. */
import { leastOf, mostOf, sumOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { DialectFacts } from '../contract/store-facts.ts';
import { serversOf } from './traces.ts';

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

/** A cookie can end while its user is there, and within the hour that is looked at; true as well where one was not read. */
export const canEndWithCookie = (evidence: Evidence): boolean =>
  serversOf(evidence).some(
    ({ cookie }) =>
      cookie === undefined ||
      (cookie.slides !== true && cookie.maxAgeSeconds !== null && cookie.maxAgeSeconds * 1_000 <= evidence.toMs - evidence.fromMs),
  );
