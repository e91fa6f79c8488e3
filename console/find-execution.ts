/** The execution of a deploy or sweep that has no record: it has just started, or it was refused. */
import { unwrapError } from '../cli/follow-execution.ts';
import type { OpenCloud } from '../cli/open-stores.ts';
import { describeExecution, executionArnOf } from '../functions/shared/aws/executions.ts';
import { durationText } from '../functions/shared/texts.ts';

export interface ExecutionView {
  readonly status: string;
  readonly startedAtMs: number;
  readonly untilMs: number;
  readonly duration: string;
  readonly requestedBy: string;
  readonly input: { readonly version?: string; readonly dryRun?: boolean };
  readonly error?: { readonly name: string; readonly message: string };
}

/** Undefined when the state machine has no execution of that name. */
export async function findExecution(
  { stepFunctions }: Pick<OpenCloud, 'stepFunctions'>,
  stateMachineArn: string,
  name: string,
  nowMs: number,
): Promise<ExecutionView | undefined> {
  const execution = await describeExecution(stepFunctions, executionArnOf(stateMachineArn, name));
  if (!execution) return undefined;
  // Anyone can start an execution with any JSON, null included.
  const given = JSON.parse(execution.input ?? '{}') as (ExecutionView['input'] & { readonly requestedBy?: string }) | null;
  const { requestedBy = 'unknown', ...input } = given ?? {};
  const { error, message } = unwrapError(execution.error, execution.cause);
  const status = execution.status ?? 'UNKNOWN';
  const startedAtMs = execution.startDate?.getTime() ?? nowMs;
  const untilMs = execution.stopDate?.getTime() ?? nowMs;
  return {
    status,
    startedAtMs,
    untilMs,
    duration: durationText(untilMs - startedAtMs),
    requestedBy,
    input,
    ...((error || message) && { error: { name: error ?? status, message: message ?? '' } }),
  };
}
