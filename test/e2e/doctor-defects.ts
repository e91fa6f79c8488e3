/** Defects that are planted in the kept cloud by AWS calls, each with the call that takes it back exactly. */
import { ResumeProcessesCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DeleteAlarmsCommand, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ModifyLoadBalancerAttributesCommand,
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeCacheClustersCommand, ModifyCacheParameterGroupCommand } from '@aws-sdk/client-elasticache';
import { AttachRolePolicyCommand, DetachRolePolicyCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { FLEET_TAG, fleetTagValue, INCIDENT_TAG, releaseKey } from '../../functions/shared/naming.ts';
import { autoScaling, cloud, currentVersion, elastiCache, elb, GROUP, kept } from './fleet.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const cloudWatch = new CloudWatchClient(client);
const iam = new IAMClient(client);

export const closeClients = (): void => {
  for (const one of [cloudWatch, iam]) one.destroy();
};

export interface PlantedDefect {
  /** The finding that doctor must report. */
  readonly check: string;
  readonly severity: string;
  readonly what: RegExp;
  /** Plants it; gives what takes it back. */
  plant(): Promise<() => Promise<unknown>>;
}

async function targetGroup() {
  const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ Names: [GROUP] }));
  const found = TargetGroups?.[0];
  return {
    arn: found?.TargetGroupArn as string,
    path: found?.HealthCheckPath as string,
    loadBalancer: found?.LoadBalancerArns?.[0] as string,
  };
}

async function httpsListener(): Promise<string | undefined> {
  const { loadBalancer: LoadBalancerArn } = await targetGroup();
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  return Listeners.find(({ Protocol }) => Protocol === 'HTTPS')?.ListenerArn;
}

/** Priority of the last of the hundred rules that a load balancer can have. */
const LAST_PRIORITY = 100;

const attribute = (key: string, value: string) => async () => {
  const { arn: TargetGroupArn } = await targetGroup();
  const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
  const before = Attributes.find(({ Key }) => Key === key)?.Value;
  const set = (Value: string | undefined) =>
    elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes: [{ Key: key, Value }] }));
  await set(value);
  return () => set(before);
};

