/** How long sessions live, by the store and by the cookie. Pure. */
import type { DialectFacts, Evidence } from '../../contract/evidence.ts';
import { factsOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { allLogsRead, serversOf } from './session-traces.ts';

/** Keys of no session framework. */
export const NO_DIALECT = 'unknown';
/** Nobody fills in a form or reads a page within less. */
const SHORTEST_LIFE_SECONDS = 120;
const FEWEST_SAMPLED = 5;

const sampledDialects = (dialects: readonly DialectFacts[]) =>
  dialects.filter(({ dialect, sampled }) => dialect !== NO_DIALECT && sampled >= FEWEST_SAMPLED);

/** The longest that a server's cookie has, in seconds; undefined where none was read, or they end with the browser. */
export function cookieLife(evidence: Evidence): number | undefined {
  const lives = serversOf(evidence).flatMap(({ cookie }) => (cookie?.maxAgeSeconds ? [cookie.maxAgeSeconds] : []));
  return lives.length > 0 ? Math.max(...lives) : undefined;
}
const everyCookieRead = (evidence: Evidence) => {
  const servers = serversOf(evidence);
  return servers.length > 0 && servers.every(({ cookie }) => cookie !== undefined);
};

/** The life that a store's sessions have: a session that was just used has the most left of it. */
const lifeOf = ({ ttlSeconds }: DialectFacts) => ttlSeconds?.max;

/** Sessions end sooner than a user can pause, or much sooner than the cookie and the session itself promise. */
export const lifeIsShort = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'store', ({ dialects }, complete) => {
    const known = sampledDialects(dialects).flatMap((dialect) => {
      const life = lifeOf(dialect);
      return life === undefined ? [] : [{ ...dialect, life, typical: 2 * (dialect.ttlSeconds?.median ?? life) }];
    });
    if (known.length === 0) return open('store', 'session store: the TTL of a sample of sessions');
    const cookie = cookieLife(evidence);
    for (const { dialect, life, typical, declaredLifeSeconds } of known) {
      const promised = Math.max(cookie ?? 0, declaredLifeSeconds ?? 0);
      const text = `sessions (${dialect}) live ${life} s in the store${promised > 0 ? `; ${cookie && cookie >= promised ? 'the cookie' : 'the session'} promises ${promised} s` : ''}`;
      if (life < SHORTEST_LIFE_SECONDS) return yes('store', text);
      if (typical * 2 < promised && life * 2 < promised) return yes('store', text);
    }
    const whole = complete && everyCookieRead(evidence);
    return firmIf(whole, no('store', `sessions live ${Math.max(...known.map(({ life }) => life))} s in the store, as long as promised`));
  });

/** Users came back after a pause as long as the life of a session, or before it was over. */
export const lostBeforeLifeEnded = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const life = shortestLife(evidence);
    const logs = servers.flatMap(({ access }) => (access?.lostAfterIdleSeconds ? [access.lostAfterIdleSeconds] : []));
    if (life === undefined || logs.length === 0) return open('servers', 'access logs: how long a session was idle before it was lost');
    const counts = logs.flatMap((log) => Object.entries(log).map(([from, count]) => ({ untilSeconds: 2 * Number(from), count })));
    const all = counts.reduce((total, { count }) => total + count, 0);
    if (all === 0) return open('servers', 'access logs: no session was lost after a pause that they show');
    const early = counts.reduce((total, { untilSeconds, count }) => total + (untilSeconds <= life ? count : 0), 0);
    const text = `${early} of ${all} lost sessions were lost before they had been idle for ${life} s`;
    const whole = allLogsRead(servers, complete) && logs.length === servers.length;
    return firmIf(whole, early * 2 >= all ? yes('servers', text) : no('servers', text));
  });

function shortestLife(evidence: Evidence): number | undefined {
  const lives = sampledDialects(factsOf(evidence, 'store')?.dialects ?? []).flatMap((dialect) => lifeOf(dialect) ?? []);
  return lives.length > 0 ? Math.min(...lives) : undefined;
}
