import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DRY_RUN_ROLE, type DryRunReport, type DryRunRequest } from '../../functions/deploy/dry-run/contract.ts';
import { isAwsError } from '../../functions/shared/aws/classify-aws-error.ts';
import { functionName } from '../../functions/shared/naming.ts';
import type { Cloud } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { nameMissingPolicy } from '../name-missing-policy.ts';

interface Failure {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

/** Above the function's own 60 s. */
const REQUEST_TIMEOUT_MS = 65_000;

/**
 * Asks the fleet's function what a deploy would do. The console's button calls it too.
 * @throws CommandFailure NoDryRun, DryRunFailed
 */
export async function askDryRun({ client, installation, fleet }: Cloud, request: DryRunRequest): Promise<DryRunReport> {
  const options = { ...client, maxAttempts: 1, requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true } };
  const lambda = nameMissingPolicy(new LambdaClient(options), installation, fleet, { InvokeCommand: 'operator' });
  const FunctionName = `${functionName(installation, fleet, DRY_RUN_ROLE)}:live`;
  try {
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }));
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as DryRunReport & Failure;
    if (FunctionError === undefined) return answer;
    throw new CommandFailure(
      'DryRunFailed',
      `${FunctionName} failed: ${answer.errorType ?? FunctionError}: ${answer.errorMessage ?? 'no message'}. Nothing was changed. Run the same command again.`,
    );
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
    throw new CommandFailure(
      'NoDryRun',
      `There is no function ${FunctionName}. Nothing was changed. Choose another fleet with --fleet, or deploy the installation with "npx cdk deploy --all".`,
      EXIT.noCloud,
      { cause: error },
    );
  } finally {
    lambda.destroy();
  }
}
