import type { ReplicationGroup } from '../../shared/aws/signed/replication-group.ts';
import type { Collector } from '../contract/collect.ts';
import { withoutClients } from '../report/plain.ts';

export interface StoreGroupPorts {
  /** Undefined: a store that the installation knows by its endpoint only. */
  readonly group: ReplicationGroup | undefined;
  readonly now: () => number;
}

/** What is shown of many: a store that fails over again and again has the same ones. */
const MOST_EVENTS = 100;

/** The replication group's state, and its events since the window began. @throws AwsServiceError */
export function createStoreGroup({ group, now }: StoreGroupPorts): Collector<'storeGroup'> {
  return async ({ fromMs }) => {
    if (!group) return { gap: 'the configuration names no replication group, so ElastiCache was not asked about the store' };
    const takenAtMs = now();
    const described = await group.describe();
    const events = await group.events(
      described.members.map(({ node }) => node),
      fromMs,
      takenAtMs,
    );
    const left = events.length - MOST_EVENTS;
    const latest = events.slice(-MOST_EVENTS).map(({ message, ...event }) => ({ ...event, message: withoutClients(message) }));
    return {
      takenAtMs,
      facts: { ...described, events: latest },
      ...(left > 0 && { gaps: [`the ${left} oldest events are left out`] }),
    };
  };
}
