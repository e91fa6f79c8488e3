/** What the sweep's state machine, its function, the commands and the infrastructure share. */
import type { TimeClasses } from './answer-times.ts';
import type { StartVerdict } from './decide-start.ts';
import type { Policy } from './dialect.ts';
import type { SweepSettings } from './settings.ts';
import type { Method } from './sweep-store.ts';
import type { Tally } from './tally.ts';

export const SWEEP_ENV = {
  installation: 'HOLDFAST_INSTALLATION',
  recordsTable: 'HOLDFAST_RECORDS_TABLE',
  reportsBucket: 'HOLDFAST_REPORTS_BUCKET',
  settings: 'HOLDFAST_SWEEP_SETTINGS',
} as const;

/** With the one dimension `Installation`. */
export const SWEEP_METRICS = {
  namespace: 'Holdfast',
  installationDimension: 'Installation',
  /** Keys without a TTL that a sweep left, structural ones left out. */
  left: 'SweepLeft',
  mended: 'SweepMended',
  storeP99Ms: 'SweepStoreP99Ms',
} as const;

/** What a sweep may be told when it is started; everything else is the installation's settings. */
export interface SweepInput {
  readonly dryRun?: boolean;
  /** Of every dialect, or by dialect. */
  readonly policy?: Policy | Readonly<Record<string, Policy>>;
  readonly pace?: SweepSettings['pace'];
  readonly reconcile?: boolean;
  /** One in so many keys that expire is weighed. */
  readonly sampleEvery?: number;
  readonly requestedBy?: string;
  /** ISO 8601, of the event of the alarm that asks for it. */
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
}

/** How far the sweep of one shard has come. */
export interface Checkpoint {
  readonly sweepId: string;
  /** Run of the server that `cursor` is of. */
  readonly runId: string;
  readonly cursor: string;
  readonly tally: Tally;
  /** At the store, over all invocations. */
  readonly busyMs: number;
  readonly answers: TimeClasses;
  readonly method: Method;
  /** Failovers and restarts of the server: each began again at the first page. */
  readonly restarts: number;
  /** Invocations in a row that did not get anywhere. */
  readonly troubles: number;
  readonly isDone: boolean;
}

export type SweepRequest =
  | { readonly step: 'begin'; readonly input: SweepInput; readonly executionArn: string }
  | { readonly step: 'sweepShard'; readonly sweep: SweepContext; readonly shard: string }
  | { readonly step: 'report'; readonly sweep: SweepContext; readonly shards: readonly string[] }
  | {
      readonly step: 'fail';
      readonly sweep: SweepContext;
      readonly shards: readonly string[];
      readonly error: { readonly Error: string; readonly Cause: string };
    };

export interface Begun {
  readonly verdict: 'SWEEP';
  readonly sweep: SweepContext;
  /** Each primary by the name of its shard. */
  readonly shards: readonly string[];
}

/** Another verdict than SWEEP is an alarm's only. */
export type BeginReply = Begun | Exclude<StartVerdict, { verdict: 'SWEEP' }>;

/** WAIT: more is to do at once; AGAIN: the store has to come back first. */
export interface ShardReply {
  readonly verdict: 'DONE' | 'WAIT' | 'AGAIN';
  readonly keys: number;
}

/** The outcome in a few numbers, as `holdfast sweep --json` prints them. */
export interface SweepSummary {
  readonly keys: number;
  /** Of sessions and what belongs to them. */
  readonly withoutTtl: number;
  readonly structural: number;
  /** Of a dry run: what it would mend and delete. */
  readonly mended: number;
  readonly deleted: number;
  /** Without a TTL and of no known dialect. */
  readonly unknown: number;
  readonly seconds: number;
  readonly keysPerSecond: number;
  readonly storeP99Ms: number;
}

/** A sweep as the commands follow it and history shows it. */
export interface SweepRecord {
  readonly sweepId: string;
  readonly executionArn: string;
  readonly startedAtMs: number;
  readonly requestedBy: string;
  readonly dryRun: boolean;
  /** Of every dialect but those in `policies`; absent in records from before it was kept. */
  readonly policy?: Policy;
  readonly policies?: Readonly<Record<string, Policy>>;
  readonly shards: readonly string[];
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  readonly finishedAtMs?: number;
  readonly summary?: SweepSummary;
  /** Where the report lies in the bucket. */
  readonly reportKey?: string;
  readonly error?: { readonly Error: string; readonly Cause: string };
}

export type * from './settings.ts';
