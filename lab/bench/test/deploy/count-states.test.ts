import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { childrenOf, countStates } from '../../deploy/count-states.ts';

let id = 0;
const event = (type: HistoryEvent['type'], more: Partial<HistoryEvent> = {}): HistoryEvent => ({
  type,
  id: ++id,
  timestamp: new Date(0),
  ...more,
});
const entered = (count: number, type: HistoryEvent['type'] = 'TaskStateEntered') => Array.from({ length: count }, () => event(type));
const output = (ExecutionArn: string) => JSON.stringify({ ExecutionArn, Status: 'SUCCEEDED' });
const AWS = { resourceType: 'states', resource: 'startExecution.sync:2' };
/** As the local cloud's emulator writes it: no TaskSubmitted, and the whole ARN. */
const EMULATOR = { resourceType: 'states', resource: 'arn:aws:states:::states:startExecution.sync:2' };
const submitted = (arn: string) => event('TaskSubmitted', { taskSubmittedEventDetails: { ...AWS, output: output(arn) } });
const succeeded = (arn: string, by = AWS) => event('TaskSucceeded', { taskSucceededEventDetails: { ...by, output: output(arn) } });

describe('the states that a deploy enters', () => {
  it.each([
    ['Step Functions', (arn: string) => [submitted(arn), succeeded(arn)]],
    ["the local cloud's emulator", (arn: string) => [succeeded(arn, EMULATOR)]],
  ])('include those of its children and of their children, by the history of %s', async (_title, start) => {
    const histories: Record<string, HistoryEvent[]> = {
      deploy: [...entered(3), ...entered(2, 'ChoiceStateEntered'), ...start('roll-a'), ...start('roll-b'), event('ExecutionSucceeded')],
      'roll-a': [...entered(19), ...start('grandchild')],
      'roll-b': [...entered(21, 'WaitStateEntered'), event('WaitStateExited')],
      grandchild: entered(1, 'SucceedStateEntered'),
    };
    expect(await countStates('deploy', async (arn) => histories[arn] as HistoryEvent[])).toBe(3 + 2 + 19 + 21 + 1);
  });

  it('count a child once that a repeated task found running', async () => {
    const histories: Record<string, HistoryEvent[]> = {
      deploy: [...entered(1), submitted('roll'), submitted('roll'), succeeded('roll')],
      roll: entered(10),
    };
    expect(await countStates('deploy', async (arn) => histories[arn] as HistoryEvent[])).toBe(11);
  });
});

describe('the children of an execution', () => {
  it.each<[string, HistoryEvent, readonly string[]]>([
    [
      'one that failed',
      event('TaskFailed', { taskFailedEventDetails: { ...AWS, error: 'States.TaskFailed', cause: output('roll') } }),
      ['roll'],
    ],
    ['one that was not started', event('TaskFailed', { taskFailedEventDetails: { ...AWS, cause: 'Rate exceeded (Service: …)' } }), []],
    [
      'a reply of a function that has such a field',
      event('TaskSucceeded', { taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke', output: output('other') } }),
      [],
    ],
    ['a reply that is too long to be in the history', event('TaskSucceeded', { taskSucceededEventDetails: AWS }), []],
    ['null', event('TaskSucceeded', { taskSucceededEventDetails: { ...AWS, output: 'null' } }), []],
  ])('%s', (_title, one, expected) => {
    expect(childrenOf([one])).toEqual(expected);
  });
});
