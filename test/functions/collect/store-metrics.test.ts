import { expect, it } from 'vitest';
import { createStoreMetrics } from '../../../functions/collect/select-metrics.ts';
import { metricLines } from '../fakes/metric-lines.ts';

const lines = metricLines();
/** Powertools warns of times that CloudWatch would not take. */
const AT_MS = Date.now();

it('writes a reading as one EMF line with the one dimension Installation, each reading anew', () => {
  const publish = createStoreMetrics('holdfast');
  publish(
    [
      { name: 'MemoryPercent', unit: 'Percent', value: 40 },
      { name: 'Evictions', unit: 'Count', value: 2 },
    ],
    { keys: 5, gone: null },
    0,
  );
  publish([{ name: 'MemoryPercent', unit: 'Percent', value: 41 }], {}, 0);
  const [first, second] = lines.map((line) => JSON.parse(line));
  expect(lines).toHaveLength(2);
  expect(first).toMatchObject({ Installation: 'holdfast', MemoryPercent: 40, Evictions: 2, keys: '5' });
  expect(first).not.toHaveProperty('gone');
  expect(first._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: 'Holdfast',
      Dimensions: [['Installation']],
      Metrics: [
        { Name: 'MemoryPercent', Unit: 'Percent' },
        { Name: 'Evictions', Unit: 'Count' },
      ],
    },
  ]);
  expect(second._aws.CloudWatchMetrics[0].Metrics).toEqual([{ Name: 'MemoryPercent', Unit: 'Percent' }]);
  expect(second).not.toHaveProperty('keys');
});

it('writes what holds for longer once for each later minute too, and nothing else there', () => {
  const before = lines.length;
  createStoreMetrics('holdfast')(
    [
      { name: 'ActiveSessions', unit: 'Count', value: 5 },
      { name: 'ExpectedLookups', unit: 'Count', value: 1_000, minutes: 2 },
      { name: 'ExpectedLookups', unit: 'Count', value: 150, minutes: 3 },
    ],
    { keys: 5 },
    AT_MS,
  );
  const [now, ...ahead] = lines.slice(before).map((line) => JSON.parse(line));
  expect(now).toMatchObject({ ActiveSessions: 5, ExpectedLookups: [1_000, 150], keys: '5' });
  expect(ahead.map(({ _aws, ...one }) => [_aws.Timestamp, one])).toEqual([
    [AT_MS + 60_000, { Installation: 'holdfast', ExpectedLookups: [1_000, 150] }],
    [AT_MS + 120_000, { Installation: 'holdfast', ExpectedLookups: 150 }],
  ]);
});
