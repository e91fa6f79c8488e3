import type { TargetInFlight } from './in-flight.ts';

/** When an execution was last asked for, in milliseconds since the epoch, by its name. */
type AskedAtMs = ReadonlyMap<string, number>;

/** An execution is not asked for within this time after it began or recorded a step, nor after it was last asked for. */
const SILENT_MS = 20_000;
/**
 * Looks follow each other as fast as rolls end, so that the calls of many at once would grow with the square of their number. Step Functions
 * gives an account 10 DescribeExecution calls a second in most Regions, after the first 250: these are 5 at most.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const EACH_MS = 200;
/** One function can be new at every look, and then remembers nothing. */
const MOST_AT_A_LOOK = 100;

/**
 * The rolls whose executions a look asks for, since nothing is on record of them: those first that were not asked for the longest, then those
 * that have been silent the longest.
 */
export function silentRolls(rolls: readonly TargetInFlight[], askedAtMs: AskedAtMs, nowMs: number): readonly TargetInFlight[] {
  const restMs = Math.max(SILENT_MS, rolls.length * EACH_MS);
  const asked = ({ executionName }: TargetInFlight) => askedAtMs.get(executionName) ?? 0;
  return rolls
    .filter((roll) => nowMs - roll.phaseStartedAtMs >= SILENT_MS && nowMs - asked(roll) >= restMs)
    .toSorted((a, b) => asked(a) - asked(b) || a.phaseStartedAtMs - b.phaseStartedAtMs)
    .slice(0, MOST_AT_A_LOOK);
}
