/** What the sweep's state machine, its function, the commands and the infrastructure share. */

import { METRIC_NAMESPACE } from '../shared/naming.ts';
import type { VerdictOf } from '../shared/verdict.ts';
import type { CLEAN_BY_COUNTERS, EndedClean, StoreCounters, SweepReason } from './begin/verdicts.ts';
import type { StartVerdict } from './decide-start.ts';
import type { Policy } from './keys/dialect.ts';
import type { LifeChange, LivesTally } from './lives/contract.ts';
import type { Part } from './pages/key-space.ts';
import type { LatencyHistogram } from './pages/latency-histogram.ts';
import type { Tally } from './report/tally.ts';
import type { SweepSettings } from './settings.ts';
import type { KeyCounts } from './store/key-counts.ts';
import type { Method } from './store/sweep-store.ts';

export const SWEEP_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  reportsBucket: 'HOLDFAST_REPORTS_BUCKET',
  settings: 'HOLDFAST_SWEEP_SETTINGS',
} as const;

/** With the one dimension `Installation`. */
export const SWEEP_METRICS = {
  namespace: METRIC_NAMESPACE,
  installationDimension: 'Installation',
  /** Keys without a TTL that a sweep could not repair and did not leave on purpose. */
  unrepaired: 'SweepUnrepaired',
  repaired: 'SweepRepaired',
  storeP99Ms: 'SweepStoreP99Ms',
} as const;

