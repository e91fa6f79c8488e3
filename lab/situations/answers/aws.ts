/** What AWS's services answer about a simulated world, in the shapes in which their clients have it. */
import { createHash } from 'node:crypto';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient, type LookupEventsCommandInput } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type DescribeEventsCommandInput, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { HappeningOf } from '../situation.ts';
import { instanceIdOf } from '../world/application.ts';
import { metricsOfDay } from '../world/earlier-days.ts';
import type { World } from '../world/simulate.ts';
import { concernsServer, happeningsOf, isInForce, MINUTE_MS, NOW_MS, timeOf } from '../world/timeline.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';
const ELB = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}`;
export const TARGET_GROUP = `${ELB}:targetgroup/holdfast-web/73e2d6bc24d8a067`;
const OTHER_GROUP = `${ELB}:targetgroup/other-shop/0123456789abcdee`;
const BALANCER = `${ELB}:loadbalancer/app/holdfast-web/50dc6c495c0c9188`;
export const SCALING_GROUP = 'holdfast-web';
export const REPLICATION_GROUP = 'holdfast-sessions';
export const RUNBOOK_ARN = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:holdfast-runbook`;
/** CloudWatch has the latest minutes later. */
const METRICS_LATE_MS = 2 * MINUTE_MS;
const DAY_MS = 1_440 * MINUTE_MS;
/** Most events are in CloudTrail's history after some minutes. */
const TRAIL_LATE_MS = 5 * MINUTE_MS;

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

/** A client of the SDK whose calls are answered here. */
function answering<Client extends { send: unknown }>(client: Client, answers: Readonly<Record<string, (input: never) => object>>): Client {
  const send = async ({ constructor: { name }, input }: Command) => {
    const answer = answers[name.replace(/Command$/, '')];
    if (answer === undefined) throw new Error(`the simulated service has no ${name}`);
    return answer(input as never);
  };
  return Object.assign(client, { send });
}

const OPTIONS = { region: REGION, credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' } };

export function balancerClient({ situation, servers }: World): ElasticLoadBalancingV2Client {
  const { installation = {} } = situation;
  const last = happeningsOf(situation, 'stickiness').findLast((one) => isInForce(one, NOW_MS));
  const enabled = last?.enabled ?? installation.sessions === 'memory';
  const attributes = {
    'stickiness.enabled': String(enabled),
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': String(last?.durationSeconds ?? 86_400),
    'deregistration_delay.timeout_seconds': '60',
  };
  const out = (server: number) => happeningsOf(situation, 'targets').find((one) => isInForce(one, NOW_MS) && concernsServer(one, server));
  const healthOf = (server: number) => {
    const state = out(server)?.is ?? 'healthy';
    return {
      Target: { Id: instanceIdOf(server), Port: 8080 },
      TargetHealth: { State: state, ...(state === 'unhealthy' && { Reason: 'Target.ResponseCodeMismatch' }) },
    };
  };
  const forward = [{ Type: 'forward', TargetGroupArn: TARGET_GROUP }];
  const toHttps = [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }];
  const actions: Readonly<Record<string, readonly object[]>> = { https: forward, http: installation.plainHttp ? forward : toHttps };
  const listenerArn = (name: string) => `${ELB}:listener/app/holdfast-web/50dc6c495c0c9188/${name}`;
  return answering(new ElasticLoadBalancingV2Client(OPTIONS), {
    DescribeTargetGroups: ({ LoadBalancerArn }: { LoadBalancerArn?: string }) => ({
      TargetGroups: [
        { TargetGroupArn: TARGET_GROUP, HealthCheckPath: '/live', LoadBalancerArns: [BALANCER], ProtocolVersion: 'HTTP1' },
        ...(LoadBalancerArn !== undefined && installation.sharedBalancer ? [{ TargetGroupArn: OTHER_GROUP }] : []),
      ],
    }),
    DescribeTargetGroupAttributes: () => ({ Attributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })) }),
    DescribeTargetHealth: () => ({ TargetHealthDescriptions: servers.map(healthOf) }),
    DescribeListeners: () => ({
      Listeners: [
        { ListenerArn: listenerArn('https'), Protocol: 'HTTPS', Port: 443, DefaultActions: actions['https'] },
        { ListenerArn: listenerArn('http'), Protocol: 'HTTP', Port: 80, DefaultActions: actions['http'] },
      ],
    }),
    DescribeRules: ({ ListenerArn }: { ListenerArn: string }) => ({
      Rules: [{ IsDefault: true, Priority: 'default', Actions: actions[ListenerArn.split('/').at(-1) ?? ''] }],
    }),
  });
}

export function metricsClient({ situation, seed, metrics }: World): CloudWatchClient {
  return answering(new CloudWatchClient(OPTIONS), {
    GetMetricData({ StartTime, EndTime, MetricDataQueries = [] }: GetMetricDataCommandInput) {
      const [startMs, endMs] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
      const daysAgo = Math.max(0, Math.round((NOW_MS - endMs) / DAY_MS));
      const ofDay = daysAgo === 0 ? metrics : metricsOfDay(situation, seed, daysAgo);
      const agoMs = daysAgo * DAY_MS;
      const from = Math.floor((startMs + agoMs) / MINUTE_MS) * MINUTE_MS;
      const to = daysAgo === 0 ? Math.min(endMs, NOW_MS - METRICS_LATE_MS) : endMs + agoMs;
      const MetricDataResults = MetricDataQueries.map(({ Id, MetricStat }) => {
        const points = ofDay.read(MetricStat?.Metric?.MetricName ?? '', from, to);
        return { Id, Timestamps: points.map(([at]) => new Date(at - agoMs)), Values: points.map(([, count]) => count) };
      });
      return { MetricDataResults };
    },
  });
}

