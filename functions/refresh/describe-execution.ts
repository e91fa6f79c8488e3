import { isAwsError } from '../shared/aws/classify-aws-error.ts';
import type { JsonService } from '../shared/aws/signed/json-service.ts';
import type { EndOfExecution } from './ports.ts';

/** @returns undefined for one that is not there any more. @throws every other error: an execution that cannot be read can be at work */
export async function describeExecution(stepFunctions: JsonService, executionArn: string): Promise<EndOfExecution | undefined> {
  try {
    return await stepFunctions<EndOfExecution>('DescribeExecution', { executionArn });
  } catch (error) {
    if (isAwsError(error, 'ExecutionDoesNotExist', 'InvalidArn')) return undefined;
    throw error;
  }
}
