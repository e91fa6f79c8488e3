import { type CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandOutput } from '@aws-sdk/client-cloudwatch';

/** Sums of one period: responses of a target group's servers by class, and those of the load balancer itself. */
export interface ResponseCounts {
  /** Those for which the load balancer found a target: what it answers by itself before that, such as a 4xx or 503, is not in it. */
  readonly requests: number;
  readonly target3xx: number;
  readonly target4xx: number;
  readonly target5xx: number;
  /** This and the following ones are of the whole load balancer, which does not count them per target group. */
  readonly elb3xx?: number;
  readonly elb4xx: number;
  readonly elb5xx: number;
  /** Logins by its authenticate action that failed: it is misconfigured, or does not reach the provider (500, 561). */
  readonly authErrors: number;
  /** Logins that the provider refused, or whose code was used before (401). */
  readonly authFailures: number;
}

/** One minute of them, by its begin. CloudWatch has no zeros: what has no datapoint in a minute that has others is zero. */
export interface ResponseMinute extends ResponseCounts {
  readonly minuteMs: number;
}

/** Minutes with data, oldest first. */
export type ReadResponses = (fromMs: number, toMs: number) => Promise<readonly ResponseMinute[]>;

const PER_GROUP = {
  requests: 'RequestCount',
  target3xx: 'HTTPCode_Target_3XX_Count',
  target4xx: 'HTTPCode_Target_4XX_Count',
  target5xx: 'HTTPCode_Target_5XX_Count',
} as const;
const OF_BALANCER = {
  elb3xx: 'HTTPCode_ELB_3XX_Count',
  elb4xx: 'HTTPCode_ELB_4XX_Count',
  elb5xx: 'HTTPCode_ELB_5XX_Count',
  authErrors: 'ELBAuthError',
  authFailures: 'ELBAuthFailure',
} as const;
const NONE: ResponseCounts = {
  ...{ requests: 0, target3xx: 0, target4xx: 0, target5xx: 0 },
  ...{ elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
};

const PERIOD_SECONDS = 60;
/** 100,800 values a page: a day of nine metrics is 12,960. */
const MOST_PAGES = 3;

/** As metrics name a load balancer: `app/web/0123456789abcdef`. */
export const balancerDimension = (loadBalancerArn: string): string => loadBalancerArn.replace(/^.*:loadbalancer\//, '');

/**
 * Reads the load balancer's metrics, which are up to some minutes late, are kept by the minute for 15 days, and cost $0.01 for 1,000 that
 * are read: a call reads nine.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function createReadResponses(client: CloudWatchClient, loadBalancerArn: string, targetGroupArn: string): ReadResponses {
  const LoadBalancer = balancerDimension(loadBalancerArn);
  const TargetGroup = targetGroupArn.replace(/^.*:/, '');
  const query = (id: string, metricName: string, dimensions: Readonly<Record<string, string>>) => ({
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName: metricName,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: PERIOD_SECONDS,
      Stat: 'Sum',
    },
  });
  const queries = [
    ...Object.entries(PER_GROUP).map(([id, name]) => query(id, name, { TargetGroup, LoadBalancer })),
    ...Object.entries(OF_BALANCER).map(([id, name]) => query(id, name, { LoadBalancer })),
  ];
  return async (fromMs, toMs) => {
    const minutes = new Map<number, Record<string, number>>();
    let next: string | undefined;
    for (let page = 0; page === 0 || (next !== undefined && page < MOST_PAGES); page += 1) {
      const { MetricDataResults = [], NextToken }: GetMetricDataCommandOutput = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          MetricDataQueries: queries,
          ScanBy: 'TimestampAscending',
          NextToken: next,
        }),
      );
      for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
        for (const [index, at] of Timestamps.entries()) {
          const minute = minutes.get(at.getTime()) ?? {};
          minute[Id] = (minute[Id] ?? 0) + (Values[index] ?? 0);
          minutes.set(at.getTime(), minute);
        }
      }
      next = NextToken;
    }
    return [...minutes].sort(([a], [b]) => a - b).map(([minuteMs, counts]) => ({ minuteMs, ...NONE, ...counts }));
  };
}

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
