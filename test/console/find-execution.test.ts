import { expect, it } from 'vitest';
import type { Stores } from '../../cli/open-stores.ts';
import { findExecution } from '../../console/find-execution.ts';

const MACHINE = 'arn:aws:states:eu-west-1:111111111111:stateMachine:holdfast-web-deploy';
const AT_MS = Date.UTC(2026, 10, 22, 20, 0, 0);

const find = (execution: object) => {
  const stepFunctions = {
    send: async () => ({ status: 'FAILED', startDate: new Date(AT_MS), ...execution }),
  } as unknown as Stores['stepFunctions'];
  return findExecution({ stepFunctions }, MACHINE, 'd-1', AT_MS + 60_000);
};

it.each([
  [
    'with its name and its message',
    { error: 'DeployRefused', cause: 'a refresh holds the lock' },
    { name: 'DeployRefused', message: 'a refresh holds the lock' },
  ],
  ['with its name alone', { error: 'States.Timeout' }, { name: 'States.Timeout', message: expect.any(String) }],
  ['with its message alone', { cause: 'stopped by ann' }, { name: 'FAILED', message: 'stopped by ann' }],
])('an execution without a record has its error, %s', async (_what, execution, error) => {
  expect(await find(execution)).toMatchObject({ status: 'FAILED', error });
});

it('an execution without an error has none, and its time until now', async () => {
  const view = await find({ status: 'RUNNING', input: '{"version":"2.0.0","requestedBy":"ann"}' });
  expect(view).toEqual({
    status: 'RUNNING',
    startedAtMs: AT_MS,
    untilMs: AT_MS + 60_000,
    duration: expect.any(String),
    requestedBy: 'ann',
    input: { version: '2.0.0' },
  });
});

it('an execution that was started with null is shown as anybody', async () => {
  expect(await find({ input: 'null' })).toMatchObject({ requestedBy: 'unknown', input: {} });
});
