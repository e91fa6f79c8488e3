import { recordKeys } from '../records/keys.ts';
import { latestFirst, type RecordsTable, readLatest, setFields } from '../records/records-table.ts';
import type { Checkpoint } from './contract/checkpoint.ts';
import type { LastStart, SweepRecord } from './contract/record.ts';

/** The sweep that holds a shard, until when at the latest, and its progress. */
interface ShardRecord {
  readonly sweepId: string;
  readonly expiresAtMs: number;
  readonly checkpoint?: Checkpoint;
  /** The last one that is aside. */
  readonly aside?: Checkpoint;
}

export type Taken =
  | {
      readonly taken: true;
      readonly checkpoint: Checkpoint | undefined;
      /** What an earlier sweep left that the next one can go on from, while this one has saved none. */
      readonly earlier?: Checkpoint;
    }
  | { readonly taken: false; readonly holder: string; readonly expiresAtMs: number };

/** Records of sweeps. Every change of a shard is conditional: a sweep that lost it notices at its next write. */
export interface SweepRecords {
  /** Records the start of a sweep. A repeated start keeps the time of the first one. */
  putSweep(record: SweepRecord): Promise<void>;
  endSweep(sweepId: string, end: Partial<SweepRecord>): Promise<void>;
  getSweep(sweepId: string): Promise<SweepRecord | undefined>;
  /** The latest `count`, latest start first; no other is read. */
  latestSweeps(count: number): Promise<SweepRecord[]>;
  /** The sweeps whose id begins with `prefix`, latest start first. */
  findSweeps(prefix: string): Promise<SweepRecord[]>;
  /** Takes the lease, or renews it. */
  takeShard(shard: string, sweepId: string, nowMs: number, expiresAtMs: number): Promise<Taken>;
  /** False when another sweep holds the shard. */
  saveCheckpoint(shard: string, checkpoint: Checkpoint, expiresAtMs: number): Promise<boolean>;
  getCheckpoint(shard: string, sweepId: string): Promise<Checkpoint | undefined>;
  releaseShard(shard: string, sweepId: string): Promise<void>;
  /** When this sweep's lease of the shard ends, or ended; undefined when it does not hold it. */
  heldUntil(shard: string, sweepId: string): Promise<number | undefined>;
  lastStart(): Promise<LastStart | undefined>;
  /** False when another sweep has started since `seen` was read, if given. */
  recordStart(start: LastStart, seen?: { readonly last: LastStart | undefined }): Promise<boolean>;
  /** Records that the last started sweep failed, if it is this one. */
  recordFailure(sweepId: string): Promise<void>;
  /** The secret for the hashes of ids; the installation's first sweep creates it. */
  hashSecret(propose: () => string): Promise<string>;
}

const HELD_BY_US = 'sweepId = :sweepId';

export function dynamoSweepRecords(table: RecordsTable): SweepRecords {
  const getSweep = (sweepId: string) => table.get<SweepRecord>(recordKeys.sweep(sweepId));
  const getShard = (shard: string) => table.get<ShardRecord>(recordKeys.sweepShard(shard));
  return {
    async putSweep(record) {
      const { sweepId } = record;
      const { startedAtMs } = (await getSweep(sweepId)) ?? record;
      // First: a start without a record is passed over, a record without a start would be in no list of the latest.
      await table.put(recordKeys.sweepStart(startedAtMs, sweepId), { sweepId });
      await table.put(recordKeys.sweep(sweepId), { ...record, startedAtMs });
    },
    async endSweep(sweepId, end) {
      await table.update(recordKeys.sweep(sweepId), setFields(end));
    },
    getSweep,
    latestSweeps(count) {
      const keyOf = ({ sweepId }: { sweepId: string }) => recordKeys.sweep(sweepId);
      return readLatest(table, recordKeys.sweepStarts(), keyOf, count);
    },
    async findSweeps(prefix) {
      const { pk, sk } = recordKeys.sweep(prefix);
      const sweeps = await table.query<SweepRecord>(pk, sk);
      return sweeps.sort(latestFirst);
    },
    async takeShard(shard, sweepId, nowMs, expiresAtMs) {
      const taken = await table.update<ShardRecord>(recordKeys.sweepShard(shard), {
        UpdateExpression: 'SET sweepId = :sweepId, expiresAtMs = :expires',
        ConditionExpression: `attribute_not_exists(sweepId) OR ${HELD_BY_US} OR expiresAtMs <= :now`,
        ExpressionAttributeValues: { ':sweepId': sweepId, ':expires': expiresAtMs, ':now': nowMs },
      });
      if (taken) {
        const checkpoint = ownCheckpoint(taken, sweepId);
        return { taken: true, checkpoint, ...(!checkpoint && taken.checkpoint && { earlier: taken.checkpoint }) };
      }
      const holder = await getShard(shard);
      return { taken: false, holder: holder?.sweepId ?? 'unknown', expiresAtMs: holder?.expiresAtMs ?? nowMs };
    },
    async saveCheckpoint(shard, checkpoint, expiresAtMs) {
      const saved = await table.update(recordKeys.sweepShard(shard), {
        UpdateExpression: `SET ${checkpoint.isAside ? 'aside' : 'checkpoint'} = :checkpoint, expiresAtMs = :expires`,
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
    async heldUntil(shard, sweepId) {
      const record = await getShard(shard);
      return record?.sweepId === sweepId ? record.expiresAtMs : undefined;
    },
    lastStart: () => table.get<LastStart>(recordKeys.lastSweep()),
    recordStart: (start, seen) => table.put(recordKeys.lastSweep(), start, seen && ifStill(seen.last)),
    async recordFailure(sweepId) {
      await table.update(recordKeys.lastSweep(), {
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

/** Undefined for another sweep's checkpoint. */
const ownCheckpoint = ({ checkpoint, aside }: ShardRecord, sweepId: string): Checkpoint | undefined =>
  [checkpoint, aside].find((one) => one?.sweepId === sweepId);
