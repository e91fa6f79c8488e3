/** What happened around an incident, on one axis of time: alarms, deploys, changes, the store and the runbook. Pure. */
import type { Collected, Evidence, Facts, Source } from '../contract/evidence.ts';
import type { IncidentRecord, Sign } from '../contract/incident.ts';
import { TEMPORARY } from '../contract/mitigations.ts';
import { awayTimes } from '../trouble/store-away.ts';
import { CAUSE_NAMES } from './cause-names.ts';
import { hurtBefore } from './hurt-before.ts';
import { mitigationsOf } from './mitigations-of.ts';
import { plain } from './plain.ts';

/** The rows of the picture, from top to bottom. */
export const LANES = ['alarms', 'deploys', 'changes', 'store', 'servers', 'runbook'] as const;
export type Lane = (typeof LANES)[number];

export interface TimelineEvent {
  readonly lane: Lane;
  readonly atMs: number;
  /** When it ended; absent for what took no time. Where `lasts` is set, this is the timeline's end. */
  readonly untilMs?: number;
  /** It had not ended when the page was made. */
  readonly lasts?: true;
  readonly text: string;
  /** What is written where it ended. */
  readonly endText?: string;
  readonly tone: 'bad' | 'good' | 'neutral';
  /** Events of the same kind by the same role: a deployment of the stacks makes dozens. */
  readonly kind?: string;
}

export interface Timeline {
  readonly fromMs: number;
  readonly untilMs: number;
  /** In the order of time. */
  readonly events: readonly TimelineEvent[];
}

/** The axis begins a little before the first event, and well before the trouble. */
const MARGIN = 0.04;
const BEFORE_TROUBLE_MS = 10 * 60_000;
const MIN_RANGE_MS = 60_000;

export function timelineOf(incident: IncidentRecord, evidence: Evidence | undefined, nowMs: number): Timeline {
  const endMs = incident.closedAtMs ?? nowMs;
  const facts = <S extends Source>(source: S): Facts[S] | undefined =>
    factsOf(evidence?.sources[source] as Collected<Facts[S]> | undefined);
  const events = [
    ...alarmEvents(incident.signs, endMs),
    ...deployEvents(facts('deploys'), endMs),
    ...changeEvents(facts('changes'), facts('sweeps')),
    ...(facts('storeGroup')?.events ?? []).map(({ atMs, message }) => point('store', atMs, plain(message))),
    ...awayEvents(evidence),
    ...serverEvents(facts('servers')),
    ...hurtEvents(evidence),
    ...runbookEvents(incident, evidence, endMs),
  ]
    .filter(isFirstOfItsKind())
    .toSorted((a, b) => a.atMs - b.atMs);
  const beganMs = Math.min(
    incident.openedAtMs,
    evidence?.firstSignMs ?? incident.openedAtMs,
    ...hurtEvents(evidence).map(({ atMs }) => atMs),
  );
  const firstMs = Math.min(beganMs - BEFORE_TROUBLE_MS, ...events.map(({ atMs }) => atMs));
  const lastMs = Math.max(firstMs + MIN_RANGE_MS, endMs, ...events.map(({ atMs, untilMs = atMs }) => untilMs));
  return { fromMs: Math.floor(firstMs - (lastMs - firstMs) * MARGIN), untilMs: lastMs, events };
}

/** ElastiCache reports a failover for the group and for each node. */
function isFirstOfItsKind(): (event: TimelineEvent) => boolean {
  const seen = new Set<string>();
  return ({ lane, atMs, text }) => {
    const known = seen.size;
    return seen.add(`${lane} ${atMs} ${text}`).size > known;
  };
}

const factsOf = <T>(collected: Collected<T> | undefined): T | undefined =>
  collected === undefined || 'gap' in collected ? undefined : collected.facts;

const point = (lane: Lane, atMs: number, text: string, tone: TimelineEvent['tone'] = 'neutral'): TimelineEvent => ({
  lane,
  atMs,
  text,
  tone,
});

/** From ALARM to OK, per alarm. An OK without its ALARM is a point. */
function alarmEvents(signs: readonly Sign[], endMs: number): TimelineEvent[] {
  const byName = Map.groupBy(signs, ({ from }) => from);
  return [...byName].flatMap(([from, changes]) => {
    if (from === 'person') return changes.map(({ atMs }) => point('runbook', atMs, 'a person started the runbook'));
    const inOrder = changes.toSorted((a, b) => a.atMs - b.atMs).filter(({ state }, at, all) => state !== all[at - 1]?.state);
    return inOrder.flatMap(({ state, atMs, reason }, at): TimelineEvent[] => {
      const name = plain(from);
      if (state === 'ALARM') {
        const end = inOrder[at + 1];
        const text = `alarm ${name} fired${reason ? `: ${plain(reason)}` : ''}`;
        const ended = end
          ? { untilMs: end.atMs, endText: `alarm ${name} is ${end.state}` }
          : { untilMs: Math.max(endMs, atMs), lasts: true as const };
        return [{ lane: 'alarms', atMs, text, tone: 'bad', ...ended }];
      }
      return at === 0 ? [point('alarms', atMs, `alarm ${name} is ${state}`, state === 'OK' ? 'good' : 'neutral')] : [];
    });
  });
}

