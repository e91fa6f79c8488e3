/** Counts what is in one fleet's templates and charged for as long as it exists, and names what is not in the estimate. Pure. */
import { CANARY_ENV, CANARY_METRICS, CANARY_PROBLEM_METRICS } from '../../functions/canary/contract/environment.ts';
import type { Recipe } from '../../functions/canary/contract/recipe.ts';
import { PROBLEM_METRICS, STORE_METRICS } from '../../functions/collect/contract.ts';
import { LEFTOVER_METRICS, METRICS, SESSION_METRICS } from '../../functions/deploy/contract/common.ts';
import { INCIDENT_METRICS } from '../../functions/incidents/contract/environment.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { SWEEP_METRICS } from '../../functions/sweep/contract/environment.ts';
import { at, findResources, list, type Properties, propertiesOf, type Stack, variablesIn } from './assembly.ts';
import { ASSUMED } from './assumptions.ts';

export type ResourceCounts = ReturnType<typeof countResources>;

export function countResources(stacks: readonly Stack[]) {
  const all = (type: string) => propertiesOf(stacks, type);
  const alarms = all('CloudWatch::Alarm').map(countAlarmMetrics);
  const endpoints = all('EC2::VPCEndpoint').filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface');
  // Recipes of scheduled canaries, as their functions have them, name secrets that no template has.
  const recipes = variablesIn(stacks).flatMap((one) => at(one, CANARY_ENV.recipe) ?? []);
  const users = recipes.flatMap((recipe) => Object.values((JSON.parse(String(recipe)) as Recipe).users));
  return {
    /** Metrics that alarms watch. */
    alarmMetrics: { standard: sumOf(alarms.map((one) => one.standard)), highResolution: sumOf(alarms.map((one) => one.highResolution)) },
    alarms: alarms.length,
    compositeAlarms: all('CloudWatch::CompositeAlarm').length,
    dashboards: all('CloudWatch::Dashboard').length,
    /** Each publishes one custom metric. */
    metricFilters: sumOf(all('Logs::MetricFilter').map(({ MetricTransformations }) => list(MetricTransformations).length)),
    queues: all('SQS::Queue').length,
    topics: all('SNS::Topic').length,
    keys: all('KMS::Key').length,
    secrets: all('SecretsManager::Secret').length,
    canaries: recipes.length,
    canarySecrets: new Set(users.flatMap(({ password: { secret } }) => secret ?? [])).size,
    /** One for each of their subnets. */
    interfaceEndpoints: sumOf(endpoints.map(({ SubnetIds }) => Math.max(1, list(SubnetIds).length))),
  };
}

/** A metric-math alarm is charged for each metric in it, an anomaly detection alarm also for both edges of its band; expressions are free. */
export function countAlarmMetrics({ Metrics, Period }: Properties): { standard: number; highResolution: number } {
  const queries = list(Metrics);
  const periods = queries.length === 0 ? [Period] : queries.flatMap((query) => at(query, 'MetricStat', 'Period') ?? []);
  const isBand = queries.some((query) => String(at(query, 'Expression')).startsWith('ANOMALY_DETECTION_BAND'));
  const metrics = periods.length * (isBand ? 3 : 1);
  return periods.some((period) => Number(period) < 60)
    ? { standard: 0, highResolution: metrics }
    : { standard: metrics, highResolution: 0 };
}

/** Contracts that name a namespace, which a test compares with those of the functions: the metrics of any other have to be listed below. */
export const METRIC_CONTRACTS = [METRICS, SWEEP_METRICS] as const;

/** One series each: a metric has one dimension, `Fleet` or `Installation`. */
const namesOf = (...contracts: readonly object[]): string[] =>
  contracts.flatMap((one) => Object.entries(one).flatMap(([key, name]) => (/^namespace$|Dimension$/.test(key) ? [] : String(name))));

/**
 * Custom metrics of fleets and their store, by the hours in which they have data.
 * @param canaries fleets with one @param waiting fleets whose deploys wait for sessions
 */
export function publishedMetrics(deploysPerDay: number, fleets = 1, canaries = 0, waiting = 0) {
  const { hoursPerDeploy, sweepsPerDay, shareOfHoursInTrouble: inTrouble } = ASSUMED;
  const { deployEventNotSent, ...ofDeploys } = METRICS;
  const deployHours = Math.min(1, (deploysPerDay * hoursPerDeploy) / 24);
  const [deploys, problems] = [`in ${hoursPerDeploy} hours of each deploy`, 'during problems, one hour per day'];
  return [
    { names: namesOf(ofDeploys), times: fleets, shareOfHours: deployHours, when: deploys },
    { names: namesOf(SESSION_METRICS), times: waiting, shareOfHours: deployHours, when: deploys },
    { names: namesOf(SWEEP_METRICS), times: 1, shareOfHours: sweepsPerDay / 24, when: 'in the hour of each sweep' },
    { names: namesOf(STORE_METRICS), times: 1, shareOfHours: 1, when: 'always' },
    { names: namesOf(CANARY_METRICS), times: canaries, shareOfHours: 1, when: 'always' },
    { names: namesOf(PROBLEM_METRICS, INCIDENT_METRICS), times: 1, shareOfHours: inTrouble, when: problems },
    { names: namesOf({ deployEventNotSent }, LEFTOVER_METRICS), times: fleets, shareOfHours: inTrouble, when: problems },
    { names: namesOf(CANARY_PROBLEM_METRICS), times: canaries, shareOfHours: inTrouble, when: problems },
  ];
}

/** Resource types that the estimate covers: each has a line, or nothing is charged for the resource itself. */
const KNOWN = `
  ApplicationAutoScaling::(ScalableTarget|ScalingPolicy) AutoScaling::(AutoScalingGroup|LifecycleHook|ScalingPolicy|ScheduledAction)
  CDK::Metadata CloudFormation::WaitConditionHandle CloudWatch::(Alarm|CompositeAlarm|Dashboard) DynamoDB::Table
  EC2::(InternetGateway|LaunchTemplate|Route|RouteTable|SecurityGroup|SecurityGroupEgress|SecurityGroupIngress)
  EC2::(Subnet|SubnetRouteTableAssociation|VPC|VPCEndpoint|VPCGatewayAttachment)
  ElastiCache::(ParameterGroup|ReplicationGroup|SubnetGroup|User|UserGroup) Events::Rule
  ElasticLoadBalancingV2::(Listener|ListenerCertificate|ListenerRule|LoadBalancer|TargetGroup)
  IAM::(InstanceProfile|ManagedPolicy|Policy|Role) KMS::(Alias|Key) Lambda::(Alias|EventInvokeConfig|Function|Permission|Version)
  Logs::(LogGroup|LogStream|MetricFilter|QueryDefinition|ResourcePolicy) S3::(Bucket|BucketPolicy) SNS::(Subscription|Topic|TopicPolicy)
  SQS::(Queue|QueuePolicy) SSM::(Document|Parameter) Scheduler::(Schedule|ScheduleGroup)
  SecretsManager::(ResourcePolicy|RotationSchedule|Secret) StepFunctions::(StateMachine|StateMachineVersion)`;
/** The functions of custom resources run when a stack is deployed. */
const IS_KNOWN = new RegExp(`^(AWS::(${KNOWN.trim().split(/\s+/).join('|')})|Custom::(EmptyBucket|Installation))$`);

/** Types in the templates that are neither priced nor known to be free, and so not in the estimate. */
export function unknownTypes(stacks: readonly Stack[]): string[] {
  const types = findResources(stacks).map(({ type }) => type);
  return [...new Set(types)].filter((type) => !IS_KNOWN.test(type)).sort();
}
