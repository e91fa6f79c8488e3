import { type Comparison, compareWithBaseline, type TtlBaseline } from '../../records/ttl-baseline.ts';
import { describeError } from '../../shared/errors.ts';
import type { StoreCounters, SweepReason } from '../contract/record.ts';
import type { SweepSettings } from '../contract/settings.ts';
import type { ConnectToNode } from '../nodes/shards.ts';
import { readCounters } from './read-counters.ts';

/** What the decision depends on, apart from the counters. */
export interface CounterQuestion extends Pick<SweepSettings, 'databases' | 'reconcile' | 'everyHours'> {
  readonly full: boolean;
  /** What the last full sweep recorded. */
  readonly baseline: TtlBaseline | undefined;
  readonly settingsKey: string;
  readonly nowMs: number;
}

export interface CounterDecision {
  /** Absent: clean by counters, no key has to be read. */
  readonly because?: SweepReason;
  /** Undefined where they could not be read. */
  readonly counters: StoreCounters | undefined;
  readonly comparison: Comparison;
  /** Why the counters could not be read. */
  readonly error?: string;
}

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
/** A schedule can start later than its time. */
const LATE_HOURS = 6;

/** Age at which the last full sweep is followed by another, so that the schedule has one a week: the next time could be too late. */
const fullAfterMs = (everyHours: number): number => Math.max(WEEK_HOURS - everyHours - LATE_HOURS, everyHours / 2) * HOUR_MS;

/** Whether keys have to be read, by the counters alone. Pure. */
export function judgeCounters({ counts }: Pick<StoreCounters, 'counts'>, question: CounterQuestion): Omit<CounterDecision, 'counters'> {
  const { databases, full, reconcile, baseline, settingsKey, everyHours, nowMs } = question;
  const valid = baseline?.settingsKey === settingsKey ? baseline : undefined;
  const comparison = compareWithBaseline(counts, databases, valid);
  const sweep = (because: SweepReason) => ({ because, comparison });
  if (full) return sweep('full');
  if (reconcile) return sweep('reconcile');
  if (baseline === undefined) return sweep('first');
  const ageMs = nowMs - baseline.startedAtMs;
  // A start in the future: the clock jumped.
  if (ageMs >= fullAfterMs(everyHours) || ageMs < 0) return sweep('weekly');
  if ((valid?.uncounted ?? 0) > 0) return sweep('counted');
  if (comparison.withoutTtl > 0) return sweep(valid === undefined ? 'settings' : 'grown');
  return { comparison };
}

const NOTHING: Comparison = { persistent: 0, withoutTtl: 0, repairable: 0 };

/**
 * The first thing that a sweep does: it connects, reads the counters of INFO, and decides whether any key has to be read. Takes
 * milliseconds whatever the number of keys; nothing else is measured before.
 * @returns `uncounted` when the counters cannot be read; never throws
 */
export async function decideByCounters(
  connect: ConnectToNode,
  question: CounterQuestion,
  pause: (ms: number) => Promise<unknown>,
): Promise<CounterDecision> {
  try {
    const isDecided = (counters: StoreCounters) => judgeCounters(counters, question).because !== 'grown';
    const counters = await readCounters(connect, isDecided, pause);
    return { ...judgeCounters(counters, question), counters };
  } catch (error) {
    return { because: 'uncounted', counters: undefined, comparison: NOTHING, error: describeError(error) };
  }
}
