import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, START_MS, type World } from './fakes.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.service.stop());

interface Results {
  MetricDataResults: { Id: string; Label: string; Timestamps: Date[]; Values: number[]; StatusCode: string }[];
  NextToken?: string;
}
const range = () => ({ StartTime: new Date(START_MS), EndTime: new Date(world.now() + 60_000) });
const stat = (Id: string, Stat: string, changes: object = {}) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName: 'Errors', ...changes }, Period: 60, Stat },
});
async function value(statistic: string, changes: object = {}): Promise<number[]> {
  const { MetricDataResults } = await world.call<Results>('GetMetricData', {
    ...range(),
    MetricDataQueries: [stat('m1', statistic, changes)],
  });
  return MetricDataResults[0]?.Values ?? [];
}

describe('statistics', () => {
  it.each([
    ['SampleCount', 10],
    ['Sum', 37],
    ['Average', 3.7],
    ['Minimum', 3],
    ['Maximum', 10],
    ['p50', 3],
    ['p90', 3],
    ['p99', 10],
    ['p100', 10],
  ])('%s is %d', async (statistic, expected) => {
    await world.put(0, { Value: undefined, Values: [3, 10], Counts: [8, 1] });
    await world.put(3);
    await world.call('PutMetricData', { Namespace: 'Shop', MetricData: [] });
    // 8×3 + 10 + 3 = 37, of ten observations; the same name with dimensions is another metric.
    await world.put(1, { Dimensions: [{ Name: 'Fleet', Value: 'web' }] });
    expect(await value(statistic)).toEqual([expected]);
  });

  it('keeps every exact dimension set apart, in whatever order', async () => {
    const pair = [
      { Name: 'A', Value: '1' },
      { Name: 'B', Value: '2' },
    ];
    await world.put(5, { Dimensions: pair });
    await world.put(7, { Dimensions: pair.slice(0, 1) });
    expect(await value('Sum', { Dimensions: [...pair].reverse() })).toEqual([5]);
    expect(await value('Sum', { Dimensions: pair.slice(0, 1) })).toEqual([7]);
    expect(await value('Sum')).toEqual([]);
  });

  it('takes statistic sets, which have no percentiles', async () => {
    await world.put(0, { Value: undefined, StatisticValues: { SampleCount: '4', Sum: '10', Minimum: '1', Maximum: '4' } });
    expect([await value('Average'), await value('p90')]).toEqual([[2.5], []]);
  });
});

describe('visibility', () => {
  it('shows metrics of services later than custom ones', async () => {
    const dimensions = { LoadBalancer: 'app/web/1' };
    world.service.sink.record([
      { namespace: 'AWS/ApplicationELB', name: 'RequestCount', dimensions, values: [1, 1], unit: 'Count', timestampMs: START_MS },
    ]);
    const read = () =>
      value('Sum', {
        Namespace: 'AWS/ApplicationELB',
        MetricName: 'RequestCount',
        Dimensions: [{ Name: 'LoadBalancer', Value: 'app/web/1' }],
      });
    world.advance(59_999);
    expect(await read()).toEqual([]);
    world.advance(1);
    expect(await read()).toEqual([2]);
  });

  it('keeps high-resolution data by the second and standard data by the minute', async () => {
    world.advance(30_000);
    await world.put(1, { StorageResolution: 1 });
    await world.put(1, { MetricName: 'Coarse' });
    const query = (MetricName: string) => ({
      Id: 'm1',
      MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 10, Stat: 'Sum' },
    });
    const times = async (name: string) =>
      (await world.call<Results>('GetMetricData', { ...range(), MetricDataQueries: [query(name)] })).MetricDataResults[0]?.Timestamps.map(
        (time) => time.getTime() - START_MS,
      );
    expect(await times('Errors')).toEqual([30_000]);
    expect(await times('Coarse')).toEqual([0]);
  });
});

describe('GetMetricData', () => {
  it('evaluates expressions over the other queries and leaves out what returns no data', async () => {
    await world.put(10);
    await world.put(40, { MetricName: 'Requests' });
    const queries = [
      { ...stat('errors', 'Sum'), ReturnData: 'false' },
      { ...stat('requests', 'Sum', { MetricName: 'Requests' }), ReturnData: 'false' },
      { Id: 'rate', Expression: '100 * errors / requests', Label: 'Error rate' },
    ];
    const { MetricDataResults } = await world.call<Results>('GetMetricData', {
      StartTime: new Date(START_MS).toISOString(),
      EndTime: (START_MS + 60_000) / 1000,
      MetricDataQueries: queries,
    });
    expect(MetricDataResults).toEqual([
      { Id: 'rate', Label: 'Error rate', Timestamps: [new Date(START_MS)], Values: [25], StatusCode: 'Complete' },
    ]);
  });

  it('pages by data points, newest first', async () => {
    for (const amount of [1, 2, 3]) {
      await world.put(amount);
      world.advance(60_000);
    }
    const request = { ...range(), MetricDataQueries: [stat('m1', 'Sum')], MaxDatapoints: 2 };
    const first = await world.call<Results>('GetMetricData', request);
    const second = await world.call<Results>('GetMetricData', { ...request, NextToken: first.NextToken });
    expect([first.MetricDataResults[0]?.Values, second.MetricDataResults[0]?.Values, second.NextToken]).toEqual([[3, 2], [1], undefined]);
  });
});

