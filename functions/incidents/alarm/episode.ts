/** An incident's episodes: from when an alarm that opens it fires until all of these are OK. Pure. */
import { type AlarmOnRecord, FLAPPING_TIMES, type IncidentRecord, isFlapping, type Recheck, type Sign } from '../contract/incident.ts';

/** A person's request has a place among the alarms of its incident. */
export const PERSON = 'person';

type Alarms = Pick<IncidentRecord, 'alarms'>;
type Span = { readonly fromMs: number; readonly toMs: number };

/** Alarms that keep an incident open: not those that only join it, and not the request of a person. */
export const openingAlarms = ({ alarms }: Alarms): readonly AlarmOnRecord[] =>
  Object.entries(alarms).flatMap(([name, alarm]) => (name === PERSON || alarm.joins ? [] : [alarm]));

export const firingsOf = ({ alarms }: Alarms, { from, atMs }: Sign): readonly number[] =>
  [...(alarms[from]?.firings ?? []), atMs].slice(-FLAPPING_TIMES);

export const isQuiet = (incident: Alarms): boolean => !openingAlarms(incident).some(({ state }) => state === 'ALARM');

function episodeBegan(incident: Alarms): number | undefined {
  const spans = openingAlarms(incident).map(spanOf);
  const on = spans.filter(({ toMs }) => toMs === Number.POSITIVE_INFINITY);
  const latestFirst = spans.toSorted((a, b) => b.toMs - a.toMs);
  let beganMs = on.length > 0 ? Math.min(...on.map(({ fromMs }) => fromMs)) : latestFirst[0]?.fromMs;
  for (const { fromMs, toMs } of latestFirst) {
    if (beganMs !== undefined && toMs >= beganMs) beganMs = Math.min(beganMs, fromMs);
  }
  return beganMs;
}

const spanOf = ({ state, atMs, firedAtMs = atMs }: AlarmOnRecord): Span => ({
  fromMs: firedAtMs,
  toMs: state === 'ALARM' ? Number.POSITIVE_INFINITY : atMs,
});

/** When the trouble showed first: the begin of the latest episode, or the request of a person that came after it. */
export function firstSignOf(incident: Pick<IncidentRecord, 'alarms' | 'openedAtMs'>): number {
  const beganMs = episodeBegan(incident);
  const askedAtMs = incident.alarms[PERSON]?.atMs;
  if (askedAtMs !== undefined && isQuiet(incident)) return Math.max(askedAtMs, beganMs ?? 0);
  return beganMs ?? incident.openedAtMs;
}

export function firedAtOf(incident: Pick<IncidentRecord, 'alarms' | 'openedAtMs'>, { from, atMs }: Sign): number {
  const firedAtMs = incident.alarms[from]?.firedAtMs;
  const goesOn = firedAtMs !== undefined && !isQuiet(incident) && firedAtMs >= firstSignOf(incident);
  return goesOn ? firedAtMs : atMs;
}

const MINUTE_MS = 60_000;
/** The first two re-checks come about so long after the run, and after each other; the others later. */
const SOON_MS = 5 * MINUTE_MS;
const SOON_LOOKS = 2;
const LATER_MS = 30 * MINUTE_MS;
/** No re-check is due when the first sign is older than this; an alarm that joins the incident brings one more all the same. */
const LONGEST_MS = 6 * 3_600_000;
/** The schedule comes every five minutes, some seconds early or late. */
const EARLY_MS = MINUTE_MS;
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
  const hasJoined = Object.values(alarms).some(
    ({ state, firedAtMs = 0 }) => state === 'ALARM' && firedAtMs > Math.max(lastMs, firstSignMs) && firedAtMs <= nowMs,
  );
  if (!isDue && !hasJoined) return undefined;
  return { number: (looked?.number ?? 0) + 1, ofEpisode: ofEpisode + 1, firstSignMs, atMs: nowMs };
}
