import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import type { LastStart, SweepRecord } from '../../../functions/sweep/contract/record.ts';
import type { SweepRecords } from '../../../functions/sweep/sweep-records.ts';

/** {@link SweepRecords} in memory, held to the same conformance suite as the table. */
export function memorySweepRecords(): SweepRecords {
  const sweeps = new Map<string, SweepRecord>();
  const shards = new Map<string, { sweepId?: string; expiresAtMs: number; checkpoint?: Checkpoint; aside?: Checkpoint }>();
  let secret: string | undefined;
  let start: LastStart | undefined;
  const latestFirst = () => structuredClone([...sweeps.values()].sort((a, b) => b.startedAtMs - a.startedAtMs));
  const own = (shard: string, sweepId: string) => {
    const held = shards.get(shard);
    return structuredClone([held?.checkpoint, held?.aside].find((one) => one?.sweepId === sweepId));
  };
  return {
    async putSweep(record) {
      const { startedAtMs } = sweeps.get(record.sweepId) ?? record;
      sweeps.set(record.sweepId, structuredClone({ ...record, startedAtMs }));
    },
    endSweep: async (sweepId, end) => void sweeps.set(sweepId, { ...(sweeps.get(sweepId) as SweepRecord), ...structuredClone(end) }),
    getSweep: async (sweepId) => structuredClone(sweeps.get(sweepId)),
    latestSweeps: async (count) => latestFirst().slice(0, count),
    findSweeps: async (prefix) => latestFirst().filter(({ sweepId }) => sweepId.startsWith(prefix)),
    async takeShard(shard, sweepId, nowMs, expiresAtMs) {
      const held = shards.get(shard);
      if (held?.sweepId !== undefined && held.sweepId !== sweepId && held.expiresAtMs > nowMs) {
        return { taken: false, holder: held.sweepId, expiresAtMs: held.expiresAtMs };
      }
      shards.set(shard, { ...held, sweepId, expiresAtMs });
      const checkpoint = own(shard, sweepId);
      return { taken: true, checkpoint, ...(!checkpoint && held?.checkpoint && { earlier: structuredClone(held.checkpoint) }) };
    },
    async saveCheckpoint(shard, checkpoint, expiresAtMs) {
      const held = shards.get(shard);
      if (held?.sweepId !== checkpoint.sweepId) return false;
      shards.set(shard, { ...held, expiresAtMs, [checkpoint.isAside ? 'aside' : 'checkpoint']: structuredClone(checkpoint) });
      return true;
    },
    getCheckpoint: async (shard, sweepId) => own(shard, sweepId),
    async releaseShard(shard, sweepId) {
      const held = shards.get(shard);
      if (held?.sweepId === sweepId) shards.set(shard, { ...held, sweepId: undefined });
    },
    async heldUntil(shard, sweepId) {
      const held = shards.get(shard);
      return held?.sweepId === sweepId ? held.expiresAtMs : undefined;
    },
    lastStart: async () => structuredClone(start),
    async recordStart(given, seen) {
      if (seen && seen.last?.sweepId !== start?.sweepId) return false;
      start = structuredClone(given);
      return true;
    },
    recordFailure: async (sweepId) => {
      if (start?.sweepId === sweepId) start = { ...start, failed: true };
    },
    hashSecret: async (propose) => (secret ??= propose()),
  };
}
