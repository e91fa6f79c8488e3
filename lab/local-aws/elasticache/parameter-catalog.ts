/** Parameters of the parameter group families, and their settings for the engine. Pure. */

export interface ParameterDefinition {
  readonly name: string;
  readonly defaultValue: string;
  readonly dataType: 'integer' | 'string';
  /** The allowed values as DescribeCacheParameters shows them: `0-100`, `yes,no`, or empty for any text. */
  readonly allowedValues: string;
  readonly modifiable: boolean;
  /** False for what only ElastiCache itself knows. */
  readonly engineKnows: boolean;
  /** False when a node must be started again for it. */
  readonly immediate: boolean;
}

export const PARAMETER_GROUP_FAMILIES = ['redis6.x', 'redis7', 'valkey7', 'valkey8', 'valkey9'] as const;

const POLICIES = 'volatile-lru,allkeys-lru,volatile-lfu,allkeys-lfu,volatile-random,allkeys-random,volatile-ttl,noeviction';
const MAX_INT = 2_147_483_647;

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html */
const DEFINITIONS: readonly ParameterDefinition[] = [
  text('maxmemory-policy', 'volatile-lru', POLICIES),
  integer('maxmemory-samples', 3, '1-64'),
  integer('reserved-memory-percent', 25, '0-100', { engineKnows: false }),
  text('notify-keyspace-events', '', ''),
  integer('timeout', 0, `0-${MAX_INT}`),
  integer('tcp-keepalive', 300, `0-${MAX_INT}`),
  integer('databases', 16, '1-1200000', { immediate: false }),
  integer('slowlog-log-slower-than', 10_000, `-1-${MAX_INT}`),
  integer('slowlog-max-len', 128, `0-${MAX_INT}`),
  integer('acllog-max-len', 128, '1-10000'),
  text('acl-pubsub-default', 'resetchannels', 'resetchannels,allchannels'),
  integer('active-expire-effort', 1, '1-10'),
  text('activerehashing', 'yes', 'yes,no'),
  text('latency-tracking', 'no', 'yes,no'),
  text('lazyfree-lazy-eviction', 'yes', 'yes,no'),
  text('lazyfree-lazy-expire', 'yes', 'yes,no'),
  text('lazyfree-lazy-server-del', 'yes', 'yes,no'),
  text('lazyfree-lazy-user-del', 'yes', 'yes,no'),
  text('lazyfree-lazy-user-flush', 'yes', 'yes,no'),
  integer('lfu-decay-time', 1, `0-${MAX_INT}`),
  integer('lfu-log-factor', 10, `0-${MAX_INT}`),
  integer('lua-time-limit', 5_000, '5000', { modifiable: false }),
  integer('hash-max-listpack-entries', 512, `0-${MAX_INT}`),
  integer('hash-max-listpack-value', 64, `0-${MAX_INT}`),
  integer('zset-max-listpack-entries', 128, `0-${MAX_INT}`),
  integer('zset-max-listpack-value', 64, `0-${MAX_INT}`),
  integer('set-max-intset-entries', 512, `0-${MAX_INT}`),
  integer('min-replicas-to-write', 0, '0-5'),
  integer('min-replicas-max-lag', 10, `0-${MAX_INT}`),
  integer('repl-backlog-size', 1_048_576, `16384-${MAX_INT}`),
  integer('tracking-table-max-keys', 1_000_000, '1-100000000'),
  integer('maxclients', 65_000, '1-65000', { modifiable: false, engineKnows: false }),
  text('appendonly', 'no', 'yes,no', { modifiable: false, engineKnows: false }),
  text('close-on-replica-write', 'yes', 'yes,no', { engineKnows: false }),
  text('cluster-enabled', 'no', 'yes,no', { engineKnows: false, immediate: false }),
];

const BY_NAME: ReadonlyMap<string, ParameterDefinition> = new Map(DEFINITIONS.map((definition) => [definition.name, definition]));

/** Where a family's defaults are not those of the others. */
const VALKEY_8: Readonly<Record<string, string>> = { 'repl-backlog-size': '10485760' };
const OWN_DEFAULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = { valkey8: VALKEY_8, valkey9: VALKEY_8 };

/** @param family `valkey8`, for its defaults */
export function parameterDefinitions(family = ''): readonly ParameterDefinition[] {
  return DEFINITIONS.map((each) => ({ ...each, defaultValue: OWN_DEFAULTS[family]?.[each.name] ?? each.defaultValue }));
}

/** @returns what is wrong with the value, or undefined */
export function parameterProblem(name: string, value: string): string | undefined {
  const definition = BY_NAME.get(name);
  if (!definition) return `Could not find parameter with name: ${name}`;
  if (!definition.modifiable) return `The parameter ${name} cannot be modified.`;
  if (definition.dataType === 'integer') {
    const [, low, high] = /^(-?\d+)-(\d+)$/.exec(definition.allowedValues) ?? [];
    if (!/^-?\d+$/.test(value) || Number(value) < Number(low) || Number(value) > Number(high)) return outside(definition, value);
  } else if (definition.allowedValues && !definition.allowedValues.split(',').includes(value)) {
    return outside(definition, value);
  }
  if (name === 'notify-keyspace-events' && !/^[KEg$lshzxetdmnA]*$/.test(value)) return outside(definition, value);
  return undefined;
}

export function parameterValue(values: Readonly<Record<string, string>>, name: string): string {
  return values[name] ?? BY_NAME.get(name)?.defaultValue ?? '';
}

/**
 * Settings for the engine. Only the eviction policy is passed even when it was not set: there ElastiCache's default is not the
 * engine's own, and it decides what happens to sessions when memory is full.
 *
 * @param values what the parameter group sets
 */
export function engineSettings(values: Readonly<Record<string, string>>): Record<string, string> {
  const settings: Record<string, string> = { 'maxmemory-policy': parameterValue(values, 'maxmemory-policy') };
  for (const [name, value] of Object.entries(values)) if (BY_NAME.get(name)?.engineKnows) settings[name] = value;
  return settings;
}

/** The family of an engine version: `redis7`, `valkey8`, … */
export function familyOf(engine: string, engineVersion: string): string {
  const major = engineVersion.split('.')[0];
  return engine === 'redis' && major === '6' ? 'redis6.x' : `${engine}${major}`;
}

function outside(definition: ParameterDefinition, value: string): string {
  return `The value ${value} is not allowed for the parameter ${definition.name}. Allowed values: ${definition.allowedValues || 'K E g $ l s h z x e t d m n A'}`;
}

type Traits = Partial<Pick<ParameterDefinition, 'modifiable' | 'engineKnows' | 'immediate'>>;

function integer(name: string, defaultValue: number, allowedValues: string, traits: Traits = {}): ParameterDefinition {
  return {
    name,
    defaultValue: String(defaultValue),
    dataType: 'integer',
    allowedValues,
    modifiable: true,
    engineKnows: true,
    immediate: true,
    ...traits,
  };
}

function text(name: string, defaultValue: string, allowedValues: string, traits: Traits = {}): ParameterDefinition {
  return { name, defaultValue, dataType: 'string', allowedValues, modifiable: true, engineKnows: true, immediate: true, ...traits };
}
