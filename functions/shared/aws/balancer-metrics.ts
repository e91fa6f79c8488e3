import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';

/** Sums of one period: responses of a target group's servers by class, and the load balancer's own errors. */
export interface ResponseCounts {
  readonly requests: number;
  readonly redirects: number;
  readonly clientErrors: number;
  readonly targetErrors: number;
  /** Errors of the whole load balancer, which does not count them per target group. */
  readonly balancerErrors: number;
}

/** One minute of them. */
export interface ResponseMinute extends ResponseCounts {
  readonly atMs: number;
}

/** Minutes with data, oldest first. */
export type ReadResponses = (fromMs: number, toMs: number) => Promise<readonly ResponseMinute[]>;

const PER_GROUP = {
  requests: 'RequestCount',
  redirects: 'HTTPCode_Target_3XX_Count',
  clientErrors: 'HTTPCode_Target_4XX_Count',
  targetErrors: 'HTTPCode_Target_5XX_Count',
} as const;
const OF_BALANCER = { balancerErrors: 'HTTPCode_ELB_5XX_Count' } as const;

const PERIOD_SECONDS = 60;
/** 100,800 values a page: a day of five metrics is 7,200. */
const MOST_PAGES = 3;

/**
 * Reads the load balancer's metrics, which are free and up to some minutes late.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function createReadResponses(client: CloudWatchClient, loadBalancerArn: string, targetGroupArn: string): ReadResponses {
  const LoadBalancer = loadBalancerArn.replace(/^.*:loadbalancer\//, '');
  const TargetGroup = targetGroupArn.replace(/^.*:/, '');
  const query = (id: string, metricName: string, dimensions: Readonly<Record<string, string>>): MetricDataQuery => ({
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
      const { MetricDataResults = [], NextToken } = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(fromMs),
          EndTime: new Date(toMs),
          MetricDataQueries: queries,
          ScanBy: 'TimestampAscending',
          ...(next !== undefined && { NextToken: next }),
        }),
      );
      for (const { Id = '', Timestamps = [], Values = [] } of MetricDataResults) {
        for (const [at, time] of Timestamps.entries()) {
          const minute = minutes.get(time.getTime()) ?? {};
          minute[Id] = (minute[Id] ?? 0) + (Values[at] ?? 0);
          minutes.set(time.getTime(), minute);
        }
      }
      next = NextToken;
    }
    return [...minutes]
      .sort(([a], [b]) => a - b)
      .map(([atMs, { requests = 0, redirects = 0, clientErrors = 0, targetErrors = 0, balancerErrors = 0 }]) => {
        return { atMs, requests, redirects, clientErrors, targetErrors, balancerErrors };
      });
  };
}
