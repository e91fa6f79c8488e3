/** What of a deploy's time is Holdfast's own: all that is neither waiting nor installing. */

/** One stretch of time, in milliseconds since the epoch. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** One target while it was rolled. */
export interface TargetTimes {
  /** From the choice of the target to the choice of the next, or to its own end. */
  readonly roll: Stretch;
  /** What ran on its instance: watching it fall idle, installing, asking the gate, baking; the service's delivery is of it. */
  readonly commands: readonly Stretch[];
  /**
   * What its settings have it wait for, whatever runs meanwhile: its drain from the deregistration, where the floor begins
   * to count, to the last look that found it idle, and its bake.
   */
  readonly waits: readonly Stretch[];
  /** From its registration to the load balancer's first `healthy`. */
  readonly untilHealthy: Stretch;
}

/** Seconds a target, on average, that no wait and no install covers. Stretches that overlap count once. */
export function overheadSecondsPerTarget(targets: readonly TargetTimes[]): number {
  if (targets.length === 0) return 0;
  const total = targets.flatMap(overheadOf).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return total / targets.length / 1000;
}

/** The stretches of a target's roll that no wait and no install covers. */
export function overheadOf({ roll, commands, waits, untilHealthy }: TargetTimes): readonly Stretch[] {
  const gaps: Stretch[] = [];
  let reachedMs = roll.startMs;
  for (const { startMs, endMs } of [...commands, ...waits, untilHealthy].toSorted((a, b) => a.startMs - b.startMs)) {
    if (startMs > reachedMs) gaps.push({ startMs: reachedMs, endMs: Math.min(startMs, roll.endMs) });
    reachedMs = Math.max(reachedMs, Math.min(endMs, roll.endMs));
    if (reachedMs >= roll.endMs) break;
  }
  if (reachedMs < roll.endMs) gaps.push({ startMs: reachedMs, endMs: roll.endMs });
  return gaps;
}