const deployEvents = (deploys: Facts['deploys'] | undefined, endMs: number): TimelineEvent[] =>
  (deploys?.deploys ?? []).map(({ deployId, from, to, status, startedAtMs, finishedAtMs }) => {
    const name = `deploy ${deployId.slice(0, 8)}`;
    const ended =
      finishedAtMs === undefined
        ? { untilMs: Math.max(endMs, startedAtMs), lasts: true as const }
        : { untilMs: finishedAtMs, endText: `${name} ended: ${status}` };
    const tone = status === 'SUCCEEDED' || status === 'RUNNING' ? 'neutral' : 'bad';
    return { lane: 'deploys', atMs: startedAtMs, text: `${name}: ${from} → ${to}, ${status}`, tone, ...ended };
  });

const changeEvents = (changes: Facts['changes'] | undefined, sweeps: Facts['sweeps'] | undefined): TimelineEvent[] => [
  ...(changes?.changes ?? []).map(({ atMs, event, roleArn, resource, eventId, who }) => ({
    ...point('changes', atMs, plain(`${event} of ${resource} by ${who === 'person' ? 'a person, ' : ''}${roleArn} (event ${eventId})`)),
    kind: `${event} by ${roleArn}`,
  })),
  ...(sweeps?.sweeps ?? []).map(({ sweepId, startedAtMs, status, repaired, shortened }) =>
    point('changes', startedAtMs, `sweep ${sweepId.slice(0, 8)}, ${status}: ${repaired} repaired, ${shortened} shortened`),
  ),
];

const CATEGORIES: Readonly<Record<string, string>> = {
  storeConnection: 'first error of a connection to the store',
  readOnly: 'first refused write (READONLY, NOREPLICAS or MISCONF)',
  outOfMemory: 'first out-of-memory error of the store',
  serialization: 'first session that could not be read',
  decryption: 'first session that could not be decrypted',
  sessionTimeout: 'first session that timed out',
};

const serverEvents = (servers: Facts['servers'] | undefined): TimelineEvent[] =>
  (servers?.servers ?? []).flatMap(({ instanceId, application }) =>
    Object.entries(application?.firstMs ?? {}).map(([category, atMs]) =>
      point('servers', atMs, `${instanceId}: ${CATEGORIES[category] ?? `first ${plain(category)}`} in the log`, 'bad'),
    ),
  );

/** A reading a minute: from the first one that is missing until the next. */
const awayEvents = (evidence: Evidence | undefined): TimelineEvent[] =>
  (evidence === undefined ? [] : awayTimes(evidence)).map(({ fromMs, untilMs }) => ({
    ...point('store', fromMs + 60_000, 'the collector reads no primary of the store from here on, and servers log errors of it', 'bad'),
    ...{ untilMs, endText: 'the collector reads the store again' },
  }));

/** Alarms are late: the picture begins with the trouble. */
function hurtEvents(evidence: Evidence | undefined): TimelineEvent[] {
  const hurtMs = evidence && hurtBefore(evidence, evidence.firstSignMs);
  return hurtMs === undefined ? [] : [point('servers', hurtMs, 'users are hurt from this minute on, by the evidence', 'bad')];
}

function runbookEvents(
  { openedAtMs, closedAtMs, mitigations, finding }: IncidentRecord,
  evidence: Evidence | undefined,
  endMs: number,
): TimelineEvent[] {
  const firstSignMs = evidence?.firstSignMs;
  return [
    // An incident that opened right after its first sign needs no event of its own: it would say nothing more.
    ...(firstSignMs !== undefined && openedAtMs - firstSignMs < MIN_RANGE_MS ? [] : [point('runbook', openedAtMs, 'incident opened')]),
    // A cause whose begin the evidence does not show has the time of the first sign, which is in the timeline anyway.
    ...(finding?.verdict === 'cause' && finding.sinceMs !== firstSignMs
      ? [
          point(
            'runbook',
            finding.sinceMs,
            `${CAUSE_NAMES[finding.cause]}: ${hurtBefore(evidence, finding.sinceMs) === undefined ? 'the trouble began' : 'shown from here on'}, by the evidence`,
            'bad',
          ),
        ]
      : []),
    ...mitigationsOf({ mitigations }).flatMap(
      ([name, { name: kind, state, detail, requestedAtMs, actedAtMs, finishedAtMs }]): TimelineEvent[] => {
        const beganAtMs = requestedAtMs ?? actedAtMs;
        if (beganAtMs === undefined || state === 'observed' || state === 'planned') return [];
        const text = requestedAtMs === undefined ? `${name} begins` : `${name} requested`;
        // What bridges an outage is in effect until it is over, not until it was checked.
        const lasts = finishedAtMs === undefined || (state === 'done' && TEMPORARY.includes(kind));
        const ended = lasts
          ? { untilMs: Math.max(endMs, beganAtMs), lasts: true as const }
          : { untilMs: finishedAtMs, endText: state === 'ended' && detail ? `${name} is over: ${plain(detail)}` : `${name}: ${state}` };
        const tone = state === 'done' || state === 'ended' ? 'good' : state === 'leftBehind' || state === 'undone' ? 'bad' : 'neutral';
        return [{ lane: 'runbook', atMs: beganAtMs, text, tone, ...ended }];
      },
    ),
    ...(closedAtMs === undefined ? [] : [point('runbook', closedAtMs, 'incident closed', 'good')]),
  ];
}
