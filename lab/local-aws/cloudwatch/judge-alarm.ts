/**
 * An alarm's state by its data points, as CloudWatch decides it. Values in, verdict out.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html: the evaluation range,
 *   the four treatments and "Avoiding premature transitions to alarm state"
 */
export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
export type MissingDataTreatment = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;
export type ComparisonOperator = keyof typeof COMPARISONS;

export interface AlarmQuestion {
  /** The evaluation range, oldest first; undefined is a missing data point. */
  readonly points: readonly (number | undefined)[];
  /** N: data points that are judged. */
  readonly evaluationPeriods: number;
  /** M: data points that must breach. */
  readonly datapointsToAlarm: number;
  readonly operator: ComparisonOperator;
  readonly threshold: number;
  readonly treatMissingData: MissingDataTreatment;
}

export interface AlarmVerdict {
  /** `retain`: the alarm stays in the state it has. */
  readonly state: StateValue | 'retain';
  /** Places in `points` of the data points that were judged, oldest first. */
  readonly judged: readonly number[];
  readonly breaching: number;
  /** Missing data points that were filled in to come to N. */
  readonly filled: number;
}

/** CloudWatch fetches more data points than N, in case some are missing; in its examples two more. */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + 2;
}

export function judgeAlarm(question: AlarmQuestion): AlarmVerdict {
  const { points, evaluationPeriods, datapointsToAlarm, treatMissingData } = question;
  const breaches = (value: number): boolean => COMPARISONS[question.operator](value, question.threshold);
  const real = points.flatMap((value, index) => (value === undefined ? [] : [{ index, value, breaching: breaches(value) }]));
  // Enough real ones, however old within the range: the treatment of missing data does not matter then.
  const judged = real.slice(-evaluationPeriods);
  const breaching = judged.filter((point) => point.breaching).length;
  const filled = evaluationPeriods - judged.length;
  const verdict = (state: AlarmVerdict['state']): AlarmVerdict => ({
    state,
    judged: judged.map((point) => point.index),
    breaching,
    filled,
  });

  if (breaching >= datapointsToAlarm) return verdict('ALARM');
  if (filled === 0) return verdict('OK');
  switch (treatMissingData) {
    case 'breaching':
      return verdict(breaching + filled >= datapointsToAlarm ? 'ALARM' : 'OK');
    case 'notBreaching':
      return verdict('OK');
    case 'ignore':
      return verdict(judged.some((point) => !point.breaching) ? 'OK' : 'retain');
    case 'missing': {
      if (judged.length === 0) return verdict('INSUFFICIENT_DATA');
      // All existing data points breach, and the first is at least M periods old: ALARM with fewer than M. Before that OK,
      // since the next data point may not breach.
      const age = points.length - (judged[0]?.index ?? 0);
      return verdict(breaching === judged.length && age >= datapointsToAlarm ? 'ALARM' : 'OK');
    }
  }
}

/**
 * Whether there are too few samples for a percentile: fewer than 10/(1−p), below the median fewer than 10/p.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 */
export function tooFewSamples(percent: number, samples: number): boolean {
  const share = percent / 100;
  return samples < 10 / (share >= 0.5 ? Math.max(1 - share, Number.EPSILON) : Math.max(share, Number.EPSILON));
}
