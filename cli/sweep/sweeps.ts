import { GetObjectCommand } from '@aws-sdk/client-s3';
import { isAwsError } from '../../functions/shared/aws/classify-aws-error.ts';
import { STORE_PART } from '../../functions/shared/naming.ts';
import type { SweepRecord, SweepSummary } from '../../functions/sweep/contract/record.ts';
import { type SweepReport, summarize } from '../../functions/sweep/report/make-report.ts';
import type { CloudOptions } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import type { ListOptions } from '../command-parts.ts';
import { statusOf } from '../deploy/deploys.ts';
import { badInput } from '../failure.ts';
import { type ExecutionEnd, followExecution } from '../follow-execution.ts';
import { connectToRead } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores, releasesBucketOf, type Stores } from '../open-stores.ts';
import { withId } from '../option-values.ts';
import type { Output } from '../output.ts';
import { sweepLines, sweepsTable } from './sweep-lines.ts';

export async function list({ limit, ...options }: ListOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options, STORE_PART), 'sweeps');
  output.at(cloud);
  const sweeps = await cloud.sweeps.latestSweeps(limit);
  output.result({ sweeps }, () => (sweeps.length === 0 ? 'No sweeps yet.' : sweepsTable(sweeps, Date.now())));
}

/** Shows one sweep with its report, or the progress of a running one. @throws CommandFailure NoSuchSweep, AmbiguousSweep */
export async function show(id: string, options: CloudOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options, STORE_PART), 'sweeps', 's3', 'stepFunctions');
  output.at(cloud);
  const record = await withCurrentStatus(cloud, await findSweep(cloud, id));
  const report = record.reportKey === undefined ? undefined : await readReport(cloud, record.reportKey);
  output.result({ sweep: record, report: report ?? null }, () => sweepLines(record, report, Date.now()).join('\n'));
}

/** The record of a sweep that was stopped by force stays RUNNING, so its execution's status counts. */
export async function withCurrentStatus(cloud: Pick<OpenCloud, 'sweeps' | 'stepFunctions'>, record: SweepRecord): Promise<SweepRecord> {
  if (record.status !== 'RUNNING') return record;
  const status = await statusOf(cloud, record.executionArn);
  const summary = await progressOf(cloud.sweeps, record);
  return { ...record, summary, ...(status !== 'RUNNING' && status !== 'SUCCEEDED' && { status: 'FAILED' as const }) };
}

export function findSweep(
  cloud: Pick<OpenCloud, 'sweeps' | 'fleet' | 'local' | 'region' | 'installation'>,
  id: string,
): Promise<SweepRecord> {
  const { getSweep, findSweeps } = cloud.sweeps;
  return withId(id, getSweep, findSweeps, ({ length }) =>
    length > 0
      ? badInput('AmbiguousSweep', `The ids of ${length} sweeps begin with ${id}. Give more characters of the id.`)
      : badInput('NoSuchSweep', `No sweep ${id} exists. List the sweeps with: ${commandFor(cloud, 'sweeps')}`),
  );
}

/** Undefined when it no longer exists: reports are kept for a year. */
export async function readReport(cloud: OpenCloud<'s3'>, Key: string): Promise<SweepReport | undefined> {
  try {
    const { Body } = await cloud.s3.send(new GetObjectCommand({ Bucket: releasesBucketOf(cloud), Key }));
    return JSON.parse((await Body?.transformToString()) ?? '') as SweepReport;
  } catch (error) {
    if (isAwsError(error, 'NoSuchKey')) return undefined;
    throw error;
  }
}

export interface SweepResult extends ExecutionEnd {
  /** Absent when the sweep was refused. */
  readonly record?: SweepRecord;
}

/**
 * @param progress receives the progress at each poll
 * @param signal stops following, never the sweep
 * @returns undefined when `signal` stopped it
 */
export function followSweep(
  cloud: Pick<OpenCloud, 'stepFunctions' | 'sweeps'>,
  executionArn: string,
  progress: (summary: SweepSummary) => void,
  signal?: AbortSignal,
): Promise<SweepResult | undefined> {
  const { sweeps } = cloud;
  return followExecution(
    cloud,
    executionArn,
    async (ended): Promise<SweepResult | undefined> => {
      const record = await sweeps.getSweep(executionArn.split(':').at(-1) as string);
      if (ended) return { ...ended, ...(record && { record }) };
      if (record) progress(await progressOf(sweeps, record));
      return undefined;
    },
    signal,
  );
}

/** The progress of a sweep, by the latest checkpoints of its shards. */
export async function progressOf(sweeps: Stores['sweeps'], { sweepId, shards }: SweepRecord): Promise<SweepSummary> {
  const found = await Promise.all(shards.map((shard) => sweeps.getCheckpoint(shard, sweepId)));
  return summarize(found.filter((checkpoint) => checkpoint !== undefined));
}
