/** How many people are concerned, at least and at most, as far as channels count people and not requests. Pure. */
import { mostOf } from '../../shared/arithmetic.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import { type Cell, CHANNELS_OF_PEOPLE, type Channel, type ChannelName, type Channels, excessOf, isTroubled } from './channels.ts';
import { knownTraces, logsBeginMs, type MergedTrace, serversOf } from './traces.ts';

export interface Users {
  /** Of the sessions that were seen to be lost, those that can be of no person twice: who logs in again can lose the next one too. */
  readonly least: number;
  /** Null: more can be concerned than have a session. */
  readonly most: number | null;
}

/** These hurt nobody who has no session. */
const OF_SESSIONS: readonly ChannelName[] = ['lost', 'canary'];
const MINUTE_MS = 60_000;
/** Fewer minutes do not show how many sessions begin usually. */
const FEWEST_MINUTES = 10;

export function usersOf(channels: Channels, evidence: Evidence): Users {
  const { lost } = channels;
  const anew = isTroubled(lost) ? begunAnew(lost, evidence) : 0;
  const least = isTroubled(lost) ? leastOf(lost, anew, evidence) : 0;
  const troubled = CHANNELS_OF_PEOPLE.filter((name) => isTroubled(channels[name]));
  if (troubled.length === 0 || troubled.some((name) => !OF_SESSIONS.includes(name))) return { least, most: null };
  const stored = factsOf(evidence, 'readings')?.reading?.activeSessions ?? 0;
  // A store that was emptied has fewer than the logs have seen.
  const known = knownTraces(serversOf(evidence), evidence.fromMs).length - anew;
  return { least, most: stored === 0 ? null : Math.max(least, known, stored) };
}

/** Those that were there at once are of as many people. Of those that began later, so many can be of people who had lost one already. */
function leastOf(lost: Channel, anew: number, evidence: Evidence): number {
  const onset = typeof lost.onset === 'number' ? lost.onset : Number.NEGATIVE_INFINITY;
  const excess = (isOf: (session: MergedTrace) => boolean) =>
    excessOf({ cells: lost.cells.filter(({ session }: Cell) => session !== undefined && isOf(session)) });
  const there = excess(({ firstMs, lastMs }) => firstMs < onset && lastMs >= onset);
  const inTurn = there + Math.max(0, excess(({ firstMs }) => firstMs >= onset) - anew);
  // What the canary loses is nobody's.
  const { sessions = 0, vanished = 0 } = factsOf(evidence, 'canary') ?? {};
  return Math.max(0, Math.floor(Math.max(inTurn, mostAtOnce(lost)) - Math.min(sessions, vanished)));
}

function mostAtOnce({ cells }: Channel): number {
  const spans = cells.flatMap(({ session, excess }) => (session === undefined ? [] : [{ ...session, excess }]));
  const minutes = new Set(spans.map(({ lastMs }) => Math.floor(lastMs / MINUTE_MS) * MINUTE_MS));
  return (
    mostOf([...minutes].map((atMs) => excessOf({ cells: spans.filter(({ firstMs, lastMs }) => firstMs < atMs && lastMs > atMs) }))) ?? 0
  );
}

/** Sessions that began since, beyond as many as usual: all of them, where it is not known how many those are. */
function begunAnew({ onset }: Channel, evidence: Evidence): number {
  const beginMs = logsBeginMs(evidence);
  const sinceMs = typeof onset === 'number' ? onset : beginMs;
  const traces = knownTraces(serversOf(evidence), Number.NEGATIVE_INFINITY);
  const showsBegin = traces.some(({ begins }) => begins);
  const began = traces.filter(({ begins, firstMs }) => (begins || !showsBegin) && firstMs > beginMs).map(({ firstMs }) => firstMs);
  const before = began.filter((atMs) => atMs < sinceMs).length;
  const [minutes, since] = [(sinceMs - beginMs) / MINUTE_MS, (evidence.toMs - sinceMs) / MINUTE_MS];
  const usual = showsBegin && minutes >= FEWEST_MINUTES ? (before / minutes) * since : 0;
  return Math.max(0, began.length - before - usual);
}
