/** A release's session cookie before users meet it: what it has lost, and whether it names its server. Pure. */
import type { CookieRead, SessionCookie } from '../../instance/document-contract.ts';
import type { DeployRecord, ReleaseRecord, TargetProgress } from '../../records/types.ts';
import type { CookieProgress } from '../contract/roll.ts';

export type CookieContract = Pick<ReleaseRecord['app'], 'session' | 'sessions'>;

export interface PartnerFacts {
  readonly instanceId: string;
  readonly version: string;
  readonly contracts: ReadonlyMap<string, CookieContract>;
  /** The deploy's record has them. */
  readonly targets: DeployRecord['targets'];
  /** Ids of the servers that are healthy at the load balancer. */
  readonly healthy: ReadonlySet<string>;
}

/** The server with the previous release whose cookie is compared. Undefined when there is none, or an earlier target has shown the cookies. */
export function choosePartner({ instanceId, version, contracts, targets, healthy }: PartnerFacts): CookieProgress['other'] {
  if (hasDone(targets) || !showsCookie(contracts.get(version))) return undefined;
  const [id, target] =
    Object.entries(targets).find(
      ([other, one]) => other !== instanceId && isUntouched(one) && healthy.has(other) && showsCookie(contracts.get(one.fromVersion)),
    ) ?? [];
  return id !== undefined && target ? { instanceId: id, version: target.fromVersion } : undefined;
}

/** A session in a server's memory would be one more that a deploy waits for. */
const showsCookie = (app: CookieContract | undefined): boolean => app?.session?.page !== undefined && app.sessions === undefined;

/** An earlier target has shown what the first one shows. */
export const hasDone = (targets: DeployRecord['targets']): boolean => Object.values(targets).some(({ phase }) => phase === 'done');

/** Whether its roll has not begun: a target in its roll also waits until its first step, and later has another release. */
const isUntouched = ({ phase, executionName }: TargetProgress): boolean => phase === 'waiting' && executionName === undefined;

/** Whether the partner still has the release that it was chosen for. @param target its record; undefined when it has none */
export const isPartnerStill = (target: TargetProgress | undefined, version: string): boolean =>
  target !== undefined && isUntouched(target) && target.fromVersion === version;

/**
 * One sentence for each attribute that users' sessions lose with the new release.
 * @param missing why the new release has shown no cookie
 */
export function compareCookies(
  version: string,
  before: SessionCookie | undefined,
  after: SessionCookie | undefined,
  missing = 'nothing was answered',
): readonly string[] {
  if (!before) return [];
  if (!after) return [`Release ${version} has not shown its session cookie, as the previous release did: ${missing}.`];
  const domain = (cookie: SessionCookie) => cookie.domain?.replace(/^[.]/, '').toLowerCase();
  const lost: readonly (string | false)[] = [
    before.name !== after.name && `is named ${after.name} and no longer ${before.name}, so that users are logged out`,
    before.secure && !after.secure && 'has lost Secure, so that browsers send it without encryption',
    before.httpOnly && !after.httpOnly && 'has lost HttpOnly, so that scripts can read it',
    domain(before) !== domain(after) &&
      `has the domain ${domain(after) ?? 'of its host'} and no longer ${domain(before) ?? 'that of its host'}, so that browsers keep both`,
  ];
  return lost.filter((one) => one !== false).map((one) => `The session cookie of release ${version} ${one}.`);
}

/**
 * `ask`: a page of the release begins a session, and another ends it: in a server's memory, one that stays would be waited for as a user's.
 * `stated`: the server itself reports cookie and route. `unknown`: nothing shows it. */
type RouteQuestion = 'ask' | 'stated' | 'unknown';

/** Undefined for a release that keeps its sessions elsewhere. */
export function routeQuestion({ sessions, session }: CookieContract): RouteQuestion | undefined {
  if (sessions === undefined) return undefined;
  if (session?.end !== undefined && session.page !== undefined) return 'ask';
  return session?.answeredCookie === undefined ? 'unknown' : 'stated';
}

export const uncheckedRoute = (version: string, why: string): string =>
  `Whether the session cookies of release ${version} name their server is unchecked: ${why}. Without it, a deploy cannot keep users on the server that has their sessions.`;

export const NAMES_NO_PAGES =
  'its contract does not name both a page that begins a session (session.page) and one that ends it (session.end)';

/** What the first server with the release showed. */
type RouteVerdict = { readonly verdict: 'routed' } | { readonly verdict: 'unrouted' | 'unchecked'; readonly why: string };

export function judgeRoute(version: string, { cookie, routed, reason }: CookieRead): RouteVerdict {
  if (routed === true) return { verdict: 'routed' };
  if (routed === undefined)
    return { verdict: 'unchecked', why: uncheckedRoute(version, reason ?? "the server's document does not show it") };
  return {
    verdict: 'unrouted',
    why: `the session cookie ${cookie?.name ?? ''} of release ${version} does not have the server's route (session.route) after a dot, so that the next deploy would log its users out: end each session id with a dot and the route`,
  };
}
