/** Sweeps a real store as the state machine does: one invocation after the other, until one returns DONE. */
import type { Redis } from 'ioredis';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';
import { idleMarkOf, parseInfo } from '../../../functions/shared/store/parse-info.ts';
import type { Checkpoint } from '../../../functions/sweep/contract/checkpoint.ts';
import { DEFAULT_SWEEP_SETTINGS, type SweepSettings } from '../../../functions/sweep/contract/settings.ts';
import type { SweepContext } from '../../../functions/sweep/contract/steps.ts';
import { createHashId } from '../../../functions/sweep/keys/hash-id.ts';
import type { Reading } from '../../../functions/sweep/pages/pace.ts';
import type { SweepRecords } from '../../../functions/sweep/sweep-records.ts';
import { sweepShard } from '../../../functions/sweep/sweep-shard.ts';
import { memorySweepRecords } from '../fakes/memory-sweep-records.ts';

export const SHARD = '0001';
export const hashId = createHashId('secret of the tests');

export interface SweepOptions {
  readonly settings?: Partial<SweepSettings>;
  readonly dryRun?: boolean;
  /** Groups unknown keys by shape. */
  readonly learn?: boolean;
  readonly sweepId?: string;
  /** Changes lives in the place of repairs. */
  readonly lives?: NonNullable<SweepContext['lives']>;
  readonly records?: SweepRecords;
  readonly now?: () => number;
  /** The collector's record; by default, every node has been primary for ever. */
  readonly storeNodes?: (connect: () => Promise<Redis>) => Promise<StoreNodes | undefined>;
  /** Time that one invocation has for reading. */
  readonly budgetMs?: number;
  readonly reading?: Reading;
  readonly shard?: string;
  /** @default none */
  readonly pause?: (ms: number) => Promise<unknown>;
}

export const contextOf = ({ settings, dryRun = false, learn, sweepId = 'sweep-1', lives }: SweepOptions): SweepContext => ({
  sweepId,
  executionArn: `arn:aws:states:eu-west-1:000000000000:execution:holdfast-sweep:${sweepId}`,
  startedAtMs: 0,
  requestedBy: 'test',
  dryRun,
  settings: { ...DEFAULT_SWEEP_SETTINGS, pace: 'fast', ...settings },
  ...(learn && { learn }),
  ...(lives && { lives }),
});

/** A record in which these nodes have been primary since then. @param sinceMs milliseconds since the epoch */
export async function primariesSince(nodes: readonly Redis[], sinceMs: number): Promise<StoreNodes> {
  const infos = await Promise.all(nodes.map(async (redis) => parseInfo(await redis.info())));
  const known = infos.map((info): StoreNodes['nodes'][number] => {
    const [runId = '', replicationId = ''] = [info.get('run_id'), info.get('master_replid')];
    return {
      name: 'store',
      host: 'store',
      port: 6_379,
      runId,
      replicationId,
      role: 'primary',
      idleMark: idleMarkOf(info) ?? '',
      primarySinceMs: sinceMs,
    };
  });
  return { takenAtMs: Number.MAX_SAFE_INTEGER, nodes: known };
}

async function primaryForEver(connect: () => Promise<Redis>): Promise<StoreNodes> {
  const redis = await connect();
  try {
    return await primariesSince([redis], 0);
  } finally {
    redis.disconnect();
  }
}

export async function invoke(connect: () => Promise<Redis>, options: SweepOptions & { readonly records: SweepRecords }) {
  const { records, now = Date.now, budgetMs = 20_000, reading = {}, shard = SHARD, storeNodes = primaryForEver } = options;
  const { pause = async () => undefined } = options;
  const ports = { connect, storeName: 'store:6379', records, hashId, storeNodes: () => storeNodes(connect), now, pause, reading };
  return sweepShard(ports, contextOf(options), shard, budgetMs);
}

/** @returns the checkpoint that the sweep ended with */
export async function runSweep(connect: () => Promise<Redis>, options: SweepOptions = {}): Promise<Checkpoint> {
  const records = options.records ?? memorySweepRecords();
  const { sweepId = 'sweep-1', shard = SHARD } = options;
  for (let invocation = 0; invocation < 1_000; invocation += 1) {
    if ((await invoke(connect, { ...options, records })).verdict !== 'DONE') continue;
    const checkpoint = await records.getCheckpoint(shard, sweepId);
    await records.releaseShard(shard, sweepId);
    return checkpoint as Checkpoint;
  }
  throw new Error('the sweep has no end');
}
