/** Metric data queries: what GetMetricData and alarms on metric math share. */

import { z } from 'zod';
import { messageOf } from '../service/message-of.ts';
import { flag, requiredText, whole } from '../service/parse-input.ts';
import { AwsError } from '../service/service.ts';
import { dimensions, unit } from './input.ts';
import { evaluate, type MathContext, type MathValue, type Points } from './metric-math.ts';
import type { MetricStore } from './metric-store.ts';
import { checkStatistic, statisticOf } from './statistics.ts';

const metricStat = z.object({
  Metric: z.object({ Namespace: requiredText, MetricName: requiredText, Dimensions: dimensions.optional() }),
  Period: whole(1, 86_400),
  Stat: requiredText,
  Unit: unit.optional(),
});

export const metricQuery = z.object({
  Id: z.string().regex(/^[a-z][A-Za-z0-9_]*$/),
  MetricStat: metricStat.optional(),
  Expression: requiredText.optional(),
  Label: z.string().optional(),
  ReturnData: flag.optional(),
  Period: whole(1, 86_400).optional(),
  AccountId: z.string().optional(),
});
export type MetricQuery = z.output<typeof metricQuery>;

/** Periods are 1, 5, 10, 20, 30 or a multiple of 60 seconds. @throws AwsError InvalidParameterValue */
export function checkPeriod(seconds: number): void {
  if (![1, 5, 10, 20, 30].includes(seconds) && seconds % 60 !== 0) {
    throw new AwsError(
      'InvalidParameterValue',
      `The value ${seconds} for parameter Period is not supported: it must be 1, 5, 10, 20, 30 or a multiple of 60.`,
    );
  }
}

/** @throws AwsError ValidationError, InvalidParameterValue */
export function checkQueries(queries: readonly MetricQuery[]): void {
  const ids = new Set<string>();
  for (const query of queries) {
    if (ids.has(query.Id))
      throw new AwsError('ValidationError', `The values for parameter id in MetricDataQueries are not unique: ${query.Id}`);
    ids.add(query.Id);
    if ((query.MetricStat === undefined) === (query.Expression === undefined)) {
      throw new AwsError('ValidationError', `The query ${query.Id} must have either MetricStat or Expression.`);
    }
    if (query.MetricStat === undefined) continue;
    checkStatistic(query.MetricStat.Stat);
    checkPeriod(query.MetricStat.Period);
  }
}

/** The longest period of the queries: what an expression over them is evaluated at. */
export function periodOf(queries: readonly MetricQuery[]): number {
  return Math.max(0, ...queries.map((query) => query.MetricStat?.Period ?? query.Period ?? 0)) || 60;
}

export interface QueryResult {
  readonly query: MetricQuery;
  readonly label: string;
  readonly points: Points;
}

/**
 * Values of every query between two times. `align` moves the start down to a multiple of each query's period, as
 * GetMetricData does; alarms count their periods from the start itself.
 *
 * @throws AwsError ValidationError that describes what is wrong with the expression
 */
export function runQueries(
  store: MetricStore,
  queries: readonly MetricQuery[],
  startMs: number,
  endMs: number,
  align: boolean,
): QueryResult[] {
  const periodMs = periodOf(queries) * 1000;
  const alignedMs = (widthMs: number): number => (align ? Math.floor(startMs / widthMs) * widthMs : startMs);
  const timesMs: number[] = [];
  for (let time = alignedMs(periodMs); time < endMs; time += periodMs) timesMs.push(time);
  const values = new Map<string, MathValue>();
  const open = new Set<string>();

  const context: MathContext = {
    resolve(id) {
      const query = queries.find((candidate) => candidate.Id === id);
      return query === undefined ? undefined : valueFor(query);
    },
    timesMs,
  };

  const valueFor = (query: MetricQuery): MathValue => {
    const known = values.get(query.Id);
    if (known !== undefined) return known;
    if (open.has(query.Id)) throw new AwsError('ValidationError', `Error in expression '${query.Id}': it refers to itself.`);
    open.add(query.Id);
    const value = query.MetricStat === undefined ? calculated(query) : read(query.MetricStat);
    open.delete(query.Id);
    values.set(query.Id, value);
    return value;
  };

  const calculated = (query: MetricQuery): MathValue => {
    try {
      return evaluate(query.Expression ?? '', context);
    } catch (error) {
      if (error instanceof AwsError) throw error;
      throw new AwsError('ValidationError', `Error in expression '${query.Id}': ${messageOf(error)}.`);
    }
  };

  const read = (stat: z.output<typeof metricStat>): Points => {
    const metric = { namespace: stat.Metric.Namespace, name: stat.Metric.MetricName, dimensions: stat.Metric.Dimensions ?? {} };
    const widthMs = stat.Period * 1000;
    const periods = store.read(metric, { startMs: alignedMs(widthMs), endMs, periodMs: widthMs }, stat.Unit);
    const points = [...periods].flatMap(([time, aggregate]) => {
      const value = statisticOf(aggregate, stat.Stat);
      return value === undefined ? [] : [[time, value] as const];
    });
    return new Map(points.sort(([a], [b]) => a - b));
  };

  return queries.map((query) => {
    const value = valueFor(query);
    const points = typeof value === 'number' ? new Map(timesMs.map((time) => [time, value])) : value;
    return { query, label: query.Label || query.MetricStat?.Metric.MetricName || query.Id, points };
  });
}
