/** When the schedule starts a re-check at an incident whose trouble goes on. Pure. */

import { type IncidentRecord, isFlapping, type Recheck } from '../contract/incident.ts';
import { firstSignOf, isQuiet } from './episode.ts';

const MINUTE_MS = 60_000;
/** The first two re-checks come about so long after the run, and after each other; the others later. */
const SOON_MS = 5 * MINUTE_MS;
const SOON_LOOKS = 2;
const LATER_MS = 30 * MINUTE_MS;
/**
 * No re-check is due when the first sign is older than this: what was not found by then is not found by looking. An alarm that joins the
 * incident brings one more re-check all the same.
 */
const LONGEST_MS = 6 * 3_600_000;
/** The schedule comes every five minutes, some seconds early or late. */
const EARLY_MS = MINUTE_MS;
/** So often the schedule comes. */
const SCHEDULE_MS = 5 * MINUTE_MS;

type Looked = Pick<IncidentRecord, 'alarms' | 'openedAtMs' | 'runs' | 'lastRunAtMs' | 'looked' | 'dryRun' | 'explainedBy'>;

/** By when a re-check follows a run that begins now, while its alarm is on; undefined where none comes soon, or at all. */
export function recheckComesBy({ explainedBy: _, ...incident }: Looked, nowMs: number): number | undefined {
  const byMs = nowMs + SOON_MS - EARLY_MS + SCHEDULE_MS;
  return decideRecheck({ ...incident, runs: Math.max(1, incident.runs), lastRunAtMs: nowMs }, byMs) && byMs;
}

/** @returns the re-check that is due, as the record keeps it; undefined when none is */
export function decideRecheck(incident: Looked, nowMs: number): Recheck | undefined {
  const { alarms, runs, lastRunAtMs = 0, looked, dryRun, explainedBy } = incident;
  if (runs === 0 || dryRun || isQuiet(incident)) return undefined;
  const firstSignMs = firstSignOf(incident);
  const ofEpisode = looked?.firstSignMs === firstSignMs ? looked.ofEpisode : 0;
  const lastMs = Math.max(lastRunAtMs, looked?.atMs ?? 0);
  const isSoon = ofEpisode < SOON_LOOKS && !isFlapping(incident, nowMs);
  // What another incident mutes is looked at with each turn, however old it is: the other may have hurt nobody of these users, and is over one day.
  const apartMs = explainedBy === undefined ? (isSoon ? SOON_MS : LATER_MS) - EARLY_MS : EARLY_MS;
  const isDue = (explainedBy !== undefined || nowMs - firstSignMs <= LONGEST_MS) && nowMs - lastMs >= apartMs;
  // One that has fired before in this episode is known by now.
  const hasJoined = Object.values(alarms).some(
    ({ state, firedAtMs = 0 }) => state === 'ALARM' && firedAtMs > Math.max(lastMs, firstSignMs) && firedAtMs <= nowMs,
  );
  if (!isDue && !hasJoined) return undefined;
  return { number: (looked?.number ?? 0) + 1, ofEpisode: ofEpisode + 1, firstSignMs, atMs: nowMs };
}
