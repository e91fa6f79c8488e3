import { type CanaryRecord, linesOf, type StoredLine, worstFirst } from '../canary/contract/canary-records.ts';
import type { IncidentRecord } from '../incidents/contract/incident.ts';
import { mitigationsOf } from '../incidents/report/describe-mitigations.ts';
import { aboutText, findingText, incidentState, stateText } from '../incidents/report/incident-row.ts';
import { causeText } from '../incidents/report/page.ts';
import { outcomeText, phaseWords, releaseText } from '../records/outcome-text.ts';
import type { DeployRecord } from '../records/types.ts';
import { sumOf } from '../shared/arithmetic.ts';
import { durationText, nounFor } from '../shared/texts.ts';
import type { SweepRecord, SweepSummary } from '../sweep/contract/record.ts';
import type { Viewer } from './contract.ts';
import { countText, type Html, html, sentence, type Tone, table, timeText, toned, unbroken, zoneText } from './html.ts';

const TONES: Readonly<Record<StoredLine['severity'], Tone>> = {
  error: 'bad',
  warning: 'bad',
  unknown: 'busy',
  notice: 'quiet',
  ok: 'good',
};

/** One row per result, worst first, below a line that says when it was found. */
export function renderCanary(record: CanaryRecord | undefined, viewer: Viewer, rows: number): Html {
  if (record === undefined) return sentence(viewer, 'no turn of the canary yet');
  const { ranAtMs, failed, vanishedAtMs } = record;
  const parts = [
    ranAtMs === undefined ? 'all checks have not run yet' : `all checks ran at ${timeText(viewer, ranAtMs)} (${zoneText(viewer)})`,
    ...(failed ? [`it has not worked since ${timeText(viewer, failed.sinceMs)}: ${failed.what}`] : []),
    ...(vanishedAtMs.length > 0 ? [`a session vanished at ${timeText(viewer, vanishedAtMs.at(-1) as number)}`] : []),
  ];
  const lines = worstFirst(linesOf(record)).slice(0, rows);
  const head = sentence(viewer, `${parts.join('; ')}.`);
  if (lines.length === 0) return head;
  return html`${head}${table(
    viewer,
    ['Check', 'Result', 'What'],
    lines.map((line) => rowOf(line, viewer)),
  )}`;
}

const rowOf = ({ check, result, severity, finding, what, accepted }: StoredLine, viewer: Viewer) => [
  check,
  toned(viewer, TONES[severity], finding ?? result),
  accepted === undefined ? what : `${what} (accepted: ${accepted})`,
];

const tones: Readonly<Partial<Record<DeployRecord['status'], Tone>>> = { SUCCEEDED: 'good', RUNNING: 'busy' };

/** One row per deploy, in the given order. A running deploy shows its duration so far. */
export function renderDeploys(deploys: readonly DeployRecord[], viewer: Viewer, nowMs: number): Html {
  if (deploys.length === 0) return sentence(viewer, 'no deploy yet');
  const rows = deploys.map((deploy) => {
    const { deployId, requestedBy, startedAtMs, finishedAtMs = nowMs, status, error } = deploy;
    const outcome = toned(viewer, tones[status] ?? 'bad', outcomeText(deploy));
    return [
      timeText(viewer, startedAtMs),
      durationText(finishedAtMs - startedAtMs),
      releaseText(deploy),
      error ? html`${outcome} ${error.Error}` : outcome,
      targetsText(deploy, viewer),
      requestedBy,
      toned(viewer, 'quiet', deployId),
    ];
  });
  return table(viewer, [`Started (${zoneText(viewer)})`, 'Took', 'Release', 'Outcome', 'Targets', 'By', 'Deploy'], rows);
}

