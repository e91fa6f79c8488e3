/** How long sessions live, by the store and by the cookie. Pure. */
import { leastOf, mostOf, percentOf, sumOf } from '../../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import { briefSessions, declaredOf, lifeAtLeast, livesDiffer, SHORTEST_LIFE_SECONDS } from '../../trouble/lives.ts';
import { allLogsRead, serversOf } from '../../trouble/traces.ts';
import { firmIf, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';

const FEWEST_SAMPLED = 5;

/** Keys of no session framework. */
export const isUnknown = ({ dialect }: DialectFacts): boolean => dialect === 'unknown';

/** Estimates the sessions of a dialect, without the other keys that its framework writes. */
export const sessionsIn = ({ keys, sampled, structural = 0, companions = 0 }: DialectFacts): number =>
  (keys * sampled) / Math.max(1, sampled + structural + companions);

export type With<Field extends keyof DialectFacts> = DialectFacts & { readonly [F in Field]: NonNullable<DialectFacts[F]> };

/** Dialects of which enough sessions were sampled, and that show this. */
export const sampledWith = <Field extends 'ttlSeconds' | 'livesSeconds'>(field: Field, dialects: readonly DialectFacts[] = []) =>
  dialects.filter((one): one is With<Field> => !isUnknown(one) && one.sampled >= FEWEST_SAMPLED && Boolean(one[field]));

/** The longest that a server's cookie has, in seconds; undefined where none was read, or they end with the browser. */
export const cookieLife = (evidence: Evidence): number | undefined =>
  mostOf(serversOf(evidence).flatMap(({ cookie }) => cookie?.maxAgeSeconds || []));

export const everyCookieRead = (evidence: Evidence) => {
  const servers = serversOf(evidence);
  return servers.length > 0 && servers.every(({ cookie }) => cookie !== undefined);
};

/** Sessions end sooner than a user can pause, or much sooner than the cookie and the session itself promise. */
export const lifeIsShort = judgeSource('store', ({ dialects }, { complete, evidence }) => {
  const known = sampledWith('ttlSeconds', dialects);
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
    const few = areFew ? `; they are ${percentOf(keys, all)} % of the sessions` : '';
    const text =
      most === declaredLifeSeconds
        ? `sessions (${dialect}) declare a life of ${declaredLifeSeconds} s without use${few}`
        : `half of the sessions (${dialect}) have less than ${ttlSeconds.median} s left in the store${promise}${few}`;
    const isBelowPromise = most * 4 < promised && ttlSeconds.max * 2 < promised;
    // Or half of them are old, and some live as long as promised.
    const isWide = most === 2 * ttlSeconds.median && most * 2 < ttlSeconds.max;
    if (most < SHORTEST_LIFE_SECONDS || isBelowPromise) return firmIf(!areFew && !isWide, yes('store', text));
  }
  // Those from before a change keep the life that they have. What begins can be of machines: never firm.
  const brief = many.flatMap((one) => briefSessions(one) ?? [])[0];
  if (brief) return brief.count < FEWEST_SAMPLED ? open('store', brief.text) : shaky(yes('store', brief.text));
  const lostOfOne = livesDiffer(evidence);
  if (lostOfOne) return open('servers', `${lostOfOne}: how long those live that begin there`);
  const longest = Math.max(...many.map(({ ttlSeconds }) => ttlSeconds.max));
  const text = `sessions have up to ${longest} s left in the store, as long as promised`;
  return firmIf(complete && everyCookieRead(evidence), no('store', text));
});

/** Users came back after a pause as long as the life of a session, or before it was over. */
export const lostBeforeLifeEnded = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const life = livesDiffer(evidence) === undefined ? shortestLife(evidence) : undefined;
  const logs = servers.flatMap(({ access }) => (access?.lostAfterIdleSeconds ? [access.lostAfterIdleSeconds] : []));
  if (life === undefined || logs.length === 0) return open('servers', 'access logs: how long a session was idle before it was lost');
  const counts = logs.flatMap((log) => Object.entries(log).map(([from, count]) => ({ untilSeconds: 2 * Number(from), count })));
  const all = sumOf(counts, ({ count }) => count);
  if (all === 0) return open('servers', 'access logs: no session was lost after a pause that they show');
  const early = sumOf(counts, ({ untilSeconds, count }) => (untilSeconds <= life ? count : 0));
  const text = `${early} of ${all} lost sessions were lost before they had been idle for ${life} s`;
  const whole = allLogsRead(servers, complete) && logs.length === servers.length;
  return firmIf(whole, whether('servers', early * 2 >= all, text));
});

const shortestLife = (evidence: Evidence): number | undefined =>
  leastOf(sampledWith('ttlSeconds', factsOf(evidence, 'store')?.dialects).map(lifeAtLeast));
