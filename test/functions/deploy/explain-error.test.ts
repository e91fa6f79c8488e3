import { describe, expect, it } from 'vitest';
import { explainError } from '../../../functions/deploy/explain-error.ts';

const functionCause = JSON.stringify({ errorType: 'BakeFailed', errorMessage: 'i-1 answered 2 requests with a 5xx status', trace: [] });
const childCause = (name: string, cause?: string) => JSON.stringify({ ExecutionArn: 'arn', Status: 'FAILED', Error: name, Cause: cause });

describe('explainError', () => {
  it.each([
    {
      title: "a function's error",
      error: { Error: 'BakeFailed', Cause: functionCause },
      explained: { Error: 'BakeFailed', Cause: 'i-1 answered 2 requests with a 5xx status' },
    },
    {
      title: "a child execution's error",
      error: { Error: 'States.TaskFailed', Cause: childCause('BakeFailed', functionCause) },
      explained: { Error: 'BakeFailed', Cause: 'i-1 answered 2 requests with a 5xx status' },
    },
    {
      title: 'a child without cause',
      error: { Error: 'States.TaskFailed', Cause: childCause('States.Timeout') },
      explained: { Error: 'States.Timeout', Cause: '' },
    },
    {
      title: 'a cause in words',
      error: { Error: 'States.Timeout', Cause: 'the task took too long' },
      explained: { Error: 'States.Timeout', Cause: 'the task took too long' },
    },
    {
      title: 'a child that was stopped',
      error: { Error: 'States.TaskFailed', Cause: JSON.stringify({ ExecutionArn: 'arn', Status: 'ABORTED', Input: '{}' }) },
      explained: { Error: 'Aborted', Cause: 'the execution that rolled the target was stopped' },
    },
    {
      title: 'a child that ran out of time',
      error: { Error: 'States.TaskFailed', Cause: JSON.stringify({ ExecutionArn: 'arn', Status: 'TIMED_OUT', Input: '{}' }) },
      explained: { Error: 'States.Timeout', Cause: 'the execution that rolled the target ran out of time' },
    },
    {
      title: 'a child that ran out of time and names the error',
      error: {
        Error: 'States.TaskFailed',
        Cause: JSON.stringify({ ExecutionArn: 'arn', Status: 'TIMED_OUT', Error: 'States.Timeout', Input: '{}' }),
      },
      explained: { Error: 'States.Timeout', Cause: 'the execution that rolled the target ran out of time' },
    },
    { title: 'other JSON', error: { Error: 'Lambda.Unknown', Cause: '[1]' }, explained: { Error: 'Lambda.Unknown', Cause: '[1]' } },
  ])('explains $title', ({ error, explained }) => {
    expect(explainError(error)).toEqual(explained);
  });
});
