import type { LastStart } from '../contract/record.ts';
import type { StartVerdict } from '../contract/steps.ts';

/**
 * Decides whether a sweep that an alarm requests starts now. A cool-down between two starts keeps an alarm that flaps, or an event
 * that is delivered twice, from sweeping without end. The sweep waits for its end and is not skipped, because an alarm that stays
 * in ALARM sends no other event, and the new keys would stay until the next scheduled sweep. Pure.
 * @param alarmAtMs when the alarm fired; undefined for a manual or scheduled sweep
 */
export function decideStart(
  alarmAtMs: number | undefined,
  last: LastStart | undefined,
  sweepId: string,
  coolDownSeconds: number,
  nowMs: number,
): StartVerdict {
  const coolDownMs = coolDownSeconds * 1_000;
  // The same sweep again: its first reply was lost. A start in the future: the clock jumped.
  if (alarmAtMs === undefined || last === undefined || last.sweepId === sweepId || last.startedAtMs > nowMs + coolDownMs)
    return { verdict: 'DONE' };
  if (!last.failed && last.startedAtMs >= alarmAtMs) return { verdict: 'SKIP', sweepId: last.sweepId };
  const waitMs = Math.min(last.startedAtMs + coolDownMs - nowMs, coolDownMs);
  return waitMs > 0 ? { verdict: 'WAIT', waitSeconds: Math.ceil(waitMs / 1_000) } : { verdict: 'DONE' };
}
