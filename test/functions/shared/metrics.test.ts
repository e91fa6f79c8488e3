import { expect, it } from 'vitest';
import { createMetrics } from '../../../functions/shared/metrics.ts';
import { metricLines } from '../fakes/metric-lines.ts';

const lines = metricLines();

it('writes each metric as one EMF line with the one dimension given', () => {
  const metrics = createMetrics('Fleet', 'web');
  metrics.count('DeploySucceeded');
  metrics.seconds('DrainSeconds', 31.5);
  const [first, second] = lines.map((line) => JSON.parse(line));
  expect(first).toMatchObject({ Fleet: 'web', DeploySucceeded: 1 });
  expect(first._aws.CloudWatchMetrics).toEqual([
    { Namespace: 'Holdfast', Dimensions: [['Fleet']], Metrics: [{ Name: 'DeploySucceeded', Unit: 'Count' }] },
  ]);
  expect(second).toMatchObject({ Fleet: 'web', DrainSeconds: 31.5 });
  expect(second._aws.CloudWatchMetrics[0].Dimensions).toEqual([['Fleet']]);
});
