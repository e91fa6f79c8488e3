import { medianOf } from '../shared/arithmetic.ts';
import type { FailoverSample, NodeError, StoreReading, StoreRecord, StreamEnd, WindowSample } from './contract.ts';
import type { NodeSample } from './read-node.ts';

/** Fewer slopes in the window are no trend. */
const FEWEST_SLOPES = 2;

interface NodesSeen {
  readonly nodes: readonly NodeSample[];
  readonly failed: readonly NodeError[];
  /** Names of each shard's nodes; undefined where the shards are not known. */
  readonly shards?: readonly (readonly string[])[] | undefined;
}

type Shards = NonNullable<StoreRecord['shards']>;

/**
 * The primaries, and how many of them took the place of another one. Without cluster mode there is one shard. With it a shard is known by its nodes:
 * one without any node of a shard before is new; one whose primary does not answer keeps the primary that it had, while any of its nodes is
 * listed.
 * @param before of the previous reading; `shards` is absent in records of earlier versions
 */
export function notePrimaries(
  { nodes, failed, shards }: NodesSeen,
  before: Pick<StoreRecord, 'primaries' | 'shards'> | undefined,
): Pick<StoreReading, 'failovers'> & Pick<StoreRecord, 'primaries' | 'shards'> {
  const primaries = nodes.filter(({ role }) => role === 'primary');
  const runIds = primaries.map(({ runId }) => runId);
  const isNew = (runId: string) => before !== undefined && !before.primaries.includes(runId);
  if (!primaries.some(({ isClustered }) => isClustered)) return { primaries: runIds, failovers: runIds.filter(isNew).length };
  const membersOf = ({ name, replicationId }: NodeSample): readonly string[] =>
    shards?.find((names) => names.includes(name)) ?? nodes.flatMap((node) => (node.replicationId === replicationId ? [node.name] : []));
  const now = primaries.map((primary) => [primary.runId, membersOf(primary)] as const);
  const had = Object.entries(before?.shards ?? {});
  const listed = [...(shards?.flat() ?? []), ...nodes.map(({ name }) => name), ...failed.map(({ name }) => name)];
  const silent = had.filter(([, names]) => meet(names, listed) && !now.some(([, members]) => meet(names, members)));
  const known: Shards = Object.fromEntries([...silent, ...now]);
  const failovers = now.filter(([runId, members]) => isNew(runId) && had.some(([, names]) => meet(names, members))).length;
  return { primaries: Object.keys(known), shards: known, failovers };
}

const meet = (some: readonly string[], others: readonly string[]): boolean => some.some((name) => others.includes(name));

/** Undefined for a cluster of several primaries, whose streams have nothing to do with each other. */
export function streamEndOf(primaries: readonly NodeSample[], before: StoreRecord | undefined, nowMs: number): StreamEnd | undefined {
  const [primary, another] = primaries;
  if (!primary || another || primary.replicationId === '') return undefined;
  const { replicationId, offset } = primary;
  const known = before?.stream?.replicationId === replicationId ? before : undefined;
  const seconds = known ? (nowMs - known.reading.takenAtMs) / 1_000 : 0;
  const written = offset - (known?.stream?.offset ?? offset);
  return { replicationId, offset, bytesPerSecond: seconds > 0 && written >= 0 ? written / seconds : null };
}

/** Undefined while the primary writes the same stream as at the reading before. */
export function noteFailover(
  primaries: readonly NodeSample[],
  before: StoreRecord | undefined,
  reading: Pick<StoreReading, 'takenAtMs' | 'activeSessions'>,
): FailoverSample | undefined {
  const [primary, another] = primaries;
  if (!primary || another || !before?.stream || before.stream.replicationId === primary.replicationId) return undefined;
  const { stream, reading: last, window } = before;
  const continues = primary.continues?.replicationId === stream.replicationId ? primary.continues : undefined;
  return {
    before: {
      atMs: last.takenAtMs,
      sessions: last.activeSessions,
      lagBytes: last.replicationLagBytes,
      lagSeconds: last.replicationLagSeconds,
      bytesPerSession: last.bytesPerSession,
    },
    after: { atMs: reading.takenAtMs, sessions: reading.activeSessions },
    trend: trendOf(window),
    stream: { offset: stream.offset, bytesPerSecond: stream.bytesPerSecond },
    continuedFrom: continues?.offset ?? null,
  };
}

/** The median slope between samples that follow each other, and the median distance of the others from it. */
function trendOf(window: readonly WindowSample[]): FailoverSample['trend'] {
  const slopes = window.slice(1).flatMap((sample, index) => {
    const last = window[index] as WindowSample;
    const seconds = (sample.atMs - last.atMs) / 1_000;
    if (seconds <= 0 || sample.activeSessions === null || last.activeSessions === null) return [];
    return [(sample.activeSessions - last.activeSessions) / seconds];
  });
  if (slopes.length < FEWEST_SLOPES) return null;
  const sessionsPerSecond = medianOf(slopes) ?? 0;
  return { sessionsPerSecond, spread: medianOf(slopes.map((slope) => Math.abs(slope - sessionsPerSecond))) ?? 0 };
}
