import { medianOf } from '../shared/arithmetic.ts';
import type { FailoverSample, StoreReading, StoreRecord, StreamEnd, WindowSample } from './contract.ts';
import type { NodeSample } from './read-node.ts';

/** Fewer slopes in the window are no trend. */
const FEWEST_SLOPES = 2;

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
    return seconds > 0 ? [(sample.activeSessions - last.activeSessions) / seconds] : [];
  });
  if (slopes.length < FEWEST_SLOPES) return null;
  const sessionsPerSecond = medianOf(slopes) ?? 0;
  return { sessionsPerSecond, spread: medianOf(slopes.map((slope) => Math.abs(slope - sessionsPerSecond))) ?? 0 };
}
