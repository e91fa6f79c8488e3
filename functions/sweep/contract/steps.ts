/** What the sweep's state machine and its function send each other. */
import type { VerdictOf } from '../../shared/verdict.ts';
import type { UnitFault } from './checkpoint.ts';
import type { CLEAN_BY_COUNTERS, JudgedDialect, StoreCounters, SweepRecord, Unfinished } from './record.ts';
import type { Policy, SweepSettings } from './settings.ts';
import type { LifeChange } from './tally.ts';

/** The input of a sweep; everything else comes from the installation's settings. */
export interface SweepInput {
  readonly dryRun?: boolean;
  /** Groups unknown keys without a TTL by what they have in common. It reads every key and changes nothing. */
  readonly learn?: boolean;
  /** Reads every key, also where the counters show nothing to do. */
  readonly full?: boolean;
  /** Begins only where as many keys without a TTL as fire the alarm have come since the last full sweep. */
  readonly check?: boolean;
  /** One policy for all dialects, or one for each that is named. */
  readonly policy?: Policy | Readonly<Record<string, Policy>>;
  readonly pace?: SweepSettings['pace'];
  readonly reconcile?: boolean;
  /** Changes the lives of sessions that have a TTL, in the place of repairs. */
  readonly lives?: LifeChange;
  /** One in `<count>` keys with a TTL is sampled. */
  readonly sampleEvery?: number;
  readonly requestedBy?: string;
  /** Time of the alarm's event, ISO 8601. */
  readonly alarmAt?: string;
}

/** What a sweep may repair without a question. */
export interface Consent {
  /** Dialects of which it repairs nothing: nearly all of their sessions have no TTL, and no setting says what they should have. */
  readonly asked: readonly string[];
  /** Dialects whose sessions were counted, or seen in a sample: those of others are counted first. Absent: all were. */
  readonly judged?: readonly string[];
}

/** Carried through a sweep, from Begin on. */
export interface SweepContext extends Pick<SweepRecord, 'sweepId' | 'executionArn' | 'startedAtMs' | 'requestedBy' | 'dryRun'> {
  readonly settings: SweepSettings;
  /** Changes lives instead of repairing keys: at most `most` in each unit. */
  readonly lives?: { readonly change: LifeChange; readonly most: number };
  /** Groups unknown keys by shape. Always a dry run. */
  readonly learn?: boolean;
  /** Absent: it repairs every known dialect. */
  readonly consent?: Consent;
  /** Of a dry run: what the configuration's dialects take of a sample. */
  readonly dialects?: readonly JudgedDialect[];
  /** When the sweep began; absent where the store did not answer then. */
  readonly counters?: StoreCounters;
  /** Identifies the settings that decide what is left on purpose. */
  readonly settingsKey?: string;
  /** The last full sweep with the same settings and version, whose counts of unknown keys this one's are compared with. */
  readonly comparedWith?: { readonly sweepId: string; readonly startedAtMs: number };
  /** A unit that has taken as many invocations pauses: the next sweep goes on. @default no limit */
  readonly maxInvocations?: number;
  /** Units pause at this time, too. @default no limit */
  readonly pausesAtMs?: number;
  /** From this the next sweep can go on; it has the earlier sweeps that this one goes on from. */
  readonly unfinished?: Unfinished;
  /** From the second round on. */
  readonly round?: SweepRound;
}

/** A round of a sweep in cluster mode, over slots that moved between shards while an earlier round read them. */
export interface SweepRound {
  /** From 2. */
  readonly number: number;
  /** Slots that no earlier round has swept: `0-99,5461`. Other keys are neither repaired nor counted. */
  readonly slots: string;
  /** Units of the earlier rounds. */
  readonly earlierShards: readonly string[];
}

export interface BeginRequest {
  readonly step: 'begin';
  readonly input: SweepInput;
  readonly executionArn: string;
  /** Of the execution, ISO 8601: its time limit counts from here, and this step can have waited for hours. */
  readonly startTime: string;
}

export type SweepRequest =
  | BeginRequest
  | { readonly step: 'sweepShard'; readonly sweep: SweepContext; readonly shard: string; readonly shards: readonly string[] }
  | { readonly step: 'checkSlots'; readonly sweep: SweepContext; readonly shards: readonly string[]; readonly waits: number }
  | { readonly step: 'report'; readonly sweep: SweepContext; readonly shards: readonly string[] }
  | { readonly step: 'fail'; readonly sweep: SweepContext; readonly shards: readonly string[]; readonly error: UnitFault };

/** DONE: every slot is swept. REPEAT: sweep these units as well. WAIT: slots are moving; check again after a pause. */
export interface SlotsReply {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT' | 'WAIT'>;
  readonly sweep: SweepContext;
  /** Names of the units of this round (unit-name.ts). */
  readonly shards: readonly string[];
  /** Number of consecutive checks with the verdict WAIT. */
  readonly waits: number;
}

export interface Begun extends SlotsReply {
  readonly verdict: VerdictOf<'DONE'>;
  readonly waits: 0;
}

/** DONE: begin now. WAIT: check again after `waitSeconds`. SKIP: a sweep that began after the alarm covers it, or there is nothing to do. */
export type StartVerdict =
  | { readonly verdict: VerdictOf<'DONE'> }
  | { readonly verdict: VerdictOf<'WAIT'>; readonly waitSeconds: number }
  | { readonly verdict: VerdictOf<'SKIP'>; readonly sweepId?: string };

/** Reply to the state machine for a sweep that ended with this outcome. */
export interface EndedClean {
  readonly verdict: 'SKIP';
  readonly sweepId: string;
  readonly outcome: typeof CLEAN_BY_COUNTERS;
}

/** SKIP: it has ended, or another sweep covers it. WAIT: a sweep that an alarm starts cools down. */
export type BeginReply = Begun | Exclude<StartVerdict, { verdict: 'DONE' }> | EndedClean;

/** REPEAT: there are more keys, go on at once. WAIT: the store does not answer or is failing over. */
export interface ShardReply {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT' | 'WAIT'>;
  readonly keys: number;
}
