/** Puts metrics in and reads them out. */
import { z } from 'zod';
import type { Now } from '../interfaces.ts';
import { instant, list, page, real, requiredText, whole } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { dimensions, parseInput, unit } from './input.ts';
import { checkPeriod, checkQueries, metricQuery, periodOf, runQueries } from './metric-queries.ts';
import type { MetricStore, StoredDatum } from './metric-store.ts';
import { type Aggregate, aggregateOf, checkStatistic, statisticOf } from './statistics.ts';

const datum = z.object({
  MetricName: requiredText,
  Dimensions: dimensions.optional(),
  Timestamp: instant.optional(),
  Value: real.optional(),
  Values: list(real).optional(),
  Counts: list(real).optional(),
  StatisticValues: z.object({ SampleCount: real, Sum: real, Minimum: real, Maximum: real }).optional(),
  Unit: unit.optional(),
  StorageResolution: whole(1, 60).optional(),
});

const TWO_WEEKS_MS = 14 * 86_400_000;
const TWO_HOURS_MS = 2 * 3_600_000;
const MAX_DIMENSIONS = 30;
/** Data points of one GetMetricData page. */
const MAX_DATAPOINTS = 100_800;

export function metricOperations(store: MetricStore, now: Now): Record<string, Operation> {
  return {
    PutMetricData(input) {
      const request = parseInput(z.object({ Namespace: requiredText, MetricData: list(datum).optional() }), input);
      if (request.Namespace.startsWith('AWS/')) {
        throw new AwsError('InvalidParameterValue', 'The value AWS/ for parameter Namespace is invalid.');
      }
      const data = (request.MetricData ?? []).map((item) => stored(request.Namespace, item, now()));
      for (const item of data) store.add(item);
      return undefined;
    },
    GetMetricData: (input) => getMetricData(store, input),
    GetMetricStatistics: (input) => getMetricStatistics(store, input),
    ListMetrics(input) {
      const filter = z.object({ Name: requiredText, Value: requiredText.optional() });
      const schema = z.object({
        Namespace: requiredText.optional(),
        MetricName: requiredText.optional(),
        Dimensions: list(filter).optional(),
        NextToken: requiredText.optional(),
      });
      const request = parseInput(schema, input);
      const metrics = store
        .list()
        .filter((metric) => request.Namespace === undefined || metric.namespace === request.Namespace)
        .filter((metric) => request.MetricName === undefined || metric.name === request.MetricName)
        .filter((metric) =>
          (request.Dimensions ?? []).every(({ Name, Value }) => {
            const value = metric.dimensions[Name];
            return value !== undefined && (Value === undefined || value === Value);
          }),
        );
      const { items, nextToken } = page(metrics, request.NextToken, 500);
      return {
        Metrics: items.map((metric) => ({ Namespace: metric.namespace, MetricName: metric.name, Dimensions: pairsOf(metric.dimensions) })),
        ...nextToken,
      };
    },
  };
}

/** Dimensions as the API lists them. */
export function pairsOf(set: Readonly<Record<string, string>>): { Name: string; Value: string }[] {
  return Object.entries(set).map(([Name, Value]) => ({ Name, Value }));
}

/** @throws AwsError InvalidParameterValue, InvalidParameterCombination, MissingParameter */
function stored(namespace: string, item: z.output<typeof datum>, nowMs: number): StoredDatum {
  const timestampMs = item.Timestamp ?? nowMs;
  if (timestampMs < nowMs - TWO_WEEKS_MS || timestampMs > nowMs + TWO_HOURS_MS) {
    throw new AwsError(
      'InvalidParameterValue',
      `The parameter MetricData.member.1.Timestamp must specify a time within the past two weeks and no later than two hours in the future.`,
    );
  }
  const set = item.Dimensions ?? {};
  if (Object.keys(set).length > MAX_DIMENSIONS)
    throw new AwsError('InvalidParameterValue', `At most ${MAX_DIMENSIONS} dimensions are allowed.`);
  return {
    namespace,
    name: item.MetricName,
    dimensions: set,
    unit: item.Unit ?? 'None',
    timestampMs,
    aggregate: aggregateFor(item),
    resolutionSeconds: item.StorageResolution !== undefined && item.StorageResolution < 60 ? 1 : 60,
  };
}

