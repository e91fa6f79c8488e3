/** What happened around an incident, on one axis of time: alarms, deploys, changes, the store and the runbook. Pure. */
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord, Sign } from '../contract/incident.ts';
import { TEMPORARY } from '../contract/mitigations.ts';
import { troubleOf } from '../trouble/trouble.ts';
import { mitigationsOf } from './describe-mitigations.ts';
import type { Lane, Timeline, TimelineEvent } from './incident-page.ts';
import { plain } from './plain.ts';

/** The axis begins a little before the first event, and well before the trouble. */
const MARGIN = 0.04;
const BEFORE_TROUBLE_MS = 10 * 60_000;
const MIN_RANGE_MS = 60_000;

export function timelineOf(incident: IncidentRecord, evidence: Evidence | undefined, nowMs: number): Timeline {
  const endMs = incident.closedAtMs ?? nowMs;
  const seen = new Set<string>();
  const events = [...alarmEvents(incident.signs, endMs), ...evidenceEvents(evidence, endMs), ...runbookEvents(incident, endMs)]
    // ElastiCache reports a failover for the group and for each node.
    .filter(({ lane, atMs, text }) => seen.size < seen.add(`${lane} ${atMs} ${text}`).size)
    .toSorted((a, b) => a.atMs - b.atMs);
  const beganMs = Math.min(incident.openedAtMs, evidence?.firstSignMs ?? incident.openedAtMs);
  const firstMs = Math.min(beganMs - BEFORE_TROUBLE_MS, ...events.map(({ atMs }) => atMs));
  const lastMs = Math.max(firstMs + MIN_RANGE_MS, endMs, ...events.map(({ atMs, untilMs = atMs }) => untilMs));
  return { fromMs: Math.floor(firstMs - (lastMs - firstMs) * MARGIN), untilMs: lastMs, events };
}

type Tone = TimelineEvent['tone'];
const point = (lane: Lane, atMs: number, text: string, tone: Tone = 'neutral'): TimelineEvent => ({ lane, atMs, text, tone });

/** What has not ended lasts until the timeline's end. */
const span = (event: TimelineEvent, untilMs: number | undefined, endMs: number, endText: string): TimelineEvent => ({
  ...event,
  ...(untilMs === undefined ? { untilMs: Math.max(endMs, event.atMs), lasts: true as const } : { untilMs, endText }),
});

/** From ALARM to OK, per alarm. An OK without its ALARM is a point. */
function alarmEvents(signs: readonly Sign[], endMs: number): TimelineEvent[] {
  return [...Map.groupBy(signs, ({ from }) => from)].flatMap(([from, changes]) => {
    if (from === 'person') return changes.map(({ atMs }) => point('runbook', atMs, 'a person started the runbook'));
    const name = plain(from);
    const inOrder = changes.toSorted((a, b) => a.atMs - b.atMs).filter(({ state }, at, all) => state !== all[at - 1]?.state);
    return inOrder.flatMap(({ state, atMs, reason }, at): TimelineEvent[] => {
      const end = inOrder[at + 1];
      const text = `alarm ${name} fired${reason ? `: ${plain(reason)}` : ''}`;
      if (state === 'ALARM') return [span(point('alarms', atMs, text, 'bad'), end?.atMs, endMs, `alarm ${name} is ${end?.state}`)];
      return at === 0 ? [point('alarms', atMs, `alarm ${name} is ${state}`, state === 'OK' ? 'good' : 'neutral')] : [];
    });
  });
}

function evidenceEvents(evidence: Evidence | undefined, endMs: number): TimelineEvent[] {
  if (evidence === undefined) return [];
  const { kind, onset } = troubleOf(evidence);
  return [
    ...(factsOf(evidence, 'deploys')?.deploys ?? []).map(({ deployId, from, to, status, startedAtMs, finishedAtMs }) => {
      const name = `deploy ${deployId.slice(0, 8)}`;
      const tone = status === 'SUCCEEDED' || status === 'RUNNING' ? 'neutral' : 'bad';
      const event = point('deploys', startedAtMs, `${name}: ${from} → ${to}, ${status}`, tone);
      return span(event, finishedAtMs, endMs, `${name} ended: ${status}`);
    }),
    ...(factsOf(evidence, 'changes')?.changes ?? []).map(({ atMs, event, roleArn, resource, eventId, who }) => ({
      ...point('changes', atMs, plain(`${event} of ${resource} by ${who === 'person' ? 'a person, ' : ''}${roleArn} (event ${eventId})`)),
      kind: `${event} by ${roleArn}`,
    })),
    ...(factsOf(evidence, 'sweeps')?.sweeps ?? []).map(({ sweepId, startedAtMs, status, repaired, shortened }) =>
      point('changes', startedAtMs, `sweep ${sweepId.slice(0, 8)}, ${status}: ${repaired} repaired, ${shortened} shortened`),
    ),
    ...(factsOf(evidence, 'storeGroup')?.events ?? []).map(({ atMs, message }) => point('store', atMs, plain(message))),
    ...(factsOf(evidence, 'servers')?.servers ?? []).flatMap(({ instanceId, application }) =>
      Object.entries(application?.firstMs ?? {}).map(([category, atMs]) =>
        point('servers', atMs, `${instanceId}: first line of ${plain(category)} in the log`, 'bad'),
      ),
    ),
    // Alarms are late: the picture begins with the trouble.
    ...(kind === 'acute' && typeof onset === 'number' ? [point('servers', onset, 'users are hurt from this minute on', 'bad')] : []),
  ];
}

const runbookEvents = ({ openedAtMs, closedAtMs, mitigations }: IncidentRecord, endMs: number): TimelineEvent[] => [
  point('runbook', openedAtMs, 'incident opened'),
  ...mitigationsOf({ mitigations }).flatMap(([name, { name: kind, state, detail, requestedAtMs, actedAtMs, finishedAtMs }]) => {
    const beganAtMs = requestedAtMs ?? actedAtMs;
    if (beganAtMs === undefined || state === 'observed' || state === 'planned') return [];
    // What bridges an outage is in effect until it is over, not until it was checked.
    const untilMs = state === 'done' && TEMPORARY.includes(kind) ? undefined : finishedAtMs;
    const tone = state === 'done' || state === 'ended' ? 'good' : state === 'leftBehind' || state === 'undone' ? 'bad' : 'neutral';
    const event = point('runbook', beganAtMs, requestedAtMs === undefined ? `${name} begins` : `${name} requested`, tone);
    return [span(event, untilMs, endMs, state === 'ended' && detail ? `${name} is over: ${plain(detail)}` : `${name}: ${state}`)];
  }),
  ...(closedAtMs === undefined ? [] : [point('runbook', closedAtMs, 'incident closed', 'good')]),
];
