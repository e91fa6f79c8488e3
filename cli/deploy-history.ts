/** Deploys that were, as tables and timelines. Pure. */
import { durationText } from '../functions/shared/duration-text.ts';
import { outcomeText } from '../functions/shared/outcome-text.ts';
import type { DeployRecord, EnteredPhase, TargetProgress } from '../functions/shared/record-types.ts';
import { inOrder } from './deploy-progress.ts';
import { table } from './output.ts';

const iso = (atMs: number): string => new Date(atMs).toISOString();

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
