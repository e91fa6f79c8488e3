/** CloudWatch: metrics of what users experienced, a minute late, and the installation's alarms, on the decisions of the local one. */
import { createAlarmEvaluator } from '#local-aws/cloudwatch/alarm-evaluator.ts';
import { readMetricAlarm } from '#local-aws/cloudwatch/alarm-input.ts';
import { alarmOperations } from '#local-aws/cloudwatch/alarm-operations.ts';
import { metricOperations, pairsOf } from '#local-aws/cloudwatch/metric-operations.ts';
import { createMetricStore } from '#local-aws/cloudwatch/metric-store.ts';
import { aggregateOf } from '#local-aws/cloudwatch/statistics.ts';
import { createTagStore } from '#local-aws/cloudwatch/tag-operations.ts';
import type { MetricSink } from '#local-aws/interfaces.ts';
import type { Alarm } from '../installation/installation.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Service } from '../seam/call.ts';
import { createAlarms } from './cloudwatch-alarms.ts';
import { localService, only } from './local-service.ts';

export interface CloudWatchOptions {
  readonly kernel: Kernel;
  readonly alarms: readonly Alarm[];
}

export interface SimulatedCloudWatch {
  /** `cloudwatch` */
  readonly service: Service;
  /** Where the load balancer reports what it counted. */
  readonly metrics: MetricSink;
  /** @throws Error for an alarm that the installation has not */
  stateOf(alarmName: string): string;
  /** Names of all alarms. */
  readonly alarmNames: readonly string[];
  /** An alarm is in ALARM for a while, whatever its metric says. */
  forceRed(alarmName: string, lastsMs: number): void;
}

const MINUTE_MS = 60_000;
/** What AWS/* metrics of a period are late, after its end. */
const DELAY_MS = 60_000;

export function createCloudWatch({ kernel, alarms }: CloudWatchOptions): SimulatedCloudWatch {
  const now = () => kernel.now();
  const store = createMetricStore(now, {
    visibilityDelayMs: DELAY_MS,
    customVisibilityDelayMs: DELAY_MS,
    retentionMs: 3 * 3_600_000,
    maxSeries: 1_000,
  });
  const registry = createAlarms(kernel);
  const arnPrefix = 'arn:aws:cloudwatch:eu-central-1:000000000000';
  for (const alarm of alarms) registry.put(readMetricAlarm(propertiesOf(alarm), () => ({ arnPrefix, nowMs: now(), existing: undefined })));
  const evaluator = createAlarmEvaluator({ now, store, registry, log: (line) => kernel.fail(new Error(line)) });
  // Alarms that have existed for long are in OK as long as there is no trouble.
  evaluator.evaluate();
  kernel.every(MINUTE_MS, () => evaluator.evaluate(), kernel.random('alarms').whole(1, MINUTE_MS));

  return {
    service: localService({
      ...only(alarmOperations({ registry, tagStore: createTagStore(), now, arnPrefix }), 'DescribeAlarms'),
      ...only(metricOperations(store, now), 'GetMetricData'),
    }),
    metrics: {
      record(data) {
        for (const datum of data) store.add({ ...datum, aggregate: aggregateOf(datum.values), resolutionSeconds: 60 });
      },
    },
    stateOf: (alarmName) => registry.need(alarmName).state.value,
    alarmNames: [...registry.alarms.keys()],
    forceRed: registry.forceRed,
  };
}

const propertiesOf = (alarm: Alarm): object => ({
  AlarmName: alarm.name,
  ...(alarm.queries
    ? { Metrics: alarm.queries }
    : {
        Namespace: alarm.namespace,
        MetricName: alarm.metricName,
        Dimensions: pairsOf(alarm.dimensions ?? {}),
        Statistic: alarm.statistic,
        Period: alarm.periodSeconds,
      }),
  EvaluationPeriods: alarm.evaluationPeriods,
  DatapointsToAlarm: alarm.datapointsToAlarm,
  Threshold: alarm.threshold,
  ComparisonOperator: alarm.comparisonOperator,
  TreatMissingData: alarm.treatMissingData,
});
