import { letThroughWords } from '../../records/outcome-text.ts';
import { isSticky, stickySeconds } from '../../shared/aws/attributes-reader.ts';
import { durationText } from '../../shared/times.ts';
import { warnOfHistory } from '../assess/judge-history.ts';
import { warnOfBlindDrains } from '../assess/warn-of-blind-drains.ts';
import { warnOfFront } from '../assess/warn-of-front.ts';
import { warnOfHooks } from '../assess/warn-of-hooks.ts';
import { warnOfLostSessions } from '../assess/warn-of-lost-sessions.ts';
import { warnOfRedAlarms } from '../assess/warn-of-red-alarms.ts';
import { warnOfStopped } from '../assess/warn-of-stopped.ts';
import { foundUnserved } from '../command/stage-assets.ts';
import { MORE_CONCURRENCY, whyThrottled } from '../rolls/judge-concurrency.ts';
import { learnFrom } from '../rolls/learn-from.ts';
import { judgeRoutes, type ServerSessions } from '../sessions/judge-routes.ts';
import { sessionProblems } from './checks.ts';
import type { DryRunFacts } from './facts.ts';
import { judgeCopies } from './judge-copies.ts';
import { sessionsOf } from './plan-servers.ts';
import { warnOfTheLimit } from './times.ts';

/** How the servers would be rolled. */
interface CourseFacts {
  readonly atATime: number;
  /** How long the deploy takes if every wait lasts as long as the settings allow. */
  readonly worstSeconds: number;
}

/**
 * What the deploy itself warns of before it goes on, and what only a dry run checks: whether the account has room for the deploy's
 * functions, and whether the deploy fits into one execution of Step Functions.
 */
export function warningsOf(facts: DryRunFacts, course: CourseFacts): readonly string[] {
  const { atATime, worstSeconds } = course;
  const { deploy, contracts, protocolVersion, toRoll, alarms, drainRule } = facts;
  const versions = toRoll.map(({ version }) => version);
  return [
    letThroughWords(deploy),
    facts.release?.app.assets && foundUnserved(facts.latest) && `As the latest deploy with assets found: ${foundUnserved(facts.latest)}`,
    warnOfBlindDrains({ versions, contracts, protocolVersion, settings: deploy.settings }),
    warnOfLostSessions(deploy.version, contracts.get(deploy.version), isSticky(facts.attributes)),
    drainRule === undefined ? undefined : warnOfShortStickiness(stickySeconds(facts.attributes), sessionsOf(facts)),
    ...(drainRule?.warnings ?? []),
    ...warnOfFront({ ...facts, settings: deploy.settings }),
    ...warnOfRedAlarms(alarms),
    ...warnOfStopped(facts.stopped),
    ...warnOfHooks(facts.groupName, facts.groupHooks),
    drainRule === undefined ? warnOfTheLimit(worstSeconds) : undefined,
    warnOfHistory({ ...facts, pauseAfter: deploy.pauseAfter, settings: deploy.settings }, learnFrom(facts.latest)?.rollSeconds),
    facts.concurrency.unreserved === undefined ? undefined : throttledSentence(atATime, facts.concurrency.unreserved),
    ...(deploy.recover ? [...(drainRule?.problems ?? []), ...sessionProblems(facts)] : []),
    ...judgeCopies(facts).warnings,
    ...(drainRule === undefined || toRoll.length === 0 ? [] : judgeRoutes(sessionsOf(facts), deploy.settings).warnings),
  ].filter((warning) => warning !== undefined);
}

function throttledSentence(atATime: number, unreserved: number): string | undefined {
  const why = whyThrottled(atATime, unreserved);
  return why === undefined ? undefined : `${why}; ${MORE_CONCURRENCY}`;
}

/**
 * One sentence where the load balancer forgets a user's server before that server ends the session; undefined otherwise. A deploy's rule
 * leads such a user to the server while it waits for its sessions, and to any server at all other times.
 *
 * @param stickySeconds how long the load balancer remembers a user's server after the last request; undefined when that is not known
 * @param servers with the session time-outs that they have answered
 */
function warnOfShortStickiness(
  stickySeconds: number | undefined,
  servers: readonly Pick<ServerSessions, 'counts' | 'timeoutSeconds'>[],
): string | undefined {
  const longest = Math.max(0, ...servers.map(({ counts, timeoutSeconds = 0 }) => (counts ? timeoutSeconds : 0)));
  if (stickySeconds === undefined || stickySeconds >= longest) return undefined;
  return `The load balancer leads a user to the server of the session for ${durationText(stickySeconds * 1000)} after the last request, and the servers keep sessions for ${durationText(longest * 1000)}: who comes back later than that is logged out, also without a deploy. Set the duration of the target group's stickiness to a day (86400).`;
}
