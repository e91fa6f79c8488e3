/** What the servers' access logs say of the route (jvmRoute) in session ids. Pure. */
import { leastOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { AccessLogFacts } from '../../contract/server-facts.ts';
import { logsShowAnswered, mergedTraces, serversOf } from '../../trouble/traces.ts';
import { firmIf, judgeSource, no, open, yes } from '../judged.ts';

/** Share, in percent, of a server's requests whose session names another server. A replaced server's cookies alone make fewer. */
const FOREIGN_PERCENT = 20;
const FEWEST_REQUESTS = 10;
/** Share, in percent, of those requests after which another session was in its place. */
const REPLACED_PERCENT = 20;

type Routes = Readonly<Record<'withSession' | 'foreignRoute' | 'replaced', number>>;
const showsRoutes = (access: AccessLogFacts): access is AccessLogFacts & Routes =>
  [access.withSession, access.foreignRoute, access.replaced].every((count) => typeof count === 'number');

const isForeign = (access: AccessLogFacts): boolean =>
  showsRoutes(access) &&
  access.foreignRoute >= FEWEST_REQUESTS &&
  access.foreignRoute * 100 >= access.withSession * FOREIGN_PERCENT &&
  access.replaced * 100 >= access.foreignRoute * REPLACED_PERCENT;

/**
 * A server gets its own users' cookies with the route of another, and replaces their sessions. It is firm only of logs that show the
 * session which a request ended with: elsewhere a page that anybody gets makes a client's route look like one that the server knows.
 */
export const foreignRoutes = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const read = servers.filter(({ access }) => access !== undefined && (showsRoutes(access) || access.lines === 0));
  const found = read.find(({ access }) => access && isForeign(access));
  if (found?.access) {
    const { foreignRoute, withSession, partial } = found.access;
    const text = `${foreignRoute} of ${withSession} requests to ${found.instanceId} named a session with the route of another server`;
    const lost = mergedTraces(servers, evidence.firstSignMs).filter((trace) => trace.lost && trace.lostAt === found.instanceId);
    const sinceMs = leastOf(lost.map(({ lastMs }) => lastMs));
    return firmIf(!partial && logsShowAnswered(servers), yes('servers', text, sinceMs));
  }
  const whole = read.every(({ access }) => !access?.partial);
  return complete && whole && read.length === servers.length && read.length > 0
    ? no('servers', `no server gets more than a few requests with the route of another (${read.length} servers)`)
    : open('servers', 'access logs: the routes in session ids, of every server');
});

/** The server whose route is wrong: the one that is foreign to its own users. */
export const wrongRouteServer = (evidence: Evidence): string | undefined =>
  serversOf(evidence).find(({ access }) => access && isForeign(access))?.instanceId;

export const sameRoute = judgeSource('servers', ({ servers }, { complete }) => {
  const routes = servers.flatMap(({ route }) => (route === undefined ? [] : [route]));
  if (routes.length < 2) return open('servers', 'the routes that servers add to session ids');
  const whole = complete && routes.length === servers.length;
  return new Set(routes).size < routes.length
    ? yes('servers', 'two servers add the same route to session ids')
    : firmIf(whole, no('servers', 'each server adds a route of its own'));
});
