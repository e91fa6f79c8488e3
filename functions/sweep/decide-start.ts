/** The sweep that began last, of those that mend by the installation's own policy. */
export interface LastStart {
  readonly sweepId: string;
  readonly startedAtMs: number;
  /** It did not come to its end. */
  readonly failed?: boolean;
}

/** WAIT: look again then. COVERED: a sweep that began after the alarm has seen what it is about. */
export type StartVerdict =
  | { readonly verdict: 'SWEEP' }
  | { readonly verdict: 'WAIT'; readonly waitSeconds: number }
  | { readonly verdict: 'COVERED'; readonly sweepId: string };

/**
 * Whether a sweep that an alarm asks for begins now. An alarm that flaps, or an event that is delivered twice, does not
 * sweep without end: between two begins lies the cool-down. It is waited for rather than skipped, since an alarm that stays
 * on tells nothing more, and what piled up meanwhile would lie there until the next sweep of the schedule. Pure.
 * @param alarmAtMs when the alarm went off; undefined for a sweep that somebody asked for, or the schedule
 */
export function decideStart(
  alarmAtMs: number | undefined,
  last: LastStart | undefined,
  sweepId: string,
  coolDownSeconds: number,
  nowMs: number,
): StartVerdict {
  const coolDownMs = coolDownSeconds * 1_000;
  // Asked once more, its reply was lost; and a begin that lies ahead is of a clock that jumped.
  if (alarmAtMs === undefined || last === undefined || last.sweepId === sweepId || last.startedAtMs > nowMs + coolDownMs)
    return { verdict: 'SWEEP' };
  if (!last.failed && last.startedAtMs >= alarmAtMs) return { verdict: 'COVERED', sweepId: last.sweepId };
  const waitMs = Math.min(last.startedAtMs + coolDownMs - nowMs, coolDownMs);
  return waitMs > 0 ? { verdict: 'WAIT', waitSeconds: Math.ceil(waitMs / 1_000) } : { verdict: 'SWEEP' };
}
