/**
 * The warm-up of an alarm: the time after it was created in which missing data change no state. Values in, decisions out.
 *
 * It applies once, at the alarm's creation: no later update begins another one.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-warm-up.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_WarmUpConfiguration.html
 */

/** The warm-up as PutMetricAlarm was given it. */
export interface WarmUpConfiguration {
  readonly WarmUpPeriodDurationInMinutes: number;
  readonly OnlyStartEvaluatingAfterWarmUpPeriodEnds?: boolean;
}

export interface WarmUp {
  readonly configuration: WarmUpConfiguration;
  /** When the alarm first had a warm-up. */
  readonly startedAtMs: number;
  /** It ended, early or not; a warm-up never begins again. */
  readonly isOver: boolean;
}

/** The warm-up of an alarm that is created or updated. @param before of the alarm that it replaces */
export function warmUpAfterPut(
  configuration: WarmUpConfiguration | undefined,
  before: WarmUp | undefined,
  nowMs: number,
): WarmUp | undefined {
  if (configuration === undefined) return undefined;
  if (before === undefined) return { configuration, startedAtMs: nowMs, isOver: false };
  return { configuration, startedAtMs: before.startedAtMs, isOver: before.isOver || nowMs >= endOf(before) };
}

/** Whether the alarm is not evaluated yet. @param missing data points that its evaluation window lacks */
export function isWarmingUp(warmUp: WarmUp | undefined, nowMs: number, missing: number): boolean {
  if (warmUp === undefined || warmUp.isOver || nowMs >= endOf(warmUp)) return false;
  return warmUp.configuration.OnlyStartEvaluatingAfterWarmUpPeriodEnds === true || missing > 0;
}

const endOf = ({ configuration, startedAtMs }: WarmUp): number => startedAtMs + configuration.WarmUpPeriodDurationInMinutes * 60_000;
