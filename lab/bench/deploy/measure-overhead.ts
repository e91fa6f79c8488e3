/** How much of a deploy's time is Holdfast's own: everything that is neither waiting nor installing. */

/** A span of time, in milliseconds since the epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** One target while it was rolled. */
export interface TargetTimes {
  /** From the choice of the target to the choice of the next, or to its own end. */
  readonly roll: Span;
  /** What ran on its instance: wait-idle, install, readiness check, bake; Run Command's delivery included. */
  readonly commands: readonly Span[];
  /**
   * What its settings make it wait for, whatever runs meanwhile: its drain, from the deregistration (where the floor
   * starts) to the last poll, which found it idle; and its bake.
   */
  readonly waits: readonly Span[];
  /** From its registration to the load balancer's first `healthy`. */
  readonly untilHealthy: Span;
}

/** Mean seconds per target that no wait and no install covers. Overlapping spans count once. */
export function overheadSecondsPerTarget(targets: readonly TargetTimes[]): number {
  if (targets.length === 0) return 0;
  const total = targets.flatMap(overheadOf).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return total / targets.length / 1000;
}

/** The spans of a target's roll that no wait and no install covers. */
export function overheadOf({ roll, commands, waits, untilHealthy }: TargetTimes): readonly Span[] {
  const gaps: Span[] = [];
  let reachedMs = roll.startMs;
  for (const { startMs, endMs } of [...commands, ...waits, untilHealthy].toSorted((a, b) => a.startMs - b.startMs)) {
    if (startMs > reachedMs) gaps.push({ startMs: reachedMs, endMs: Math.min(startMs, roll.endMs) });
    reachedMs = Math.max(reachedMs, Math.min(endMs, roll.endMs));
    if (reachedMs >= roll.endMs) break;
  }
  if (reachedMs < roll.endMs) gaps.push({ startMs: reachedMs, endMs: roll.endMs });
  return gaps;
}
