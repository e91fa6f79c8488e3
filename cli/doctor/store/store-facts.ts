/** The session store. Names are AWS's. */
import type { UnconfirmedDialect } from '../../../functions/sweep/contract/record.ts';
import type { Lookup } from '../lookup.ts';

export interface ReplicationGroupFacts {
  readonly id: string;
  readonly status: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly tls: boolean;
  readonly authToken: boolean;
  readonly userGroupIds: readonly string[];
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly shards: number;
  /** Replicas of the shard with the fewest. */
  readonly replicas: number;
  readonly snapshotRetentionDays: number;
  readonly parameterGroup: string;
  readonly securityGroupIds: readonly string[];
}

export interface StoreUserFacts {
  readonly userName: string;
  readonly on: boolean;
  /** `password`, `no-password`, `iam`. */
  readonly authentication: string;
  /** Patterns of channels that it can publish and subscribe to; `*`: every channel. */
  readonly channels: readonly string[];
}

/** What is looked up of the store. */
export interface StoreLookups {
  readonly store: Lookup<ReplicationGroupFacts>;
  readonly evictionPolicy: Lookup<string>;
  /** notify-keyspace-events: what the store publishes about keys; empty: nothing. */
  readonly keyspaceEvents: Lookup<string>;
  readonly storeUsers: Lookup<readonly StoreUserFacts[]>;
  /** What sweeps wait for; empty: nothing, or there was none yet. */
  readonly openDecisions: Lookup<readonly UnconfirmedDialect[]>;
}
