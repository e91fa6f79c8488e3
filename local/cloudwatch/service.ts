/** CloudWatch of the local cloud: metrics in memory, alarms evaluated as CloudWatch does, dashboards kept. */
import type { LocalService } from '../gateway/service.ts';
import type { EventBus, FunctionInvoker, Log, MetricSink, Now, TopicPublisher } from '../ports.ts';
import { createAlarmEvaluator } from './alarm-evaluator.ts';
import { type AlarmContext, alarmOperations } from './alarm-operations.ts';
import { createAlarmRegistry } from './alarm-registry.ts';
import { type DashboardContext, dashboardOperations } from './dashboard-operations.ts';
import { readLogLine } from './embedded-metric-format.ts';
import { metricOperations } from './metric-operations.ts';
import { createMetricStore } from './metric-store.ts';
import { resourceTypes } from './resource-types.ts';
import { aggregateOf } from './statistics.ts';
import { createTagStore, tagOperations } from './tag-operations.ts';

export interface CloudWatchSettings {
  /** How late metrics in AWS/* namespaces can be seen. @default 60,000, as on AWS */
  readonly visibilityDelayMs: number;
  /** How late all other metrics can be seen. @default 2,000 */
  readonly customVisibilityDelayMs: number;
  /** How often it is looked whether an alarm's window is due. @default 1,000 */
  readonly evaluationIntervalMs: number;
  /** @default three hours */
  readonly retentionMs: number;
  /** Different metrics that are kept; data of further ones are dropped. @default 10,000 */
  readonly maxMetrics: number;
}

const DEFAULT_SETTINGS: CloudWatchSettings = {
  visibilityDelayMs: 60_000,
  customVisibilityDelayMs: 2_000,
  evaluationIntervalMs: 1_000,
  retentionMs: 3 * 3_600_000,
  maxMetrics: 10_000,
};

export interface CloudWatchOptions {
  readonly now: Now;
  readonly region: string;
  readonly accountId: string;
  readonly topics: TopicPublisher;
  readonly functions: FunctionInvoker;
  readonly events: EventBus;
  readonly log: Log;
  readonly settings?: Partial<CloudWatchSettings>;
}

/** A line that a function or an agent logged. */
export interface LogLine {
  readonly logGroup: string;
  readonly logStream: string;
  readonly timestampMs: number;
  readonly message: string;
}

export interface CloudWatchService extends LocalService {
  readonly sink: MetricSink;
  /** Takes the metrics out of a line in the embedded metric format; a malformed one counts as AWS/Logs EMFValidationErrors. */
  ingestLogLine(line: LogLine): void;
}

/** What a user of the real service would miss. */
export const NOT_EMULATED = [
  'Data are kept in memory for three hours; nothing is rolled up, and nothing survives a restart.',
  'Anomaly detection, metric streams, Metrics Insights, SEARCH(), contributor insights, mute rules and alarm warm-up do not exist.',
  'Metric math has + - * / ^, comparisons, AND, OR, SUM, AVG, MIN, MAX, IF, FILL, METRICS, ABS, CEIL, FLOOR, DIFF, RATE and PERIOD; other functions are refused by name.',
  'Trimmed means and the other extended statistics (tm, wm, tc, ts, pr, iqm) are refused; percentiles are exact up to 1,000 different values a period, then to three digits.',
  'Alarm actions reach SNS topics and Lambda functions; EC2, Auto Scaling, Systems Manager and investigation actions fail in the history.',
  "A composite alarm's suppressor has no wait and extension periods.",
  'The event "CloudWatch Alarm Configuration Change" is not sent.',
  'Requests are neither metered nor throttled.',
] as const;

/** Between two clear-outs of old data. */
const PRUNE_INTERVAL_MS = 60_000;

export function createCloudWatchService(options: CloudWatchOptions): CloudWatchService {
  const { now, region, accountId, log } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const store = createMetricStore(now, { ...settings, maxSeries: settings.maxMetrics });
  const registry = createAlarmRegistry({ ...options, place: { region, accountId } });
  const evaluator = createAlarmEvaluator({ now, store, registry, log });
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
      log(`cloudwatch: ${error instanceof Error ? error.message : error}`);
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
    protocol: { kind: 'json', version: '1.0', xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/' },
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
      log(`cloudwatch: a line of ${line.logGroup} is no embedded metric format: ${reading.reason}`);
      const dimensions = { LogGroupName: line.logGroup };
      sink.record([
        { namespace: 'AWS/Logs', name: 'EMFValidationErrors', dimensions, values: [1], unit: 'Count', timestampMs: line.timestampMs },
      ]);
    },
    async stop() {
      clearInterval(timer);
      await registry.settle(5_000);
    },
  };
}
