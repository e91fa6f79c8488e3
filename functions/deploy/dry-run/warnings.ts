import { isSticky, stickySeconds } from '../../shared/aws/attributes-reader.ts';
import { warnOfHistory } from '../assess/judge-history.ts';
import { warnOfBlindDrains } from '../assess/warn-of-blind-drains.ts';
import { warnOfFront } from '../assess/warn-of-front.ts';
import { warnOfHooks } from '../assess/warn-of-hooks.ts';
import { warnOfLostSessions } from '../assess/warn-of-lost-sessions.ts';
import { warnOfRedAlarms } from '../assess/warn-of-red-alarms.ts';
import { warnOfStopped } from '../assess/warn-of-stopped.ts';
import { MORE_CONCURRENCY, whyThrottled } from '../rolls/judge-concurrency.ts';
import { learnFrom } from '../rolls/learn-from.ts';
import { judgeRoutes } from '../sessions/judge-routes.ts';
import { describeTakenOver } from '../take-over.ts';
import { sessionProblems } from './checks.ts';
import type { DryRunFacts } from './facts.ts';
import { judgeCopies } from './judge-copies.ts';
import { sessionsOf } from './plan-servers.ts';
import { warnOfTheLimit } from './times.ts';
import { warnOfShortStickiness } from './warn-of-short-stickiness.ts';

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
    describeTakenOver(facts.lock),
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
