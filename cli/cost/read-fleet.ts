/** What the templates say about one fleet: its size, its times, its servers and their store. Pure. */
import { type DeploySettings, deploySettings, ENV } from '../../functions/deploy/contract.ts';
import { at, findResources, list, type Properties, render, type Stack } from './template.ts';

export interface Fleet {
  /** Servers that the Auto Scaling group never goes below, or the named ones; 0 when the group itself is named: nothing says its size. */
  readonly servers: number;
  /** Servers ran before Holdfast came: each deploy prepares them. */
  readonly prepares: boolean;
  readonly settings: DeploySettings;
  /** The target group's: how long until a registered target is healthy. */
  readonly healthCheck: { readonly intervalSeconds: number; readonly healthyThreshold: number };
  readonly logRetentionDays: number;
  /** Age at which releases go to S3's class of infrequent access; Infinity where they do not. */
  readonly releasesInfrequentAfterDays: number;
  readonly instances: {
    readonly type: string;
    readonly volumeGigabytes: number;
    readonly publicAddress: boolean;
    readonly detailedMonitoring: boolean;
  };
  /** Subnets of each load balancer. */
  readonly loadBalancers: readonly { readonly subnets: number; readonly public: boolean }[];
  readonly stores: readonly { readonly engine: string; readonly nodeType: string; readonly nodes: number }[];
}

export function readFleet(stacks: readonly Stack[], fleet: string): Fleet {
  const all = (type: string) => findResources(stacks, type).map(({ properties }) => properties);
  const first = (type: string): Properties => all(type)[0] ?? {};
  const launch = at(first('AWS::EC2::LaunchTemplate'), 'LaunchTemplateData');
  const targetGroup = first('AWS::ElasticLoadBalancingV2::TargetGroup');
  return {
    servers: number(first('AWS::AutoScaling::AutoScalingGroup')['MinSize'], namedServers(variablesOf(all('AWS::Lambda::Function')), fleet)),
    prepares: variablesOf(all('AWS::Lambda::Function')).some(
      (one) => at(one, ENV.fleet) === fleet && at(one, ENV.prepareDocument) !== undefined,
    ),
    settings: readSettings(all('AWS::Lambda::Function'), fleet),
    healthCheck: {
      intervalSeconds: number(targetGroup['HealthCheckIntervalSeconds'], 30),
      healthyThreshold: number(targetGroup['HealthyThresholdCount'], 5),
    },
    logRetentionDays: Math.max(0, ...all('AWS::Logs::LogGroup').map(({ RetentionInDays }) => number(RetentionInDays, 0))),
    releasesInfrequentAfterDays: infrequentAfterDays(all('AWS::S3::Bucket')),
    instances: {
      type: String(at(launch, 'InstanceType') ?? 'a kind that the templates do not say'),
      volumeGigabytes: list(at(launch, 'BlockDeviceMappings')).reduce<number>(
        (sum, one) => sum + number(at(one, 'Ebs', 'VolumeSize'), 0),
        0,
      ),
      publicAddress: list(at(launch, 'NetworkInterfaces')).some((one) => at(one, 'AssociatePublicIpAddress') === true),
      detailedMonitoring: at(launch, 'Monitoring', 'Enabled') === true,
    },
    loadBalancers: all('AWS::ElasticLoadBalancingV2::LoadBalancer').map(({ Subnets, Scheme }) => ({
      subnets: list(Subnets).length,
      public: Scheme === 'internet-facing',
    })),
    stores: all('AWS::ElastiCache::ReplicationGroup').map((group) => ({
      engine: String(group['Engine']),
      nodeType: String(group['CacheNodeType']),
      nodes: number(group['NumCacheClusters'], 0) || number(group['NumNodeGroups'], 1) * (1 + number(group['ReplicasPerNodeGroup'], 0)),
    })),
  };
}

/** The deploy's settings as its functions have them. Names of alarms are references there, which is still JSON. */
function readSettings(functions: readonly Properties[], fleet: string): DeploySettings {
  const own = variablesOf(functions).find((one) => at(one, ENV.fleet) === fleet && at(one, ENV.deploySettings) !== undefined);
  return deploySettings.parse(own === undefined ? {} : JSON.parse(render(at(own, ENV.deploySettings))));
}

function infrequentAfterDays(buckets: readonly Properties[]): number {
  const rules = buckets.flatMap((bucket) => list(at(bucket, 'LifecycleConfiguration', 'Rules')));
  const transitions = rules.filter((rule) => at(rule, 'Prefix') === undefined).flatMap((rule) => list(at(rule, 'Transitions')));
  const days = transitions.filter((one) => at(one, 'StorageClass') === 'STANDARD_IA').map((one) => number(at(one, 'TransitionInDays'), 0));
  return Math.min(Number.POSITIVE_INFINITY, ...days);
}

const variablesOf = (functions: readonly Properties[]): unknown[] =>
  functions.map((properties) => at(properties, 'Environment', 'Variables'));

function namedServers(variables: readonly unknown[], fleet: string): number {
  const own = variables.find((one) => at(one, ENV.fleet) === fleet && at(one, ENV.members) !== undefined);
  return own === undefined ? 0 : list(JSON.parse(render(at(own, ENV.members)))).length;
}

/** CloudFormation writes numbers as numbers or as texts. */
function number(value: unknown, otherwise: number): number {
  const read = Number(value);
  return value === undefined || Number.isNaN(read) ? otherwise : read;
}
