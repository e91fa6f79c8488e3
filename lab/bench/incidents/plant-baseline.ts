/**
 * The hour before a case, which nobody waits for: what the load balancer's metrics and the collector's window would have, had the
 * same users been there. The benchmark's result names both as planted. What earlier cases left in them is replaced.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Cloud } from '../../../cli/cloud.ts';
import type { OpenCloud } from '../../../cli/open-stores.ts';
import type { MinuteSample, StoreReading, WindowSample } from '../../../functions/collect/contract.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { targetGroupName } from '../../../functions/shared/naming.ts';
import type { FaultControl } from '../../demo/fault-control.ts';
import { recordsTableOf } from './records-table-of.ts';

export const MINUTE_MS = 60_000;
/** The load balancer publishes a minute when it is over, and the metrics show it two seconds later. */
export const PUBLISHED_MS = 4_000;
/** The runbook compares with what is between an hour and ten minutes before the first sign, and looks at five minutes before it. */
const FROM_MS = 75 * MINUTE_MS;
const UNTIL_MS = 7 * MINUTE_MS;
/** The collector's own: a sample every five minutes. */
const SAMPLES = 13;
const SAMPLE_MS = 5 * MINUTE_MS;
/** One in two hundred is refused, as by a login that was mistyped. */
const REFUSED_SHARE = 0.005;

/** A reading of the collector that is taken meanwhile would put the window back that it has read before. */
const MOST_ATTEMPTS = 5;
const SETTLED_MS = 2_000;

export interface Baseline {
  readonly control: Pick<FaultControl, 'plantMetrics'>;
  /** Rate of the traffic that runs already. */
  readonly requestsPerMinute: number;
}

/** @throws Error when the window is overwritten again and again */
export async function plantBaseline(cloud: OpenCloud<'store'>, baseline: Baseline): Promise<void> {
  await plantResponses(cloud, baseline);
  await plantWindow(cloud);
}

/** Dimensions of the load balancer's metrics per target group; without `TargetGroup` they are those of its own metrics. */
export async function balancerDimensions({ client, installation, fleet }: Cloud): Promise<Record<'TargetGroup' | 'LoadBalancer', string>> {
  const elb = new ElasticLoadBalancingV2Client(client);
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName(installation, fleet)] }));
  const { TargetGroupArn = '', LoadBalancerArns = [] } = TargetGroups?.[0] ?? {};
  const LoadBalancer = (LoadBalancerArns[0] ?? '').replace(/^.*:loadbalancer\//, '');
  return { TargetGroup: TargetGroupArn.replace(/^.*:/, ''), LoadBalancer };
}

/** The usual responses of the minutes that are over; what earlier cases left in these is removed. */
export async function plantResponses(cloud: Cloud, { control, requestsPerMinute }: Baseline): Promise<void> {
  const ofGroup = await balancerDimensions(cloud);
  const { LoadBalancer } = ofGroup;
  const metric = (name: string, perMinute: number, dimensions: Record<string, string> = ofGroup) => ({
    ...{ namespace: 'AWS/ApplicationELB', name, dimensions, perMinute },
  });
  // The running minute is measured: the load balancer publishes it when it is over.
  const toMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  await control.plantMetrics({
    ...{ fromMs: toMs - FROM_MS, usualUntilMs: toMs - UNTIL_MS, toMs },
    metrics: [
      metric('RequestCount', requestsPerMinute),
      metric('HTTPCode_Target_3XX_Count', 0),
      metric('HTTPCode_Target_4XX_Count', Math.round(requestsPerMinute * REFUSED_SHARE)),
      metric('HTTPCode_Target_5XX_Count', 0),
      metric('HTTPCode_ELB_5XX_Count', 0, { LoadBalancer }),
    ],
  });
}

/** As many sessions and as much memory as the latest reading has. */
export function usualWindow(reading: StoreReading, nowMs: number): readonly WindowSample[] {
  const { memoryUsedBytes, memoryPercent, activeSessions, hitRatePercent } = reading;
  return Array.from({ length: SAMPLES }, (_, sample) => ({
    ...{ atMs: nowMs - FROM_MS + sample * SAMPLE_MS, memoryUsedBytes, memoryPercent, activeSessions, hitRatePercent },
  }));
}

/** Likewise by the minute: what was deleted between two cases is no fall of the next one's. */
export const usualMinutes = ({ activeSessions, keys }: StoreReading, nowMs: number): readonly MinuteSample[] =>
  Array.from({ length: FROM_MS / MINUTE_MS }, (_, minute) => [
    Math.floor((nowMs - FROM_MS + minute * MINUTE_MS) / 1_000),
    ...([activeSessions, keys, 0, 0] as const),
  ]);

async function plantWindow(cloud: OpenCloud<'store'>): Promise<void> {
  const { store } = cloud;
  const table = recordsTableOf(cloud);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const record = await store.getStore();
    if (!record) throw new Error('the collector has taken no reading yet');
    const nowMs = Date.now();
    const window = usualWindow(record.reading, nowMs);
    await table.update(recordKeys.storeReading(), {
      UpdateExpression: 'SET #window = :window, #minutes = :minutes',
      ExpressionAttributeNames: { '#window': 'window', '#minutes': 'minutes' },
      ExpressionAttributeValues: { ':window': window, ':minutes': usualMinutes(record.reading, nowMs) },
    });
    await sleep(SETTLED_MS);
    if ((await store.getStore())?.window[0]?.atMs === window[0]?.atMs) return;
  }
  throw new Error("the collector's window could not be planted: readings overwrote it");
}
