import { recordKeys } from '../shared/naming.ts';
import { type RecordsTable, setFields } from '../shared/records-table.ts';
import type { Checkpoint, SweepRecord } from './contract.ts';
import type { LastStart } from './decide-start.ts';

/** Who goes through a shard, until when at the latest, and how far they are. */
interface ShardRecord {
  readonly sweepId: string;
  readonly expiresAtMs: number;
  readonly checkpoint?: Checkpoint;
}

export type Taken =
  | { readonly taken: true; readonly checkpoint: Checkpoint | undefined }
  | { readonly taken: false; readonly holder: string; readonly expiresAtMs: number };

/** What sweeps leave on record. Every change of a shard is conditional: whoever lost it finds out at the next write. */
export interface SweepRecords {
  putSweep(record: SweepRecord): Promise<void>;
  endSweep(sweepId: string, end: Partial<SweepRecord>): Promise<void>;
  getSweep(sweepId: string): Promise<SweepRecord | undefined>;
  /** Latest first. */
  listSweeps(): Promise<SweepRecord[]>;
  /** Takes the lease, or renews it. */
  takeShard(shard: string, sweepId: string, nowMs: number, expiresAtMs: number): Promise<Taken>;
  /** False when another sweep has the shard. */
  saveCheckpoint(shard: string, checkpoint: Checkpoint, expiresAtMs: number): Promise<boolean>;
  getCheckpoint(shard: string, sweepId: string): Promise<Checkpoint | undefined>;
  releaseShard(shard: string, sweepId: string): Promise<void>;
  lastStart(): Promise<LastStart | undefined>;
  /** False when another sweep has begun since `seen` was read, where that is given. */
  noteStart(start: LastStart, seen?: { readonly last: LastStart | undefined }): Promise<boolean>;
  /** Notes that the last one did not come to its end, if it is this one. */
  noteFailure(sweepId: string): Promise<void>;
  /** The secret that ids are hashed with; made by the first sweep of the installation. */
  hashSecret(propose: () => string): Promise<string>;
}

const HELD_BY_US = 'sweepId = :sweepId';

export function dynamoSweepRecords(table: RecordsTable): SweepRecords {
  const getShard = (shard: string) => table.get<ShardRecord>(recordKeys.sweepShard(shard));
  return {
    async putSweep(record) {
      await table.put(recordKeys.sweep(record.sweepId), record);
    },
    async endSweep(sweepId, end) {
      await table.update(recordKeys.sweep(sweepId), setFields(end));
    },
    getSweep: (sweepId) => table.get<SweepRecord>(recordKeys.sweep(sweepId)),
    async listSweeps() {
      const { pk, sk } = recordKeys.sweep('');
      const sweeps = await table.query<SweepRecord>(pk, sk);
      return sweeps.sort((a, b) => b.startedAtMs - a.startedAtMs);
    },
    async takeShard(shard, sweepId, nowMs, expiresAtMs) {
      const taken = await table.update<ShardRecord>(recordKeys.sweepShard(shard), {
        UpdateExpression: 'SET sweepId = :sweepId, expiresAtMs = :expires',
        ConditionExpression: `attribute_not_exists(sweepId) OR ${HELD_BY_US} OR expiresAtMs <= :now`,
        ExpressionAttributeValues: { ':sweepId': sweepId, ':expires': expiresAtMs, ':now': nowMs },
      });
      if (taken) return { taken: true, checkpoint: ownCheckpoint(taken, sweepId) };
      const holder = await getShard(shard);
      return { taken: false, holder: holder?.sweepId ?? 'unknown', expiresAtMs: holder?.expiresAtMs ?? nowMs };
    },
    async saveCheckpoint(shard, checkpoint, expiresAtMs) {
      const saved = await table.update(recordKeys.sweepShard(shard), {
        UpdateExpression: 'SET checkpoint = :checkpoint, expiresAtMs = :expires',
        ConditionExpression: HELD_BY_US,
        ExpressionAttributeValues: { ':checkpoint': checkpoint, ':expires': expiresAtMs, ':sweepId': checkpoint.sweepId },
      });
      return saved !== undefined;
    },
    async getCheckpoint(shard, sweepId) {
      const record = await getShard(shard);
      return record && ownCheckpoint(record, sweepId);
    },
    async releaseShard(shard, sweepId) {
      await table.update(recordKeys.sweepShard(shard), {
        UpdateExpression: 'REMOVE sweepId, expiresAtMs',
        ConditionExpression: HELD_BY_US,
        ExpressionAttributeValues: { ':sweepId': sweepId },
      });
    },
    lastStart: () => table.get<LastStart>(recordKeys.sweepStart()),
    noteStart: (start, seen) => table.put(recordKeys.sweepStart(), start, seen && ifStill(seen.last)),
    async noteFailure(sweepId) {
      await table.update(recordKeys.sweepStart(), {
        UpdateExpression: 'SET failed = :failed',
        ConditionExpression: HELD_BY_US,
        ExpressionAttributeValues: { ':failed': true, ':sweepId': sweepId },
      });
    },
    async hashSecret(propose) {
      const key = recordKeys.sweepSecret();
      const known = await table.get<{ secret: string }>(key);
      if (known) return known.secret;
      const secret = propose();
      if (await table.put(key, { secret }, { ConditionExpression: 'attribute_not_exists(pk)' })) return secret;
      return (await table.get<{ secret: string }>(key))?.secret ?? secret;
    },
  };
}

const ifStill = (last: LastStart | undefined) =>
  last === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : { ConditionExpression: HELD_BY_US, ExpressionAttributeValues: { ':sweepId': last.sweepId } };

/** Another sweep's is of no use: its counts are its own. */
const ownCheckpoint = ({ checkpoint }: ShardRecord, sweepId: string): Checkpoint | undefined =>
  checkpoint?.sweepId === sweepId ? checkpoint : undefined;
