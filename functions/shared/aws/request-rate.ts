import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';

/** How busy the targets of one target group are. */
export interface RequestRate {
  /** Average number of requests per target, in each of the last ten whole minutes that have data. */
  perMinute(nowMs: number): Promise<readonly number[]>;
}

const MINUTE_MS = 60_000;
const MINUTES = 10;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html */
export function createRequestRate(client: CloudWatchClient, targetGroupArn: string): RequestRate {
  // The dimension's value is the end of the ARN: `targetgroup/NAME/ID`.
  const targetGroup = targetGroupArn.slice(targetGroupArn.lastIndexOf(':') + 1);
  return {
    async perMinute(nowMs) {
      const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
      const { MetricDataResults = [] } = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(endMs - MINUTES * MINUTE_MS),
          EndTime: new Date(endMs),
          MetricDataQueries: [
            {
              Id: 'requests',
              MetricStat: {
                Metric: {
                  Namespace: 'AWS/ApplicationELB',
                  MetricName: 'RequestCountPerTarget',
                  Dimensions: [{ Name: 'TargetGroup', Value: targetGroup }],
                },
                Period: MINUTE_MS / 1000,
                Stat: 'Sum', // this metric's only statistic; it is an average over the targets
              },
            },
          ],
        }),
      );
      return MetricDataResults[0]?.Values ?? [];
    },
  };
}
