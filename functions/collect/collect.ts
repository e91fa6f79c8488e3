import type { DialectShares } from '../records/dialect-shares.ts';
import type { KnownNode, StoreNodes } from '../records/store-nodes.ts';
import { lowerBaseline, type TtlBaseline } from '../records/ttl-baseline.ts';
import { describeError, HoldfastError } from '../shared/errors.ts';
import { type DatabaseCount, sumDatabases } from '../shared/store/parse-info.ts';
import { type NodeError, PROBLEM_METRICS, type StoreReading, type StoreRecord } from './contract.ts';
import { type NodeSample, readNode } from './read-node.ts';
import { type OverdueAfter, type PublishedValue, type PublishReading, selectMetrics } from './select-metrics.ts';
import type { StoreRecords } from './store-records.ts';
import { shardsWithoutPrimary, takeReading } from './take-reading.ts';

/** No primary answered: no reading was recorded, only that. The alarm `store-unreachable` fires on its metric. */
export class NoPrimaryAnswered extends HoldfastError {
  override readonly name = 'NoPrimaryAnswered';
}

export interface StoreNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** In cluster mode: number of its shard, where the cluster named it. */
  readonly shard?: number;
  /** The reply to INFO. @throws when the node does not answer */
  readonly info: () => Promise<string>;
}

export interface CollectPorts {
  readonly nodes: () => Promise<readonly StoreNode[]>;
  /** The nodes that the store's endpoint leads to, where `nodes` is a list that can lack one: a later one, that became primary. */
  readonly behindEndpoint?: (() => Promise<readonly StoreNode[]>) | undefined;
  readonly records: StoreRecords;
  /** What is known of the nodes, which sweeps use too. */
  readonly known: { get(): Promise<StoreNodes | undefined>; put(nodes: StoreNodes): Promise<void> };
  readonly shares: () => Promise<DialectShares | undefined>;
  /** Keys without a TTL that the last full sweep left. */
  readonly baseline: { get(): Promise<TtlBaseline | undefined>; lower(baseline: TtlBaseline): Promise<void> };
  /** Numbers of the swept databases. */
  readonly swept: readonly number[];
  readonly publish: PublishReading;
  readonly now: () => number;
  readonly collectMinutes: number;
  readonly sampleSeconds: number;
  readonly sweepOverdueAfter: OverdueAfter;
}

export interface CollectRequest {
  readonly step: 'collect';
}

/**
 * A schedule can call twice for one minute. A second reading right after the first would publish counts of a moment as those of the minute.
 */
export const LEAST_BETWEEN_MS = 2_000;

/**
 * Reads every node once by INFO, compares with the previous reading, records and publishes. Reads no key.
 * @returns the previous reading when it is less than {@link LEAST_BETWEEN_MS} old
 */
export function createCollect(ports: CollectPorts): (request: CollectRequest) => Promise<StoreReading> {
  return async () => {
    const [before, shares, recorded, known] = await Promise.all([
      ports.records.getStore(),
      ports.shares(),
      ports.baseline.get(),
      ports.known.get(),
    ]);
    const startedAtMs = ports.now();
    if (before !== undefined && Math.abs(startedAtMs - before.reading.takenAtMs) < LEAST_BETWEEN_MS) return before.reading;
    const listed = await ports.nodes();
    const { nodes, failed } = await readWithPrimary(listed, ports.behindEndpoint);
    if (!nodes.some(isPrimary)) {
      ports.publish([UNREACHABLE], {}, ports.now());
      await noteUnreachable(ports, before, failed);
      throw new NoPrimaryAnswered(
        `no primary of the session store answers: ${failed.map(describeFailure).join('; ') || 'only replicas do'}. No reading was recorded`,
      );
    }
    const { collectMinutes, sampleSeconds, sweepOverdueAfter, swept } = ports;
    // While a shard does not answer, or a primary is loading, some keys are not counted. Lowering the baseline to such a count would be
    // permanent.
    const shards = shardsOf(listed);
    const isWhole = !shardsWithoutPrimary({ shards, nodes }) && nodes.every(({ role, isLoading }) => role !== 'primary' || !isLoading);
    const lowered = recorded && isWhole ? lowerBaseline(recorded, ...countsOf(nodes)) : undefined;
    const baseline = lowered ?? recorded;
    const nowMs = ports.now();
    const observation = { nodes, failed, shares, baseline, swept, startedAtMs, nowMs, sampleSeconds, shards };
    const record = takeReading(observation, before);
    const { reading } = record;
    // Only one of two calls that compared with the same previous reading is recorded and published.
    if (await ports.records.putStore(record, before)) {
      const gone = (reading.shardsWithoutPrimary ?? 0) > 0 ? [UNREACHABLE] : [];
      const values = selectMetrics(reading, record, sweepOverdueAfter, collectMinutes);
      ports.publish([...gone, ...values], logFieldsOf(reading), reading.takenAtMs);
      await ports.known.put(knowNodes(nodes, known, reading.takenAtMs));
      if (lowered) await ports.baseline.lower(lowered);
    }
    return reading;
  };
}