/** The input of a sweep; everything else comes from the installation's settings. */
export interface SweepInput {
  readonly dryRun?: boolean;
  /** Reads every key, also where the counters show nothing to do. */
  readonly full?: boolean;
  /** Begins only where as many keys without a TTL as fire the alarm have come since the last full sweep. */
  readonly check?: boolean;
  /** For all dialects, or by dialect. */
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

/** Carried through a sweep, from Begin on. */
export interface SweepContext {
  /** The execution's name. */
  readonly sweepId: string;
  readonly executionArn: string;
  readonly startedAtMs: number;
  readonly requestedBy: string;
  readonly dryRun: boolean;
  readonly settings: SweepSettings;
  /** Changes lives, at most so many in each unit; it repairs nothing. */
  readonly lives?: { readonly change: LifeChange; readonly most: number };
  /** When the sweep began; absent where the store did not answer then. */
  readonly counters?: StoreCounters;
  /** Identifies the settings that decide what is left on purpose. */
  readonly settingsKey?: string;
  /** Of each unit: more than this ends the sweep. @default no limit */
  readonly maxInvocations?: number;
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

/** A unit that was not swept, and why. */
export interface UnitFault {
  readonly Error: string;
  readonly Cause: string;
}

/** By the hashed id of a set: SSCAN's cursor, or `finished`. */
export type SetCursors = Readonly<Record<string, string>>;

/** A replica that pages are read from. */
export interface ReadNode {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Of the run that the cursors are valid on. */
  readonly runId: string;
  /** How often it failed, or was behind. */
  readonly failures: number;
}

/** Progress of the sweep of one shard. */
export interface Checkpoint {
  readonly sweepId: string;
  /** Run id of the server that pages are read from: the parts' cursors are valid on it alone. */
  readonly runId: string;
  /** That server, where it is a replica. */
  readonly readNode?: ReadNode;
  /** Run id of the primary that repairs went to. */
  readonly primaryRunId?: string;
  /** What was read and repaired when `readNode` was last in step with its primary. */
  readonly confirmed?: Pick<Checkpoint, 'parts' | 'tally'>;
  /** Run ids of replicas that this sweep does not read from any more. */
  readonly nodesGivenUp?: readonly string[];
  /** Of the server's key space. */
  readonly parts: readonly Part[];
  /** When the sweep of the parts began on this server; undefined for one part. */
  readonly countsBefore?: KeyCounts;
  /** A check of the parts failed: the sweep goes by one cursor from then on. */
  readonly inDoubt?: boolean;
  /** COUNT of the largest page. */
  readonly largestCount: number;
  readonly tally: Tally;
  /** Deletes, or changes of lives, that this sweep has sent, or can have sent before it crashed: `maxDeletes` or `lives.most` limits them. */
  readonly deletesReserved: number;
  /** Of the index sets that `parts` come to next, as far as they have been searched. */
  readonly setCursors?: SetCursors | undefined;
  /** Working time, over all invocations. */
  readonly busyMs: number;
  readonly answers: LatencyHistogram;
  readonly method: Method;
  /** Failovers and restarts of the server; the sweep starts again at the first page after each. */
  readonly restarts: number;
  /** Consecutive invocations without progress. */
  readonly failedInvocations: number;
  /** All of this unit, with the current one. */
  readonly invocations: number;
  /** In cluster mode: slots that the node has served, and that have not moved, since its first page was read: `0-5460`. */
  readonly slots?: string;
  /** The unit is complete without having been swept. */
  readonly fault?: UnitFault;
  readonly isDone: boolean;
}

export type SweepRequest =
  | { readonly step: 'begin'; readonly input: SweepInput; readonly executionArn: string }
  | { readonly step: 'sweepShard'; readonly sweep: SweepContext; readonly shard: string; readonly shards: readonly string[] }
  | { readonly step: 'checkSlots'; readonly sweep: SweepContext; readonly shards: readonly string[]; readonly waits: number }
  | { readonly step: 'report'; readonly sweep: SweepContext; readonly shards: readonly string[] }
  | {
      readonly step: 'fail';
      readonly sweep: SweepContext;
      readonly shards: readonly string[];
      readonly error: { readonly Error: string; readonly Cause: string };
    };

export interface Begun {
  readonly verdict: VerdictOf<'DONE'>;
  readonly sweep: SweepContext;
  /** Names of the units of this round (store/unit-name.ts). */
  readonly shards: readonly string[];
  /** Consecutive checks of the slots that ended with WAIT. */
  readonly waits: 0;
}

/** DONE: every slot is swept. REPEAT: sweep these units as well. WAIT: slots are moving; check again after a pause. */
export interface SlotsReply {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT' | 'WAIT'>;
  readonly sweep: SweepContext;
  readonly shards: readonly string[];
  /** Number of consecutive checks with the verdict WAIT. */
  readonly waits: number;
}

/** SKIP: it has ended, or another sweep covers it. WAIT: a sweep that an alarm starts cools down. */
export type BeginReply = Begun | Exclude<StartVerdict, { verdict: 'DONE' }> | EndedClean;

/** REPEAT: there are more keys, go on at once. WAIT: the store does not answer or is failing over. */
export interface ShardReply {
  readonly verdict: VerdictOf<'DONE' | 'REPEAT' | 'WAIT'>;
  readonly keys: number;
}

/** The result in numbers, as `holdfast sweep --json` prints it. */
export interface SweepSummary {
  /** Absent: keys were read. */
  readonly outcome?: typeof CLEAN_BY_COUNTERS;
  readonly keys: number;
  /** Sessions and their companions. */
  readonly withoutTtl: number;
  readonly structural: number;
  /** In a dry run, what it would repair. */
  readonly repaired: number;
  readonly deleted: number;
  /** Of the repaired and deleted, those whose configured life is below their framework's default; absent: none. */
  readonly shortened?: number;
  /** Of a run that changes lives. */
  readonly lives?: LivesTally;
  /** Keys without a TTL and of no known dialect. */
  readonly unknown: number;
  /** Keys without a TTL that are so on purpose: structural, permanent, unknown, unreadable, or by policy. */
  readonly leftOnPurpose: number;
  readonly seconds: number;
  readonly keysPerSecond: number;
  readonly storeP99Ms: number;
}

/** A sweep, as the commands follow and list it. */
export interface SweepRecord {
  readonly sweepId: string;
  readonly executionArn: string;
  readonly startedAtMs: number;
  readonly requestedBy: string;
  readonly dryRun: boolean;
  readonly lives?: LifeChange;
  /** Of all dialects but those in `policies`. */
  readonly policy?: Policy;
  readonly policies?: Readonly<Record<string, Policy>>;
  readonly shards: readonly string[];
  /** Why it reads every key; absent where the counters showed nothing to do. */
  readonly because?: SweepReason;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  readonly finishedAtMs?: number;
  readonly summary?: SweepSummary;
  /** The report's key in the bucket. */
  readonly reportKey?: string;
  readonly error?: { readonly Error: string; readonly Cause: string };
}

export type * from './settings.ts';
