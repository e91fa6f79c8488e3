/** Whether a release's sessions can be tried on two servers before users meet it, and what was found. Pure. */
import type { ProbeCookie, SessionProbed } from '../../instance/document-contract.ts';
import type { DeployRecord, ReleaseRecord, TargetProgress } from '../../records/types.ts';
import { NO_RELEASE } from '../../shared/version.ts';

export type ProbedContract = Pick<ReleaseRecord['app'], 'session' | 'sessions' | 'logs'>;

export interface ProbeFacts {
  readonly instanceId: string;
  readonly version: string;
  readonly contracts: ReadonlyMap<string, ProbedContract>;
  /** The deploy's record has them. */
  readonly targets: DeployRecord['targets'];
  /** Ids of the servers that are healthy at the load balancer. */
  readonly healthy: ReadonlySet<string>;
  readonly hasSecret: boolean;
}

/** `other`: the server with the previous release that takes part. `reads`: sessions cross; otherwise only the cookies are compared. */
interface ProbePlan {
  readonly other?: string;
  readonly otherVersion?: string;
  readonly reads: boolean;
  /** Why sessions do not cross, in a clause; absent when they do, when the release declares no probe, or when an earlier deploy has said it. */
  readonly unchecked?: string;
}

/** Undefined when there is nothing to try: an earlier target has shown it, or the release declares neither a probe nor a page. */
export function planProbe(facts: ProbeFacts): ProbePlan | undefined {
  const { instanceId, version, contracts, targets, healthy, hasSecret } = facts;
  const own = contracts.get(version);
  if (own?.session?.probe === undefined && own?.session?.page === undefined) return undefined;
  if (hasDone(targets)) return undefined;
  const others = Object.entries(targets).filter(([id]) => id !== instanceId);
  const serving = others.filter(([id, target]) => isUntouched(target) && healthy.has(id) && target.fromVersion !== NO_RELEASE);
  // A session in a server's memory would be one more that a deploy waits for.
  const previous = own.sessions === undefined ? serving.filter(([, { fromVersion }]) => !inMemory(contracts.get(fromVersion))) : [];
  const probed = previous.find(([, { fromVersion }]) => contracts.get(fromVersion)?.session?.probe !== undefined);
  const [other, target] = probed ?? previous.find(([, { fromVersion }]) => contracts.get(fromVersion)?.session?.page !== undefined) ?? [];
  const why = whyUnread(own, { hasSecret, version, serving: serving.map(([, { fromVersion }]) => contracts.get(fromVersion)) });
  const hasProbe = own.session.probe !== undefined;
  // The secret is a choice of the fleet's: the first release with a probe names it. From the next one on, doctor and the dry run do.
  const isSaid = !hasSecret && (probed !== undefined || serving.length === 0);
  if (hasProbe && why === undefined && probed !== undefined) return { other: probed[0], otherVersion: probed[1].fromVersion, reads: true };
  return {
    ...(other !== undefined && target && { other, otherVersion: target.fromVersion }),
    reads: false,
    ...(hasProbe && why !== undefined && !isSaid && { unchecked: why }),
  };
}

/** An earlier target has shown what the first one shows. */
export const hasDone = (targets: DeployRecord['targets']): boolean => Object.values(targets).some(({ phase }) => phase === 'done');

/** Whether its roll has not begun: a target in its roll also waits until its first step, and later has another release. */
const isUntouched = ({ phase, executionName }: TargetProgress): boolean => phase === 'waiting' && executionName === undefined;

/** Whether the partner still has the release that the probe began with. @param target its record; undefined when it has none */
export const isPartnerStill = (target: TargetProgress | undefined, otherVersion: string | undefined): boolean =>
  target !== undefined && isUntouched(target) && target.fromVersion === otherVersion;

const inMemory = (app: ProbedContract | undefined): boolean => app?.sessions !== undefined;

/** @param serving the contracts of the other servers that are healthy, as far as they are on record. @returns a clause; undefined when it can be tried */
export function whyUnread(
  own: ProbedContract,
  { hasSecret, version, serving }: { hasSecret: boolean; version: string; serving: readonly (ProbedContract | undefined)[] },
): string | undefined {
  if (inMemory(own)) return `release ${version} keeps sessions in each server's memory`;
  if (!hasSecret) return 'the fleet has no secret for it: set deploy.sessionProbe to true';
  if (serving.length === 0) return 'no other server is healthy with the previous release';
  const previous = serving.filter((app) => !inMemory(app));
  if (previous.length === 0) return "the previous release keeps sessions in each server's memory";
  return previous.some((app) => app?.session?.probe !== undefined) ? undefined : 'the previous release has no session.probe';
}

