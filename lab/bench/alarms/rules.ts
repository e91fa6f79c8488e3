/** The alarms of the synthesized templates, evaluated by the local cloud's CloudWatch in virtual time. */
import { createAlarmEvaluator } from '#local-aws/cloudwatch/alarm-evaluator.ts';
import { readMetricAlarm } from '#local-aws/cloudwatch/alarm-input.ts';
import { createAlarmRegistry } from '#local-aws/cloudwatch/alarm-registry.ts';
import { createMetricStore, type MetricStore } from '#local-aws/cloudwatch/metric-store.ts';
import { aggregateOf } from '#local-aws/cloudwatch/statistics.ts';
import type { PublishedValue } from '../../../functions/collect/select-metrics.ts';
import type { FrontCounts } from './counts.ts';

/** The properties of an alarm in a template. */
export type AlarmProperties = Readonly<Record<string, unknown>>;

/** What the collector has read is there so long after. */
const COLLECTOR_DELAY_MS = 20_000;
/** A minute of the load balancer's metrics is there so long after its end: alarms are evaluated before, without it. */
export const FRONT_DELAY_MINUTES = 1;
/** Ten periods of five minutes, and two more, are judged. */
const KEPT_MS = 65 * 60_000;

const NAMES = {
  requests: ['RequestCount', true],
  target2xx: ['HTTPCode_Target_2XX_Count', true],
  target3xx: ['HTTPCode_Target_3XX_Count', true],
  target4xx: ['HTTPCode_Target_4XX_Count', true],
  target5xx: ['HTTPCode_Target_5XX_Count', true],
  connectionErrors: ['TargetConnectionErrorCount', true],
  unhealthy: ['UnHealthyHostCount', true],
  elb3xx: ['HTTPCode_ELB_3XX_Count', false],
  elb4xx: ['HTTPCode_ELB_4XX_Count', false],
  elb5xx: ['HTTPCode_ELB_5XX_Count', false],
  elb502: ['HTTPCode_ELB_502_Count', false],
  elb504: ['HTTPCode_ELB_504_Count', false],
  authErrors: ['ELBAuthError', false],
  authSuccesses: ['ELBAuthSuccess', false],
} as const satisfies Readonly<Record<keyof FrontCounts, readonly [string, boolean]>>;

export interface Fired {
  readonly alarm: string;
  readonly atMs: number;
}

export class Rules {
  private nowMs: number;
  private readonly store: MetricStore;
  private readonly evaluator;
  private readonly registry;
  readonly fired: Fired[] = [];

  constructor(alarms: readonly AlarmProperties[], beginMs: number) {
    this.nowMs = beginMs;
    const now = () => this.nowMs;
    const settings = {
      visibilityDelayMs: COLLECTOR_DELAY_MS,
      customVisibilityDelayMs: COLLECTOR_DELAY_MS,
      retentionMs: KEPT_MS,
      maxSeries: 500,
    };
    this.store = createMetricStore(now, settings);
    this.registry = createAlarmRegistry({
      now,
      place: { region: 'eu-west-1', accountId: '111122223333' },
      topics: { publish: async () => undefined },
      functions: { invokeAsync: async () => undefined },
      events: { put: async () => undefined },
      log: () => undefined,
    });
    for (const alarm of alarms)
      this.registry.put(
        readMetricAlarm(alarm, () => ({ arnPrefix: 'arn:aws:cloudwatch:eu-west-1:111122223333', nowMs: beginMs, existing: undefined })),
      );
    this.evaluator = createAlarmEvaluator({
      now,
      store: this.store,
      registry: this.registry,
      log: (line) => {
        throw new Error(line);
      },
    });
  }

  at(nowMs: number): void {
    this.nowMs = nowMs;
  }

  private add(
    name: string,
    value: number,
    timestampMs: number,
    place: { readonly namespace: string; readonly dimensions: Readonly<Record<string, string>> },
  ) {
    this.store.add({ ...place, name, unit: 'Count', timestampMs, aggregate: aggregateOf([value]), resolutionSeconds: 60 });
  }

  /** The load balancer publishes no zeros, but for hosts. */
  publishFront(counts: FrontCounts, minuteMs: number): void {
    for (const [count, [name, isOfGroup]] of Object.entries(NAMES)) {
      const value = counts[count as keyof FrontCounts];
      if (value === 0 && count !== 'unhealthy') continue;
      const dimensions: Readonly<Record<string, string>> = isOfGroup
        ? { LoadBalancer: 'LoadBalancer', TargetGroup: 'TargetGroup' }
        : { LoadBalancer: 'LoadBalancer' };
      this.add(name, value, minuteMs, { namespace: 'AWS/ApplicationELB', dimensions });
    }
  }

  publishStore(values: readonly PublishedValue[], atMs: number): void {
    for (const { name, value, minutes = 1 } of values)
      for (let minute = 0; minute < minutes; minute += 1)
        this.add(name, value, atMs + minute * 60_000, { namespace: 'Holdfast', dimensions: { Installation: 'holdfast' } });
  }

  evaluate(): void {
    const before = new Map([...this.registry.alarms.values()].map(({ name, state }) => [name, state.value]));
    this.evaluator.evaluate();
    for (const { name, state } of this.registry.alarms.values())
      if (state.value === 'ALARM' && before.get(name) !== 'ALARM') this.fired.push({ alarm: name, atMs: this.nowMs });
  }

  prune(): void {
    this.store.prune();
  }
}
