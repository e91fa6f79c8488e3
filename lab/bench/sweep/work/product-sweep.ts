/** The product's own sweep of one shard, with its default settings. A dry run, so that each round finds the same store. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KnownNode } from '../../../../functions/records/store-nodes.ts';
import type { Checkpoint } from '../../../../functions/sweep/contract/checkpoint.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../functions/sweep/contract/settings.ts';
import type { SweepContext } from '../../../../functions/sweep/contract/steps.ts';
import { createHashId } from '../../../../functions/sweep/keys/hash-id.ts';
import type { ShardPorts } from '../../../../functions/sweep/shard-ports.ts';
import { sweepShard } from '../../../../functions/sweep/sweep-shard.ts';
import { ONLY_SHARD } from '../../../../functions/sweep/unit-name.ts';
import { PERSISTENT_EVERY } from '../stores/fill-store.ts';
import { connectorTo, TLS_HOST } from './connect.ts';
import type { StoreAddresses, SweepWork } from './work.ts';

const LONGEST_SECONDS = 600;

export interface Swept {
  readonly keys: number;
  /** Largest page. */
  readonly count: number;
  readonly parts: number;
}

/** @throws Error when the sweep did not find the keys without a TTL */
export async function runSweep(work: SweepWork, stores: StoreAddresses): Promise<Swept> {
  let last: Checkpoint | undefined;
  const records: ShardPorts['records'] = {
    takeShard: async () => ({ taken: true, checkpoint: undefined }),
    saveCheckpoint: async (_shard, checkpoint) => {
      last = checkpoint;
      return true;
    },
  };
  const { primary } = stores[work.on];
  const connectTo = connectorTo(stores, work.asUser);
  const ports: ShardPorts = {
    connect: () => connectTo({ port: work.asUser ? primary.tlsPort : primary.port }),
    connectTo,
    storeName: 'bench',
    records,
    hashId: createHashId('bench'),
    storeNodes: async () => ({ takenAtMs: Date.now(), nodes: nodesFor(work, stores) }),
    now: Date.now,
    pause: (ms) => sleep(ms),
    ...(work.reading && { reading: work.reading }),
  };
  const settings = { ...DEFAULT_SWEEP_SETTINGS, pace: work.pace, readFrom: work.readFrom };
  const sweep: SweepContext = {
    sweepId: 'bench',
    executionArn: 'bench',
    startedAtMs: 0,
    requestedBy: 'bench',
    dryRun: true,
    settings,
  };
  await sweepShard(ports, sweep, ONLY_SHARD, (work.maxSeconds ?? LONGEST_SECONDS) * 1_000);
  if (last === undefined) throw new Error('the sweep saved no checkpoint');
  const readFrom = last.readNode === undefined ? 'primary' : 'replica';
  if (readFrom !== work.readFrom) throw new Error(`the sweep read its pages from the ${readFrom}`);
  const { keys, byDialect } = last.tally;
  const found = byDialect['connect-redis']?.repaired ?? 0;
  const expected = work.on === 'persistent' ? keys : keys / PERSISTENT_EVERY;
  if (Math.abs(found - expected) > expected / 5 + 20) throw new Error(`the sweep found ${found} of ${keys} keys without TTL`);
  return { keys, count: last.largestCount, parts: last.parts.length };
}

/** The collector's record of the store, with the ports that this sweep connects to. */
function nodesFor({ on, asUser }: SweepWork, stores: StoreAddresses): KnownNode[] {
  const { primary, replica, nodes } = stores[on];
  const tlsPorts = new Map([primary, replica].map(({ port, tlsPort }) => [port, tlsPort]));
  return nodes.map((node) => (asUser ? { ...node, host: TLS_HOST, port: tlsPorts.get(node.port) ?? node.port } : node));
}
