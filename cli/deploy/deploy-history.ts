/** Deploys as tables and timelines. Pure. */
import { continuedWords, waitingLines } from '../../functions/deploy/pause/pause-text.ts';
import { isEndedByHand } from '../../functions/deploy/sessions/judge-sessions.ts';
import { isUntouched, letThroughWords, outcomeText, phaseWords, releaseText } from '../../functions/records/outcome-text.ts';
import type { DeployRecord, EnteredPhase, TargetProgress } from '../../functions/records/types.ts';
import { counted, durationText, nounFor } from '../../functions/shared/texts.ts';
import { ageText, table } from '../output.ts';
import { inOrder, lookLines, SIGNALS, sessionWords } from './deploy-progress.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();

const HEAD = ['STARTED', 'AGE', 'DURATION', 'RELEASE', 'OUTCOME', 'BY', 'ID'];

/** One line per deploy, in the given order. */
export function historyTable(deploys: readonly DeployRecord[], nowMs: number): string {
  const row = (deploy: DeployRecord) => {
    const { startedAtMs, finishedAtMs = nowMs, requestedBy, deployId } = deploy;
    return [
      iso(startedAtMs),
      ageText(nowMs - startedAtMs),
      durationText(finishedAtMs - startedAtMs),
      releaseText(deploy),
      outcomeText(deploy),
      requestedBy,
      deployId,
    ];
  };
  return table([HEAD, ...deploys.map(row)]);
}

export interface TimelineEntry extends EnteredPhase {
  /** Absent for the phase that a target ended in. */
  readonly durationMs?: number;
}

const ENDS: readonly string[] = ['done', 'failed', 'skipped', 'rolledBack'];

/**
 * The phases of a target. A step that was delivered twice is one entry. A record without phases has only the current one.
 * @param untilMs the deploy's end, or now
 */
export function timelineOf({ phase, phaseStartedAtMs, finishedAtMs, phases }: TargetProgress, untilMs: number): TimelineEntry[] {
  const last = { phase, startedAtMs: ENDS.includes(phase) ? (finishedAtMs ?? phaseStartedAtMs) : phaseStartedAtMs };
  const entries = (phases ?? [last]).filter((entry, index, all) => entry.phase !== all[index - 1]?.phase);
  return entries.map((entry, index) => {
    const next = entries[index + 1]?.startedAtMs;
    if (next === undefined && ENDS.includes(entry.phase)) return entry;
    return { ...entry, durationMs: Math.max(0, (next ?? untilMs) - entry.startedAtMs) };
  });
}

/** A deploy with the phases of each target. */
export function deployLines(deploy: DeployRecord, nowMs: number): string[] {
  const { deployId, requestedBy, startedAtMs, finishedAtMs, error, outcome, warnings = [] } = deploy;
  const untilMs = finishedAtMs ?? nowMs;
  const continued = continuedWords(deploy);
  const letThrough = letThroughWords(deploy);
  return [
    `deploy   ${deployId}`,
    `release  ${releaseText(deploy)}`,
    `outcome  ${outcomeText(deploy)}`,
    `by       ${requestedBy}`,
    `started  ${iso(startedAtMs)}, ${finishedAtMs === undefined ? 'for' : 'took'} ${durationText(untilMs - startedAtMs)}`,
    ...(letThrough === undefined ? [] : [`expect   ${letThrough}`]),
    ...(continued === undefined ? [] : [`pause    ${continued}`]),
    ...waitingLines(deploy).map((line) => `pause    ${line}`),
    ...(error ? [`error    ${error.Error}: ${error.Cause}`] : []),
    ...(outcome ? [`result   ${outcome}`] : []),
    ...lookLines(deploy).map(([what, words]) => `${what.padEnd(8)} ${words}`),
    ...warnings.map((sentence) => `warning  ${sentence}`),
    ...inOrder(deploy).flatMap(([instanceId, target]) => ['', ...targetLines(instanceId, target, deploy, untilMs)]),
  ];
}

function targetLines(instanceId: string, target: TargetProgress, { to, finishedAtMs, status }: DeployRecord, untilMs: number): string[] {
  if (isUntouched(target, status)) return [`${instanceId}  ${target.fromVersion}`, `  ${phaseWords(target, status)}`];
  const entries = timelineOf(target, untilMs).map(({ phase, startedAtMs, durationMs }) => [
    `  ${iso(startedAtMs)}`,
    phase,
    durationMs === undefined ? '' : durationText(durationMs),
  ]);
  const sessions = [finishedAtMs === undefined ? waitingSessionsLine(target) : undefined, sessionsLine(target)];
  return [
    `${instanceId}  ${target.fromVersion} → ${to}`,
    table(entries),
    ...[...sessions, drainedLine(target)].flatMap((line) => (line === undefined ? [] : [`  ${line}`])),
    ...(target.detail ? [`  ${target.detail}`] : []),
  ];
}

/** What a running deploy waits for: `waiting for its sessions, 3 left, until 10:32:00 UTC at the latest`; undefined if it does not. */
function waitingSessionsLine(target: TargetProgress): string | undefined {
  if (target.phase === 'sessionDrain') return `waiting for its sessions${sessionWords(target)}`;
  // The end of the wait is known once it has begun; one on record is that of an earlier wait.
  const { sessionDrainEndsAtMs: _, ...pinned } = target;
  return target.phase === 'pinning' ? `keeping its sessions on it${sessionWords(pinned)}` : undefined;
}

/**
 * What became of a target's sessions: `waited for its sessions, 2 cut off`; undefined while and when they were not waited for. A wait that
 * was ended while the target was pinned has no phase of its own.
 */
export function sessionsLine(target: TargetProgress): string | undefined {
  const { sessionsCutOff, endDrain, phase, phases = [] } = target;
  const wasWaited = sessionsCutOff !== undefined || phases.some((entry) => entry.phase === 'sessionDrain');
  if (phase === 'sessionDrain' || !wasWaited) return undefined;
  const cut =
    sessionsCutOff === undefined ? 'unknown how many were left' : sessionsCutOff === 0 ? 'none was cut off' : `${sessionsCutOff} cut off`;
  return `waited for its sessions, ${cut}${endDrain && !isEndedByHand(target, 'draining') ? `, ended by ${endDrain.requestedBy}` : ''}`;
}

/** How a target was last drained: `drained by the kernel (no probes), 2 long-lived connections`; undefined when it was not. */
export function drainedLine(target: TargetProgress): string | undefined {
  const { drainSignal, drainReason, longLived, sessions, requestsCut, endDrain } = target;
  if (drainSignal === undefined) return undefined;
  return [
    `drained ${SIGNALS[drainSignal]}${drainReason ? ` (${drainReason})` : ''}`,
    ...(longLived ? [`${longLived} long-lived ${nounFor(longLived, 'connection')}`] : []),
    ...(sessions === undefined ? [] : [`${counted(sessions, 'session')} in memory`]),
    ...(requestsCut === undefined ? [] : [`${counted(requestsCut, 'request')} cut`]),
    ...(endDrain && isEndedByHand(target, 'draining') ? [`ended by ${endDrain.requestedBy}`] : []),
  ].join(', ');
}
