import type { Redis } from 'ioredis';
import type { StoreNodes } from '../records/store-nodes.ts';
import type { NodeAddress } from '../shared/store/cluster-slots.ts';
import type { HashId } from './keys/hash-id.ts';
import type { Reading } from './pages/pace.ts';
import type { SweepRecords } from './sweep-records.ts';

export interface ShardPorts {
  readonly connect: () => Promise<Redis>;
  /** Opens a connection to another node, with the unit's database selected. @default pages are read from the primary */
  readonly connectTo?: (node: NodeAddress) => Promise<Redis>;
  /** The store in messages: host and port. */
  readonly storeName: string;
  readonly records: Pick<SweepRecords, 'takeShard' | 'saveCheckpoint'>;
  readonly hashId: HashId;
  /** The nodes as the collector read them last; undefined before its first reading. */
  readonly storeNodes: () => Promise<StoreNodes | undefined>;
  /** Wall clock, milliseconds since the epoch, for leases and lives. Durations use a monotonic clock. */
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** @default by pace and latency */
  readonly reading?: Reading;
}
