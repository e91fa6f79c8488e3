import { describe, expect, it } from 'vitest';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { EXECUTION, keepDeploy } from '../fake-cloud.ts';
import { onlyLine, PLACE, runCli } from '../run-cli.ts';
import { deployRecord } from './deploy-record.ts';

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.onStop = () => {};
});

describe('deploys abort', () => {
  it('with --mine stops the deploy that the caller started and that still runs', async () => {
    keepDeploy(cloud, deployRecord({ deployId: 'd0', startedAtMs: 0 }));
    keepDeploy(cloud, deployRecord({ status: 'RUNNING', stage: 'rolling' }));
    cloud.describe = () => ({ status: 'RUNNING', startDate: new Date(0) });
    cloud.onStop = () => {
      cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1_000) });
      cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord({ status: 'ABORTED', rolledBack: true, outcome: 'Rolled back.' }));
    };
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', '--mine', '--json']);
    expect([code, onlyLine(stdout)]).toMatchObject([0, { deploy: { deployId: 'd1', status: 'ABORTED', servers: 'rolledBack' } }]);
    expect(cloud.stopped).toMatchObject([{ executionArn: EXECUTION }]);
  });

  it.each<[string, object]>([
    ["another caller's", { status: 'RUNNING', requestedBy: 'assumed-role/deploy-web/gh-2-1' }],
    ['one that has ended', { status: 'SUCCEEDED' }],
    ['one that is being cleaned up', { status: 'RUNNING', cleanUp: { executionArn: 'a', startedAtMs: 1, attempt: 1 } }],
  ])('with --mine does not stop %s, which is a success', async (_, more) => {
    keepDeploy(cloud, deployRecord(more));
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', '--mine', '--json']);
    expect([code, onlyLine(stdout), cloud.stopped]).toEqual([0, { ...PLACE, deploy: null }, []]);
  });

  it('without an id stops the one that runs, also one that another user started', async () => {
    cloud.describe = () => ({ status: 'RUNNING', startDate: new Date(0) });
    cloud.onStop = () => {
      cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1) });
      keepDeploy(cloud, deployRecord({ status: 'ABORTED', requestedBy: 'ben', rolledBack: true, outcome: 'as before' }));
    };
    keepDeploy(cloud, deployRecord({ status: 'RUNNING', requestedBy: 'ben' }));
    const { stdout } = await runCli(state.folder, ['deploys', 'abort', '--json']);
    expect(onlyLine(stdout)).toMatchObject({ deploy: { deployId: 'd1', status: 'ABORTED' } });
    expect(cloud.stopped).toHaveLength(1);
  });

  it('without an id says that none runs, and stops nothing', async () => {
    keepDeploy(cloud, deployRecord({ status: 'SUCCEEDED' }));
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', '--json']);
    expect([code, onlyLine(stdout), cloud.stopped]).toMatchObject([2, { error: { code: 'NoDeployRuns' } }, []]);
  });

  it('refuses an id and --mine', async () => {
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', 'd1', '--mine', '--json']);
    expect([code, onlyLine(stdout)]).toMatchObject([2, { error: { code: 'InvalidCommand' } }]);
  });
});
