/** Follows a sweep by its checkpoints until its execution ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { SweepRecord, SweepSummary } from '../functions/sweep/contract.ts';
import { summarize } from '../functions/sweep/make-report.ts';
import type { Cloud } from './cloud.ts';
import { unwrapError } from './follow-deploy.ts';

const FOLLOW_INTERVAL_MS = 500;

export interface SweepEnding {
  readonly status: string;
  readonly record?: SweepRecord;
  readonly error?: string;
  /** The failing step's own sentence. */
  readonly message?: string;
}

/**
 * @param progress how far it has come, whenever there is more to say
 * @param signal stops following, never the sweep
 * @returns undefined when it was stopped
 */
export async function followSweep(
  { stepFunctions, sweeps }: Pick<Cloud, 'stepFunctions' | 'sweeps'>,
  executionArn: string,
  progress: (summary: SweepSummary) => void,
  signal?: AbortSignal,
): Promise<SweepEnding | undefined> {
  const sweepId = executionArn.split(':').at(-1) as string;
  for (;;) {
    if (signal?.aborted) return undefined;
    // One after the other: the record that is read after the end is the last one.
    const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const record = await sweeps.getSweep(sweepId);
    if (execution.status !== 'RUNNING') {
      return { status: execution.status ?? 'UNKNOWN', ...(record && { record }), ...unwrapError(execution.error, execution.cause) };
    }
    if (record) progress(await progressOf(sweeps, record));
    await sleep(FOLLOW_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

/** How far a sweep has come, by what its shards wrote down last. */
export async function progressOf(sweeps: Cloud['sweeps'], { sweepId, shards }: SweepRecord): Promise<SweepSummary> {
  const found = await Promise.all(shards.map((shard) => sweeps.getCheckpoint(shard, sweepId)));
  return summarize(found.filter((checkpoint) => checkpoint !== undefined));
}
