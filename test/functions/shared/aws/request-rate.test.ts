import type { CloudWatchClient, GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { createRequestRate } from '../../../../functions/shared/aws/balancer-metrics.ts';

const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/holdfast-web/73e2d6bc24d8a067';
const NOW_MS = Date.UTC(2026, 0, 5, 12, 30, 42);

function cloudWatch(reply: object) {
  const asked: GetMetricDataCommandInput[] = [];
  const send = async ({ input }: { input: GetMetricDataCommandInput }) => {
    asked.push(input);
    return reply;
  };
  return { asked, client: { send } as unknown as CloudWatchClient };
}

it('asks for the last ten whole minutes of the target group', async () => {
  const { asked, client } = cloudWatch({ MetricDataResults: [{ Values: [300, 240] }] });
  expect(await createRequestRate(client, TARGET_GROUP).perMinute(NOW_MS)).toEqual([300, 240]);
  expect(asked).toMatchObject([{ StartTime: new Date(Date.UTC(2026, 0, 5, 12, 20)), EndTime: new Date(Date.UTC(2026, 0, 5, 12, 30)) }]);
  expect(asked[0]?.MetricDataQueries?.[0]?.MetricStat).toEqual({
    Metric: {
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'RequestCountPerTarget',
      Dimensions: [{ Name: 'TargetGroup', Value: 'targetgroup/holdfast-web/73e2d6bc24d8a067' }],
    },
    Period: 60,
    Stat: 'Sum',
  });
});

it('knows nothing of a group without data', async () => {
  expect(await createRequestRate(cloudWatch({}).client, TARGET_GROUP).perMinute(NOW_MS)).toEqual([]);
});
