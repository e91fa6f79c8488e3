/** Access strings of the created store's users. Pure. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html */
import { witnessKey } from '../../../functions/incidents/contract/store-facts.ts';
import type { SessionGroup } from '../../config/session-groups.ts';
import type { CreatedStore } from '../../config/store.ts';

/**
 * The channels of a fleet's frameworks, as patterns of access strings. A client's PSUBSCRIBE needs a rule with exactly its
 * pattern; its SUBSCRIBE and PUBLISH need a rule that matches the channel.
 */
export function channelPatterns(
  { channels, keyPrefix, framework }: Pick<SessionGroup, 'channels' | 'keyPrefix' | 'framework'>,
  databases: readonly number[],
): string[] {
  const namespace = framework === 'spring-session' || /(^|:)spring:session:/.test(keyPrefix) ? keyPrefix : `${keyPrefix}spring:session:`;
  const patterns = channels.flatMap((channel) => {
    if (channel === 'spring-session-indexed') return databases.flatMap((database) => springPatterns(namespace, database));
    return channel === 'redisson-tomcat' ? [redissonPattern(keyPrefix)] : [channel];
  });
  return [...new Set(patterns)];
}

/**
 * Created sessions are published; the ends of sessions are the engine's own keyspace notifications.
 * @see https://github.com/spring-projects/spring-session/blob/main/spring-session-data-redis/src/main/java/org/springframework/session/data/redis/RedisIndexedSessionRepository.java
 */
function springPatterns(namespace: string, database: number): string[] {
  return [`${namespace}event:${database}:created:*`, `__keyevent@${database}__:del`, `__keyevent@${database}__:expired`];
}

/**
 * One channel per Tomcat context, with the context's name.
 * @see https://github.com/redisson/redisson/blob/master/redisson-tomcat/redisson-tomcat-10/src/main/java/org/redisson/tomcat/RedissonSessionManager.java
 */
const redissonPattern = (keyPrefix: string): string => `${keyPrefix.replace(/redisson:.*$/, '')}redisson:tomcat_session_updates:*`;

/** The user of redis_exporter (ops/monitoring): its name and its permissions. */
export const MONITORING_USER = 'monitoring';

/** All commands of redis_exporter, without access to keys. SLOWLOG GET returns the latest slow command with its arguments. */
export const MONITORING_ACCESS =
  'on resetkeys resetchannels -@all +ping +info +client|setname +slowlog|len +slowlog|get +latency|latest +latency|histogram';

type Engine = Pick<CreatedStore, 'engine' | 'engineVersion' | 'databases'>;
type Keys = Pick<SessionGroup, 'keyPrefix'>;

/** These have no access to any key. */
export const DEPLOY_ACCESS = 'on resetkeys resetchannels -@all +ping +info';
export const COLLECT_ACCESS = 'on resetkeys resetchannels -@all +info';

/**
 * What an incident's collector can do with sessions: read types, TTLs and sizes of a sample. It changes no key. Of a session's content it
 * reads only the field, or the beginning of the text, that contains its lifetime. Its one script lists keys, except those whose names are
 * too long for a session's.
 */
export const incidentsAccess = ({ engine, engineVersion, databases }: Engine): string =>
  [
    'on %R~* resetchannels -@all +info +eval_ro +scan +type +pttl +object|idletime +memory|usage +hget +hstrlen +getrange',
    ...(hasNoTouch(engine, engineVersion) ? ['+client|no-touch'] : []),
    ...(databases.some((number) => number !== 0) ? ['+select'] : []),
  ].join(' ');

/** Writes, reads and removes keys of its own, apart from all sessions. */
export const witnessAccess = (groups: readonly Keys[]): string =>
  `on ${groups.map(({ keyPrefix }) => `~${witnessKey(keyPrefix, false)}*`).join(' ')} resetchannels -@all +set +get +del`;

/** Scans pages and reads counts; inspects the keys of a page; repairs them. */
const SWEEP_COMMANDS = [
  '+ping +info +time +scan +pttl +type +object|idletime +object|encoding +memory|usage +eval_ro +evalsha_ro +eval',
  '+hstrlen +hget +hlen +hkeys +getrange +sscan +exists',
  '+expire +unlink +srem',
].join(' ');

/** The sweep reads every key, and changes only the applications'. An engine refuses a rule of a command that it does not have. */
export function sweepAccess({ engine, engineVersion, databases }: Engine, groups: readonly Keys[]): string {
  return [
    `on %R~* ${groups.map(({ keyPrefix }) => `~${keyPrefix}*`).join(' ')} resetchannels -@all ${SWEEP_COMMANDS}`,
    ...(hasNoTouch(engine, engineVersion) ? ['+client|no-touch'] : []),
    ...(databases.some((number) => number !== 0) ? ['+select'] : []),
  ].join(' ');
}

/** Since Redis 7.2. ElastiCache's Redis OSS 7.1 has the commands of Redis 7.0. */
const hasNoTouch = (engine: string, version: string): boolean => engine === 'valkey' || Number(version) >= 7.2;

/**
 * Key patterns do not apply to these: SCAN, RANDOMKEY and invalidation messages (CLIENT TRACKING BCAST) contain the names of other
 * fleets' keys, which are session ids; DBSIZE their number; and a library that one fleet replaces (FUNCTION LOAD REPLACE) would run
 * with the permissions of another.
 */
const REACH_OTHERS = '-scan -randomkey -dbsize -client|tracking -client|caching -function';

/** Scripts by their text or its hash: SCRIPT FLUSH and SCRIPT KILL would end those of other fleets. */
const SCRIPTS = '+eval +eval_ro +evalsha +evalsha_ro +script|load +script|exists';

/**
 * An application reads and writes the keys of its fleet, and publishes and subscribes to the channels of its frameworks alone. Lettuce
 * asks each node for its ROLE where it is given primary and replicas (StaticMasterReplicaTopologyProvider); INFO shows the same.
 */
export function applicationAccess(group: Keys & Pick<SessionGroup, 'channels'>, databases: CreatedStore['databases']): string {
  const patterns = channelPatterns(group, databases);
  return [
    `on ~${group.keyPrefix}* resetchannels`,
    ...patterns.map((pattern) => `&${pattern}`),
    `-@all +@read +@write +@connection +@transaction ${SCRIPTS} -@dangerous ${REACH_OTHERS} +info +role`,
    ...(patterns.length > 0 ? ['+subscribe +psubscribe +unsubscribe +punsubscribe +publish'] : []),
  ].join(' ');
}

export interface FoundEngine {
  readonly engine: string;
  /** Major and minor: `7.1`. */
  readonly engineVersion: string;
  readonly clustered: boolean;
}

/** Of the one user of all functions in an existing store: sweeps that repair, the collector and incidents. Redis 6 has neither `%R~` nor EVAL_RO. */
export function functionsAccess({ engine, engineVersion, clustered }: FoundEngine, keyPrefix: string): string {
  const isOld = engine === 'redis' && Number(engineVersion) < 7;
  return [
    `on ${isOld ? '~*' : `%R~* ~${keyPrefix}*`} resetchannels -@all`,
    '+ping +info +time +scan +pttl +type +object|idletime +object|encoding +memory|usage',
    ...(isOld ? [] : ['+eval_ro +evalsha_ro']),
    '+eval +hstrlen +hget +hlen +hkeys +getrange +exists +expire',
    ...(hasNoTouch(engine, engineVersion) ? ['+client|no-touch'] : []),
    ...(clustered ? ['+cluster|slots +cluster|nodes +readonly'] : []),
  ].join(' ');
}
