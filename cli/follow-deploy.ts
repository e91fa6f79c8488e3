/** Follows a deploy by its own record until its execution ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeExecutionCommand, type DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { Cloud } from './cloud.ts';
import { progressLines } from './deploy-progress.ts';

const FOLLOW_INTERVAL_MS = 500;

/** How a deploy ended, by DescribeExecution. */
export interface DeployOutcome {
  readonly status: string;
  readonly executionArn: string;
  readonly seconds: number;
  readonly error?: string;
  /** The failing step's own sentence. */
  readonly message?: string;
}

/** @param say takes each new line of progress; @param signal stops following, never the deploy */
export async function followDeploy(
  cloud: Cloud,
  executionArn: string,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<DeployOutcome | undefined> {
  const deployId = executionArn.split(':').at(-1) as string;
  const seen = new Map<string, string>();
  for (;;) {
    if (signal?.aborted) return undefined;
    const [execution, record] = await Promise.all([
      cloud.stepFunctions.send(new DescribeExecutionCommand({ executionArn })),
      cloud.records.getDeploy(cloud.fleet, deployId),
    ]);
    if (record) for (const line of progressLines(record, seen, Date.now())) say(line);
    if (execution.status !== 'RUNNING') return outcome(execution, executionArn);
    await sleep(FOLLOW_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

function outcome(execution: DescribeExecutionCommandOutput, executionArn: string): DeployOutcome {
  const seconds = execution.startDate && execution.stopDate ? (execution.stopDate.getTime() - execution.startDate.getTime()) / 1000 : 0;
  const { error, message } = unwrapError(execution.error, execution.cause);
  return { status: execution.status ?? 'UNKNOWN', executionArn, seconds, ...(error && { error }), ...(message && { message }) };
}

/** A child execution's error arrives inside its parent's cause, and a function's message inside a JSON: the innermost speaks. */
export function unwrapError(error: string | undefined, cause: string | undefined): { error?: string; message?: string } {
  let parsed: { Error?: string; Cause?: string; errorMessage?: string; errorType?: string };
  try {
    parsed = JSON.parse(cause ?? '') as typeof parsed;
  } catch {
    return { ...(error && { error }), ...(cause && { message: cause }) };
  }
  if (parsed.Error !== undefined || parsed.Cause !== undefined) return unwrapError(parsed.Error ?? error, parsed.Cause);
  return { ...((error ?? parsed.errorType) && { error: error ?? parsed.errorType }), message: parsed.errorMessage ?? cause };
}
