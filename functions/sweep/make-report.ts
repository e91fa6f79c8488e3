/** What a sweep leaves behind: a few numbers for commands and metrics, and the whole for people. Pure. */
import type { DialectShares } from '../shared/dialect-shares.ts';
import { addClasses, percentile } from './answer-times.ts';
import type { LeftReason } from './choose-mend.ts';
import type { Checkpoint, SweepContext, SweepSummary } from './contract.ts';
import type { Policy } from './dialect.ts';
import { mergeTallies } from './merge-tallies.ts';
import { weighsAll } from './settings.ts';
import {
  AGE_CLASSES_SECONDS,
  type DialectTally,
  EMPTY_TALLY,
  type LargeNote,
  type OffenderNote,
  SIZE_CLASSES_BYTES,
  type Tally,
} from './tally.ts';

export interface DialectReport {
  readonly policy: Policy;
  /** Those that expire by a sample, those that do not one by one. */
  readonly sessions: number;
  /** Of all its sessions, by the same sample. */
  readonly bytes: number;
  readonly structural: number;
  readonly withoutTtl: number;
  readonly bytesWithoutTtl: number;
  readonly mended: number;
  readonly deleted: number;
  readonly left: Partial<Record<LeftReason, number>>;
  /** Keys without a TTL by the time since their last use. */
  readonly ages: Readonly<Record<string, number>>;
}

export interface SweepReport {
  readonly sweepId: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly requestedBy: string;
  readonly dryRun: boolean;
  readonly summary: SweepSummary;
  readonly byDialect: Readonly<Record<string, DialectReport>>;
  /** Keys by size: every one without a TTL, of the others one in `sampledOneIn`. */
  readonly sizes: Readonly<Record<string, number>>;
  readonly sampledOneIn: number;
  /** The largest sessions of more than 1 KB, of one in `largeOneIn`. */
  readonly large: readonly LargeNote[];
  /** 1 where every session was weighed. */
  readonly largeOneIn: number;
  /** The first ones; `summary` counts them all. */
  readonly offenders: readonly OffenderNote[];
  readonly reconciled: number;
  readonly shards: readonly { readonly method: string; readonly restarts: number; readonly keys: number; readonly seconds: number }[];
}

/** @param checkpoints the last one of each shard */
export function makeReport(sweep: SweepContext, checkpoints: readonly Checkpoint[], finishedAtMs: number): SweepReport {
  const tally = mergeTallies(checkpoints.map((checkpoint) => checkpoint.tally)) ?? EMPTY_TALLY;
  const { sampleEvery } = sweep.settings;
  const dialects = Object.entries(tally.byDialect).map(([name, dialect]) => [name, dialectReport(dialect, sampleEvery)] as const);
  const { sweepId, startedAtMs, requestedBy, dryRun } = sweep;
  return {
    sweepId,
    startedAtMs,
    finishedAtMs,
    requestedBy,
    dryRun,
    summary: summarize(checkpoints, tally),
    byDialect: Object.fromEntries(dialects),
    sizes: byClass(tally.sizes, SIZE_CLASSES_BYTES, 'B'),
    sampledOneIn: sampleEvery,
    large: tally.large,
    largeOneIn: weighsAll(sweep.settings) && checkpoints.every(({ method }) => method === 'script') ? 1 : sampleEvery,
    offenders: tally.offenders,
    reconciled: tally.reconciled,
    shards: checkpoints.map(({ method, restarts, busyMs, tally: { keys } }) => ({ method, restarts, keys, seconds: busyMs / 1000 })),
  };
}

/** How far the shards have come; of a sweep that has ended: what it did. */
export function summarize(checkpoints: readonly Checkpoint[], known?: Tally): SweepSummary {
  const tally = known ?? mergeTallies(checkpoints.map((checkpoint) => checkpoint.tally)) ?? EMPTY_TALLY;
  const dialects = Object.values(tally.byDialect);
  const sum = (part: (dialect: DialectTally) => number) => dialects.reduce((total, dialect) => total + part(dialect), 0);
  // Shards are swept at the same time.
  const seconds = Math.max(0, ...checkpoints.map(({ busyMs }) => busyMs)) / 1000;
  const answers = checkpoints.map((checkpoint) => checkpoint.answers).reduce(addClasses, []);
  return {
    keys: tally.keys,
    withoutTtl: sum(withoutTtl),
    structural: sum(({ structural }) => structural),
    mended: sum(({ mended }) => mended),
    deleted: sum(({ deleted }) => deleted),
    unknown: tally.unknown,
    seconds: rounded(seconds),
    keysPerSecond: seconds > 0 ? Math.round(tally.keys / seconds) : 0,
    storeP99Ms: rounded(percentile(answers, 99)),
  };
}

/** Keys without a TTL that the sweep left so, structural ones not counted. */
export const leftIn = ({ withoutTtl: found, unknown, mended, deleted }: SweepSummary, dryRun: boolean): number =>
  found + unknown - (dryRun ? 0 : mended + deleted);

/** Largest sessions that the collector's readings show; the report has more. */
const MOST_SHOWN = 10;

export function sharesOf({ byDialect, finishedAtMs, dryRun, large, largeOneIn }: SweepReport): DialectShares {
  const shares = Object.entries(byDialect).map(([name, { sessions, bytes, structural, withoutTtl: found, mended, deleted }]) => [
    name,
    {
      sessions: sessions - (dryRun ? 0 : deleted),
      structural,
      withoutTtl: found - (dryRun ? 0 : mended + deleted),
      bytesSampled: bytes,
    },
  ]);
  return {
    takenAtMs: finishedAtMs,
    byDialect: Object.fromEntries(shares),
    largest: large.slice(0, MOST_SHOWN).map(({ id, dialect, bytes }) => ({ hashedId: id, dialect, bytes })),
    largestOneIn: largeOneIn,
  };
}

function dialectReport(dialect: DialectTally, sampleEvery: number): DialectReport {
  const { policy, structural, bytesWithoutTtl, mended, deleted, left } = dialect;
  return {
    policy,
    sessions: dialect.sampled * sampleEvery + dialect.sessionsWithoutTtl,
    bytes: dialect.sampledBytes * sampleEvery + bytesWithoutTtl,
    structural,
    withoutTtl: withoutTtl(dialect),
    bytesWithoutTtl,
    mended,
    deleted,
    left,
    ages: byClass(dialect.ages, AGE_CLASSES_SECONDS, 's'),
  };
}

const withoutTtl = ({ sessionsWithoutTtl, companionsWithoutTtl }: DialectTally): number => sessionsWithoutTtl + companionsWithoutTtl;

/** `{"≤ 1024 B": 3, "> 1024 B": 1}`; a count beyond the classes is of what is not known. */
function byClass(counts: readonly number[], bounds: readonly number[], unit: string): Record<string, number> {
  const names = [...bounds.map((bound) => `≤ ${bound} ${unit}`), `> ${bounds.at(-1)} ${unit}`, 'not known'];
  return Object.fromEntries(counts.map((count, at) => [names[at] ?? 'not known', count]));
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
