import { GetObjectCommand } from '@aws-sdk/client-s3';
import { isAwsError } from '../../functions/shared/classify-aws-error.ts';
import type { SweepRecord } from '../../functions/sweep/contract.ts';
import type { SweepReport } from '../../functions/sweep/make-report.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { progressOf } from '../follow-sweep.ts';
import type { Output } from '../output.ts';
import { sweepLines, sweepsTable } from '../sweep-lines.ts';
import { statusOf } from './deploys.ts';

export interface ListOptions extends CloudOptions {
  /** Sweeps that are shown; the table keeps all. */
  readonly limit?: number;
}

const SHOWN = 20;

/** The latest sweeps of the store. */
export async function list({ limit = SHOWN, ...options }: ListOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const sweeps = (await cloud.sweeps.listSweeps()).slice(0, limit);
  output.result({ sweeps }, () => (sweeps.length === 0 ? 'no sweep yet' : sweepsTable(sweeps, Date.now())));
}

/** One sweep, with its report; of one that runs, how far it has come. @throws CommandFailure NoSuchSweep, AmbiguousSweep */
export async function show(id: string, options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const record = await asItStands(cloud, await findSweep(cloud, id));
  const report = record.reportKey === undefined ? undefined : await readReport(cloud, record.reportKey);
  output.result({ sweep: record, report: report ?? null }, () => sweepLines(record, report, Date.now()).join('\n'));
}

/** A sweep that was stopped by force could not write its end: then its execution knows, and the record says RUNNING. */
export async function asItStands(cloud: Cloud, record: SweepRecord): Promise<SweepRecord> {
  if (record.status !== 'RUNNING') return record;
  const status = await statusOf(cloud, record.executionArn);
  const summary = await progressOf(cloud.sweeps, record);
  return { ...record, summary, ...(status !== 'RUNNING' && status !== 'SUCCEEDED' && { status: 'FAILED' as const }) };
}

export async function findSweep({ sweeps }: Pick<Cloud, 'sweeps'>, id: string): Promise<SweepRecord> {
  const exact = await sweeps.getSweep(id);
  if (exact) return exact;
  const found = (await sweeps.listSweeps()).filter(({ sweepId }) => sweepId.startsWith(id));
  const [only, another] = found;
  if (only && !another) return only;
  throw only
    ? new CommandFailure('AmbiguousSweep', `${found.length} sweeps begin with ${id}: give more of the id`, EXIT.badInput)
    : new CommandFailure('NoSuchSweep', `there is no sweep ${id}: "npx holdfast sweeps" lists them`, EXIT.badInput);
}

/** Undefined when it is gone: reports are kept for a year. */
export async function readReport(
  { s3, releasesBucket }: Pick<Cloud, 's3' | 'releasesBucket'>,
  Key: string,
): Promise<SweepReport | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: releasesBucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? '') as SweepReport;
  } catch (error) {
    if (isAwsError(error, 'NoSuchKey')) return undefined;
    throw error;
  }
}
