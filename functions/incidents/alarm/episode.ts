/** An incident's episodes: from when an alarm that opens it fires until all of these are OK. Pure. */
import { type AlarmOnRecord, FLAPPING_TIMES, type IncidentRecord, type Sign } from '../contract/incident.ts';

/** A person's request has a place among the alarms of its incident. */
export const PERSON = 'person';

type Alarms = Pick<IncidentRecord, 'alarms'>;
interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Alarms that keep an incident open: not those that only join it, and not the request of a person. */
export const openingAlarms = ({ alarms }: Alarms): readonly AlarmOnRecord[] =>
  Object.entries(alarms).flatMap(([name, alarm]) => (name === PERSON || alarm.joins ? [] : [alarm]));

/** The latest firings of a sign's alarm, with the sign. */
export const firingsOf = ({ alarms }: Alarms, { from, atMs }: Sign): readonly number[] =>
  [...(alarms[from]?.firings ?? []), atMs].slice(-FLAPPING_TIMES);

/** True when none of the incident's alarms is in ALARM. */
export const isQuiet = (incident: Alarms): boolean => !openingAlarms(incident).some(({ state }) => state === 'ALARM');

/** When the latest episode began: since the opening alarms were last all OK. Undefined without any. */
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

/** When the alarm of a sign fired first in the episode that the sign belongs to. */
export function firedAtOf(incident: Pick<IncidentRecord, 'alarms' | 'openedAtMs'>, { from, atMs }: Sign): number {
  const firedAtMs = incident.alarms[from]?.firedAtMs;
  const goesOn = firedAtMs !== undefined && !isQuiet(incident) && firedAtMs >= firstSignOf(incident);
  return goesOn ? firedAtMs : atMs;
}
