import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXECUTION, type FakeCloud, startFakeCloud } from './fake-cloud.ts';
import { makeStateFolder, onlyLine, runCli } from './run-cli.ts';

const record = (more: object = {}) => ({
  deployId: 'd1',
  executionArn: EXECUTION,
  fleet: 'web',
  from: '1.0.0',
  to: '1.1.0',
  requestedBy: 'local/ann',
  startedAtMs: 1,
  status: 'FAILED',
  stage: 'finished',
  targets: {},
  ...more,
});

let cloud: FakeCloud;
let state: ReturnType<typeof makeStateFolder>;
beforeAll(async () => {
  cloud = await startFakeCloud();
});
afterAll(() => cloud.close());
beforeEach(() => {
  state = makeStateFolder();
  cloud.announce(state.folder);
  cloud.items.clear();
  cloud.items.set('FLEET#web|DEPLOY#d1', record());
  cloud.started.length = 0;
  cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1_000) });
});
afterEach(() => state.remove());

describe('deploys resume', () => {
  it('starts a new deploy of the release, which may begin below the minimum', async () => {
    const { code } = await runCli(state.folder, ['deploys', 'resume', 'd1', '--wait', '--json', '--on-failure', 'halt']);
    expect(code).toBe(0);
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)))).toEqual([
      { version: '1.1.0', requestedBy: 'local/ann', recover: true, onFailure: 'halt' },
    ]);
  });

  it.each<[string, object | undefined, object, string]>([
    ['a deploy that is not there', undefined, {}, 'NoSuchDeploy'],
    ['one that succeeded', { status: 'SUCCEEDED' }, {}, 'NothingToResume'],
    ['one that runs', { status: 'RUNNING' }, { status: 'RUNNING' }, 'DeployRuns'],
    ['one whose clean-up holds the lock', { status: 'RUNNING' }, { status: 'ABORTED' }, 'DeployRuns'],
  ])('refuses %s, and starts nothing', async (_, more, execution, code) => {
    if (more) cloud.items.set('FLEET#web|DEPLOY#d1', record(more));
    else cloud.items.clear();
    cloud.items.set('FLEET#web|LOCK', { deployId: 'd1', fencingToken: 2, expiresAtMs: Date.now() + 60_000 });
    cloud.describe = () => ({ startDate: new Date(0), ...execution });
    const { stdout } = await runCli(state.folder, ['deploys', 'resume', 'd1', '--json']);
    expect(onlyLine(stdout)).toMatchObject({ error: { code, message: expect.stringContaining('nothing was started') } });
    expect(cloud.started).toEqual([]);
  });

  it('goes on where deploy and clean-up have both died and the lease has run out', async () => {
    cloud.items.set('FLEET#web|DEPLOY#d1', record({ status: 'RUNNING' }));
    cloud.items.set('FLEET#web|LOCK', { deployId: 'd1', fencingToken: 2, expiresAtMs: 5 });
    await runCli(state.folder, ['deploys', 'resume', 'd1', '--wait', '--json']);
    expect(cloud.started).toHaveLength(1);
  });
});

describe('deploys', () => {
  it('lists how each ended, with the id that resume takes', async () => {
    const { stdout } = await runCli(state.folder, ['deploys']);
    expect(stdout).toContain('1970-01-01T00:00:00.001Z  1.0.0 → 1.1.0  FAILED  d1\n');
  });
});
