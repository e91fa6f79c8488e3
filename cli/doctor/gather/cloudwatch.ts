import { type CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { createAlarms } from '../../../functions/shared/aws/alarms.ts';
import type { Facts } from '../facts.ts';
import { andThen, type Lookup, lookUp } from '../lookup.ts';
import type { Subject } from '../subject.ts';

const DAY_SECONDS = 86_400;

/** States of the alarms of the fleet and its store. */
export function gatherAlarms(
  cloudWatch: CloudWatchClient,
  { fleet, alarmNames, storeAlarmNames, incidentAlarmNames }: Subject,
): Promise<Facts['alarms']> {
  const names = [...alarmNames, ...storeAlarmNames, ...incidentAlarmNames];
  const about = { what: `alarms of ${fleet} and its store`, resource: names.join(', '), action: 'cloudwatch:DescribeAlarms', named: false };
  return lookUp(about, () => createAlarms(cloudWatch).states(names));
}

/**
 * Longest time that a target took to start its response, in the last day.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function gatherLongestResponse(
  cloudWatch: CloudWatchClient,
  { targetGroup, loadBalancer, nowMs }: Pick<Facts, 'targetGroup' | 'loadBalancer' | 'nowMs'>,
): Promise<Facts['longestResponseSeconds']> {
  return andThen(targetGroup, (group) =>
    andThen(loadBalancer, (front): Promise<Lookup<number | undefined>> => {
      const dimensions = [
        { Name: 'TargetGroup', Value: group.arn.split(':').at(-1) },
        { Name: 'LoadBalancer', Value: front.arn.split(':loadbalancer/').at(-1) },
      ];
      const about = {
        what: `response times of ${group.name}`,
        resource: group.arn,
        action: 'cloudwatch:GetMetricStatistics',
        named: false,
      };
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
