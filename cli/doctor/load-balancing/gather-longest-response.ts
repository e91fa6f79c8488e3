import { type CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { andThen, type Lookup, lookUp } from '../lookup.ts';
import type { LoadBalancingLookups } from './load-balancing-facts.ts';

const DAY_SECONDS = 86_400;

/**
 * Longest time that a target took to start its response, in the last day.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function gatherLongestResponse(
  cloudWatch: CloudWatchClient,
  { targetGroup, loadBalancer, nowMs }: Pick<LoadBalancingLookups, 'targetGroup' | 'loadBalancer'> & { readonly nowMs: number },
): Promise<LoadBalancingLookups['longestResponseSeconds']> {
  return andThen(targetGroup, (group) =>
    andThen(loadBalancer, (front): Promise<Lookup<number | undefined>> => {
      const dimensions = [
        { Name: 'TargetGroup', Value: group.arn.split(':').at(-1) },
        { Name: 'LoadBalancer', Value: front.arn.split(':loadbalancer/').at(-1) },
      ];
      const about = { what: `response times of ${group.name}`, resource: group.arn, action: 'cloudwatch:GetMetricStatistics' };
      return lookUp(about, async () => {
        const { Datapoints = [] } = await cloudWatch.send(
          new GetMetricStatisticsCommand({
            Namespace: 'AWS/ApplicationELB',
            MetricName: 'TargetResponseTime',
            Dimensions: dimensions,
            StartTime: new Date(nowMs - DAY_SECONDS * 1_000),
            EndTime: new Date(nowMs),
            Period: 3_600,
            Statistics: ['Maximum'],
          }),
        );
        const seconds = Datapoints.flatMap(({ Maximum }) => Maximum ?? []);
        return seconds.length === 0 ? undefined : Math.max(...seconds);
      });
    }),
  );
}
