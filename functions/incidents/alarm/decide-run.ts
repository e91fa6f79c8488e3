/** Whether a sign starts a run of its incident's runbook. Pure. */
import type { IncidentRecord, Sign } from '../contract/incident.ts';

/** So often an alarm fires within the hour before it counts as flapping. */
const FLAPPING_TIMES = 4;
const FLAPPING_MS = 3_600_000;

/** One of its alarms fires again and again: runs would only repeat each other. */
export function isFlapping(signs: readonly Sign[]): boolean {
  const fired = signs.filter(({ state }) => state === 'ALARM');
  return fired.some(
    (last) =>
      fired.filter(({ from, atMs }) => from === last.from && atMs <= last.atMs && last.atMs - atMs < FLAPPING_MS).length >= FLAPPING_TIMES,
  );
}

export type RunDecision = { readonly run: number } | { readonly why: 'not firing' | 'running' | 'flapping' | 'cool-down' };

export function decideRun(
  incident: Pick<IncidentRecord, 'runs' | 'running' | 'flapping' | 'lastRunAtMs'>,
  state: Sign['state'],
  coolDownMs: number,
  nowMs: number,
): RunDecision {
  if (state !== 'ALARM') return { why: 'not firing' };
  if (incident.running) return { why: 'running' };
  if (incident.runs === 0) return { run: 1 };
  if (incident.flapping) return { why: 'flapping' };
  return nowMs - (incident.lastRunAtMs ?? 0) < coolDownMs ? { why: 'cool-down' } : { run: incident.runs + 1 };
}
