import { describe, expect, it } from 'vitest';
import { createEventLog } from '../../elasticache/events.ts';

describe('the events of ElastiCache', () => {
  it('become older by what they are dated back, and those that follow do not', () => {
    let nowMs = 10_000;
    const events = createEventLog(
      () => nowMs,
      () => {},
    );
    events.record('replication-group', 'store', 'one');
    events.dateBack(4_000);
    nowMs += 1;
    events.record('replication-group', 'store', 'two');
    expect(events.list().map(({ message, dateMs }) => [message, dateMs])).toEqual([
      ['two', 10_001],
      ['one', 6_000],
    ]);
  });
});
