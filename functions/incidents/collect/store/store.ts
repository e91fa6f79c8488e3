/** The store's nodes by their own counters, and a sample of its sessions. Reads alone; no value of a session leaves the function. */
import type { Redis } from 'ioredis';
import type { StoreNode } from '../../../collect/collect.ts';
import type { StoreNodes } from '../../../records/store-nodes.ts';
import { describeError } from '../../../shared/errors.ts';
import { idleMarkOf } from '../../../shared/store/idle-mark.ts';
import { databasesIn, parseInfo } from '../../../shared/store/parse-info.ts';
import type { Classify } from '../../../sweep/keys/classify-key.ts';
import { primarySince } from '../../../sweep/keys/countable-idle.ts';
import type { Collector } from '../../contract/collect.ts';
import type { StoreNodeFacts } from '../../contract/store-facts.ts';
import { describeFailure, describeNode, timed } from './describe-node.ts';
import { readSample } from './read-sample.ts';
import { sizesOf, summarize, type UnitSample } from './summarize-sample.ts';

/** All primaries and databases share these pages: some 6,000 keys in SCAN's hashed order, a fair sample. */
const MOST_PAGES = 60;
/** Below the collector's own limit of 50 s, with up to 10 s of reading the nodes before. */
const SAMPLE_MS = 25_000;

export interface StoreCollectorPorts {
  /** The store's own address, where writes are expected. */
  endpoint(): Promise<StoreNode>;
  /** Each node by its own address, as the collector read them last; maybe none. */
  nodes(): Promise<readonly StoreNode[]>;
  /** What the collector read of them last, undefined before its first reading. */
  record(): Promise<StoreNodes | undefined>;
  /** Connects to a node with one of its databases selected. @throws the connection's error */
  connect(node: Pick<StoreNode, 'host' | 'port'>, database: number): Promise<Redis>;
  readonly databases: readonly number[];
  readonly classify: Classify;
  /** Then the primary's idle times do not show each use. */
  readonly applicationReadsReplicas?: boolean;
  readonly now: () => number;
}

export function createStoreCollector(ports: StoreCollectorPorts): Collector<'store'> {
  return async () => {
    const gaps: string[] = [];
    const [endpoint, nodes] = await Promise.all([
      ports.endpoint(),
      ports.nodes().catch((error: unknown) => {
        gaps.push(`the store's nodes could not be read from the records: ${describeError(error)}`);
        return [];
      }),
    ]);
    // Where it cannot be read, the nodes could not either.
    const record = ports.applicationReadsReplicas ? undefined : await ports.record().catch(() => undefined);
    const read = withoutDoubles(await Promise.all([endpoint, ...nodes].map((node) => readOne(node, node === endpoint, ports.now))));
    const primaries = read.flatMap(({ node, info, facts }) => (info !== undefined && facts.role === 'primary' ? [{ node, info }] : []));
    const units = primaries.flatMap(({ node, info }) =>
      databasesIn(parseInfo(info))
        .filter(({ database }) => ports.databases.includes(database))
        .map(({ database, keys }) => ({ node, database, keys, primarySinceMs: primarySince(record, idlingNode(info), ports.now()) })),
    );
    const endsAtMs = ports.now() + SAMPLE_MS;
    if (primaries.length === 0) gaps.push('no primary answered: its sessions were not sampled');
    const sampled: UnitSample[] = [];
    for (const { node, database, keys, primarySinceMs } of units) {
      try {
        const redis = await ports.connect(node, database);
        try {
          const pages = Math.max(1, Math.floor(MOST_PAGES / units.length));
          const { classify, now } = ports;
          const sample = await readSample(redis, { classify, pages, mayGoOn: () => now() < endsAtMs, primarySinceMs, now });
          sampled.push({ keys, sample });
        } finally {
          redis.disconnect();
        }
      } catch (error) {
        gaps.push(`the sessions of ${node.name}, database ${database}, were not sampled: ${describeError(error)}`);
      }
    }
    return {
      takenAtMs: ports.now(),
      facts: {
        nodes: read.map(({ facts }) => facts),
        dialects: summarize(sampled),
        sizes: sizesOf(sampled.flatMap(({ sample }) => sample)),
      },
      ...(gaps.length > 0 && { gaps }),
    };
  };
}

/** What shows whether a node's idle times count (countable-idle.ts). */
function idlingNode(text: string) {
  const info = parseInfo(text);
  return { runId: info.get('run_id') ?? '', replicationId: info.get('master_replid') ?? '', idleMark: idleMarkOf(info) };
}

interface ReadNode {
  readonly node: StoreNode;
  readonly isEndpoint: boolean;
  readonly info?: string;
  readonly facts: StoreNodeFacts;
}

async function readOne(node: StoreNode, isEndpoint: boolean, now: () => number): Promise<ReadNode> {
  const askedMs = now();
  try {
    const info = await node.info();
    return { node, isEndpoint, info, facts: timed(describeNode(node.name, info, isEndpoint), now() - askedMs) };
  } catch (error) {
    return { node, isEndpoint, facts: describeFailure(node.name, error) };
  }
}

/**
 * The node behind the store's address counts once, by that address. Where the address does not answer, that node is among the others, and the
 * address is none.
 */
function withoutDoubles(read: readonly ReadNode[]): readonly ReadNode[] {
  const runOf = ({ info }: ReadNode) => (info === undefined ? undefined : parseInfo(info).get('run_id'));
  const [endpoint] = read;
  const behind = endpoint && runOf(endpoint);
  const others = read.filter((one) => !one.isEndpoint && one.node.name !== endpoint?.node.name);
  const isNode = behind !== undefined || others.length < read.length - 1;
  return read.flatMap((one) => {
    if (one.isEndpoint) return isNode || others.length === 0 ? [one] : [{ ...one, facts: { ...one.facts, isAddress: true as const } }];
    return others.includes(one) && (behind === undefined || runOf(one) !== behind) ? [one] : [];
  });
}
