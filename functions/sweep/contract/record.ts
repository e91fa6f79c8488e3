/** What is on record of a sweep, for the commands and for the next sweep. */
import type { UnitFault } from './checkpoint.ts';
import type { LifeChange } from './lives.ts';
import type { SweepSettings } from './settings.ts';
import type { Tally } from './tally.ts';

/** Why a sweep reads every key. */
export const SWEEP_REASONS = {
  full: 'it was requested for every key',
  reconcile: 'it reconciles indexes',
  first: 'no full sweep is on record',
  weekly: 'the last full sweep is a week old',
  settings: 'there are keys without a TTL, and the last full sweep had other settings',
  grown: 'there are more keys without a TTL than the last full sweep left on purpose',
  sampled: 'a sample contained a key that it repairs',
  uncounted: 'the counters of the store could not be read',
} as const;
export type SweepReason = keyof typeof SWEEP_REASONS;

/** The outcome of a sweep that did not have to read every key: the counters showed nothing to do. */
export const CLEAN_BY_COUNTERS = 'clean by counters';

/** Names the sweep that started last. Dry runs, and sweeps with a policy of their own or changed lives, do not count. */
export interface LastStart {
  readonly sweepId: string;
  readonly startedAtMs: number;
  /** It is true if the sweep did not complete. */
  readonly failed?: boolean;
}

/** The result in numbers, as `holdfast sweep --json` prints it. */
export interface SweepSummary extends Pick<Tally, 'keys' | 'lives'> {
  /** Absent: keys were read. */
  readonly outcome?: typeof CLEAN_BY_COUNTERS;
  /** Sessions and their companions. */
  readonly withoutTtl: number;
  readonly structural: number;
  /** In a dry run, what it would repair. */
  readonly repaired: number;
  readonly deleted: number;
  /** Repaired and deleted sessions whose configured life is below their framework's default; absent: none. */
  readonly shortened?: number;
  /** Keys without a TTL and of no known dialect. */
  readonly unknown: number;
  /** Members without a session that were removed from index sets, or in a dry run would be; absent: it did not reconcile. */
  readonly reconciled?: number;
  /** Keys without a TTL that are so on purpose: structural, permanent, unknown, unreadable, or by policy. */
  readonly leftOnPurpose: number;
  readonly seconds: number;
  readonly keysPerSecond: number;
  readonly storeP99Ms: number;
}

/** A sweep, as the commands follow and list it. */
export interface SweepRecord extends Partial<Pick<SweepSettings, 'policy' | 'policies'>> {
  /** The execution's name. */
  readonly sweepId: string;
  readonly executionArn: string;
  readonly startedAtMs: number;
  readonly requestedBy: string;
  readonly dryRun: boolean;
  readonly lives?: LifeChange;
  readonly shards: readonly string[];
  /** Why it reads every key; absent where the counters showed nothing to do. */
  readonly because?: SweepReason;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  readonly finishedAtMs?: number;
  readonly summary?: SweepSummary;
  /** The report's key in the bucket. */
  readonly reportKey?: string;
  readonly error?: UnitFault;
}
