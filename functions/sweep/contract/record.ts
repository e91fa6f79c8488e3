/** What is on record of a sweep, for the commands and for the next sweep. */
import type { DatabaseCount } from '../../shared/store/parse-info.ts';
import type { UnitFault } from './checkpoint.ts';
import type { SweepSettings } from './settings.ts';
import type { GrownShape, LifeChange, ShapeCounts, Tally } from './tally.ts';

/** Keys of the store by database, and the number of primaries that were asked. */
export interface StoreCounters {
  readonly counts: readonly DatabaseCount[];
  readonly primaries: number;
}

/** Why a sweep reads every key. */
export const SWEEP_REASONS = {
  full: 'it was requested for every key',
  reconcile: 'it reconciles indexes',
  first: 'no full sweep is on record',
  counted: 'the last full sweep had to count a dialect before it repairs it',
  weekly: 'the last full sweep is a week old',
  settings: 'there are keys without a TTL, and the last full sweep had other settings',
  grown: 'there are more keys without a TTL than the last full sweep left on purpose',
  sampled: 'a sample contained a key that it repairs',
  uncounted: 'the counters of the store could not be read',
  continued: 'it goes on where the one before had come to',
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

/** How far a sweep came. */
export interface PausedSweep {
  /** Keys of the swept databases; absent where they are not known. */
  readonly ofKeys?: number;
  /** The next sweep of the installation goes on from here. */
  readonly goesOn: boolean;
}

/** A dialect of which nothing was repaired: nearly all of its sessions have no TTL, and no setting says what they should have. */
export interface UnconfirmedDialect {
  readonly dialect: string;
  readonly sessions: number;
  readonly withoutTtl: number;
  /** Of the configuration, which answers: `expire`, `delete` or `report`. */
  readonly setting: string;
}

/** Keys of a dialect that have no TTL, and that `expire` would give one. */
export interface ReportOnlyDialect {
  readonly dialect: string;
  readonly keys: number;
  /** Of the configuration, which has to be `expire` for that. */
  readonly setting: string;
}

/** What a dialect of the configuration takes of some keys. */
export interface ConfiguredCount {
  /** Its pattern fits their names. */
  readonly taken: number;
  /** Of these, with its type; and with the first bytes or the field that it states, where it states one. */
  readonly ofType: number;
  readonly stated: number;
  /** Values that were not read: that would count as a use, or is not permitted. */
  readonly unread: number;
  /** Those of other programs among `stated`, by program; and sessions of known frameworks under another name, by framework. */
  readonly foreign: Readonly<Record<string, number>>;
  readonly resembles: Readonly<Record<string, number>>;
}

/** What a dialect of the configuration takes of a sample of the store's keys. */
export interface JudgedDialect extends ConfiguredCount {
  readonly dialect: string;
  readonly sampled: number;
  /** `refused`: it takes keys of other programs. */
  readonly result: 'ok' | 'warning' | 'refused';
  readonly because?: string;
}

/** From this the next sweep can go on. A dry run, a run that changes lives and a sweep with a policy of its own have none. */
export interface Unfinished {
  /** Identifies the settings, which have to be the same. */
  readonly key: string;
  /** The sweeps whose checkpoints it takes over, this one first. */
  readonly sweepIds: readonly string[];
  /** When the first of them began, and what it counted then. */
  readonly beganAtMs: number;
  readonly counters?: StoreCounters;
}

/** Unknown keys without a TTL that have come since the full sweep before. */
export interface UnknownGrowth {
  /** When that sweep began. */
  readonly sinceMs: number;
  /** The most grown first; none: no shape grew by as many as are shown. */
  readonly shapes: readonly GrownShape[];
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
  /** Absent where no earlier full sweep with the same settings and version is on record, or this one did not read every key. */
  readonly unknownGrowth?: UnknownGrowth;
  /** Members without a session that were removed from index sets, or in a dry run would be; absent: it did not reconcile. */
  readonly reconciled?: number;
  /** Members of these sets of which no live session with such an id was met: they were left as they are. */
  readonly notJudged?: number;
  /** Of a dry run: what the configuration's dialects take. Absent: it has none, or no sample was read. */
  readonly dialects?: readonly JudgedDialect[];
  /** Dialects that somebody has to answer for; absent: none. */
  readonly unconfirmed?: readonly UnconfirmedDialect[];
  /** Dialects that the policy of all dialects leaves as they are; absent: none. */
  readonly reportOnly?: readonly ReportOnlyDialect[];
  /** Of store.sessions: its prefixes, where no key below them is a session, but the store has keys. */
  readonly withoutKeys?: readonly string[];
  /** Its time was over before it had read every key; absent: it had. */
  readonly paused?: PausedSweep;
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
  /** PAUSED: its time was over before it had read every key. */
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'PAUSED';
  readonly unfinished?: Unfinished;
  /** Of a full sweep with the installation's own settings: the next one compares its counts with them. */
  readonly unknownShapes?: ShapeCounts;
  readonly finishedAtMs?: number;
  readonly summary?: SweepSummary;
  /** The report's key in the bucket. */
  readonly reportKey?: string;
  readonly error?: UnitFault;
}
