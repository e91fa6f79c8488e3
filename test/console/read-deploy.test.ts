import { expect, it } from 'vitest';
import type { DeployCloud } from '../../cli/deploy/deploy.ts';
import { deployView, readDeploy } from '../../console/deploys.ts';
import type { DeployRecord } from '../../functions/records/types.ts';

/** Step Functions has an execution of every name. */
const cloudWith = (...ids: readonly string[]) =>
  ({
    fleet: 'web',
    installation: 'holdfast',
    account: '000000000000',
    region: 'eu-west-1',
    records: { getDeploy: async () => undefined, findDeploys: async () => ids.map((deployId) => ({ deployId })) },
    stepFunctions: {
      send: async () => ({ status: 'FAILED', input: '{"version":"1.2.0"}', startDate: new Date(0), stopDate: new Date(1) }),
    },
  }) as unknown as DeployCloud;

it('an execution without a record is shown', async () => {
  expect(await readDeploy(cloudWith(), 'abc', 2)).toMatchObject({ deployId: 'abc', status: 'FAILED' });
});

it('the beginning of two ids is refused, and no execution is shown in their place', async () => {
  await expect(readDeploy(cloudWith('abc-1', 'abc-2'), 'abc', 2)).rejects.toMatchObject({ code: 'AmbiguousDeploy' });
});

it('a server whose wait for sessions was ended while it was pinned has its cut-off sessions', () => {
  const target = { phase: 'draining', order: 0, fromVersion: '1', phaseStartedAtMs: 5, sessionsCutOff: 2 } as const;
  const phases = (['pinning', 'draining'] as const).map((phase) => ({ phase, startedAtMs: 5 }));
  const deploy: DeployRecord = {
    ...{ deployId: 'd1', executionArn: 'arn', fleet: 'web', from: '1', to: '2', requestedBy: 'ann', startedAtMs: 0 },
    ...{ status: 'RUNNING', stage: 'rolling' },
    targets: { 'i-1': { ...target, phases, endDrain: { requestedBy: 'ann', atMs: 5 } } },
  };
  expect(deployView(deploy, 9).targets).toMatchObject([{ drained: 'waited for its sessions, 2 cut off, ended by ann' }]);
});
