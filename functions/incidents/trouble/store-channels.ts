/** What is wrong with the store, as the collector, servers and lines of their logs show it. Pure. */

import type { MinuteSample, StoreReading, WindowSample } from '../../collect/contract.ts';
import { medianOf, sumOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { ApplicationCategory } from '../contract/read-logs.ts';
import type { StoreNodeFacts } from '../contract/store-facts.ts';
import type { Channel, Channels, Gap } from './channels.ts';
import { FEWEST_EXCESS } from './series.ts';
import { BEFORE_SIGN_MS } from './traces.ts';

/** Lines of the servers' logs about the store, and about sessions that cannot be read. */
export const LINES_OF_STORE = ['storeConnection', 'readOnly', 'outOfMemory'] as const satisfies readonly ApplicationCategory[];
export const LINES_OF_SESSIONS = ['serialization', 'decryption'] as const satisfies readonly ApplicationCategory[];

export const storeChannels = (
  evidence: Evidence,
): Pick<Channels, 'refusedWrites' | 'evictions' | 'memory' | 'nodes' | 'reach' | 'storeErrors' | 'sessionErrors'> => ({
  ...readingChannels(evidence),
  nodes: nodesWithout(evidence),
  reach: serversWithout(evidence),
  storeErrors: errorLines(evidence, LINES_OF_STORE),
  sessionErrors: errorLines(evidence, LINES_OF_SESSIONS),
});

const MINUTE_MS = 60_000;
/** What was over for so long, by readings of each minute, is over. */
const OVER_MS = 4 * MINUTE_MS;
/** The collector reads once a minute: what it knows is of another time after so long. */
const STALE_MS = 15 * MINUTE_MS;
/** A store that is as full as this, or will be within a day, is in trouble: before the thresholds of its own alarms. */
export const TIGHT_PERCENT = 75;
export const SOON_SECONDS = 24 * 3_600;

/**
 * The collector's latest reading, while it is of this trouble. Undefined for one from long before the first sign, or from long before the
 * evidence was read: the store can be another since.
 */
export function latestReading(evidence: Evidence): StoreReading | undefined {
  const reading = factsOf(evidence, 'readings')?.reading ?? undefined;
  return reading && reading.takenAtMs >= Math.max(evidence.firstSignMs - BEFORE_SIGN_MS, evidence.toMs - STALE_MS) ? reading : undefined;
}

/** The median of the readings before the first sign, of those that show it. */
export function medianBefore({ sources, firstSignMs }: Evidence, of: (sample: WindowSample) => number | null): number | undefined {
  const before = (factsOf({ sources }, 'readings')?.window ?? []).filter(({ atMs }) => atMs < firstSignMs - BEFORE_SIGN_MS);
  return medianOf(before.flatMap((sample) => of(sample) ?? []));
}

function readingChannels(evidence: Evidence): Pick<Channels, 'refusedWrites' | 'evictions' | 'memory'> {
  const facts = factsOf(evidence, 'readings');
  const reading = facts?.reading;
  if (!facts || !reading || reading.takenAtMs < evidence.toMs - STALE_MS) {
    const gap: Gap = { gap: "the collector's readings" };
    return { refusedWrites: gap, evictions: gap, memory: gap };
  }
  const { takenAtMs, refusedWrites = null, evictions, memoryPercent, secondsUntilFull, keys } = reading;
  const count = (number: number | null, what: string): Channel | Gap =>
    number === null ? { gap: what } : single(takenAtMs, number, Math.max(keys, number), number > 0);
  const isTight = (memoryPercent ?? 0) >= TIGHT_PERCENT || (secondsUntilFull ?? SOON_SECONDS) < SOON_SECONDS;
  return {
    refusedWrites: refusedOf(evidence, facts.minutes) ?? count(refusedWrites, 'writes that were refused since the reading before'),
    evictions: count(evictions, 'keys that were deleted since the reading before'),
    memory: single(takenAtMs, Math.max(1, memoryPercent ?? 0), 100, isTight),
  };
}

/** By the minute, where some were refused since the window began; undefined without any. */
function refusedOf({ fromMs, toMs }: Evidence, minutes: readonly MinuteSample[] = []): Channel | undefined {
  const cells = minutes.flatMap(([atSeconds, , , refused]) =>
    refused !== null && refused > 0 && atSeconds * 1_000 >= fromMs ? [{ minuteMs: atSeconds * 1_000, excess: refused }] : [],
  );
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const isOver = last.minuteMs < toMs - OVER_MS;
  const of = Math.max(...minutes.map(([, , keys]) => keys), 1);
  return { state: 'acute', cells, of, usual: 0, usualFrom: 'hour', onset: first.minuteMs, ...(isOver && { untilMs: last.minuteMs }) };
}

/** @param isTrouble without it the channel is as usual */
const single = (atMs: number, excess: number, of: number, isTrouble: boolean): Channel => ({
  state: isTrouble ? 'acute' : 'usual',
  cells: isTrouble ? [{ minuteMs: Math.floor(atMs / MINUTE_MS) * MINUTE_MS, excess }] : [],
  ...{ of, usual: 0, usualFrom: 'none', onset: null },
});

/** Nodes of the store, or none. */
export const nodesOf = (evidence: Evidence): readonly StoreNodeFacts[] => factsOf(evidence, 'store')?.nodes ?? [];

/** A primary that takes writes, however long it needs for them. */
export const servesWrites = ({ state, role }: StoreNodeFacts): boolean => (state === 'ok' || state === 'slow') && role === 'primary';

/** The collector finds no primary that takes writes, in a shard or at all. */
function nodesWithout(evidence: Evidence): Channel | Gap {
  const nodes = nodesOf(evidence);
  if (nodes.length === 0) return { gap: 'the nodes of the session store' };
  const shards = Math.max(1, factsOf(evidence, 'storeGroup')?.shards ?? 1);
  const missing = Math.max(0, shards - nodes.filter(servesWrites).length);
  return single(evidence.toMs, missing, shards, missing > 0);
}

/** Servers whose own view of the store fails. */
function serversWithout(evidence: Evidence): Channel | Gap {
  const servers = (factsOf(evidence, 'servers')?.servers ?? []).filter(({ store }) => store !== undefined);
  if (servers.length === 0) return { gap: "the servers' own view of the store" };
  const without = servers.filter(({ store }) => store?.reachable === false || store?.error !== undefined);
  const cells = without.map(({ instanceId }) => ({ minuteMs: evidence.toMs, server: instanceId, excess: 1 }));
  return { ...single(evidence.toMs, 0, servers.length, without.length > 0), cells };
}

/** Lines of these categories, in the logs that were read. Anybody can fill a log: they hurt nobody by themselves. */
function errorLines(evidence: Evidence, categories: readonly ApplicationCategory[]): Channel | Gap {
  const servers = (factsOf(evidence, 'servers')?.servers ?? []).filter(({ application }) => application !== undefined);
  if (servers.length === 0) return { gap: "the servers' application logs" };
  const cells = servers.flatMap(({ instanceId, application }) =>
    categories.flatMap((category) => {
      const excess = application?.[category] ?? 0;
      return excess === 0 ? [] : [{ minuteMs: application?.firstMs?.[category] ?? evidence.firstSignMs, server: instanceId, excess }];
    }),
  );
  const lines = sumOf(cells, ({ excess }) => excess);
  const firstMs = Math.min(...cells.map(({ minuteMs }) => minuteMs));
  const isOld = firstMs < evidence.fromMs + 2 * MINUTE_MS;
  if (lines < FEWEST_EXCESS) return single(evidence.toMs, 0, lines, false);
  return { state: isOld ? 'chronic' : 'acute', cells, of: lines, usual: 0, usualFrom: 'none', onset: isOld ? 'before' : firstMs };
}
