import { blindDrainSeconds } from '../../instance/drain-times.ts';
import { WARM_UP_SECONDS } from '../../instance/judge-latency.ts';
import type { SessionsSeen } from '../../instance/steps/sessions.ts';
import type { ReleaseRecord } from '../../records/types.ts';
import { counted, durationText } from '../../shared/texts.ts';
import type { ResolvedSettings } from '../settings/settings.ts';
import { unfitRoutes } from './pin-pattern.ts';

export type ServerSessions = SessionsSeen & {
  readonly instanceId: string;
  /** Its release keeps sessions in memory and counts them. */
  readonly counts: boolean;
  /** What it serves was not deployed by Holdfast. */
  readonly adopted?: boolean;
};

/** Sessions without an end are refused; until then they are as those of a server that states no time-out. */
const limitOf = ({ timeoutSeconds }: Pick<SessionsSeen, 'timeoutSeconds'>): number | undefined =>
  timeoutSeconds !== undefined && timeoutSeconds > 0 ? timeoutSeconds : undefined;

/** What keeps a deploy from waiting for the sessions of these servers, and what its operator should know. In sentences without a full stop. */
export function judgeRoutes(
  servers: readonly ServerSessions[],
  settings: ResolvedSettings,
): { readonly problems: readonly string[]; readonly warnings: readonly string[] } {
  const counting = servers.filter(({ counts }) => counts);
  const blind = servers.filter(({ counts }) => !counts);
  const { problems, wholeSeconds } = judgeTimes(servers, settings);
  const longest = Math.max(0, ...counting.map((server) => longestSessionSeconds(settings, limitOf(server))));
  const said = [
    ...(counting.length > 0
      ? [
          `The deploy waits for the sessions of ${counted(counting.length, 'server')}, up to ${durationText(longest * 1000)} each. Auto Scaling replaces no server and the fleet does not scale in meanwhile: up to ${durationText(wholeSeconds * 1000)} in all. If it is stopped while it waits, users lose their sessions whose browser has meanwhile requested a path that the session cookie does not cover.`,
        ]
      : []),
    ...warnOfBlind(blind),
    ...warnOfUnknown(counting, settings),
  ];
  const inUrls = counting.filter((server) => server.inUrls !== undefined);
  if (inUrls.length > 0) {
    said.push(
      `${inUrls.map(({ instanceId, inUrls: count }) => `${instanceId} has ${counted(count ?? 0, 'session')}`).join(', ')} whose id is in URLs (;jsessionid=) and in no cookie: the rule that keeps sessions on their server does not see it there, so that these end. Set <tracking-mode>COOKIE</tracking-mode> in web.xml.`,
    );
  }
  return { problems: [...unfitRoutes(counting), ...problems], warnings: said };
}

/** Servers that nobody asks for their sessions: one that Holdfast has not deployed to yet has no contract that could say how. */
function warnOfBlind(blind: readonly ServerSessions[]): readonly string[] {
  const said = (servers: readonly ServerSessions[], why: string) =>
    servers.length > 0
      ? [`The deploy does not wait for sessions on ${servers.map(({ instanceId }) => instanceId).join(', ')}: ${why}.`]
      : [];
  return [
    ...said(
      blind.filter(({ adopted }) => adopted),
      'no release of Holdfast is on them yet, so that nothing there counts sessions. Users whose sessions are in their memory are logged out when they are rolled, as by any restart',
    ),
    ...said(
      blind.filter(({ adopted }) => !adopted),
      `the holdfast.app.json of the release that they have counts none ("sessions")`,
    ),
  ];
}

function warnOfUnknown(counting: readonly ServerSessions[], settings: ResolvedSettings): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { instanceId, reason } of counting)
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), instanceId]);
  // A sentence for each server would leave no room for other warnings.
  const unread = [...byReason].map(
    ([reason, ids]) =>
      `${ids.join(', ')} ${ids.length === 1 ? 'does' : 'do'} not report all that the contract promises of sessions: ${reason}.`,
  );
  const silent = counting.filter(({ timeoutSeconds }) => timeoutSeconds === undefined).map(({ instanceId }) => instanceId);
  if (silent.length === 0) return unread;
  return [
    ...unread,
    `${silent.join(', ')} ${silent.length === 1 ? 'reports' : 'report'} no session timeout, so that the deploy waits ${settings.sessionDrainSeconds} s there (deploy.sessionDrainSeconds) and ends sessions that would have lasted longer: state session.timeoutSeconds in holdfast.app.json.`,
  ];
}

