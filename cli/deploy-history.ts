/** Deploys that were, as tables and timelines. Pure. */
import type { DeployRecord, EnteredPhase, TargetProgress } from '../functions/shared/record-types.ts';
import { inOrder } from './deploy-progress.ts';
import { table } from './output.ts';

/** `12.3 s`, `3 m 05 s`, `1 h 02 m` */
export function durationText(ms: number): string {
  if (ms < 59_950) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** `FAILED, rolled back`; of one that runs, what it is at. */
export function outcomeText({ status, stage, rolledBack }: Pick<DeployRecord, 'status' | 'stage' | 'rolledBack'>): string {
  if (status === 'RUNNING') return `RUNNING, ${stage}`;
  return `${status}${rolledBack ? ', rolled back' : ''}`;
}

const HEAD = ['STARTED', 'DURATION', 'RELEASE', 'OUTCOME', 'BY', 'ID'];

/** A line a deploy, as they come. */
export function historyTable(deploys: readonly DeployRecord[], nowMs: number): string {
  const row = (deploy: DeployRecord) => {
    const { startedAtMs, finishedAtMs = nowMs, from, to, requestedBy, deployId } = deploy;
    return [iso(startedAtMs), durationText(finishedAtMs - startedAtMs), `${from} → ${to}`, outcomeText(deploy), requestedBy, deployId];
  };
  return table([HEAD, ...deploys.map(row)]);
}

export interface TimelineEntry extends EnteredPhase {
  /** Absent of a phase that a target ends in. */
  readonly durationMs?: number;
}

const ENDS: readonly string[] = ['done', 'failed', 'skipped', 'rolledBack'];

/**
 * What a target went through. A step that was delivered twice is one entry. A record from before phases were kept has the
 * last one alone.
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

/** A deploy in full: its head, and what each target went through. */
export function deployLines(deploy: DeployRecord, nowMs: number): string[] {
  const { deployId, from, to, requestedBy, startedAtMs, finishedAtMs, error, outcome } = deploy;
  const untilMs = finishedAtMs ?? nowMs;
  return [
    `deploy   ${deployId}`,
    `release  ${from} → ${to}`,
    `outcome  ${outcomeText(deploy)}`,
    `by       ${requestedBy}`,
    `started  ${iso(startedAtMs)}, ${finishedAtMs === undefined ? 'for' : 'took'} ${durationText(untilMs - startedAtMs)}`,
    ...(error ? [`error    ${error.Error}: ${error.Cause}`] : []),
    ...(outcome ? [`left     ${outcome}`] : []),
    ...inOrder(deploy).flatMap(([instanceId, target]) => ['', ...targetLines(instanceId, target, to, untilMs)]),
  ];
}

function targetLines(instanceId: string, target: TargetProgress, to: string, untilMs: number): string[] {
  const entries = timelineOf(target, untilMs).map(({ phase, startedAtMs, durationMs }) => [
    `  ${iso(startedAtMs)}`,
    phase,
    durationMs === undefined ? '' : durationText(durationMs),
  ]);
  return [`${instanceId}  ${target.fromVersion} → ${to}`, table(entries), ...(target.detail ? [`  ${target.detail}`] : [])];
}