const CAUSES: Readonly<Record<HappeningOf<'replaced'>['why'], string>> = {
  unhealthy: 'an instance was taken out of service in response to an ELB system health check failure.',
  scaleIn: 'a monitor alarm TargetTracking-holdfast-web in state ALARM triggered policy cpu changing the desired capacity.',
  person: 'an instance was taken out of service in response to a user request.',
};

export function scalingClient({ situation }: World): AutoScalingClient {
  const activities = happeningsOf(situation, 'replaced').flatMap(({ at, server, why }) => {
    const time = new Date(timeOf(at));
    const cause = `At ${time.toISOString()} ${CAUSES[why]}`;
    const termination = { StartTime: time, Description: `Terminating EC2 instance: ${instanceIdOf(server)}`, Cause: cause };
    const launch = { StartTime: new Date(timeOf(at) + 20_000), Description: 'Launching a new EC2 instance: i-0new', Cause: cause };
    return why === 'scaleIn' ? [termination] : [launch, termination];
  });
  return answering(new AutoScalingClient(OPTIONS), {
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [{ AutoScalingGroupName: SCALING_GROUP, SuspendedProcesses: [], HealthCheckType: 'ELB', Instances: [] }],
    }),
    DescribeScalingActivities: () => ({ Activities: activities.sort((a, b) => b.StartTime.getTime() - a.StartTime.getTime()) }),
  });
}

export function cacheClient({ situation, store }: World): ElastiCacheClient {
  const nodes = store.hasReplica ? [1, 2] : [1];
  const primary = store.primaryNode(NOW_MS);
  const member = (node: number) => ({
    CacheClusterId: `${REPLICATION_GROUP}-00${node}`,
    CurrentRole: node === primary ? 'primary' : 'replica',
    PreferredAvailabilityZone: `${REGION}${node === 1 ? 'a' : 'b'}`,
  });
  const isChanging = happeningsOf(situation, 'failover').some(({ at, seconds = 40 }) => NOW_MS < timeOf(at) + seconds * 1_000);
  const group = {
    Status: isChanging ? 'modifying' : 'available',
    AutomaticFailover: store.hasReplica ? 'enabled' : 'disabled',
    NodeGroups: [{ NodeGroupMembers: nodes.map(member) }],
  };
  const events = [
    ...happeningsOf(situation, 'failover')
      .filter(({ reported = true }) => reported)
      .map(({ at, seconds = 40 }) => timeOf(at) + seconds * 1_000)
      .map((atMs) => ({
        atMs,
        message: `Failover from primary node ${REPLICATION_GROUP}-00${store.primaryNode(atMs - 1)} to replica node ${REPLICATION_GROUP}-00${store.primaryNode(atMs)} completed`,
      })),
    ...happeningsOf(situation, 'storeRestart')
      .filter(({ reported = true }) => reported)
      .map(({ at }) => ({ atMs: timeOf(at) + 20_000, message: 'Cache node 0001 restarted' })),
    ...happeningsOf(situation, 'event').map(({ at, message }) => ({ atMs: timeOf(at), message })),
  ];
  return answering(new ElastiCacheClient(OPTIONS), {
    DescribeReplicationGroups: () => ({ ReplicationGroups: [group] }),
    DescribeEvents({ StartTime, EndTime }: DescribeEventsCommandInput) {
      const [from, to] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
      const found = events.filter(({ atMs }) => atMs >= from && atMs <= to && atMs <= NOW_MS);
      return {
        Events: found.map(({ atMs, message }) => ({ SourceIdentifier: REPLICATION_GROUP, Message: message, Date: new Date(atMs) })),
      };
    },
  });
}

/** CloudTrail's event history, which has nothing of the last minutes. */
export function trailClient({ situation }: World): CloudTrailClient {
  const calls = [
    ...happeningsOf(situation, 'trail').map((one) => ({ ...one, by: one.by ?? 'person' })),
    ...happeningsOf(situation, 'stickiness')
      .flatMap(({ at, enabled, by = 'person' }) => (by === 'nobody' ? [] : [{ at, enabled, by }]))
      .map(({ at, enabled, by }) => ({
        ...{ at, by, event: 'ModifyTargetGroupAttributes', service: 'elasticloadbalancing.amazonaws.com' },
        parameters: { targetGroupArn: TARGET_GROUP, attributes: [{ key: 'stickiness.enabled', value: String(enabled) }] },
      })),
  ];
  return answering(new CloudTrailClient(OPTIONS), {
    LookupEvents({ LookupAttributes, StartTime, EndTime }: LookupEventsCommandInput) {
      const name = LookupAttributes?.[0]?.AttributeValue;
      const [fromMs, toMs] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
      const found = calls.filter(
        ({ event, at }) => event === name && timeOf(at) >= fromMs && timeOf(at) <= toMs && timeOf(at) <= NOW_MS - TRAIL_LATE_MS,
      );
      const Events = found.map(({ event, at, service, by, parameters }, index) => ({
        EventId: eventIdOf(`${situation.name} ${name} ${index}`),
        EventName: event,
        EventTime: new Date(timeOf(at)),
        CloudTrailEvent: JSON.stringify({ eventSource: service, userIdentity: WHO[by], requestParameters: parameters ?? {} }),
      }));
      return { Events };
    },
  });
}

/** An id as CloudTrail's: a UUID, the same in each run. */
function eventIdOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

const WHO = {
  person: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/somebody` },
  role: {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/run`,
    sessionContext: { sessionIssuer: { arn: `arn:aws:iam::${ACCOUNT}:role/pipeline` } },
  },
  service: { type: 'AWSService', invokedBy: 'elasticache.amazonaws.com' },
} as const;
