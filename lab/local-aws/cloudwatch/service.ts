/** CloudWatch of the local cloud: metrics in memory, alarms evaluated as CloudWatch does, dashboards kept. */

import type { MetricSink } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import type { LocalService } from '../service/service.ts';
import { createAlarmEvaluator } from './alarm-evaluator.ts';
import { type AlarmContext, alarmOperations } from './alarm-operations.ts';
import { type AlarmRegistryOptions, createAlarmRegistry } from './alarm-registry.ts';
import { type DashboardContext, dashboardArn, dashboardOperations } from './dashboard-operations.ts';
import { readLogLine } from './embedded-metric-format.ts';
import { metricOperations } from './metric-operations.ts';
import { createMetricStore } from './metric-store.ts';
import { plantMetrics } from './plant-metrics.ts';
import { resourceTypes } from './resource-types.ts';
import { aggregateOf } from './statistics.ts';
import { createTagStore, tagOperations } from './tag-operations.ts';

export interface CloudWatchSettings {
  /** Delay until metrics in AWS/* namespaces become visible. @default 60,000, as on AWS */
  readonly visibilityDelayMs: number;
  /** Delay until all other metrics become visible. @default 2,000 */
  readonly customVisibilityDelayMs: number;
  /** Interval between checks for alarms that are due. @default 1,000 */
  readonly evaluationIntervalMs: number;
  /** How long a minute of an alarm's period lasts; minutes that are read keep theirs. @default 60,000 */
  readonly alarmMinuteMs: number;
  /** @default three hours */
  readonly retentionMs: number;
  /** Maximum number of metrics; data of further ones are dropped. @default 10,000 */
  readonly maxMetrics: number;
}

const DEFAULT_SETTINGS: CloudWatchSettings = {
  visibilityDelayMs: 60_000,
  customVisibilityDelayMs: 2_000,
  evaluationIntervalMs: 1_000,
  alarmMinuteMs: 60_000,
  retentionMs: 3 * 3_600_000,
  maxMetrics: 10_000,
};

export interface CloudWatchOptions extends Omit<AlarmRegistryOptions, 'place'> {
  readonly region: string;
  readonly accountId: string;
  readonly settings?: Partial<CloudWatchSettings>;
}

/** A log line of a function or an agent. */
export interface LogLine {
  readonly logGroup: string;
  readonly logStream: string;
  readonly timestampMs: number;
  readonly message: string;
}

export interface CloudWatchService extends LocalService {
  readonly sink: MetricSink;
  /** Records the metrics of a line in the embedded metric format; a malformed line counts in AWS/Logs EMFValidationErrors. */
  ingestLogLine(line: LogLine): void;
  /** Replaces what metrics have in a time that is over; see plant-metrics.ts. */
  plant(body: unknown): object;
}

/** Features of CloudWatch that the local cloud does not have. */
export const NOT_EMULATED = [
  'Metrics are kept in memory for three hours, without roll-ups; nothing survives a restart.',
  'Composite alarms, anomaly detection, metric streams, Metrics Insights, SEARCH(), Contributor Insights and mute rules do not exist.',
  'Metric math has + - * /, comparisons, AND, OR, parentheses, FILL(series, number), IF(condition, value, value) and DIFF(series); other operators and functions are refused.',
  'Trimmed means and the other extended statistics (tm, wm, tc, ts, pr, iqm) are refused; percentiles are exact up to 1,000 different values per period, then to three digits.',
  'Alarm actions can notify SNS topics and invoke Lambda functions; EC2, Auto Scaling, Systems Manager and investigation actions are recorded as failed in the alarm’s history.',
  'The event "CloudWatch Alarm Configuration Change" is not sent.',
  'Requests are neither metered nor throttled.',
] as const;

/** Interval between removals of old data. */
const PRUNE_INTERVAL_MS = 60_000;

export function createCloudWatchService(options: CloudWatchOptions): CloudWatchService {
  const { now, region, accountId, log } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const store = createMetricStore(now, { ...settings, binMs: settings.alarmMinuteMs, maxSeries: settings.maxMetrics });
  const registry = createAlarmRegistry({ ...options, place: { region, accountId } });
  const evaluator = createAlarmEvaluator({ now, store, registry, log, minuteMs: settings.alarmMinuteMs });
  const tagStore = createTagStore();
  const alarms: AlarmContext = { registry, tagStore, now, arnPrefix: `arn:aws:cloudwatch:${region}:${accountId}` };
  const dashboards: DashboardContext = { dashboards: new Map(), now, accountId };
  const isTaggable = (arn: string): boolean =>
    registry.find(arn)?.arn === arn || [...dashboards.dashboards.values()].some((dashboard) => dashboard.arn === arn);

  let prunedAtMs = now();
  const timer = setInterval(() => {
    try {
      evaluator.evaluate();
      if (now() - prunedAtMs < PRUNE_INTERVAL_MS) return;
      prunedAtMs = now();
      store.prune();
    } catch (error) {
      log(`cloudwatch: ${messageOf(error)}`);
    }
  }, settings.evaluationIntervalMs);
  timer.unref();

  const sink: MetricSink = {
    record(data) {
      for (const datum of data) {
        if (datum.values.length > 0) store.add({ ...datum, aggregate: aggregateOf(datum.values), resolutionSeconds: 60 });
      }
    },
  };

  return {
    signingNames: ['monitoring'],
    iamPrefix: 'cloudwatch',
    // The other calls of dashboards are made by CloudFormation, or know no narrower resource.
    permissions: (operation, { DashboardName }) => [
      { resource: operation === 'GetDashboard' ? dashboardArn(accountId, String(DashboardName)) : '*' },
    ],
    protocol: {
      kind: 'json',
      version: '1.0',
      xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      mapNames: ['ExtendedStatistics'],
    },
    operations: {
      ...metricOperations(store, now),
      ...alarmOperations(alarms),
      ...dashboardOperations(dashboards),
      ...tagOperations(tagStore, isTaggable),
    },
    resourceTypes: resourceTypes(alarms, dashboards),
    notEmulated: NOT_EMULATED,
    sink,
    ingestLogLine(line) {
      const reading = readLogLine(line.message, line.timestampMs);
      if (reading.kind === 'metrics') for (const datum of reading.data) store.add(datum);
      if (reading.kind !== 'malformed') return;
      log(`cloudwatch: a line in ${line.logGroup} is not valid embedded metric format: ${reading.reason}`);
      const dimensions = { LogGroupName: line.logGroup };
      sink.record([
        { namespace: 'AWS/Logs', name: 'EMFValidationErrors', dimensions, values: [1], unit: 'Count', timestampMs: line.timestampMs },
      ]);
    },
    plant: (body) => plantMetrics(store, body, now()),
    async stop() {
      clearInterval(timer);
      await registry.settle(5_000);
    },
  };
}