/** Whether each roll and the whole deploy fit the time limits of their executions, which run no clean-up when they time out. */
export function judgeTimes(
  servers: readonly Pick<ServerSessions, 'instanceId' | 'counts' | 'timeoutSeconds'>[],
  settings: ResolvedSettings,
): { readonly problems: readonly string[]; readonly wholeSeconds: number } {
  const counting = servers.filter(({ counts }) => counts);
  const rolls = counting.map((server) => ({
    ...server,
    seconds: longestRollSeconds(settings) + longestPinSeconds(settings, limitOf(server)),
  }));
  const tooLong = rolls
    .filter(({ seconds }) => seconds > LONGEST_ROLL_SECONDS)
    .map(({ instanceId, seconds, timeoutSeconds }) => {
      const [why, advice] =
        timeoutSeconds === undefined
          ? [`waits up to ${settings.sessionDrainSeconds} s for its sessions`, 'lower deploy.sessionDrainSeconds']
          : [
              `ends idle sessions after ${timeoutSeconds} s`,
              'set a shorter session timeout in the application. The release that does so needs a deploy as well: with --recover it waits as long as fits, and ends the sessions that last longer',
            ];
      return `${instanceId} ${why}, so that its roll can take ${seconds} s, and the maximum is ${LONGEST_ROLL_SECONDS} s: ${advice}`;
    });
  const others = (servers.length - counting.length) * longestRollSeconds(settings) + servers.length * settings.storeTimeoutSeconds;
  const wholeSeconds = rolls.reduce((sum, { seconds }) => sum + seconds, others);
  const isTooLong = counting.length > 0 && wholeSeconds > LONGEST_DEPLOY_SECONDS;
  const whole = isTooLong
    ? [
        `${servers.length} servers can take ${durationText(wholeSeconds * 1000)} one after the other, and a deploy takes at most ${durationText(LONGEST_DEPLOY_SECONDS * 1000)}: set a shorter session timeout`,
      ]
    : [];
  return { problems: [...tooLong, ...whole], wholeSeconds };
}

/** The servers answer for the releases that they have; a rollback would meet the sessions of this one. */
export const namelessCookie = (release: Pick<ReleaseRecord, 'version' | 'app'> | undefined): readonly string[] =>
  release?.app.sessions !== undefined && release.app.session === undefined
    ? [
        `release ${release.version} counts sessions, and its contract does not name their cookie, so that a rollback could not wait for them: set session.cookie in holdfast.app.json and publish it as a new version`,
      ]
    : [];

/** Between two looks at a pinned server: one that has failed is released within 30 s. */
export const SESSION_SLICE_SECONDS = 12;

/** Servers look for idle sessions once a minute. */
const EXPIRY_SECONDS = 120;

/** A server's own time-out counts where it reports one. */
const longestSessionSeconds = (settings: Pick<ResolvedSettings, 'sessionDrainSeconds'>, timeoutSeconds: number | undefined): number =>
  timeoutSeconds === undefined ? settings.sessionDrainSeconds : timeoutSeconds + EXPIRY_SECONDS;

/** Below 3 hours, the time-out of the machine that rolls one target: an execution that times out runs no Catch of its own, and so no "Put back". */
export const LONGEST_ROLL_SECONDS = 10_000;
/** Below two days, the time-out of the deploy's machine. */
export const LONGEST_DEPLOY_SECONDS = 170_000;

const longestBakeSeconds = ({ bakeSeconds, firstBakeSeconds = 0 }: ResolvedSettings): number => Math.max(bakeSeconds, firstBakeSeconds);

/**
 * The longest roll of a target: a drain without a signal, and a rollback's, last until the load balancer has cut what still runs. A bake whose
 * answers are slow at first goes on while they get faster.
 */
export const longestRollSeconds = (settings: ResolvedSettings, bakeSeconds = longestBakeSeconds(settings)): number =>
  blindDrainSeconds(settings) +
  settings.installTimeoutSeconds +
  settings.healthDeadlineSeconds +
  settings.registerTimeoutSeconds +
  Math.max(bakeSeconds, WARM_UP_SECONDS);

/**
 * The wait for one server at the moment of its roll: a server that came later, another release or a changed time-out has passed no check,
 * and an execution that times out runs no Catch. A rollback waits no longer than the setting says, since a bad release serves meanwhile.
 */
export const boundedSessionSeconds = (
  settings: ResolvedSettings,
  timeoutSeconds: number | undefined,
  { isRollback }: { readonly isRollback: boolean },
): number =>
  Math.max(
    0,
    Math.min(
      longestSessionSeconds(settings, timeoutSeconds),
      LONGEST_ROLL_SECONDS - longestRollSeconds(settings) - pinSeconds(settings),
      ...(isRollback ? [settings.sessionDrainSeconds] : []),
    ),
  );

/** Healthy in the drain group, the rule at every node, and the rule again once the sessions have ended. */
const pinSeconds = ({ registerTimeoutSeconds, ruleLagSeconds }: ResolvedSettings): number => registerTimeoutSeconds + 2 * ruleLagSeconds;

/** What the wait for sessions adds to it. */
export const longestPinSeconds = (settings: ResolvedSettings, timeoutSeconds?: number): number =>
  pinSeconds(settings) + longestSessionSeconds(settings, timeoutSeconds);
