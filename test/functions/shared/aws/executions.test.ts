import { SFNClient } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import { createExecutions, type Executions, executionArnOf, stateMachineArnOf } from '../../../../functions/shared/aws/executions.ts';
import { stubHttp } from '../../fakes/stub-http.ts';

let http: ReturnType<typeof stubHttp>;
let executions: Executions;

beforeEach(() => {
  http = stubHttp();
  executions = createExecutions(new SFNClient(http.config));
});

const refuse = (type: string) => http.answer(JSON.stringify({ __type: type, message: 'no' }), 400);

describe('executions', () => {
  it('are named after their state machine', () => {
    expect(executionArnOf('arn:aws:states:eu-west-1:1:stateMachine:m', 'e')).toBe('arn:aws:states:eu-west-1:1:execution:m:e');
    expect(stateMachineArnOf('arn:aws:states:eu-west-1:1:execution:m:e')).toBe('arn:aws:states:eu-west-1:1:stateMachine:m');
  });

  it('are described by how they ended; one that does not exist is undefined', async () => {
    http.answer(JSON.stringify({ status: 'FAILED', error: 'E', cause: 'c', input: '{}' }));
    expect(await executions.describe('arn')).toMatchObject({ status: 'FAILED', error: 'E', cause: 'c' });
    for (const type of ['ExecutionDoesNotExist', 'InvalidArn']) {
      refuse(type);
      expect(await executions.describe('arn')).toBeUndefined();
    }
    refuse('AccessDeniedException');
    await expect(executions.describe('arn')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it('are stopped, and one that has ended or never existed is no error', async () => {
    http.answer(JSON.stringify({ stopDate: 1 }));
    expect(await executions.stop('arn', 'why')).toBe(true);
    for (const type of ['ExecutionDoesNotExist', 'ValidationException']) {
      refuse(type);
      expect(await executions.stop('arn', 'why')).toBe(false);
    }
    refuse('AccessDeniedException');
    await expect(executions.stop('arn', 'why')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
