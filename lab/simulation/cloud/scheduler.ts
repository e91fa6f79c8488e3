/**
 * EventBridge Scheduler: one function at a fixed rate. Turns do not wait for each other: one that takes longer than the period overlaps
 * with the next.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
 */
import type { Faults } from '../faults/faults.ts';
import type { Kernel, Scheduled } from '../kernel/kernel.ts';

export interface ScheduleOptions {
  readonly kernel: Kernel;
  readonly faults: Pick<Faults, 'scheduleSkipped' | 'took'>;
  /** `ScheduleExpression` of the template: `rate(5 minutes)`. */
  readonly expression: string;
  /** Invokes the function; the schedule neither waits for it nor looks at its end. */
  readonly invoke: () => void;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** A turn comes within the minute that it is due in. */
const LATEST_MS = 59_000;

/** The first turn is at a seeded moment of the first period. @throws Error for an expression other than a rate */
export function startSchedule({ kernel, faults, expression, invoke }: ScheduleOptions): Scheduled {
  const random = kernel.random('scheduler');
  const periodMs = periodOf(expression);
  const turn = () => {
    if (faults.scheduleSkipped()) {
      faults.took('schedule.skipped');
      return;
    }
    kernel.after(random.whole(0, LATEST_MS), invoke);
  };
  return kernel.every(periodMs, turn, random.whole(0, periodMs));
}

/** Milliseconds. */
export function periodOf(expression: string): number {
  const [, value, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const unitMs = UNITS[unit];
  if (value === undefined || unitMs === undefined) throw new Error(`the simulation lacks the schedule ${expression}`);
  return Number(value) * unitMs;
}
