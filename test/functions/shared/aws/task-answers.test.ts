import { SFNClient } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTaskAnswers, type TaskAnswers } from '../../../../functions/shared/aws/task-answers.ts';
import { stubHttp } from '../../fakes/stub-http.ts';

let http: ReturnType<typeof stubHttp>;
let tasks: TaskAnswers;
beforeEach(() => {
  http = stubHttp();
  tasks = createTaskAnswers(new SFNClient(http.config));
});

describe('an answer to a task', () => {
  it('is sent with its token', async () => {
    expect(await tasks.answer('token', { approved: true })).toBe(true);
    expect(http.seen.map(({ target, body }) => [target, JSON.parse(body)])).toEqual([
      ['AWSStepFunctions.SendTaskSuccess', { taskToken: 'token', output: '{"approved":true}' }],
    ]);
  });

  it.each(['TaskTimedOut', 'TaskDoesNotExist'])('reaches nobody after %s', async (name) => {
    http.answer(JSON.stringify({ __type: name, message: 'gone' }), 400);
    expect(await tasks.answer('token', {})).toBe(false);
  });

  it('fails with any other error: the task may still wait', async () => {
    http.answer(JSON.stringify({ __type: 'InvalidToken', message: 'Invalid Token' }), 400);
    await expect(tasks.answer('token', {})).rejects.toThrow('Invalid Token');
  });
});
