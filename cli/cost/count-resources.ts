/** Counts the resources in one fleet's templates that are charged for as long as they exist. Pure. */
import { CANARY_ENV } from '../../functions/canary/contract.ts';
import type { Recipe } from '../../functions/canary/recipe/recipe.ts';
import { isKnownType } from './known-types.ts';
import { sumOf } from './sum.ts';
import { at, findResources, list, type Properties, type Stack } from './template.ts';

export type ResourceCounts = ReturnType<typeof countResources>;

/** The stack of the session store. */
export const isStoreStack = (stack: Stack): boolean => findResources([stack], 'AWS::ElastiCache::ReplicationGroup').length > 0;

/** Resources of the store's stack that are needed without Holdfast as well; the others are Holdfast's collector and sweep. */
const STORE_TYPES = ['AWS::ElastiCache::ReplicationGroup', 'AWS::KMS::Key', 'AWS::SecretsManager::Secret', 'AWS::SNS::Topic'];

export function withoutStore(stack: Stack): Stack {
  if (!isStoreStack(stack)) return stack;
  return { ...stack, resources: Object.fromEntries(Object.entries(stack.resources).filter(([, { Type }]) => !STORE_TYPES.includes(Type))) };
}

export function countResources(stacks: readonly Stack[]) {
  const all = (type: string) => findResources(stacks, type).map(({ properties }) => properties);
  const count = (type: string) => all(type).length;
  const alarms = all('AWS::CloudWatch::Alarm').map(countAlarmMetrics);
  const endpoints = all('AWS::EC2::VPCEndpoint').filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface');
  return {
    /** Metrics that alarms watch. */
    alarmMetrics: {
      standard: sumOf(alarms.map(({ standard }) => standard)),
      highResolution: sumOf(alarms.map((one) => one.highResolution)),
    },
    alarms: alarms.length,
    compositeAlarms: count('AWS::CloudWatch::CompositeAlarm'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    /** Each publishes one custom metric. */
    metricFilters: sumOf(all('AWS::Logs::MetricFilter').map(({ MetricTransformations }) => list(MetricTransformations).length)),
    queues: count('AWS::SQS::Queue'),
    topics: count('AWS::SNS::Topic'),
    keys: count('AWS::KMS::Key'),
    secrets: count('AWS::SecretsManager::Secret'),
    /** Scheduled canaries, and the secrets that their recipes name, which no template has. */
    canaries: recipes(stacks).length,
    canarySecrets: new Set(recipes(stacks).flatMap(secretsOf)).size,
    /** One for each of their subnets. */
    interfaceEndpoints: sumOf(endpoints.map(({ SubnetIds }) => Math.max(1, list(SubnetIds).length))),
  };
}

/** Recipes of scheduled canaries, as their functions have them. */
const recipes = (stacks: readonly Stack[]): string[] =>
  findResources(stacks, 'AWS::Lambda::Function').flatMap(({ properties }) => {
    const recipe = at(properties, 'Environment', 'Variables', CANARY_ENV.recipe);
    return typeof recipe === 'string' ? [recipe] : [];
  });

function secretsOf(recipe: string): string[] {
  const { users } = JSON.parse(recipe) as Recipe;
  return [users.a, users.b].flatMap(({ password: { secret } }) => secret ?? []);
}

/** Metrics of an anomaly detection alarm: the one that is watched and the two edges of its band. */
const METRICS_OF_A_BAND = 3;
/** A shorter period than a minute makes an alarm a high-resolution one. */
const STANDARD_PERIOD_SECONDS = 60;

/** A metric-math alarm is charged for each metric in it; expressions are free. */
export function countAlarmMetrics(properties: Properties): { standard: number; highResolution: number } {
  const queries = list(properties['Metrics']);
  const periods = queries.length === 0 ? [properties['Period']] : queries.flatMap((query) => at(query, 'MetricStat', 'Period') ?? []);
  const isBand = queries.some((query) => String(at(query, 'Expression') ?? '').startsWith('ANOMALY_DETECTION_BAND'));
  const isHighResolution = periods.some((period) => Number(period) < STANDARD_PERIOD_SECONDS);
  const metrics = isBand ? METRICS_OF_A_BAND * periods.length : periods.length;
  return isHighResolution ? { standard: 0, highResolution: metrics } : { standard: metrics, highResolution: 0 };
}

/** Types in the templates that are neither priced nor known to be free, and so not in the estimate. */
export function unknownTypes(stacks: readonly Stack[]): string[] {
  const types = findResources(stacks).map(({ type }) => type);
  return [...new Set(types)].filter((type) => !isKnownType(type)).sort();
}
