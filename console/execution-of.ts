/** What Step Functions knows of a deploy or sweep that has no record: in its first moment, or because it was refused. */
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { Cloud } from '../cli/cloud.ts';
import { unwrapError } from '../cli/follow-deploy.ts';
import { isAwsError } from '../functions/shared/classify-aws-error.ts';
import { durationText } from '../functions/shared/duration-text.ts';

export interface ExecutionView {
  readonly status: string;
  readonly startedAtMs: number;
  readonly untilMs: number;
  readonly duration: string;
  readonly requestedBy: string;
  readonly input: { readonly version?: string; readonly dryRun?: boolean };
  readonly error?: { readonly name: string; readonly message: string };
}

/** Undefined when the state machine never had one of that name. */
export async function executionOf(
  { stepFunctions }: Pick<Cloud, 'stepFunctions'>,
  stateMachineArn: string,
  name: string,
  nowMs: number,
): Promise<ExecutionView | undefined> {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn })).catch((error: Error) => {
    if (isAwsError(error, 'ExecutionDoesNotExist') || isAwsError(error, 'InvalidArn')) return undefined;
    throw error;
  });
  if (!execution) return undefined;
  // Somebody may have started it with anything that is JSON, null included.
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
