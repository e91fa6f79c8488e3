import { expect, it } from 'vitest';
import type { Cloud } from '../../cli/cloud.ts';
import { readDeploy } from '../../console/deploys.ts';

/** Step Functions has an execution of every name. */
const cloudWith = (...ids: readonly string[]) =>
  ({
    fleet: 'web',
    deployStateMachineArn: 'arn:aws:states:eu-west-1:000000000000:stateMachine:deploy',
    records: { getDeploy: async () => undefined, findDeploys: async () => ids.map((deployId) => ({ deployId })) },
    stepFunctions: {
      send: async () => ({ status: 'FAILED', input: '{"version":"1.2.0"}', startDate: new Date(0), stopDate: new Date(1) }),
    },
  }) as unknown as Cloud;

it('an execution without a record is shown', async () => {
  expect(await readDeploy(cloudWith(), 'abc', 2)).toMatchObject({ deployId: 'abc', status: 'FAILED' });
});

it('the beginning of two ids is refused, and no execution is shown in their place', async () => {
  await expect(readDeploy(cloudWith('abc-1', 'abc-2'), 'abc', 2)).rejects.toMatchObject({ code: 'AmbiguousDeploy' });
});
