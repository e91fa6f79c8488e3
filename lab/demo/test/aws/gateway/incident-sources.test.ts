/** What a runbook collects, from the local services through the gateway. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld as createGroups } from '#local-aws/test/auto-scaling/fakes.ts';
import { createWorld as createMetrics, START_MS } from '#local-aws/test/cloudwatch/fakes.ts';
import { createWorld as createBalancers, forwardTo, type World } from '#local-aws/test/elbv2/support.ts';
import { type Fixture, startFixture } from '#local-aws/test/gateway/gateway-fixture.ts';
import { createScaling } from '../../../../../functions/incidents/collect/collect-balancer.ts';
import { createReadResponses } from '../../../../../functions/shared/aws/balancer-metrics.ts';
import { createFront } from '../../../../../functions/shared/aws/front.ts';
import { createScalingHistory } from '../../../../../functions/shared/aws/scaling-history.ts';
import { factsOf, fleet, request } from '../../../../../test/functions/incidents/collect/request.ts';
import { until } from '../../../../../test/until.ts';

let balancers: World;
let groups: ReturnType<typeof createGroups>;
let metrics: ReturnType<typeof createMetrics>;
let fixture: Fixture;
const clients: { destroy(): void }[] = [];

beforeAll(async () => {
  balancers = createBalancers();
  groups = createGroups();
  metrics = createMetrics();
  fixture = await startFixture([balancers.elb, groups.service, metrics.service]);
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await Promise.all([fixture.close(), balancers.stop(), groups.service.stop(), metrics.service.stop()]);
});

const config = () => ({
  endpoint: fixture.gateway.url,
  region: 'us-east-1',
  credentials: { accessKeyId: '000000000000', secretAccessKey: 'x' },
  maxAttempts: 1,
});
function clientOf<T extends { destroy(): void }>(client: T): T {
  clients.push(client);
  return client;
}

describe('the load balancer', () => {
  it('is read with the attributes of the group and the listeners in front of it', async () => {
    const group = await balancers.group([], { attributes: { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' } });
    const other = await balancers.group();
    const { loadBalancer, listener } = await balancers.front(other);
    const listen = (Port: string, DefaultActions: unknown[]) =>
      balancers.call('CreateListener', { LoadBalancerArn: loadBalancer, Port, Protocol: 'HTTP', DefaultActions });
    await listen('81', [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }]);
    await listen('82', [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }]);
    await balancers.call('CreateRule', {
      ListenerArn: listener,
      Priority: '1',
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/shop/*'] } }],
      Actions: [forwardTo(group)],
    });
    const front = createFront(clientOf(new ElasticLoadBalancingV2Client(config())), group);
    expect(await front.describe()).toEqual({ healthCheckPath: '/health', loadBalancerArn: loadBalancer });
    expect((await front.targetGroups(loadBalancer)).toSorted()).toEqual([group, other].toSorted());
    expect(await front.attributes()).toMatchObject({ 'stickiness.enabled': 'true', 'stickiness.lb_cookie.duration_seconds': '86400' });
    const listeners = await front.listeners(loadBalancer);
    expect(listeners.toSorted((a, b) => a.port - b.port)).toEqual([
      { protocol: 'HTTP', port: 80, redirectsToHttps: false, arn: expect.stringContaining(':listener/app/') },
      { protocol: 'HTTP', port: 81, redirectsToHttps: true, arn: expect.stringContaining(':listener/app/') },
    ]);
  });

  it('has no load balancer where no listener uses the group', async () => {
    const group = await balancers.group();
    const front = createFront(clientOf(new ElasticLoadBalancingV2Client(config())), group);
    expect(await front.describe()).toEqual({ healthCheckPath: '/health' });
  });
});

it('responses are read by the minute, those of other groups left out', async () => {
  const LoadBalancer = 'app/web/0123456789abcdef';
  const TargetGroup = 'targetgroup/web/0123456789abcdef';
  const datum = (name: string, minute: number, value: number, dimensions: Record<string, string>) => ({
    namespace: 'AWS/ApplicationELB',
    name,
    dimensions,
    values: [value],
    unit: 'Count' as const,
    timestampMs: START_MS + minute * 60_000,
  });
  const own = { TargetGroup, LoadBalancer };
  metrics.service.sink.record([
    datum('RequestCount', 0, 100, own),
    datum('HTTPCode_Target_3XX_Count', 0, 40, own),
    datum('RequestCount', 1, 60, own),
    datum('HTTPCode_ELB_5XX_Count', 1, 40, { LoadBalancer }),
    datum('HTTPCode_ELB_4XX_Count', 1, 7, { LoadBalancer }),
    datum('ELBAuthError', 1, 5, { LoadBalancer }),
    datum('ELBAuthFailure', 1, 2, { LoadBalancer }),
    datum('RequestCount', 1, 900, { TargetGroup: 'targetgroup/blog/fedcba9876543210', LoadBalancer }),
  ]);
  metrics.advance(300_000);
  const read = createReadResponses(
    clientOf(new CloudWatchClient(config())),
    `arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/${LoadBalancer}`,
    `arn:aws:elasticloadbalancing:us-east-1:000000000000:${TargetGroup}`,
  );
  const none = { requests: 0, target3xx: 0, target4xx: 0, target5xx: 0, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 };
  const minutes = await read(START_MS, START_MS + 300_000);
  expect(minutes).toEqual([
    { ...none, minuteMs: START_MS, requests: 100, target3xx: 40 },
    { ...none, minuteMs: START_MS + 60_000, requests: 60, elb4xx: 7, elb5xx: 40, authErrors: 5, authFailures: 2 },
  ]);
});

it('Auto Scaling’s replacements of unhealthy servers are distinguished from other terminations', async () => {
  const serving = async () => (await groups.group()).Instances.filter(({ LifecycleState }) => LifecycleState === 'InService');
  await groups.create({ DesiredCapacity: '2' });
  await until(async () => (await serving()).length === 2, 'two servers');
  const [sick, unwanted] = (await serving()).map(({ InstanceId }) => InstanceId);
  await groups.call('SetInstanceHealth', { InstanceId: sick, HealthStatus: 'Unhealthy' });
  await groups.call('TerminateInstanceInAutoScalingGroup', { InstanceId: unwanted, ShouldDecrementDesiredCapacity: 'true' });
  const history = () => createScalingHistory(clientOf(new AutoScalingClient(config())), 'web');
  const scaling = createScaling({ fleets: { web: fleet({ autoScalingGroup: 'web' }) }, history, now: Date.now });
  const collect = async () => factsOf(await scaling(request({ fromMs: 0, toMs: Date.now() })));
  await until(
    async () => (await history().activitiesSince(0)).filter(({ kind }) => kind === 'launch').length === 3,
    'the sick one’s replacement',
  );
  expect(await collect()).toEqual({
    groups: ['web'],
    usesElbHealthChecks: false,
    terminated: 2,
    replacedUnhealthy: 1,
    firstTerminationMs: expect.any(Number),
    lastTerminationMs: expect.any(Number),
  });
});

it('a group that does not exist is named', async () => {
  const history = createScalingHistory(clientOf(new AutoScalingClient(config())), 'gone');
  await expect(history.describe()).rejects.toThrow('no Auto Scaling group named gone');
});
