import type { DialectShares } from '../shared/dialect-shares.ts';
import { describeError, HoldfastError } from '../shared/errors.ts';
import type { NodeUnread, StoreReading } from './contract.ts';
import { type NodeSample, readNode } from './read-node.ts';
import type { PublishReading } from './store-metrics.ts';
import type { StoreRecords } from './store-records.ts';
import { takeReading } from './take-reading.ts';
import { type OverdueAfter, publishedOf } from './tell-trouble.ts';

/** No primary answered: nothing was recorded and nothing published, which the alarm `collector-silent` is about. */
export class StoreUnread extends HoldfastError {
  override readonly name = 'StoreUnread';
}

export interface StoreNode {
  /** Host and port. */
  readonly name: string;
  /** The reply to INFO. @throws whatever kept the node from answering */
  readonly info: () => Promise<string>;
}

export interface CollectPorts {
  /** Every node that should be there. */
  readonly nodes: () => Promise<readonly StoreNode[]>;
  readonly records: StoreRecords;
  readonly shares: () => Promise<DialectShares | undefined>;
  readonly publish: PublishReading;
  readonly now: () => number;
  readonly sampleSeconds: number;
  readonly sweepOverdueAfter: OverdueAfter;
}

export interface CollectRequest {
  readonly step: 'collect';
}

/** Reads every node once by INFO, compares with the reading before, records and publishes. No key is looked at. */
export function createCollect(ports: CollectPorts): (request: CollectRequest) => Promise<StoreReading> {
  return async () => {
    const [before, shares] = await Promise.all([ports.records.getStore(), ports.shares()]);
    const startedAtMs = ports.now();
    const { nodes, unread } = await readNodes(await ports.nodes());
    if (!nodes.some(({ role }) => role === 'primary'))
      throw new StoreUnread(
        `no primary of the session store answers: ${unread.map(describeUnread).join('; ') || 'only replicas do'}. Nothing was recorded`,
      );
    const { sampleSeconds, sweepOverdueAfter } = ports;
    const record = takeReading({ nodes, unread, shares, startedAtMs, nowMs: ports.now(), sampleSeconds }, before);
    const { reading } = record;
    // A schedule may call twice: what both saw since `before` counts once.
    if (await ports.records.putStore(record, before)) ports.publish(publishedOf(reading, record, sweepOverdueAfter), notesOf(reading));
    return reading;
  };
}

async function readNodes(nodes: readonly StoreNode[]): Promise<{ nodes: readonly NodeSample[]; unread: readonly NodeUnread[] }> {
  const read = await Promise.all(
    nodes.map(async ({ name, info }) => {
      try {
        return readNode(name, await info());
      } catch (error) {
        return { name, unread: describeError(error) };
      }
    }),
  );
  const isUnread = (node: NodeSample | NodeUnread): node is NodeUnread => 'unread' in node;
  return { nodes: read.filter((node) => !isUnread(node)) as readonly NodeSample[], unread: read.filter(isUnread) };
}

const describeUnread = ({ name, unread }: NodeUnread): string => `${name}: ${unread}`;

/** For searches in the log: what is no metric. */
const notesOf = ({ keys, withoutTtl, memoryUsedBytes, bytesPerSession, connections, replicationLagBytes, collectMs }: StoreReading) => ({
  keys,
  keysWithoutTtl: withoutTtl,
  memoryUsedBytes,
  bytesPerSession,
  connections,
  replicationLagBytes,
  collectMs,
});
