/** Whether the store accepts the users of servers and functions. Pure. */
import { counted } from '../../../shared/counted.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { BEFORE_SIGN_MS } from '../../trouble/traces.ts';
import { anyOf, type Judged, judgeSource, no, not, open, shaky, yes } from '../judged.ts';
import { wordsAbout } from './application-logs.ts';
import { alsoSeen, fleetRefused } from './fleet-witness.ts';

/** What a server reports whose own login was refused (store_login.py): NOAUTH says only that none was tried. */
const REFUSED = /^WRONGPASS\b/;
/** One or two are a person's. */
const FEWEST_REFUSED = 5;

export const loginsRefused = (evidence: Evidence): Judged =>
  alsoSeen(anyOf(serverRefused(evidence), byNodes(evidence), byReading(evidence)), fleetRefused(evidence));

/** Whether the store refuses the login of the server's own connection. */
export const loginRefused = ({ store }: ServerFacts): boolean => store?.reachable === false && REFUSED.test(store.error ?? '');

/** Servers whose login the store refuses; where it refuses the collector's, all of them may be. */
export function refusedServers(evidence: Evidence): readonly string[] {
  const servers = factsOf(evidence, 'servers')?.servers ?? [];
  const refused = servers.filter(loginRefused);
  return (refused.length > 0 ? refused : servers).map(({ instanceId }) => instanceId);
}

/** No server uses the store with an error: whatever is refused there is not theirs. */
export const noServerRefused = (evidence: Evidence): Judged =>
  not(anyOf(serverRefused(evidence), wordsAbout(evidence, 'storeConnection', 'connections to the store')));

/** The store refuses the login of some server. */
export const serverRefused = judgeSource('servers', ({ servers }, { complete }) => {
  const refused = servers.filter(loginRefused);
  if (refused.length > 0) return yes('servers', `the store refuses the login of ${refused.length} of ${servers.length} servers`);
  return complete &&
    servers.length > 0 &&
    servers.every(({ store }) => store !== undefined && !store.loginUntried && (store.reachable || store.error !== undefined))
    ? no('servers', 'the store refuses the login of no server')
    : open('servers', 'servers: whether the store accepts their login');
});

const byNodes = judgeSource('store', ({ nodes }, { complete }) => {
  const refusing = nodes.filter(({ state }) => state === 'refusedLogin');
  if (refusing.length > 0) return yes('store', `${refusing.length} of ${nodes.length} nodes refuse the login of the collector`);
  return complete && nodes.length > 0
    ? no('store', 'no node refuses the login of the collector')
    : open('store', 'session store: every node');
});

/** A number names no user: the logins of another application count as well. */
const byReading = judgeSource('readings', ({ reading }, { evidence }) => {
  if (!reading || reading.authenticationFailures === null) return open('readings', "collector's readings: refused logins");
  const text = `${counted(reading.authenticationFailures, 'login')} ${reading.authenticationFailures === 1 ? 'was' : 'were'} refused in the minute before the last reading`;
  return reading.authenticationFailures >= FEWEST_REFUSED && reading.takenAtMs >= evidence.firstSignMs - BEFORE_SIGN_MS
    ? shaky(yes('readings', text))
    : no('readings', text);
});
