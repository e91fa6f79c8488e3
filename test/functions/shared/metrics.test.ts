import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetrics } from '../../../functions/shared/metrics.ts';

const lines: string[] = [];
const stdout = process.stdout.write.bind(process.stdout);

beforeEach(() => {
  lines.length = 0;
  process.stdout.write = ((chunk: string) => {
    lines.push(String(chunk));
    return true;
  }) as typeof process.stdout.write;
});
afterEach(() => {
  process.stdout.write = stdout;
});

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
