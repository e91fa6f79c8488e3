/** Whether the store accepts the users of servers and functions. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import { anyOf, type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { BEFORE_SIGN_MS } from './session-traces.ts';

/** The engine's own words. @see https://valkey.io/commands/auth/ */
const REFUSED = /\b(WRONGPASS|NOAUTH|NOPERM)\b|invalid (username|password)/i;
/** One or two are a person's. */
const FEWEST_REFUSED = 5;

export const loginsRefused = (evidence: Evidence): Judged => anyOf(serverRefused(evidence), byNodes(evidence), byReading(evidence));

/** The store refuses the login of some server. */
export const serverRefused = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const refused = servers.filter(({ store }) => store?.reachable === false && REFUSED.test(store.error ?? ''));
    if (refused.length > 0) return yes('servers', `the store refuses the login of ${refused.length} of ${servers.length} servers`);
    return complete &&
      servers.length > 0 &&
      servers.every(({ store }) => store !== undefined && (store.reachable || store.error !== undefined))
      ? no('servers', 'the store refuses the login of no server')
      : open('servers', 'servers: whether the store accepts their login');
  });

const byNodes = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'store', ({ nodes }, complete) => {
    const refusing = nodes.filter(({ state }) => state === 'refusedLogin');
    if (refusing.length > 0) return yes('store', `${refusing.length} of ${nodes.length} nodes refuse the login of the collector`);
    return complete && nodes.length > 0
      ? no('store', 'no node refuses the login of the collector')
      : open('store', 'session store: every node');
  });

const byReading = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'readings', ({ reading }) => {
    if (!reading || reading.authenticationFailures === null) return open('readings', "collector's readings: refused logins");
    const text = `${reading.authenticationFailures} logins were refused in the minute before the last reading`;
    return reading.authenticationFailures >= FEWEST_REFUSED && reading.takenAtMs >= evidence.firstSignMs - BEFORE_SIGN_MS
      ? yes('readings', text)
      : no('readings', text);
  });
