/**
 * Counts what the data plane does and reports it at the end of each period, with the dimensions that an Application Load
 * Balancer has. Periods are aligned to the clock, as its intervals of a minute are.
 */
import type { MetricDatum, MetricSink, Now } from '../../interfaces.ts';
import { type Schedule, type Scheduled, scheduleByTimer } from '../../schedule.ts';
import type { TargetGroup } from '../resources.ts';

/** What is read at the end of a period rather than counted. */
export interface Gauges {
  readonly loadBalancer: string;
  /** Open connections from clients and to targets. */
  readonly activeConnections: number;
  readonly groups: readonly { readonly targetGroup: string; readonly healthy: number; readonly unhealthy: number }[];
}

export interface Meter {
  /** Adds one to a metric of the load balancer (`app/NAME/ID`) and, when given, to the same one of the group. */
  count(metric: string, loadBalancer: string, targetGroup?: string): void;
  responseTime(seconds: number, loadBalancer: string, targetGroup: string): void;
  /** Forgets what was counted in the period that runs. */
  forget(): void;
  stop(): void;
}

/** A group's hosts as HealthyHostCount and UnHealthyHostCount have them: neither those that drain nor those that have stopped. */
export function countHosts(group: Pick<TargetGroup, 'fullName' | 'targets'>): Gauges['groups'][number] {
  const states = [...group.targets.values()]
    .filter(({ draining, running }) => draining === undefined && running)
    .map(({ health }) => health.state);
  const count = (state: string): number => states.filter((one) => one === state).length;
  return { targetGroup: group.fullName, healthy: count('healthy'), unhealthy: count('unhealthy') };
}

const NAMESPACE = 'AWS/ApplicationELB';
/** Bounds the memory of one period: 500 requests a second for a minute. */
const MOST_RESPONSE_TIMES = 30_000;

interface Tally {
  readonly dimensions: Readonly<Record<string, string>>;
  readonly counts: Map<string, number>;
  readonly responseTimes: number[];
}

const keyOf = (loadBalancer: string, targetGroup?: string): string =>
  targetGroup === undefined ? loadBalancer : `${loadBalancer} ${targetGroup}`;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html */
export function createMeter(
  sink: MetricSink,
  now: Now,
  periodMs: number,
  gauges: () => readonly Gauges[],
  schedule: Schedule = scheduleByTimer,
): Meter {
  let tallies = new Map<string, Tally>();
  const periodOf = (ms: number): number => ms - (ms % periodMs);
  let periodStartMs = periodOf(now());

  const tallyOf = (loadBalancer: string, targetGroup?: string): Tally => {
    const key = keyOf(loadBalancer, targetGroup);
    let tally = tallies.get(key);
    if (tally === undefined) {
      const dimensions = { ...(targetGroup === undefined ? {} : { TargetGroup: targetGroup }), LoadBalancer: loadBalancer };
      tally = { dimensions, counts: new Map(), responseTimes: [] };
      tallies.set(key, tally);
    }
    return tally;
  };
  const increase = ({ counts }: Tally, metric: string): void => {
    counts.set(metric, (counts.get(metric) ?? 0) + 1);
  };
  const note = ({ responseTimes }: Tally, seconds: number): void => {
    if (responseTimes.length < MOST_RESPONSE_TIMES) responseTimes.push(seconds);
  };

  const report = (): void => {
    const finished = tallies;
    tallies = new Map();
    const timestampMs = periodStartMs;
    periodStartMs = periodOf(now());
    const data: MetricDatum[] = [];
    const add = (name: string, dimensions: Readonly<Record<string, string>>, values: readonly number[], unit = 'Count'): void => {
      data.push({ namespace: NAMESPACE, name, dimensions, values, unit, timestampMs });
    };
    for (const { dimensions, counts, responseTimes } of finished.values()) {
      for (const [name, count] of counts) add(name, dimensions, [count]);
      if (responseTimes.length > 0) add('TargetResponseTime', dimensions, responseTimes, 'Seconds');
    }
    for (const { loadBalancer, activeConnections, groups } of gauges()) {
      if (activeConnections > 0) add('ActiveConnectionCount', { LoadBalancer: loadBalancer }, [activeConnections]);
      for (const { targetGroup, healthy, unhealthy } of groups) {
        const dimensions = { TargetGroup: targetGroup, LoadBalancer: loadBalancer };
        add('HealthyHostCount', dimensions, [healthy]);
        add('UnHealthyHostCount', dimensions, [unhealthy]);
        const requests = finished.get(keyOf(loadBalancer, targetGroup))?.counts.get('RequestCount');
        if (requests === undefined) continue;
        const perTarget = [requests / Math.max(1, healthy + unhealthy)];
        for (const seen of [dimensions, { TargetGroup: targetGroup }]) add('RequestCountPerTarget', seen, perTarget);
      }
    }
    if (data.length > 0) sink.record(data);
  };

  let timer: Scheduled;
  const scheduleNext = (): void => {
    timer = schedule(periodStartMs + periodMs - now(), () => {
      // A timer can fire a millisecond early.
      if (periodOf(now()) > periodStartMs) report();
      scheduleNext();
    });
  };
  scheduleNext();
  return {
    count(metric, loadBalancer, targetGroup) {
      increase(tallyOf(loadBalancer), metric);
      if (targetGroup !== undefined) increase(tallyOf(loadBalancer, targetGroup), metric);
    },
    responseTime(seconds, loadBalancer, targetGroup) {
      note(tallyOf(loadBalancer), seconds);
      note(tallyOf(loadBalancer, targetGroup), seconds);
    },
    forget() {
      tallies = new Map();
    },
    stop: () => timer.cancel(),
  };
}

/** Counts an answer of the load balancer itself. @param status 4xx or 5xx */
export function countError(meter: Meter, loadBalancer: { readonly fullName: string }, status: number): void {
  meter.count(`HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`, loadBalancer.fullName);
  if (status === 500 || (status >= 502 && status <= 504)) meter.count(`HTTPCode_ELB_${status}_Count`, loadBalancer.fullName);
}