/** On record, so that commands distinguish a store that does not answer from a collector that does not run. */
async function noteUnreachable(
  { records, now }: CollectPorts,
  before: StoreRecord | undefined,
  failed: readonly NodeError[],
): Promise<void> {
  const seenAtMs = now();
  const earlier = await records.getUnreachable();
  const goesOn = earlier !== undefined && earlier.seenAtMs > (before?.reading.takenAtMs ?? 0);
  await records.putUnreachable({ sinceMs: goesOn ? earlier.sinceMs : seenAtMs, seenAtMs, failed });
}

/** Undefined where the cluster does not name them. */
function shardsOf(listed: readonly StoreNode[]): readonly (readonly string[])[] | undefined {
  const shards = Map.groupBy(
    listed.filter(({ shard }) => shard !== undefined),
    ({ shard }) => shard,
  );
  return shards.size === 0 ? undefined : [...shards.values()].map((nodes) => nodes.map(({ name }) => name));
}

const UNREACHABLE: PublishedValue = { name: PROBLEM_METRICS.unreachable, unit: 'Count', value: 1 };

interface NodesRead {
  readonly nodes: readonly AddressedSample[];
  readonly failed: readonly NodeError[];
}

const isPrimary = ({ role }: AddressedSample): boolean => role === 'primary';

/** Where no listed node is primary, those behind the endpoint count too, each process once. */
async function readWithPrimary(listed: readonly StoreNode[], behindEndpoint: CollectPorts['behindEndpoint']): Promise<NodesRead> {
  const read = await readNodes(listed);
  if (behindEndpoint === undefined || read.nodes.some(isPrimary)) return read;
  const { nodes, failed } = await readNodes(await behindEndpoint());
  const others = read.nodes.filter(({ runId }) => !nodes.some((one) => one.runId === runId));
  return { nodes: [...others, ...nodes], failed: [...read.failed, ...failed] };
}

async function readNodes(nodes: readonly StoreNode[]): Promise<NodesRead> {
  const read = await Promise.all(
    nodes.map(async ({ name, host, port, info }) => {
      try {
        return { ...readNode(name, await info()), host, port };
      } catch (error) {
        return { name, error: describeError(error) };
      }
    }),
  );
  const isError = (node: AddressedSample | NodeError): node is NodeError => 'error' in node;
  return { nodes: read.filter((node) => !isError(node)) as readonly AddressedSample[], failed: read.filter(isError) };
}

function countsOf(nodes: readonly AddressedSample[]): [counts: readonly DatabaseCount[], primaries: number] {
  const primaries = nodes.filter(({ role }) => role === 'primary');
  return [sumDatabases(primaries.map(({ databases }) => databases)), primaries.length];
}

const describeFailure = ({ name, error }: NodeError): string => `${name}: ${error}`;

/** Values for log searches that are not metrics. */
const logFieldsOf = ({
  keys,
  withoutTtl,
  memoryUsedBytes,
  bytesPerSession,
  connections,
  replicationLagBytes,
  collectMs,
}: StoreReading) => ({ keys, keysWithoutTtl: withoutTtl, memoryUsedBytes, bytesPerSession, connections, replicationLagBytes, collectMs });

/** A sample, and the address that it was read from. */
export interface AddressedSample extends NodeSample {
  readonly host: string;
  readonly port: number;
}

/**
 * What is known of each node that answered. A primary keeps the time at which it was first read as primary for as long as its process and
 * its replication id stay the same. A demotion in between changes the replication id, even if no reading saw the node as a replica.
 * @param before the nodes of the previous reading; undefined at the first
 */
export function knowNodes(samples: readonly AddressedSample[], before: StoreNodes | undefined, takenAtMs: number): StoreNodes {
  const known = new Map(before?.nodes.map((node) => [node.runId, node]));
  const nodes = samples.map((sample): KnownNode => {
    const { name, host, port, runId, role, replicationId, idleMark } = sample;
    const node = { name, host, port, runId, role, replicationId, ...(idleMark !== undefined && { idleMark }) };
    if (role === 'replica') return { ...node, linkUp: sample.linkUp, ...lagOf(sample, samples) };
    const seen = known.get(runId);
    const showsUses = idleMark !== undefined && seen?.idleMark === idleMark;
    const isUnbroken =
      showsUses && seen.replicationId === replicationId && seen.primarySinceMs !== undefined && seen.primarySinceMs <= takenAtMs;
    return { ...node, primarySinceMs: isUnbroken ? seen.primarySinceMs : takenAtMs };
  });
  return { takenAtMs, nodes };
}

/** Compared with its primary, which was read at the same time. An idle primary sends a PING every 10 s: silence alone is no lag. */
function lagOf({ replicationId, offset, lastHeardSeconds }: NodeSample, samples: readonly NodeSample[]): Partial<KnownNode> {
  const primary = samples.find((other) => other.role === 'primary' && other.replicationId === replicationId);
  if (primary === undefined) return {};
  const lagBytes = Math.max(0, primary.offset - offset);
  if (lagBytes === 0) return { lagBytes, lagSeconds: 0 };
  return { lagBytes, ...(lastHeardSeconds !== undefined && { lagSeconds: lastHeardSeconds }) };
}
