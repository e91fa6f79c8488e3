import { expect, it } from 'vitest';
import { createStoreMetrics } from '../../../functions/collect/store-metrics.ts';
import { metricLines } from '../fakes/metric-lines.ts';

const lines = metricLines();

it('writes a reading as one EMF line with the one dimension Installation, each reading anew', () => {
  const publish = createStoreMetrics('holdfast');
  publish(
    [
      { name: 'MemoryPercent', unit: 'Percent', value: 40 },
      { name: 'Evictions', unit: 'Count', value: 2 },
    ],
    { keys: 5, gone: null },
  );
  publish([{ name: 'MemoryPercent', unit: 'Percent', value: 41 }], {});
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