export const DEFECTS: readonly PlantedDefect[] = [
  {
    check: 'deregistration-delay',
    severity: 'warning',
    what: /is 77 s, but 30 s in the configuration/,
    plant: attribute('deregistration_delay.timeout_seconds', '77'),
  },
  { check: 'stickiness', severity: 'warning', what: /lb_cookie stickiness is on/, plant: attribute('stickiness.enabled', 'true') },
  {
    check: 'health-path',
    severity: 'error',
    what: /health path \/health is the release's readiness path/,
    async plant() {
      const { arn: TargetGroupArn, path } = await targetGroup();
      const set = (HealthCheckPath: string) => elb.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPath }));
      await set('/health');
      return () => set(path);
    },
  },
  {
    check: 'keep-alive',
    severity: 'error',
    what: /after 75 s, and the load balancer keeps them for 300 s/,
    async plant() {
      const { loadBalancer: LoadBalancerArn } = await targetGroup();
      const set = (Value: string) =>
        elb.send(
          new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes: [{ Key: 'idle_timeout.timeout_seconds', Value }] }),
        );
      await set('300');
      return () => set('60');
    },
  },
  {
    check: 'free-rules',
    severity: 'warning',
    what: /100 of 100 rules are used, 0 are free/,
    async plant() {
      const { arn: TargetGroupArn } = await targetGroup();
      const ListenerArn = await httpsListener();
      const made: string[] = [];
      for (let Priority = 1; Priority < LAST_PRIORITY; Priority += 1) {
        const Conditions = [{ Field: 'path-pattern', Values: [`/never-asked-${Priority}`] }];
        const { Rules } = await elb.send(
          new CreateRuleCommand({ ListenerArn, Priority, Conditions, Actions: [{ Type: 'forward', TargetGroupArn }] }),
        );
        made.push(Rules?.[0]?.RuleArn as string);
      }
      return async () => {
        for (const RuleArn of made) await elb.send(new DeleteRuleCommand({ RuleArn }));
      };
    },
  },
  {
    // The hundredth rule: it takes the last place.
    check: 'shown-re-login-page',
    severity: 'error',
    what: /^the rule with priority 100 shows users of web the re-login page of incident inc-00000000dead, and no open incident holds it$/,
    async plant() {
      const { Rules } = await elb.send(
        new CreateRuleCommand({
          ListenerArn: await httpsListener(),
          Priority: LAST_PRIORITY,
          Conditions: [{ Field: 'path-pattern', Values: ['/never-asked-again'] }],
          Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503', ContentType: 'text/html', MessageBody: 'wait' } }],
          Tags: [
            { Key: FLEET_TAG, Value: fleetTagValue('holdfast', 'web') },
            { Key: INCIDENT_TAG, Value: 'inc-00000000dead' },
          ],
        }),
      );
      return () => elb.send(new DeleteRuleCommand({ RuleArn: Rules?.[0]?.RuleArn }));
    },
  },
  {
    check: 'suspended-processes',
    severity: 'warning',
    what: /ReplaceUnhealthy is suspended, and no deploy is running/,
    async plant() {
      const processes = { AutoScalingGroupName: GROUP, ScalingProcesses: ['ReplaceUnhealthy'] };
      await autoScaling.send(new SuspendProcessesCommand(processes));
      return () => autoScaling.send(new ResumeProcessesCommand(processes));
    },
  },
  {
    check: 'store-eviction',
    severity: 'error',
    what: /allkeys-lru: a full store silently evicts any key/,
    async plant() {
      const { CacheClusters } = await elastiCache.send(new DescribeCacheClustersCommand({}));
      const CacheParameterGroupName = CacheClusters?.[0]?.CacheParameterGroup?.CacheParameterGroupName;
      const set = (ParameterValue: string) =>
        elastiCache.send(
          new ModifyCacheParameterGroupCommand({
            CacheParameterGroupName,
            ParameterNameValues: [{ ParameterName: 'maxmemory-policy', ParameterValue }],
          }),
        );
      await set('allkeys-lru');
      return () => set('volatile-lru');
    },
  },
  {
    check: 'alarm',
    severity: 'warning',
    what: /alarm holdfast-web-target-5xx does not exist/,
    async plant() {
      const AlarmNames = ['holdfast-web-target-5xx'];
      const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }));
      const alarm = MetricAlarms?.[0];
      if (!alarm) throw new Error('the alarm is not there to begin with');
      await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames }));
      return () =>
        cloudWatch.send(
          new PutMetricAlarmCommand({
            ...alarm,
            AlarmName: AlarmNames[0],
            EvaluationPeriods: alarm.EvaluationPeriods,
            ComparisonOperator: alarm.ComparisonOperator,
          }),
        );
    },
  },
  {
    check: 'instance-profile',
    severity: 'error',
    what: /does not allow ssm:UpdateInstanceInformation/,
    async plant() {
      const { Roles = [] } = await iam.send(new ListRolesCommand({}));
      const RoleName = Roles.find(({ Description }) => Description?.startsWith('Servers of web'))?.RoleName;
      const policy = { RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore' };
      await iam.send(new DetachRolePolicyCommand(policy));
      return () => iam.send(new AttachRolePolicyCommand(policy));
    },
  },
  {
    check: 'release',
    severity: 'error',
    what: /is not the published one/,
    async plant() {
      const { s3, fleet, releasesBucket } = await cloud();
      const object = { Bucket: releasesBucket, Key: releaseKey(fleet, await currentVersion()) };
      const { VersionId: before } = await s3.send(new HeadObjectCommand(object));
      if (before === undefined) throw new Error('the bucket keeps no versions: the archive could not be restored');
      const { VersionId } = await s3.send(new PutObjectCommand({ ...object, Body: 'something else', ChecksumAlgorithm: 'SHA256' }));
      return () => s3.send(new DeleteObjectCommand({ ...object, VersionId }));
    },
  },
];
