/** Size, times, servers and store of one fleet, from its templates. Pure. */

import { ENV } from '../../functions/deploy/contract/environment.ts';
import { parseMembers } from '../../functions/deploy/contract/members-text.ts';
import { type DeploySettings, deploySettings, SETTINGS_ENV } from '../../functions/deploy/settings/settings.ts';
import { INSTANCE_ENV } from '../../functions/instance/environment.ts';
import { RECORDS_ENV } from '../../functions/records/environment.ts';
import { DRAIN_ENV } from '../../functions/shared/aws/drain-rule-contract.ts';
import { sumOf } from './sum.ts';
import { at, findResources, list, type Properties, render, type Stack } from './template.ts';

export type Fleet = ReturnType<typeof readFleet>;

export function readFleet(stacks: readonly Stack[], fleet: string) {
  const all = (type: string) => findResources(stacks, type).map(({ properties }) => properties);
  const first = (type: string): Properties => all(type)[0] ?? {};
  const launch = at(first('AWS::EC2::LaunchTemplate'), 'LaunchTemplateData');
  return {
    /** Minimum size of the Auto Scaling group, or the number of existing servers; 0 for an existing group, whose size is unknown. */
    servers: number(
      first('AWS::AutoScaling::AutoScalingGroup')['MinSize'],
      existingServers(variablesOf(all('AWS::Lambda::Function')), fleet),
    ),
    /** The servers are existing ones: each deploy prepares them. */
    prepares: variablesOf(all('AWS::Lambda::Function')).some(
      (one) => at(one, RECORDS_ENV.fleet) === fleet && at(one, INSTANCE_ENV.prepareDocument) !== undefined,
    ),
    /** Deploys wait for the sessions in a server's memory. */
    waitsForSessions: variablesOf(all('AWS::Lambda::Function')).some(
      (one) => at(one, RECORDS_ENV.fleet) === fleet && at(one, DRAIN_ENV.drainRuleArn) !== undefined,
    ),
    settings: readSettings(all('AWS::Lambda::Function'), fleet),
    /** Between two health checks of a target. */
    healthCheckSeconds: number(first('AWS::ElasticLoadBalancingV2::TargetGroup')['HealthCheckIntervalSeconds'], 30),
    logRetentionDays: Math.max(0, ...all('AWS::Logs::LogGroup').map(({ RetentionInDays }) => number(RetentionInDays, 0))),
    /** Age at which releases move to S3's class for instant retrieval from an archive; Infinity if they do not. */
    releasesArchivedAfterDays: archivedAfterDays(all('AWS::S3::Bucket')),
    instances: {
      type: String(at(launch, 'InstanceType') ?? 'unknown type'),
      volumeGigabytes: sumOf(list(at(launch, 'BlockDeviceMappings')).map((one) => number(at(one, 'Ebs', 'VolumeSize'), 0))),
      publicAddress: list(at(launch, 'NetworkInterfaces')).some((one) => at(one, 'AssociatePublicIpAddress') === true),
      detailedMonitoring: at(launch, 'Monitoring', 'Enabled') === true,
    },
    /** Subnets of each load balancer. */
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

/** The deploy's settings, from the environment of its functions. Alarm names are references there, which is still JSON. */
function readSettings(functions: readonly Properties[], fleet: string): DeploySettings {
  const own = variablesOf(functions).find(
    (one) => at(one, RECORDS_ENV.fleet) === fleet && at(one, SETTINGS_ENV.deploySettings) !== undefined,
  );
  return deploySettings.parse(own === undefined ? {} : JSON.parse(render(at(own, SETTINGS_ENV.deploySettings))));
}

function archivedAfterDays(buckets: readonly Properties[]): number {
  const rules = buckets.flatMap((bucket) => list(at(bucket, 'LifecycleConfiguration', 'Rules')));
  const transitions = rules.filter((rule) => at(rule, 'Prefix') === undefined).flatMap((rule) => list(at(rule, 'Transitions')));
  const days = transitions.filter((one) => at(one, 'StorageClass') === 'GLACIER_IR').map((one) => number(at(one, 'TransitionInDays'), 0));
  return Math.min(Number.POSITIVE_INFINITY, ...days);
}

const variablesOf = (functions: readonly Properties[]): unknown[] =>
  functions.map((properties) => at(properties, 'Environment', 'Variables'));

function existingServers(variables: readonly unknown[], fleet: string): number {
  const own = variables.find((one) => at(one, RECORDS_ENV.fleet) === fleet && at(one, ENV.members) !== undefined);
  return own === undefined ? 0 : parseMembers(render(at(own, ENV.members))).length;
}

/** CloudFormation writes numbers as numbers or as strings. */
function number(value: unknown, otherwise: number): number {
  const read = Number(value);
  return value === undefined || Number.isNaN(read) ? otherwise : read;
}
