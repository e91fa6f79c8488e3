/** How long sessions live, by the store and by the cookie. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import { allLogsRead, serversOf } from '../../trouble/traces.ts';
import { firmIf, judgeSource, no, open, yes } from '../judged.ts';

/** Keys of no session framework. */
export const NO_DIALECT = 'unknown';
/** Nobody fills in a form or reads a page within less. */
const SHORTEST_LIFE_SECONDS = 120;
const FEWEST_SAMPLED = 5;

export const isUnknown = ({ dialect }: DialectFacts): boolean => dialect === NO_DIALECT;

/** Estimates the sessions of a dialect, without the other keys that its framework writes. */
export const sessionsIn = ({ keys, sampled, structural = 0, companions = 0 }: DialectFacts): number =>
  (keys * sampled) / Math.max(1, sampled + structural + companions);

export const sampledDialects = (dialects: readonly DialectFacts[]) =>
  dialects.filter(({ dialect, sampled }) => dialect !== NO_DIALECT && sampled >= FEWEST_SAMPLED);

/** The longest that a server's cookie has, in seconds; undefined where none was read, or they end with the browser. */
export function cookieLife(evidence: Evidence): number | undefined {
  const lives = serversOf(evidence).flatMap(({ cookie }) => (cookie?.maxAgeSeconds ? [cookie.maxAgeSeconds] : []));
  return lives.length > 0 ? Math.max(...lives) : undefined;
}
export const everyCookieRead = (evidence: Evidence) => {
  const servers = serversOf(evidence);
  return servers.length > 0 && servers.every(({ cookie }) => cookie !== undefined);
};

/**
 * The life that most sessions get, in seconds. One that was just used has all of it left, and idle ones less: so it is at least the
 * median. Sessions of another time can have more.
 */
const lifeOf = ({ ttlSeconds, declaredLifeSeconds }: DialectFacts) =>
  ttlSeconds ? Math.min(ttlSeconds.median, declaredOf({ declaredLifeSeconds })) : undefined;

/**
 * A framework refuses a session after the life that it declares, though its key stays longer: five minutes with Spring, one with Redisson.
 * Below 1 it is a session that is meant to stay, or that a user has logged out of.
 */
const declaredOf = ({ declaredLifeSeconds }: Pick<DialectFacts, 'declaredLifeSeconds'>): number =>
  declaredLifeSeconds !== null && declaredLifeSeconds >= 1 ? declaredLifeSeconds : Number.POSITIVE_INFINITY;

/** Sessions end sooner than a user can pause, or much sooner than the cookie and the session itself promise. */
export const lifeIsShort = judgeSource('store', ({ dialects }, { complete, evidence }) => {
  const known = sampledDialects(dialects).flatMap(({ ttlSeconds, ...dialect }) => (ttlSeconds ? [{ ...dialect, ttlSeconds }] : []));
  if (known.length === 0) return open('store', 'session store: the TTL of a sample of sessions');
  const cookie = cookieLife(evidence);
  const all = sumOf(known, ({ keys }) => keys);
  // Another application of the same store can have short lives on purpose: what hardly any session has explains no trouble.
  const many = known.filter(({ keys }) => keys * 10 >= all);
  for (const { dialect, keys, ttlSeconds, declaredLifeSeconds } of many) {
    const promised = Math.max(cookie ?? 0, declaredLifeSeconds ?? 0);
    // Half of them have been idle for more than half of their life at the most.
    const most = Math.min(ttlSeconds.max, 2 * ttlSeconds.median, declaredOf({ declaredLifeSeconds }));
    const promise = promised > 0 ? `; cookie or session promise ${promised} s` : '';
    const areFew = keys * 2 < all;
    const few = areFew ? `; they are ${Math.round((keys * 100) / all)} % of the sessions` : '';
    const text =
      most === declaredLifeSeconds
        ? `sessions (${dialect}) declare a life of ${declaredLifeSeconds} s without use${few}`
        : `half of the sessions (${dialect}) have less than ${ttlSeconds.median} s left in the store${promise}${few}`;
    if (most < SHORTEST_LIFE_SECONDS) return firmIf(!areFew, yes('store', text));
    if (most * 4 < promised && ttlSeconds.max * 2 < promised) return firmIf(!areFew, yes('store', text));
  }
  const whole = complete && everyCookieRead(evidence);
  const longest = Math.max(...many.map(({ ttlSeconds }) => ttlSeconds.max));
  return firmIf(whole, no('store', `sessions have up to ${longest} s left in the store, as long as promised`));
});

/** Users came back after a pause as long as the life of a session, or before it was over. */
export const lostBeforeLifeEnded = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const life = shortestLife(evidence);
  const logs = servers.flatMap(({ access }) => (access?.lostAfterIdleSeconds ? [access.lostAfterIdleSeconds] : []));
  if (life === undefined || logs.length === 0) return open('servers', 'access logs: how long a session was idle before it was lost');
  const counts = logs.flatMap((log) => Object.entries(log).map(([from, count]) => ({ untilSeconds: 2 * Number(from), count })));
  const all = sumOf(counts, ({ count }) => count);
  if (all === 0) return open('servers', 'access logs: no session was lost after a pause that they show');
  const early = sumOf(counts, ({ untilSeconds, count }) => (untilSeconds <= life ? count : 0));
  const text = `${early} of ${all} lost sessions were lost before they had been idle for ${life} s`;
  const whole = allLogsRead(servers, complete) && logs.length === servers.length;
  if (early * 2 >= all) return firmIf(whole, yes('servers', text));
  return firmIf(whole, no('servers', text));
});

function shortestLife(evidence: Evidence): number | undefined {
  const lives = sampledDialects(factsOf(evidence, 'store')?.dialects ?? []).flatMap((dialect) => lifeOf(dialect) ?? []);
  return lives.length > 0 ? Math.min(...lives) : undefined;
}
