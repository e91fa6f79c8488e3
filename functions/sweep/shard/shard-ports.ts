import type { Redis } from 'ioredis';
import type { HashId } from '../keys/hash-id.ts';
import type { Reading } from '../pages/pace.ts';
import type { SweepRecords } from '../sweep-records.ts';

export interface ShardPorts {
  /** Opens a connection to the shard's primary. */
  readonly connect: () => Promise<Redis>;
  /** The store in messages: host and port. */
  readonly storeName: string;
  readonly records: Pick<SweepRecords, 'takeShard' | 'saveCheckpoint'>;
  readonly hashId: HashId;
  /** Wall clock, milliseconds since the epoch, for leases and lives. Durations use a monotonic clock. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** @default by pace and latency */
  readonly reading?: Reading;
}
