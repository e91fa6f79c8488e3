/** Calls a function of a fleet that only asks, and waits for its answer. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { isAwsError } from '../functions/shared/aws/classify-aws-error.ts';
import type { Cloud } from './cloud.ts';
import { CommandFailure, EXIT } from './failure.ts';
import { nameMissingPolicy } from './name-missing-policy.ts';

interface Failure {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

export interface LiveCall {
  readonly functionName: string;
  readonly request: object;
  /** Above the function's own limit. */
  readonly timeoutMs: number;
  /** Codes of the errors: the function failed; there is none. */
  readonly failed: string;
  readonly missing: string;
  /** What to do where there is none, as sentences. */
  readonly remedy: string;
}

/** @throws CommandFailure `failed`, `missing` */
export async function invokeLive<Answer>(
  { client, installation, fleet }: Pick<Cloud, 'client' | 'installation' | 'fleet'>,
  { functionName, request, timeoutMs, failed, missing, remedy }: LiveCall,
): Promise<Answer> {
  const options = { ...client, maxAttempts: 1, requestHandler: { requestTimeout: timeoutMs, throwOnRequestTimeout: true } };
  const lambda = nameMissingPolicy(new LambdaClient(options), installation, fleet, { InvokeCommand: 'operator' });
  const FunctionName = `${functionName}:live`;
  try {
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }));
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as Answer & Failure;
    if (FunctionError === undefined) return answer;
    throw new CommandFailure(
      failed,
      `${FunctionName} failed: ${answer.errorType ?? FunctionError}: ${answer.errorMessage ?? 'no message'}. Nothing was changed. Run the same command again.`,
    );
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
    throw new CommandFailure(missing, `There is no function ${FunctionName}. Nothing was changed. ${remedy}`, EXIT.noCloud, {
      cause: error,
    });
  } finally {
    lambda.destroy();
  }
}
