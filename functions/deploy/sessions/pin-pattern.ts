/** How the drain rule recognises the sessions of one server by the application's own cookie. Pure. */

/** A condition value of a listener rule. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HttpHeaderConditionConfig.html */
export const LONGEST_CONDITION_VALUE = 128;

/**
 * Matches a Cookie header whose cookie has the route as a whole token: at the value's end, as Tomcat and Spring write it, or before the
 * signature of express-session, and also where the value is in quotation marks. Of two cookies of the name, as from two contexts of one
 * host, either can match: a rule has no way to read the first alone. Anchored at both ends, it is right whether the load balancer searches
 * or matches the whole value, which is not documented.
 */
export const pinPattern = (cookie: string, route: string): string =>
  `^(.*; *)?${escaped(cookie)}=[^;]*[.]${escaped(route)}("|[.][^;]*)?(;.*)?$`;

/** A pattern of the same form that matches no user: if the load balancer accepts this one, it accepts those of servers too. */
export const trialPattern = (drainTargetGroupArn: string): string =>
  pinPattern('HOLDFAST', drainTargetGroupArn.slice(drainTargetGroupArn.lastIndexOf('/') + 1));

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** How a server's sessions are recognised: as its own answer gave it. */
export interface ServerRoute {
  readonly instanceId: string;
  readonly cookie?: string | undefined;
  readonly route?: string | undefined;
  /** -1: its sessions never time out. */
  readonly timeoutSeconds?: number | undefined;
  /** Why something of these could not be read. */
  readonly reason?: string | undefined;
}

/** Between dots in a cookie's value. */
const ROUTE = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Why the sessions of these servers cannot be distinguished, one sentence for each server that has a fault, with what to do. The load
 * balancer compares without regard to case.
 */
export function unfitRoutes(servers: readonly ServerRoute[]): readonly string[] {
  return servers.flatMap((server) => {
    const why = whyUnfit(server) ?? whyAmbiguous(server, servers);
    return why === undefined ? [] : [`${server.instanceId} ${why}`];
  });
}

function whyUnfit({ cookie, route, timeoutSeconds = 0, reason }: ServerRoute): string | undefined {
  if (cookie === undefined)
    return reason === undefined
      ? 'counts sessions, and its contract does not name their cookie: set session.cookie in holdfast.app.json'
      : `counts sessions whose cookie is not known: ${reason}`;
  if (timeoutSeconds < 0)
    return 'never ends idle sessions (session-timeout -1 or 0), so that a wait for them has no end: set a session timeout in the application';
  if (route === undefined || route === '')
    return `has no route in its session cookies: ${reason ?? 'set session.route in holdfast.app.json'}`;
  if (!ROUTE.test(route)) return `has the route ${JSON.stringify(route)}: a route has 1 to 64 letters, digits, "_" and "-"`;
  const { length } = pinPattern(cookie, route);
  return length > LONGEST_CONDITION_VALUE
    ? `needs ${length} characters for the cookie ${cookie} and the route ${route} in a rule, and the maximum is ${LONGEST_CONDITION_VALUE}: shorten one of them`
    : undefined;
}

function whyAmbiguous({ instanceId, route = '' }: ServerRoute, servers: readonly ServerRoute[]): string | undefined {
  const own = route.toLowerCase();
  for (const { instanceId: other, route: theirs = '' } of servers) {
    if (other === instanceId || theirs === '') continue;
    if (theirs.toLowerCase() === own) return `has the same route as ${other}, ${route}: give each server its own`;
    if (theirs.toLowerCase().startsWith(own))
      return `has the route ${route}, with which ${theirs}, the route of ${other}, begins: give both the same length`;
  }
  return undefined;
}
