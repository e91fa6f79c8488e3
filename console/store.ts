/** The session store as the page shows it: the collector's latest reading, and the sweeps. Texts are those of the CLI. */
import { CommandFailure } from '../cli/failure.ts';
import { type OpenCloud, sweepStateMachineArnOf } from '../cli/open-stores.ts';
import { type AgedReading, agedUnreachable, readingRows, unreachableWords, withAge } from '../cli/store/render-reading.ts';
import { summaryLines } from '../cli/sweep/sweep-lines.ts';
import { findSweep, readReport, withCurrentStatus } from '../cli/sweep/sweeps.ts';
import { durationText } from '../functions/shared/texts.ts';
import type { SweepRecord } from '../functions/sweep/contract/record.ts';
import type { SweepReport } from '../functions/sweep/report/make-report.ts';
import type { ConsoleCloud } from './backend.ts';
import { findExecution } from './find-execution.ts';

export interface SweepRow {
  readonly sweepId: string;
  readonly status: string;
  readonly dryRun: boolean;
  readonly requestedBy: string;
  readonly startedAtMs: number;
  readonly duration: string;
  readonly summary: SweepRecord['summary'];
}

export interface SweepView extends SweepRow {
  /** The summary of what was found and changed. */
  readonly lines: readonly string[];
  readonly error?: { readonly name: string; readonly message: string };
  readonly report?: SweepReport;
}

export interface StoreView {
  /** Absent until the collector's first reading. */
  readonly reading?: {
    readonly isOld: boolean;
    readonly takenAtMs?: number;
    readonly rows: readonly (readonly [name: string, text: string])[];
  };
  readonly sweeps: readonly SweepRow[];
}

const MAX_SWEEPS = 50;
/** The collector reads once a minute: two more readings should have followed. */
const OLD_SECONDS = 120;

/** It is not that of now: the store cannot be reached, or the collector has stopped. */
export const isOldReading = ({ ageSeconds, unreachable }: Pick<AgedReading, 'ageSeconds' | 'unreachable'>): boolean =>
  unreachable !== null || ageSeconds > OLD_SECONDS;

export async function readStore({ store, sweeps }: Pick<OpenCloud, 'store' | 'sweeps'>, nowMs: number): Promise<StoreView> {
  const [record, seen, latest] = await Promise.all([store.getStore(), store.getUnreachable(), sweeps.latestSweeps(MAX_SWEEPS)]);
  const reading = record && withAge(record.reading, seen, nowMs);
  return {
    ...(reading && { reading: { isOld: isOldReading(reading), takenAtMs: reading.takenAtMs, rows: readingRows(reading) } }),
    ...(!reading &&
      seen && {
        reading: { isOld: true, rows: [['UNREACHABLE', unreachableWords(agedUnreachable(seen, nowMs))]] },
      }),
    sweeps: latest.map((sweep) => rowOf(sweep, nowMs)),
  };
}

function rowOf({ sweepId, status, dryRun, requestedBy, startedAtMs, finishedAtMs, summary }: SweepRecord, nowMs: number): SweepRow {
  return { sweepId, status, dryRun, requestedBy, startedAtMs, duration: durationText((finishedAtMs ?? nowMs) - startedAtMs), summary };
}

/** @throws CommandFailure NoSuchSweep, AmbiguousSweep */
export async function readSweep(cloud: ConsoleCloud, id: string, nowMs: number): Promise<SweepView> {
  let found: SweepRecord;
  try {
    found = await findSweep(cloud, id);
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.code !== 'NoSuchSweep') throw error;
    const execution = await findExecution(cloud, sweepStateMachineArnOf(cloud), id, nowMs);
    if (!execution) throw error;
    const { input, untilMs: _, ...rest } = execution;
    return { ...rest, sweepId: id, dryRun: input.dryRun ?? false, summary: undefined, lines: [] };
  }
  const record = await withCurrentStatus(cloud, found);
  const report = record.reportKey === undefined ? undefined : await readReport(cloud, record.reportKey);
  return {
    ...rowOf(record, nowMs),
    lines: record.summary ? summaryLines(record.summary, record.dryRun) : [],
    ...(record.error && { error: { name: record.error.Error, message: record.error.Cause } }),
    ...(report && { report }),
  };
}
