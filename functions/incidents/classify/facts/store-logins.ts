/** Whether the store accepts the users of servers and functions. Pure. */
import { counted } from '../../../shared/counted.ts';
import type { Evidence } from '../../contract/evidence.ts';
import { BEFORE_SIGN_MS, serversOf } from '../../trouble/traces.ts';
import { anyOf, judgeSource, no, not, open, shaky, yes } from '../judged.ts';
import { wordsAbout } from './application-logs.ts';
import { alsoSeen, fleetRefused } from './fleet-witness.ts';
import { loginRefused, someServer } from './servers-up.ts';
import { someNode } from './store-nodes.ts';

/** One or two are a person's. */
const FEWEST_REFUSED = 5;

/** Servers whose login the store refuses; where it refuses the collector's, all of them may be. */
export function refusedServers(evidence: Evidence): readonly string[] {
  const servers = serversOf(evidence);
  const refused = servers.filter(loginRefused);
  return (refused.length > 0 ? refused : servers).map(({ instanceId }) => instanceId);
}

/** The store refuses the login of some server. */
export const serverRefused = someServer(
  'are refused their login by the store',
  loginRefused,
  ({ store }) => store !== undefined && !store.loginUntried && (store.reachable || store.error !== undefined),
);

/** No server uses the store with an error: whatever is refused there is not theirs. */
export const noServerRefused = not(anyOf(serverRefused, wordsAbout('storeConnection')));

/** A number names no user: the logins of another application count as well. */
const manyRefused = judgeSource('readings', ({ reading }, { evidence }) => {
  if (!reading || reading.authenticationFailures === null) return open('readings', "collector's readings: refused logins");
  const { authenticationFailures: refused, takenAtMs } = reading;
  const text = `${counted(refused, 'login')} ${refused === 1 ? 'was' : 'were'} refused in the minute before the last reading`;
  return refused >= FEWEST_REFUSED && takenAtMs >= evidence.firstSignMs - BEFORE_SIGN_MS
    ? shaky(yes('readings', text))
    : no('readings', text);
});

export const loginsRefused = alsoSeen(anyOf(serverRefused, someNode('refusedLogin'), manyRefused), fleetRefused);
