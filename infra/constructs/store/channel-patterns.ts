import type { SessionGroup } from '../../config/session-groups.ts';

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
