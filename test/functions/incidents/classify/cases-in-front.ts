/** Evidence of causes in front of the servers, of their cookies' secret and of a busy store; and each but for one fact. */
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import type { ServerFacts, SessionTrace } from '../../../../functions/incidents/contract/server-facts.ts';
import { access, application, evidence, FROM_MS, minutesWith, NOW_MS, node, SIGN_MS, traces } from '../healthy-evidence.ts';
import { bothServers, type Case, rolling, strays } from './case.ts';

const MINUTE = 60_000;

const servers = (over: Parameters<typeof bothServers>[0]) => ({ servers: bothServers(over) });
const POSTS = { withCookie: 0, withoutCookie: 40, refused: 40 };
const returning = (posts: typeof POSTS, sameSite: 'Lax' | 'Strict' = 'Lax') =>
  servers((id) => ({
    cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite, secure: true, httpOnly: true, slides: true },
    access: access(id, { fromOtherSite: { withCookie: 20, withoutCookie: 1, refused: 0, posts } }),
  }));
/** Sessions that began after the trouble did, and that the other server does not take. */
const apart = (over: Partial<ServerFacts> = {}) =>
  servers((id) => ({
    access: access(id, {
      sessions: Object.fromEntries(
        Object.entries(strays(id, [id === 'i-1' ? 'i-2' : 'i-1'])).map(([hash, trace]) => [
          hash,
          { ...(trace as SessionTrace), firstMs: SIGN_MS - 3.9 * MINUTE },
        ]),
      ),
    }),
    ...over,
  }));
const VAIN = servers((id) => ({
  access: access(id, { created: { byAgent: { browser: 400 } }, withSession: 10 }),
}));
const silent = (count: number): Facts['servers'] =>
  bothServers((id) => ({
    access: access(id, {
      sessions: { ...traces(`gone-${id}`, 20, { lastMs: SIGN_MS - 4 * MINUTE }), ...traces(id, count) },
      byMinute: Array.from({ length: 66 }, (_, at) => {
        const minuteMs = FROM_MS + at * MINUTE;
        const redirects = minuteMs >= SIGN_MS - 4 * MINUTE ? 25 : 2;
        return { minuteMs, requests: 50, redirects, clientErrors: 0, serverErrors: 0 };
      }),
    }),
  }));
const PROVIDER = minutesWith(5, { authErrors: 20, elb5xx: 20 });
const failingAt = (path: string) =>
  bothServers((id) => ({
    access: access(id, {
      byPath: [{ path, requests: 80, redirects: 0, clientErrors: 0, serverErrors: 60, lost: 0, statuses: { 500: 60 } }],
    }),
  }));
const _BUSY = { nodes: [{ ...node('node-1', 'primary'), state: 'busy' as const }, node('node-2', 'replica')] };
const _WORDS = servers({
  application: application({ storeConnection: 40, firstMs: { storeConnection: SIGN_MS }, lastMs: { storeConnection: NOW_MS } }),
});

const CASE = (cause: Case['cause'], when: string, planted: Evidence, confidence?: 'likely'): Case => ({
  ...{ cause, when, planted },
  ...(confidence && { confidence }),
});

export const CASES_IN_FRONT: readonly Case[] = [
  CASE('same-site', 'users whom another site sends back with a POST are turned away', evidence(returning(POSTS)), 'likely'),
  CASE('secret-differs', "servers take none of each other's sessions", evidence(apart()), 'likely'),
  CASE('cookies-stripped', 'sessions are begun again and again, and no request names one', evidence(VAIN), 'likely'),
  CASE(
    'cookies-stripped',
    'requests name no session any more, and none was refused',
    evidence({ servers: silent(0), traffic: minutesWith(4, { target3xx: 50 }) }),
    'likely',
  ),
  CASE(
    'front-refuses',
    'the load balancer refuses a third itself',
    evidence({ traffic: minutesWith(5, { requests: 66, elb4xx: 34 }) }),
    'likely',
  ),
  CASE('sign-in-fails', 'sign-ins by the load balancer fail', evidence({ traffic: PROVIDER }), 'likely'),
  CASE(
    'sign-in-fails',
    'sign-ins by the load balancer fail, and a deploy ran when they began',
    evidence({ traffic: PROVIDER, deploys: { deploys: [rolling] } }),
    'likely',
  ),
  CASE(
    'sign-in-fails',
    'errors are on the login alone',
    evidence({ traffic: minutesWith(5, { target5xx: 10 }), servers: failingAt('/login') }),
    'likely',
  ),
];
