import type { Log, Now, TopicPublisher } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';

/** ElastiCache keeps events for 14 days. */
const KEPT_MS = 14 * 24 * 3_600_000;

export type SourceType = 'cache-cluster' | 'cache-parameter-group' | 'cache-subnet-group' | 'replication-group' | 'user' | 'user-group';

export interface CacheEvent {
  readonly sourceType: SourceType;
  readonly sourceIdentifier: string;
  readonly message: string;
  readonly dateMs: number;
}

/** Event messages in ElastiCache's words. */
export interface EventLog {
  record(sourceType: SourceType, sourceIdentifier: string, message: string): void;
  /** Newest first, as DescribeEvents lists them. */
  list(): readonly CacheEvent[];
  /** Makes every event older by this time. */
  dateBack(byMs: number): void;
}

/** The texts of the events that a client may look for. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html */
export const EVENT_MESSAGES = {
  testFailover: (nodeGroupId: string) => `Test Failover API called for node group ${nodeGroupId}`,
  failoverCompleted: (from: string, to: string) => `Failover from primary node ${from} to replica node ${to} completed`,
  recovering: (nodeId: string) => `Recovering cache nodes ${nodeId}`,
  recovered: (nodeId: string) => `Finished recovery for cache nodes ${nodeId}`,
  groupCreated: (id: string) => `Replication group ${id} created`,
  clusterCreated: () => 'Cache cluster created',
  clusterDeleted: () => 'Cache cluster deleted',
} as const;

export function createEventLog(now: Now, log: Log): EventLog {
  let events: CacheEvent[] = [];
  return {
    record: (sourceType, sourceIdentifier, message) => {
      const dateMs = now();
      events = [{ sourceType, sourceIdentifier, message, dateMs }, ...events.filter((event) => event.dateMs > dateMs - KEPT_MS)];
      log(`elasticache ${sourceType} ${sourceIdentifier}: ${message}`);
    },
    list: () => events,
    dateBack: (byMs) => {
      events = events.map((event) => ({ ...event, dateMs: event.dateMs - byMs }));
    },
  };
}

/** Notifications that go to a replication group's topic. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html */
export type NotificationName =
  | 'FailoverComplete'
  | 'CreateReplicationGroupComplete'
  | 'CacheNodeReplaceComplete'
  | 'DeleteCacheClusterComplete'
  | 'CacheClusterParametersChanged';

/** Sends one notification. It never throws: ElastiCache also works without its topic. */
export async function notify(
  topics: TopicPublisher,
  log: Log,
  topicArn: string | undefined,
  name: NotificationName,
  subject: string,
): Promise<void> {
  if (!topicArn) return;
  try {
    await topics.publish(topicArn, 'ElastiCache Notification Message', JSON.stringify({ [`ElastiCache:${name}`]: subject }));
  } catch (error) {
    log(`elasticache could not publish ${name} to ${topicArn}: ${messageOf(error)}`);
  }
}
