/** Follows a sweep by its checkpoints until its execution has ended. */

import type { SweepRecord, SweepSummary } from '../../functions/sweep/contract/record.ts';
import { summarize } from '../../functions/sweep/report/make-report.ts';
import { type ExecutionEnd, followExecution } from '../follow-execution.ts';
import type { OpenCloud, Stores } from '../open-stores.ts';

/** How a sweep ended. */
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
