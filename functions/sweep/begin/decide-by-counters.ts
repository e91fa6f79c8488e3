import { type Comparison, compareWithBaseline, type TtlBaseline } from '../../records/ttl-baseline.ts';
import { describeError } from '../../shared/errors.ts';
import type { ConnectToNode } from '../store/shards.ts';
import { readCounters } from './read-counters.ts';
import type { StoreCounters, SweepReason } from './verdicts.ts';

/** What the decision depends on, apart from the counters. */
export interface CounterQuestion {
  readonly databases: readonly number[];
  readonly full: boolean;
  readonly reconcile: boolean;
  /** Of the last full sweep. */
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

/** One sweep a week reads every key: a daily schedule with a flexible start stays below seven days, and one of 168 hours too. */
const FULL_AFTER_MS = 6.5 * 86_400_000;

/** Whether keys have to be read, by the counters alone. Pure. */
export function judgeCounters({ counts }: Pick<StoreCounters, 'counts'>, question: CounterQuestion): Omit<CounterDecision, 'counters'> {
  const { databases, full, reconcile, baseline, settingsKey, nowMs } = question;
  const valid = baseline?.settingsKey === settingsKey ? baseline : undefined;
  const comparison = compareWithBaseline(counts, databases, valid);
  const sweep = (because: SweepReason) => ({ because, comparison });
  if (full) return sweep('full');
  if (reconcile) return sweep('reconcile');
  if (baseline === undefined) return sweep('first');
  const ageMs = nowMs - baseline.startedAtMs;
  // A start in the future: the clock jumped.
  if (ageMs >= FULL_AFTER_MS || ageMs < 0) return sweep('weekly');
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
