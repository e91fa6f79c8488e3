import { expect, it } from 'vitest';
import { describeExecution } from '../../../functions/refresh/describe-execution.ts';
import type { JsonService } from '../../../functions/shared/aws/signed/json-service.ts';

const failing = (name: string) => (async () => Promise.reject(Object.assign(new Error('refused'), { name }))) as unknown as JsonService;

it.each(['ExecutionDoesNotExist', 'InvalidArn'])('an execution of which Step Functions says %s is not there', async (name) => {
  expect(await describeExecution(failing(name), 'arn')).toBeUndefined();
});

it.each(['ThrottlingException', 'AccessDeniedException', 'TimeoutError'])('%s is not taken for one that is not there', async (name) => {
  await expect(describeExecution(failing(name), 'arn')).rejects.toThrow('refused');
});
