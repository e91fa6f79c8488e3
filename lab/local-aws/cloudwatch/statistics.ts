/** What CloudWatch stores of observations, and the statistics that it computes from them. */
import { AwsError } from '../service/service.ts';

export interface Aggregate {
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
  /** How often each value was seen; undefined when a statistic set came in, which has no values. */
  readonly values: ReadonlyMap<number, number> | undefined;
}

/** Past this many different values in one bin they are kept to three digits, as a bound on memory. */
const EXACT_VALUES = 1000;

/** @param counts the number of times that each value was seen @default once each */
export function aggregateOf(values: readonly number[], counts?: readonly number[]): Aggregate {
  const seen = new Map<number, number>();
  let count = 0;
  let sum = 0;
  values.forEach((value, index) => {
    const times = counts?.[index] ?? 1;
    seen.set(value, (seen.get(value) ?? 0) + times);
    count += times;
    sum += value * times;
  });
  return { count, sum, minimum: Math.min(...values), maximum: Math.max(...values), values: seen };
}

export function merge(a: Aggregate, b: Aggregate): Aggregate {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    values: a.values === undefined || b.values === undefined ? undefined : mergeValues(a.values, b.values),
  };
}

function mergeValues(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const coarse = a.size + b.size > EXACT_VALUES;
  const merged = new Map<number, number>();
  for (const [value, count] of [...a, ...b]) {
    const key = coarse ? Number(value.toPrecision(3)) : value;
    merged.set(key, (merged.get(key) ?? 0) + count);
  }
  return merged;
}

const PERCENTILE = /^p(\d{1,2}(?:\.\d{0,10})?|100)$/;

/** The percentile that a statistic names, 0–100; undefined when it names none. */
export function percentileOf(statistic: string): number | undefined {
  const match = PERCENTILE.exec(statistic);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** @throws AwsError InvalidParameterValue for a statistic that is unknown or not provided */
export function checkStatistic(statistic: string): void {
  if (['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'].includes(statistic) || percentileOf(statistic) !== undefined) return;
  const known = /^(tm|wm|tc|ts|pr|iqm)/i.test(statistic) ? 'is not emulated locally' : 'is not supported';
  throw new AwsError('InvalidParameterValue', `The value ${statistic} for parameter Stat ${known}.`);
}

/** Undefined where the aggregate is not enough: a percentile of statistic sets. */
export function statisticOf(aggregate: Aggregate, statistic: string): number | undefined {
  switch (statistic) {
    case 'SampleCount':
      return aggregate.count;
    case 'Sum':
      return aggregate.sum;
    case 'Average':
      return aggregate.count === 0 ? undefined : aggregate.sum / aggregate.count;
    case 'Minimum':
      return aggregate.minimum;
    case 'Maximum':
      return aggregate.maximum;
    default:
      return percentile(aggregate, percentileOf(statistic) ?? 50);
  }
}

/** Nearest rank. A set whose minimum and maximum are equal has its percentiles even without values. */
function percentile(aggregate: Aggregate, percent: number): number | undefined {
  if (aggregate.values === undefined) return aggregate.minimum === aggregate.maximum ? aggregate.minimum : undefined;
  const rank = Math.max(1, Math.ceil((percent / 100) * aggregate.count));
  let seen = 0;
  for (const [value, count] of [...aggregate.values].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return value;
  }
  return aggregate.maximum;
}