function aggregateFor(item: z.output<typeof datum>): Aggregate {
  const given = [item.Value, item.Values, item.StatisticValues].filter((value) => value !== undefined);
  if (given.length === 0)
    throw new AwsError('MissingParameter', 'At least one of the parameters must be specified: Value, Values, StatisticValues.');
  if (given.length > 1) {
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameters Value, Values and StatisticValues are mutually exclusive and you have specified more than one.',
    );
  }
  if (item.StatisticValues !== undefined) {
    const { SampleCount, Sum, Minimum, Maximum } = item.StatisticValues;
    return { count: SampleCount, sum: Sum, minimum: Minimum, maximum: Maximum, values: undefined };
  }
  const values = item.Values ?? [item.Value ?? 0];
  if (values.length === 0 || values.length > 150) throw new AwsError('InvalidParameterValue', 'Values takes 1 to 150 values.');
  if (item.Counts !== undefined && item.Counts.length !== values.length) {
    throw new AwsError('InvalidParameterValue', 'The parameters Values and Counts must be of the same length.');
  }
  return aggregateOf(values, item.Counts);
}

const getDataInput = z.object({
  MetricDataQueries: list(metricQuery),
  StartTime: instant,
  EndTime: instant,
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).optional(),
  MaxDatapoints: whole(1, MAX_DATAPOINTS).optional(),
  NextToken: requiredText.optional(),
});

/** Pages count data points over all results, in the order of the queries. */
function getMetricData(store: MetricStore, input: unknown): object {
  const request = parseInput(getDataInput, input);
  if (request.StartTime >= request.EndTime)
    throw new AwsError('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
  checkQueries(request.MetricDataQueries);
  const tooMany = (request.EndTime - request.StartTime) / (periodOf(request.MetricDataQueries) * 1000) > MAX_DATAPOINTS;
  if (tooMany) throw new AwsError('ValidationError', `The time range has more than ${MAX_DATAPOINTS} periods.`);
  const direction = request.ScanBy === 'TimestampAscending' ? 1 : -1;
  const results = runQueries(store, request.MetricDataQueries, request.StartTime, request.EndTime, true).filter(
    ({ query }) => query.ReturnData !== false,
  );
  const flat = results.flatMap((result, index) =>
    [...result.points].sort(([a], [b]) => direction * (a - b)).map(([time, value]) => ({ index, time, value })),
  );
  const { items, nextToken } = page(flat, request.NextToken, request.MaxDatapoints ?? MAX_DATAPOINTS);
  const shown = Number(nextToken.NextToken ?? flat.length);
  return {
    MetricDataResults: results.map((result, index) => {
      const points = items.filter((item) => item.index === index);
      return {
        Id: result.query.Id,
        Label: result.label,
        Timestamps: points.map((point) => new Date(point.time)),
        Values: points.map((point) => point.value),
        StatusCode: flat.findLastIndex((item) => item.index === index) < shown ? 'Complete' : 'PartialData',
      };
    }),
    Messages: [],
    ...nextToken,
  };
}

const statisticsInput = z.object({
  Namespace: requiredText,
  MetricName: requiredText,
  Dimensions: dimensions.optional(),
  StartTime: instant,
  EndTime: instant,
  Period: whole(1),
  Statistics: list(requiredText).optional(),
  ExtendedStatistics: list(requiredText).optional(),
  Unit: unit.optional(),
});

function getMetricStatistics(store: MetricStore, input: unknown): object {
  const request = parseInput(statisticsInput, input);
  checkPeriod(request.Period);
  const plain = request.Statistics ?? [];
  const extended = request.ExtendedStatistics ?? [];
  if (plain.length + extended.length === 0) throw new AwsError('MissingParameter', 'Must specify either Statistics or ExtendedStatistics.');
  if (request.StartTime >= request.EndTime) {
    throw new AwsError('InvalidParameterValue', 'The parameter StartTime must be less than the parameter EndTime.');
  }
  for (const statistic of [...plain, ...extended]) checkStatistic(statistic);
  const periodMs = request.Period * 1000;
  const startMs = Math.floor(request.StartTime / periodMs) * periodMs;
  if ((request.EndTime - startMs) / periodMs > 1440) {
    throw new AwsError(
      'InvalidParameterCombination',
      'You have requested more than 1,440 datapoints, which exceeds the limit. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    );
  }
  const metric = { namespace: request.Namespace, name: request.MetricName, dimensions: request.Dimensions ?? {} };
  const units = request.Unit === undefined ? store.units(metric, startMs, request.EndTime) : [request.Unit];
  const datapoints = units.flatMap((name) =>
    [...store.read(metric, { startMs, endMs: request.EndTime, periodMs }, name)].map(([time, aggregate]) => ({
      Timestamp: new Date(time),
      Unit: name,
      ...statisticsOf(aggregate, plain),
      ...(extended.length > 0 && {
        ExtendedStatistics: statisticsOf(aggregate, extended),
      }),
    })),
  );
  return { Label: request.MetricName, Datapoints: datapoints };
}

/** A statistic that cannot be computed from the data is left out. */
function statisticsOf(aggregate: Aggregate, statistics: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    statistics.flatMap((statistic) => {
      const value = statisticOf(aggregate, statistic);
      return value === undefined ? [] : [[statistic, value] as const];
    }),
  );
}
