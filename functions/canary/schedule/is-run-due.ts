/** What is due in one turn of the schedule. Pure. */
import { LONGEST_SECONDS, TOLERANCE } from '../kept/judge-kept.ts';
import type { Policy } from '../recipe/recipe.ts';

const DAY_MS = 86_400_000;
/** No run begins this soon after one that failed: each begins with a wrong password, and some sites lock an account after a few of these. */
export const RETRY_MS = 3_600_000;

export interface Situation {
  readonly nowMs: number;
  readonly everyMs: number;
  readonly policy: Policy;
  /** Whether there are kept sessions. */
  readonly hasKept: boolean;
  readonly ranAtMs: number | undefined;
  /** The last failure, if nothing has worked since. */
  readonly failedAtMs: number | undefined;
  /** A deploy, a refresh or an incident's mitigation is at work. */
  readonly isBusy: boolean;
  /** End of the fleet's latest deploy. */
  readonly deployedAtMs: number | undefined;
}

/** Whether all checks are to run. They begin the kept sessions anew, so that long time-outs are given the time to be measured. */
export function isRunDue({ nowMs, everyMs, policy, hasKept, ranAtMs, failedAtMs, isBusy, deployedAtMs }: Situation): boolean {
  if (isBusy) return false;
  if (failedAtMs !== undefined && nowMs - failedAtMs < RETRY_MS) return false;
  if (!hasKept || ranAtMs === undefined) return true;
  if (deployedAtMs !== undefined && deployedAtMs > ranAtMs) return true;
  return nowMs - ranAtMs >= runEveryMs(policy, everyMs);
}

/** A day, or as long as it takes to see every time-out of the policy that is measured at all. */
export function runEveryMs({ idleSeconds, absoluteSeconds }: Policy, everyMs: number): number {
  const measured = (seconds: number | undefined) => (seconds !== undefined && seconds <= LONGEST_SECONDS ? seconds * 1_000 : 0);
  // B's session is used shortly before the idle time-out, and then shortly after it.
  const idleMs = 2 * measured(idleSeconds);
  const absoluteMs = measured(absoluteSeconds) * (1 + TOLERANCE);
  return Math.max(DAY_MS, ...[idleMs, absoluteMs].filter((ms) => ms > 0).map((ms) => ms + 3 * everyMs));
}
