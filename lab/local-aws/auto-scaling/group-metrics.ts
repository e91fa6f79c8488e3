/** Group metrics, once a minute. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html */
import type { MetricSink } from '../interfaces.ts';
import type { Group } from './group-state.ts';

const NAMESPACE = 'AWS/AutoScaling';
const PERIOD_MS = 60_000;

/** Instances in the state Terminating:Retained. */
export const RETAINED_METRIC = 'GroupTerminatingRetainedInstances';

/** Records what the group collects, if a minute has passed since the last time. */
export function recordGroupMetrics(sink: MetricSink | undefined, group: Group, nowMs: number): void {
  if (sink === undefined || !group.collectedMetrics.has(RETAINED_METRIC) || nowMs - group.lastMetricsMs < PERIOD_MS) return;
  group.lastMetricsMs = nowMs;
  const retained = [...group.members.values()].filter(({ state }) => state === 'Terminating:Retained').length;
  const dimensions = { AutoScalingGroupName: group.name };
  sink.record([{ namespace: NAMESPACE, name: RETAINED_METRIC, dimensions, values: [retained], unit: 'None', timestampMs: nowMs }]);
}
