/** What a deploy looks at people by, and what a look found, in words. Pure. */
import { DEPLOY_GATE_SECONDS } from '../../gate/contract.ts';
import type { PeopleAnswer, PeopleKind } from '../../people/contract.ts';
import { FEWEST, type PeopleCounts, type PeopleVerdict, type Share } from '../../people/judge-people.ts';
import type { DeployPeople, ReleaseRecord } from '../../records/types.ts';
import { counted } from '../../shared/texts.ts';
import { type ENV, GATE_ON } from '../contract/environment.ts';
import { PagesBroken, UsersTurnedAway } from '../errors.ts';
import type { Expected, ResolvedSettings } from '../settings/settings.ts';

type Hurt = Extract<PeopleVerdict, { verdict: 'hurt' }>;

/** What `--expect` calls it; nobody expects a server's errors. */
export const EXPECTED_AS: Readonly<Record<PeopleKind, Expected | undefined>> = {
  turnedAway: 'turned-away',
  refused: 'turned-away',
  newSession: 'turned-away',
  missingParts: 'pages',
  serverErrors: undefined,
};

const MET: Readonly<Record<PeopleKind, string>> = {
  turnedAway: 'were sent to another page',
  refused: 'were refused',
  newSession: 'got a new session in place of the one that they brought',
  missingParts: 'got 404 for scripts, styles, fonts or images',
  serverErrors: 'got an error of the server',
};

/** What becomes of those who met it, and what to do. */
const NEXT: Readonly<Record<PeopleKind, string>> = {
  turnedAway: 'Who was sent to the login page may have to log in again',
  refused: 'Nothing is known to be lost: they are served again once the previous release answers',
  newSession: 'What their sessions held is lost if the release has overwritten their cookie',
  missingParts: 'They reload their page once the previous release answers. "assets" in holdfast.app.json keeps the files of both releases',
  serverErrors: 'They are served again once the previous release answers',
};

export function describeHurt({
  instanceId,
  version,
  unit,
  found: { kind, now, before },
  paths,
}: {
  readonly instanceId: string;
  readonly version: string;
  readonly unit: PeopleCounts['unit'];
  readonly found: Hurt;
  /** Rows of its paths, where the source has any. */
  readonly paths: readonly string[];
}): { readonly error: UsersTurnedAway | PagesBroken; readonly detail: string } {
  const [, path, status] = paths.find((row) => row.startsWith(`${kind} `))?.split(' ') ?? [];
  // The load balancer's numbers have no path, and more among them.
  const more: Partial<Record<PeopleKind, string>> = { refused: ' or found nothing', turnedAway: ', or had it unchanged' };
  const most = path !== undefined ? `, most of them at ${path} (${status})` : (more[kind] ?? '');
  const where = path === undefined && unit === 'requests' ? ' at the load balancer, which are those of all servers,' : '';
  const who = `${shareOf(now, unit === 'people' ? 'person' : 'request')}${where}`;
  const detail = `with release ${version} on ${instanceId}, ${who} ${MET[kind]}${most}; before it was ${before.hurt} of ${before.of}`;
  const expect = EXPECTED_AS[kind];
  const Failure = expect === 'turned-away' ? UsersTurnedAway : PagesBroken;
  return { error: new Failure(`${detail}. ${NEXT[kind]}${expect === undefined ? '' : byIntent(expect)}`), detail };
}

/** The end of an error. */
export const byIntent = (expect: Expected): string => `. If the release does this by intent, deploy it with --expect ${expect}`;

/** `12 of 14 people`. */
const shareOf = ({ hurt, of }: Share, one: 'person' | 'request'): string =>
  `${hurt} of ${one === 'person' ? (of === 1 ? '1 person' : `${of} people`) : counted(of, 'request')}`;

/** Why nothing could be judged. */
export function describeTooFew(instanceId: string, own: PeopleAnswer, { unit, now }: PeopleCounts, sinceMs: number): string {
  // Each request can be refused; page parts are those of every server.
  const { of } = now.refused;
  if (own.lastMs < sinceMs)
    return `${instanceId} has no request in its access log since it was registered: nobody came, or the log is written late`;
  return `${instanceId} had ${of} ${unit === 'people' ? 'people with a session' : 'requests'} since it was registered: ${FEWEST[unit]} or more are needed, for pages that were served before`;
}

/** Servers of one look: Run Command takes 50, and each answer is a call. */
export const MOST_SERVERS = 20;

export interface PlannedLooks {
  readonly people: DeployPeople;
  /** Whether both releases read each other's sessions: `checked by …`, or `not tried: …` with why. */
  readonly sessions: string;
}

/** Of the first servers: only the load balancer's metrics, which come late, make a bake longer. */
export const firstBakeSecondsOf = (
  {
    bakeSeconds,
    firstBakeSeconds = bakeSeconds,
    peopleWaitSeconds,
  }: Pick<ResolvedSettings, 'bakeSeconds' | 'firstBakeSeconds' | 'peopleWaitSeconds'>,
  people: DeployPeople | undefined,
): number => (people?.source === 'load balancer' ? Math.max(firstBakeSeconds, peopleWaitSeconds) : firstBakeSeconds);

/** What a deploy will look at, before its first server. @param serving contracts of what the servers have that are rolled and serve users */
export function planLooks(
  version: string,
  app: ReleaseRecord['app'] | undefined,
  serving: readonly (Pick<ReleaseRecord['app'], 'logs'> | undefined)[],
  {
    peopleWaitSeconds,
    isSticky = false,
    sessionGate = 'no users for the gate',
  }: Pick<ResolvedSettings, 'peopleWaitSeconds'> & {
    readonly isSticky?: boolean;
    /** {@link ENV.sessionGate}. */
    readonly sessionGate?: string | undefined;
  },
): PlannedLooks {
  const people = { source: 'access log', servers: Math.min(serving.length, MOST_SERVERS), ...(isSticky && { isSticky }) } as const;
  const none = 'no server has a release that users have met';
  if (serving.length === 0) return { people: { ...people, verdict: 'unchecked', detail: none }, sessions: `not tried: ${none}` };
  return {
    people:
      app?.logs?.access !== undefined && serving.some((one) => one?.logs?.access !== undefined)
        ? { ...people, verdict: 'planned', detail: '' }
        : peopleWaitSeconds > 0
          ? { ...people, source: 'load balancer', verdict: 'planned', detail: '' }
          : {
              ...people,
              verdict: 'unchecked',
              detail: `release ${version}, or the one before it, has no logs.access: name its access log in holdfast.app.json`,
            },
    sessions:
      sessionGate === GATE_ON
        ? `checked by the session gate at the first server, which takes at most ${DEPLOY_GATE_SECONDS} s`
        : `not tried: ${sessionGate}`,
  };
}
