import { randomUUID } from 'node:crypto';
import { type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { isAwsError } from '../functions/shared/aws/classify-aws-error.ts';
import { executionArnOf } from '../functions/shared/aws/executions.ts';
import { CommandFailure, EXIT } from './failure.ts';

/**
 * Starts one execution of a state machine, also where the answer to the first attempt is lost and the SDK sends the call again: Step Functions
 * starts an execution with a name and an input once, and each of several unnamed ones.
 * @param missing code of the failure where there is no such state machine, and what to do then @default Step Functions' own error
 * @returns the execution's ARN
 * @throws CommandFailure `missing`, and what else Step Functions refuses
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export async function startExecution(
  client: Pick<SFNClient, 'send'>,
  stateMachineArn: string,
  input: object,
  missing?: readonly [code: string, remedy: string],
): Promise<string> {
  // The name is new, like those that Step Functions generates: if it is refused as used, an earlier attempt of this call used it.
  const name = randomUUID();
  try {
    const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    return executionArn as string;
  } catch (error) {
    if (isAwsError(error, 'ExecutionAlreadyExists')) return executionArnOf(stateMachineArn, name);
    if (missing === undefined || !isAwsError(error, 'StateMachineDoesNotExist')) throw error;
    const [code, remedy] = missing;
    throw new CommandFailure(code, `${stateMachineArn} does not exist. Nothing was started. ${remedy}`, EXIT.noCloud, { cause: error });
  }
}
