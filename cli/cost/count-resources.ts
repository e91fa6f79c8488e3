/** Counts the resources in one fleet's templates that are charged for as long as they exist. Pure. */
import { type AlarmMetrics, addAlarmMetrics } from './count-alarms.ts';
import { isKnownType } from './known-types.ts';
import { findResources, list, type Stack } from './template.ts';

export interface ResourceCounts {
  readonly alarmMetrics: AlarmMetrics;
  readonly alarms: number;
  readonly compositeAlarms: number;
  readonly dashboards: number;
  /** Each publishes one custom metric. */
  readonly metricFilters: number;
  readonly functions: number;
  readonly stateMachines: number;
  readonly logGroups: number;
  readonly queues: number;
  readonly topics: number;
  readonly tables: number;
  readonly buckets: number;
  readonly keys: number;
  readonly secrets: number;
  /** Interface endpoints, one for each of their subnets. */
  readonly interfaceEndpoints: number;
}

/** The stack of the session store. */
export const isStoreStack = (stack: Stack): boolean => findResources([stack], 'AWS::ElastiCache::ReplicationGroup').length > 0;

/** Resources of the store's stack that are needed without Holdfast as well; the others are Holdfast's collector and sweep. */
const STORE_TYPES = ['AWS::ElastiCache::ReplicationGroup', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::SNS::Topic'];

export function withoutStore(stack: Stack): Stack {
  if (!isStoreStack(stack)) return stack;
  return { ...stack, resources: Object.fromEntries(Object.entries(stack.resources).filter(([, { Type }]) => !STORE_TYPES.includes(Type))) };
}

export function countResources(stacks: readonly Stack[]): ResourceCounts {
  const all = (type: string) => findResources(stacks, type).map(({ properties }) => properties);
  const count = (type: string) => all(type).length;
  const endpoints = all('AWS::EC2::VPCEndpoint').filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface');
  return {
    alarmMetrics: addAlarmMetrics(all('AWS::CloudWatch::Alarm')),
    alarms: count('AWS::CloudWatch::Alarm'),
    compositeAlarms: count('AWS::CloudWatch::CompositeAlarm'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    metricFilters: all('AWS::Logs::MetricFilter').reduce((sum, { MetricTransformations }) => sum + list(MetricTransformations).length, 0),
    functions: count('AWS::Lambda::Function'),
    stateMachines: count('AWS::StepFunctions::StateMachine'),
    logGroups: count('AWS::Logs::LogGroup'),
    queues: count('AWS::SQS::Queue'),
    topics: count('AWS::SNS::Topic'),
    tables: count('AWS::DynamoDB::Table'),
    buckets: count('AWS::S3::Bucket'),
    keys: count('AWS::KMS::Key'),
    secrets: count('AWS::SecretsManager::Secret'),
    interfaceEndpoints: endpoints.reduce((sum, { SubnetIds }) => sum + Math.max(1, list(SubnetIds).length), 0),
  };
}

/** Types in the templates that are neither priced nor known to be free, and so not in the estimate. */
export function unknownTypes(stacks: readonly Stack[]): string[] {
  const types = findResources(stacks).map(({ type }) => type);
  return [...new Set(types)].filter((type) => !isKnownType(type)).sort();
}