/** `3 done, 1 waiting for its sessions (12 sessions left)`, in the order of the plan; sessions that were lost at the end. */
function targetsText({ targets, sessionsCutOff, status }: DeployRecord, viewer: Viewer): string {
  const inOrder = Object.values(targets).toSorted((a, b) => a.order - b.order);
  const sessions = (count: number, what: string) => `${countText(viewer, count)} ${nounFor(count, 'session')} ${what}`;
  const words = [...new Set(inOrder.map((target) => phaseWords(target, status)))].map((what) => {
    const those = inOrder.filter((target) => phaseWords(target, status) === what);
    const left = those.flatMap(({ sessionsLeft, phase }) => (phase === 'sessionDrain' ? (sessionsLeft ?? []) : []));
    const more = left.length === 0 ? '' : ` (${sessions(sumOf(left), 'left')})`;
    return `${countText(viewer, those.length)} ${what}${more}`;
  });
  return [...words, ...(sessionsCutOff ? [sessions(sessionsCutOff, 'cut off')] : [])].join(', ');
}

const HEAD = ['Lasted', 'State', 'About', 'What is wrong', 'Finding', 'Mitigations', 'Incident'];

/** One row per incident, in the given order. The times in its sentence are in UTC, and are named so. */
export function renderIncidents(incidents: readonly IncidentRecord[], viewer: Viewer, nowMs: number): Html {
  if (incidents.length === 0) return sentence(viewer, 'no incident yet');
  const rows = incidents.map((incident) => [
    timeText(viewer, incident.openedAtMs),
    unbroken(durationText((incident.closedAtMs ?? nowMs) - incident.openedAtMs)),
    toned(viewer, toneOf(incident), incidentState(incident)),
    aboutText(incident),
    causeText(incident, undefined),
    findingText(incident),
    mitigationsText(incident),
    unbroken(toned(viewer, 'quiet', incident.incidentId)),
  ]);
  return table(viewer, [`Opened (${zoneText(viewer)})`, ...HEAD], rows);
}

/** An incident that only watches whether its alarms stay quiet is no news any more. */
function toneOf(incident: IncidentRecord): Tone {
  if (incident.closedAtMs !== undefined) return 'good';
  return incident.quietSinceMs === undefined ? 'bad' : 'busy';
}

/** `re-login-page done, sweep-now refused` */
const mitigationsText = (incident: IncidentRecord): string =>
  mitigationsOf(incident)
    .map(([key, { state }]) => `${key} ${stateText(state)}`)
    .join(', ');

const SWEEP_TONES: Readonly<Record<SweepRecord['status'], Tone>> = { SUCCEEDED: 'good', RUNNING: 'busy', PAUSED: 'busy', FAILED: 'bad' };
const COUNTS = ['keys', 'withoutTtl', 'repaired', 'deleted', 'unknown'] as const satisfies readonly (keyof SweepSummary)[];
const SWEEP_HEAD = ['Took', 'Policy', 'Keys', 'Without TTL', 'Repaired', 'Deleted', 'Unknown', 'Store busy', 'Outcome', 'By', 'Sweep'];

/** One row per sweep, in the given order. Counts appear when it has ended; a dry run's are what it would have done. */
export function renderSweeps(sweeps: readonly SweepRecord[], viewer: Viewer, nowMs: number): Html {
  if (sweeps.length === 0) return sentence(viewer, 'no sweep yet');
  const rows = sweeps.map((sweep) => {
    const { sweepId, startedAtMs, finishedAtMs = nowMs, requestedBy, dryRun, status, summary, error } = sweep;
    const outcome = toned(
      viewer,
      SWEEP_TONES[status],
      [status, ...(summary?.outcome ? [summary.outcome] : []), ...(dryRun ? ['dry run'] : [])].join(', '),
    );
    return [
      timeText(viewer, startedAtMs),
      durationText(finishedAtMs - startedAtMs),
      policyText(sweep),
      ...COUNTS.map((name) => (summary ? countText(viewer, summary[name]) : '')),
      summary ? durationText(summary.seconds * 1000) : '',
      error ? html`${outcome} ${error.Error}` : outcome,
      requestedBy,
      toned(viewer, 'quiet', sweepId),
    ];
  });
  return table(viewer, [`Started (${zoneText(viewer)})`, ...SWEEP_HEAD], rows);
}

/** `expire`, `expire, spring-session report` */
const policyText = ({ policy, policies = {} }: SweepRecord): string =>
  policy === undefined ? '' : [policy, ...Object.entries(policies).map(([dialect, own]) => `${dialect} ${own}`)].join(', ');