export const uncheckedSentence = (version: string, why: string): string =>
  `Whether release ${version} and the previous one read each other's sessions is unchecked: ${why}.`;

/**
 * One sentence for each attribute that users' sessions lose with the new release.
 * @param missing why the new release has shown no cookie
 */
export function compareCookies(
  version: string,
  before: ProbeCookie | undefined,
  after: ProbeCookie | undefined,
  missing = 'nothing was answered',
): readonly string[] {
  if (!before) return [];
  if (!after) return [`Release ${version} has not shown its session cookie, as the previous release did: ${missing}.`];
  const domain = (cookie: ProbeCookie) => cookie.domain?.replace(/^[.]/, '').toLowerCase();
  const lost: readonly (string | false)[] = [
    before.name !== after.name && `is named ${after.name} and no longer ${before.name}, so that users are logged out`,
    before.secure && !after.secure && 'has lost Secure, so that browsers send it without encryption',
    before.httpOnly && !after.httpOnly && 'has lost HttpOnly, so that scripts can read it',
    domain(before) !== domain(after) &&
      `has the domain ${domain(after) ?? 'of its host'} and no longer ${domain(before) ?? 'that of its host'}, so that browsers keep both`,
  ];
  return lost.filter((one) => one !== false).map((one) => `The session cookie of release ${version} ${one}.`);
}

/** What a server was asked, in this order. */
export const PROBE_STAGES = ['previousWrites', 'newWrites', 'newReads', 'previousReads'] as const;
type ProbeStage = (typeof PROBE_STAGES)[number];

/** `incompatible`: the release's own answer shows that users would lose sessions. `unchecked`: it could not be found out. */
type ProbeVerdict = { readonly verdict: 'goOn' } | { readonly verdict: 'incompatible' | 'unchecked'; readonly why: string };

export function judgeProbe(
  stage: ProbeStage,
  { reason, fault, read, sealed, status }: SessionProbed,
  { version, otherVersion, reads }: { readonly version: string; readonly otherVersion: string; readonly reads: boolean },
): ProbeVerdict {
  const isNew = stage === 'newWrites' || stage === 'newReads';
  // Users already have the previous release's faults, and a failed secret, command or connection shows nothing about the new release.
  const failed = (why: string): ProbeVerdict => ({
    verdict: isNew && reads && fault === 'release' ? 'incompatible' : 'unchecked',
    why: `release ${isNew ? version : otherVersion}: ${why}`,
  });
  if (reason !== undefined) return isNew && !reads ? { verdict: 'goOn' } : failed(reason);
  if (stage === 'previousWrites' || stage === 'newWrites')
    return reads && sealed === undefined ? failed('it wrote no session') : { verdict: 'goOn' };
  if (read === 'same') return { verdict: 'goOn' };
  const [reader, writer] = stage === 'newReads' ? [version, otherVersion] : [otherVersion, version];
  const effect =
    stage === 'newReads'
      ? 'users would be logged out as they reach a new server'
      : 'users would be logged out as they reach a server that is not deployed yet, and by a rollback';
  return {
    verdict: 'incompatible',
    why: `release ${reader} does not read the session that release ${writer} wrote (its session.probe.read answered ${status ?? 'nothing'}, without the value): ${effect}`,
  };
}

/**
 * `ask`: a page of the release begins a session, and another ends it: in a server's memory, one that stays would be waited for as a user's.
 * `stated`: the server itself reports cookie and route. `unknown`: nothing shows it. */
type RouteQuestion = 'ask' | 'stated' | 'unknown';

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
type RouteVerdict = { readonly verdict: 'routed' } | { readonly verdict: 'unrouted' | 'unchecked'; readonly why: string };

export function judgeRoute(version: string, { cookie, routed, reason }: SessionProbed): RouteVerdict {
  if (routed === true) return { verdict: 'routed' };
  if (routed === undefined)
    return { verdict: 'unchecked', why: uncheckedRoute(version, reason ?? "the server's document does not show it") };
  return {
    verdict: 'unrouted',
    why: `the session cookie ${cookie?.name ?? ''} of release ${version} does not have the server's route (session.route) after a dot, so that the next deploy would log its users out: end each session id with a dot and the route`,
  };
}
