import { describe, expect, it } from 'vitest';
import { addIncidents } from '../../../cli/cost/estimate-incidents.ts';
import { estimateUsage } from '../../../cli/cost/estimate-usage.ts';
import { ALARM_CHANGES, RUNBOOKS, TENDED, type Work } from '../../../cli/cost/list-runs.ts';
import { readFleet } from '../../../cli/cost/read-fleet.ts';
import { SOURCES } from '../../../functions/incidents/contract/evidence.ts';

const demand = { installation: 'holdfast', fleetName: 'web', servers: 4, deploysPerDay: 0 };
const work = (what: string, runsPerMonth: number, invocations: number, scheduled = false): Work => ({
  what,
  runsPerMonth,
  run: { transitions: 0, invocations, gbSeconds: 0, events: 0, visits: {}, unknownLoops: [] },
  logged: false,
  traced: false,
  scheduled,
});
const usageOf = (all: readonly Work[]) => addIncidents(estimateUsage(all, readFleet([], 'web'), demand), all);

describe('incidents', () => {
  const usage = usageOf([work(RUNBOOKS, 10, SOURCES.length + 8), work(ALARM_CHANGES, 60, 1), work(TENDED, 8_755, 1, true)]);

  it('write their record twice in each step, and are no steps of a deploy', () => {
    // A record of 5,000 B has 5 write units.
    expect(usage.tableWrites.value).toBe(10 * 8 * 2 * 5 + 60 * (2 * 5 + 1));
    expect(usage.tableWrites.arithmetic).toMatch(/^0 steps/);
  });

  it('are read by each invocation, and listed every five minutes', () => {
    expect(usage.tableReads.value).toBe(10 * (SOURCES.length + 8) * 2 + 60 * 3 + 8_755);
  });

  it('store a part for each source, the bundle of them, and the report in two forms', () => {
    expect(usage.objectWrites.value).toBe(10 * (SOURCES.length + 3));
    expect(usage.objectReads.value).toBe(10 * (SOURCES.length + 2));
    expect(usage.releaseGigabytes.value).toBeCloseTo(120 * 0.0005);
    expect(usage.releaseGigabytes.arithmetic).toContain('+ evidence of 120 runbooks × 0.5 MB');
  });

  it("read the load balancer's five metrics, and every quarter of an hour all alarms by one call", () => {
    expect(usage.alarmReads.arithmetic).toContain(
      '+ GetMetricData: 10 runbooks × 5 metrics + DescribeAlarms: 8,755 checks of open incidents / 3',
    );
  });

  it('add nothing where there are none', () => {
    expect(usageOf([])).toEqual(estimateUsage([], readFleet([], 'web'), demand));
  });
});