describe('GetMetricStatistics and ListMetrics', () => {
  it('answers Query input', async () => {
    await world.put(4, { Dimensions: [{ Name: 'Fleet', Value: 'web' }] });
    const answer = await world.call('GetMetricStatistics', {
      Namespace: 'Shop',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'Fleet', Value: 'web' }],
      StartTime: new Date(START_MS).toISOString(),
      EndTime: new Date(START_MS + 60_000).toISOString(),
      Period: '60',
      Statistics: ['Sum', 'Average'],
      ExtendedStatistics: ['p99'],
    });
    expect(answer).toEqual({
      Label: 'Errors',
      Datapoints: [{ Timestamp: new Date(START_MS), Unit: 'Count', Sum: 4, Average: 4, ExtendedStatistics: { p99: 4 } }],
    });
    expect(await world.call('ListMetrics', { Namespace: 'Shop', Dimensions: [{ Name: 'Fleet' }] })).toEqual({
      Metrics: [{ Namespace: 'Shop', MetricName: 'Errors', Dimensions: [{ Name: 'Fleet', Value: 'web' }] }],
    });
    expect(await world.call('ListMetrics', { Dimensions: [{ Name: 'Fleet', Value: 'other' }] })).toEqual({ Metrics: [] });
  });
});

describe('ingestLogLine', () => {
  it('stores embedded metrics and counts malformed lines', async () => {
    const line = { logGroup: '/aws/lambda/collect', logStream: 's', timestampMs: START_MS };
    const header = {
      Timestamp: START_MS,
      CloudWatchMetrics: [{ Namespace: 'Shop', Dimensions: [[]], Metrics: [{ Name: 'Errors', Unit: 'Count' }] }],
    };
    world.service.ingestLogLine({ ...line, message: JSON.stringify({ _aws: header, Errors: 3 }) });
    world.service.ingestLogLine({ ...line, message: JSON.stringify({ _aws: header }) });
    world.service.ingestLogLine({ ...line, message: 'END RequestId: 1' });
    expect(await value('Sum')).toEqual([3]);
    world.advance(60_000);
    const errors = {
      Namespace: 'AWS/Logs',
      MetricName: 'EMFValidationErrors',
      Dimensions: [{ Name: 'LogGroupName', Value: '/aws/lambda/collect' }],
    };
    expect(await value('Sum', errors)).toEqual([1]);
  });
});

describe('errors', () => {
  const queries = (query: object) => ({ ...range(), MetricDataQueries: [query] });
  it.each([
    ['PutMetricData', () => ({ MetricData: [] }), 'MissingParameter'],
    ['PutMetricData', () => ({ Namespace: 'AWS/EC2', MetricData: [] }), 'InvalidParameterValue'],
    ['PutMetricData', () => ({ Namespace: 'Shop', MetricData: [{ MetricName: 'E' }] }), 'MissingParameter'],
    [
      'PutMetricData',
      () => ({ Namespace: 'Shop', MetricData: [{ MetricName: 'E', Value: 1, Values: [1] }] }),
      'InvalidParameterCombination',
    ],
    ['PutMetricData', () => ({ Namespace: 'Shop', MetricData: [{ MetricName: 'E', Value: 1, Unit: 'Apples' }] }), 'InvalidParameterValue'],
    ['PutMetricData', () => ({ Namespace: 'Shop', MetricData: [{ MetricName: 'E', Value: 1, Timestamp: 1000 }] }), 'InvalidParameterValue'],
    ['GetMetricData', () => queries({ Id: 'm1', Expression: 'SEARCH("x")' }), 'ValidationError'],
    ['GetMetricData', () => queries({ Id: 'm1', Expression: 'm1 + 1' }), 'ValidationError'],
    ['GetMetricData', () => queries({ Id: 'm1' }), 'ValidationError'],
    ['GetMetricData', () => queries(stat('m1', 'tm90')), 'InvalidParameterValue'],
    ['GetMetricStatistics', () => ({ ...range(), Namespace: 'Shop', MetricName: 'E', Period: 60 }), 'MissingParameter'],
    [
      'GetMetricStatistics',
      () => ({ ...range(), Namespace: 'Shop', MetricName: 'E', Period: 61, Statistics: ['Sum'] }),
      'InvalidParameterValue',
    ],
  ])('%s fails with its code (%#)', async (operation, input, code) => {
    await expect(world.call(operation, input())).rejects.toMatchObject({ code });
  });
});
