/** What AWS's services answer about a simulated world, in the shapes in which their clients have it. */
import { createHash } from 'node:crypto';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { JsonService } from '../../../functions/shared/aws/signed/json-service.ts';
import type { CallSigned } from '../../../functions/shared/aws/signed/signed-calls.ts';
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

/** GetMetricData, the one operation that is called. */
export function metricsService({ situation, seed, metrics }: World): JsonService {
  return async <Output>(_operation: string, input: object) => {
    const { StartTime, EndTime, MetricDataQueries } = input as MetricQuestion;
    const [startMs, endMs] = [StartTime * 1_000, EndTime * 1_000];
    const daysAgo = Math.max(0, Math.round((NOW_MS - endMs) / DAY_MS));
    const ofDay = daysAgo === 0 ? metrics : metricsOfDay(situation, seed, daysAgo);
    const agoMs = daysAgo * DAY_MS;
    const from = Math.floor((startMs + agoMs) / MINUTE_MS) * MINUTE_MS;
    const to = daysAgo === 0 ? Math.min(endMs, NOW_MS - METRICS_LATE_MS) : endMs + agoMs;
    const MetricDataResults = MetricDataQueries.map(({ Id, MetricStat }) => {
      const points = ofDay.read(MetricStat.Metric.MetricName, from, to);
      return { Id, Timestamps: points.map(([at]) => (at - agoMs) / 1_000), Values: points.map(([, count]) => count) };
    });
    return { MetricDataResults } as Output;
  };
}

/** Times in seconds. */
interface MetricQuestion {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly MetricDataQueries: readonly { readonly Id: string; readonly MetricStat: { readonly Metric: { readonly MetricName: string } } }[];
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

/** ElastiCache's Query API. */
export function cacheCalls({ situation, store }: World): CallSigned {
  const nodes = store.hasReplica ? [1, 2] : [1];
  const primary = store.primaryNode(NOW_MS);
  const member = (node: number) =>
    `<NodeGroupMember><CacheClusterId>${REPLICATION_GROUP}-00${node}</CacheClusterId><CacheNodeId>0001</CacheNodeId><CurrentRole>${node === primary ? 'primary' : 'replica'}</CurrentRole><PreferredAvailabilityZone>${REGION}${node === 1 ? 'a' : 'b'}</PreferredAvailabilityZone></NodeGroupMember>`;
  const isChanging = happeningsOf(situation, 'failover').some(({ at, seconds = 40 }) => NOW_MS < timeOf(at) + seconds * 1_000);
  const groups = `<ReplicationGroup><ReplicationGroupId>${REPLICATION_GROUP}</ReplicationGroupId><Status>${isChanging ? 'modifying' : 'available'}</Status><AutomaticFailover>${store.hasReplica ? 'enabled' : 'disabled'}</AutomaticFailover><NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><Status>available</Status><NodeGroupMembers>${nodes.map(member).join('')}</NodeGroupMembers></NodeGroup></NodeGroups></ReplicationGroup>`;
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
  const eventXml = ({ atMs, message }: (typeof events)[number]) =>
    `<Event><SourceIdentifier>${REPLICATION_GROUP}</SourceIdentifier><SourceType>replication-group</SourceType><Message>${message}</Message><Date>${new Date(atMs).toISOString()}</Date></Event>`;
  return async ({ body = '' }) => {
    const parameters = new URLSearchParams(body);
    const action = parameters.get('Action') ?? '';
    if (action === 'DescribeReplicationGroups') return wrap(action, `<ReplicationGroups>${groups}</ReplicationGroups>`);
    const [from, to] = [Date.parse(parameters.get('StartTime') ?? ''), Date.parse(parameters.get('EndTime') ?? '')];
    const found = events.filter(({ atMs }) => atMs >= from && atMs <= to && atMs <= NOW_MS);
    return wrap(action, `<Events>${found.map(eventXml).join('')}</Events>`);
  };
}

const wrap = (action: string, inner: string): string =>
  `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`;

/** CloudTrail's event history, which has nothing of the last minutes. */
export function trailService({ situation }: World): JsonService {
  const calls = [
    ...happeningsOf(situation, 'trail').map((one) => ({ ...one, by: one.by ?? 'person' })),
    ...happeningsOf(situation, 'stickiness')
      .flatMap(({ at, enabled, by = 'person' }) => (by === 'nobody' ? [] : [{ at, enabled, by }]))
      .map(({ at, enabled, by }) => ({
        ...{ at, by, event: 'ModifyTargetGroupAttributes', service: 'elasticloadbalancing.amazonaws.com' },
        parameters: { targetGroupArn: TARGET_GROUP, attributes: [{ key: 'stickiness.enabled', value: String(enabled) }] },
      })),
  ];
  return async <Output>(_operation: string, input: object) => {
    const { LookupAttributes, StartTime, EndTime } = input as LookUp;
    const name = LookupAttributes[0]?.AttributeValue;
    const found = calls.filter(
      ({ event, at }) =>
        event === name && timeOf(at) >= StartTime * 1_000 && timeOf(at) <= EndTime * 1_000 && timeOf(at) <= NOW_MS - TRAIL_LATE_MS,
    );
    const events = found.map(({ event, at, service, by, parameters }, index) => ({
      EventId: eventIdOf(`${situation.name} ${name} ${index}`),
      EventName: event,
      EventTime: timeOf(at) / 1_000,
      CloudTrailEvent: JSON.stringify({ eventSource: service, userIdentity: WHO[by], requestParameters: parameters ?? {} }),
    }));
    return { Events: events } as Output;
  };
}

/** An id as CloudTrail's: a UUID, the same in each run. */
function eventIdOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

interface LookUp {
  readonly LookupAttributes: readonly { readonly AttributeValue: string }[];
  readonly StartTime: number;
  readonly EndTime: number;
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
