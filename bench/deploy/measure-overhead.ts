/** What of a deploy's time is Holdfast's own: all that is neither waiting nor installing. */

/** One stretch of time, in milliseconds since the epoch. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** One target while it was rolled. */
export interface TargetTimes {
  /** From the choice of the target to the choice of the next, or to the end of rolling. */
  readonly roll: Stretch;
  /** What ran on its instance: watching it fall idle, installing, asking the gate, baking. */
  readonly commands: readonly Stretch[];
  /** From its registration to the load balancer's first `healthy`. */
  readonly untilHealthy: Stretch;
}

/** Seconds a target, on average, that no wait and no install covers. Stretches that overlap count once. */
export function overheadSecondsPerTarget(targets: readonly TargetTimes[]): number {
  if (targets.length === 0) return 0;
  const total = targets.reduce((sum, { roll, commands, untilHealthy }) => {
    const covered = coveredMs([...commands, untilHealthy].map((stretch) => clip(stretch, roll)));
    return sum + (roll.endMs - roll.startMs) - covered;
  }, 0);
  return total / targets.length / 1000;
}

const clip = ({ startMs, endMs }: Stretch, within: Stretch): Stretch => ({
  startMs: Math.max(startMs, within.startMs),
  endMs: Math.min(endMs, within.endMs),
});

function coveredMs(stretches: readonly Stretch[]): number {
  let covered = 0;
  let reachedMs = Number.NEGATIVE_INFINITY;
  for (const { startMs, endMs } of stretches.toSorted((a, b) => a.startMs - b.startMs)) {
    const fromMs = Math.max(startMs, reachedMs);
    if (endMs > fromMs) covered += endMs - fromMs;
    reachedMs = Math.max(reachedMs, endMs);
  }
  return covered;
}
