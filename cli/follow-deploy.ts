/** Follows a deploy by its own record until its execution ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, type DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { explainError } from '../functions/deploy/explain-error.ts';
import type { Cloud } from './cloud.ts';
import { linesView, type ProgressView } from './progress-view.ts';

const FOLLOW_INTERVAL_MS = 500;

/** How a deploy ended, by DescribeExecution. */
export interface DeployOutcome {
  readonly status: string;
  readonly executionArn: string;
  readonly seconds: number;
  /** What was rolled, of a deploy that succeeded. */
  readonly plan?: { readonly from: string; readonly to: string; readonly targets: number };
  readonly error?: string;
  /** The failing step's own sentence. */
  readonly message?: string;
}

/** What following needs of a cloud. */
export type Followed = Pick<Cloud, 'stepFunctions' | 'records' | 'fleet'>;

/**
 * @param progress each new line, or a view of the whole
 * @param signal stops following, never the deploy
 * @returns undefined when it was stopped
 */
export async function followDeploy(
  cloud: Followed,
  executionArn: string,
  progress: ((line: string) => void) | ProgressView,
  signal?: AbortSignal,
): Promise<DeployOutcome | undefined> {
  const deployId = executionArn.split(':').at(-1) as string;
  const view = typeof progress === 'function' ? linesView(progress) : progress;
  for (;;) {
    if (signal?.aborted) return undefined;
    // One after the other: the record that is read after the end is the last one.
    const execution = await cloud.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const record = await cloud.records.getDeploy(cloud.fleet, deployId);
    if (record) view.show(record, Date.now());
    if (execution.status !== 'RUNNING') return outcome(execution, executionArn);
    await sleep(FOLLOW_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

function outcome(execution: DescribeExecutionCommandOutput, executionArn: string): DeployOutcome {
  const seconds = execution.startDate && execution.stopDate ? (execution.stopDate.getTime() - execution.startDate.getTime()) / 1000 : 0;
  const plan = planOf(execution.output);
  return {
    status: execution.status ?? 'UNKNOWN',
    executionArn,
    seconds,
    ...(plan && { plan }),
    ...unwrapError(execution.error, execution.cause),
  };
}

/** The state that the deploy's machine ends with; a failed execution has none. */
const endState = z.object({ plan: z.object({ from: z.string(), to: z.string(), targets: z.array(z.unknown()) }) });

function planOf(output: string | undefined): DeployOutcome['plan'] {
  if (output === undefined) return undefined;
  const { success, data } = endState.safeParse(JSON.parse(output));
  return success ? { ...data.plan, targets: data.plan.targets.length } : undefined;
}

/** A child execution's error arrives inside its parent's cause, and a function's message inside a JSON: the innermost speaks. */
export function unwrapError(error: string | undefined, cause: string | undefined): { error?: string; message?: string } {
  const { Error: name, Cause: message } = explainError({ Error: error ?? '', Cause: cause ?? '' });
  return { ...(name && { error: name }), ...(message && { message }) };
}
