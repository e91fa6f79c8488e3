import { describe, expect, it } from 'vitest';
import { readLogLine } from '../../cloudwatch/embedded-metric-format.ts';

const directive = {
  Namespace: 'Holdfast',
  Dimensions: [['Fleet'], ['Fleet', 'Node']],
  Metrics: [
    { Name: 'Sessions', Unit: 'Count' },
    { Name: 'LatencyInMs', Unit: 'Milliseconds', StorageResolution: 1 },
  ],
};
const line = { _aws: { Timestamp: 1000, CloudWatchMetrics: [directive] }, Fleet: 'web', Node: '1', Sessions: 3, LatencyInMs: [1, 2, 2] };

function read(body: unknown) {
  return readLogLine(typeof body === 'string' ? body : JSON.stringify(body), 5000);
}

describe('readLogLine', () => {
  it('makes a metric of every name and dimension set', () => {
    const reading = read(line);
    if (reading.kind !== 'metrics') throw new Error(reading.kind);
    expect(reading.data.map((datum) => [datum.name, Object.keys(datum.dimensions).join('+'), datum.resolutionSeconds])).toEqual([
      ['Sessions', 'Fleet', 60],
      ['LatencyInMs', 'Fleet', 1],
      ['Sessions', 'Fleet+Node', 60],
      ['LatencyInMs', 'Fleet+Node', 1],
    ]);
    expect(reading.data[1]?.aggregate).toMatchObject({ count: 3, sum: 5, minimum: 1, maximum: 2 });
    expect(reading.data[0]).toMatchObject({ namespace: 'Holdfast', unit: 'Count', timestampMs: 1000, dimensions: { Fleet: 'web' } });
  });

  it('reads several directives, and a directive without dimensions', () => {
    const reading = read({
      ...line,
      _aws: { CloudWatchMetrics: [directive, { Namespace: 'Other', Dimensions: [], Metrics: [{ Name: 'Sessions' }] }] },
    });
    if (reading.kind !== 'metrics') throw new Error(reading.kind);
    expect(reading.data.at(-1)).toMatchObject({ namespace: 'Other', dimensions: {}, unit: 'None', timestampMs: 5000 });
  });

  it.each([
    ['START RequestId: 1', 'text'],
    ['{"level":"INFO"}', 'text'],
    ['{"_aws": ', 'malformed'],
    [{ ...line, Fleet: undefined }, 'malformed'],
    [{ ...line, Fleet: 7 }, 'malformed'],
    [{ ...line, Sessions: 'three' }, 'malformed'],
    [{ ...line, Sessions: Array.from({ length: 101 }, () => 1) }, 'malformed'],
    [{ ...line, _aws: { CloudWatchMetrics: [{ ...directive, Namespace: '' }] } }, 'malformed'],
    [
      { ...line, _aws: { CloudWatchMetrics: [{ ...directive, Dimensions: [Array.from({ length: 31 }, (_, index) => `d${index}`)] }] } },
      'malformed',
    ],
  ])('%j is %s', (body, expected) => {
    expect(read(body).kind).toBe(expected);
  });
});
