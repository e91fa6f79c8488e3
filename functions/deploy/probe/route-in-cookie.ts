/** Whether users' session cookies name their server, where deploys keep the sessions in its memory on it until they end. Pure. */
import type { SessionProbed } from '../../instance/document-contract.ts';
import type { ProbedContract } from './decide-probe.ts';

/**
 * `ask`: a page of the release begins a session, and another ends it: in a server's memory, one that stays would be waited for as a user's.
 * `stated`: the server itself reports cookie and route. `unknown`: nothing shows it. */
export type RouteQuestion = 'ask' | 'stated' | 'unknown';

/** Undefined for a release that keeps its sessions elsewhere. */
export function routeQuestion({ sessions, session }: ProbedContract): RouteQuestion | undefined {
  if (sessions === undefined) return undefined;
  if (session?.end !== undefined && (session.page !== undefined || session.probe !== undefined)) return 'ask';
  return session?.answeredCookie === undefined ? 'unknown' : 'stated';
}

export const uncheckedRoute = (version: string, why: string): string =>
  `Whether the session cookies of release ${version} name their server is unchecked: ${why}. Without it, a deploy cannot keep users on the server that has their sessions.`;

export const NAMES_NO_PAGES =
  'its contract does not name both a page that begins a session (session.page) and one that ends it (session.end)';

/** What the first server with the release showed. */
export type RouteVerdict = { readonly verdict: 'routed' } | { readonly verdict: 'unrouted' | 'unchecked'; readonly why: string };

export function judgeRoute(version: string, { cookie, routed, reason }: SessionProbed): RouteVerdict {
  if (routed === true) return { verdict: 'routed' };
  if (routed === undefined)
    return { verdict: 'unchecked', why: uncheckedRoute(version, reason ?? "the server's document does not show it") };
  return {
    verdict: 'unrouted',
    why: `the session cookie ${cookie?.name ?? ''} of release ${version} does not have the server's route (session.route) after a dot, so that the next deploy would log its users out: end each session id with a dot and the route`,
  };
}
