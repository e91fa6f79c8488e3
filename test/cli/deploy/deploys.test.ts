import { describe, expect, it } from 'vitest';
import type { DeployRecord } from '../../../functions/records/types.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { EXECUTION, keepDeploy, keepReleases } from '../fake-cloud.ts';
import { onlyLine, PLACE, runCli, spawnCli } from '../run-cli.ts';
import { deployRecord } from './deploy-record.ts';

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord());
  keepReleases(cloud, ['1.1.0']);
  cloud.onStop = () => {};
  cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1_000) });
});

describe('deploys resume', () => {
  it('starts a new deploy of the release, with the safeguards that the first one had or as the operator says', async () => {
    const { code } = await runCli(state.folder, ['deploys', 'resume', 'd1', '--json', '--on-failure', 'halt']);
    expect(code).toBe(0);
    await runCli(state.folder, ['deploys', 'resume', 'd1', '--json', '--recover']);
    const short = { settings: { minimumHealthyTargets: 1 }, targets: { 'i-1': { ...TARGET, phase: 'failed', takenOut: true } } };
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord(short));
    const { stdout } = await runCli(state.folder, ['deploys', 'resume', 'd1']);
    expect(stdout).toContain('left 0 of 1 servers in service, and minimumHealthyTargets is 1');
    const common = { version: '1.1.0', requestedBy: 'local/ann' };
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)))).toEqual([
      { ...common, onFailure: 'halt' },
      { ...common, recover: true },
      { ...common, recover: true, keepsSessions: true },
    ]);
  });

  it.each<[string, object | undefined, object, string]>([
    ['a deploy that does not exist', undefined, {}, 'NoSuchDeploy'],
    ['one that succeeded', { status: 'SUCCEEDED' }, {}, 'NothingToResume'],
    ['one that is running', { status: 'RUNNING' }, { status: 'RUNNING' }, 'DeployRuns'],
    ['one whose clean-up holds the lock', { status: 'RUNNING' }, { status: 'ABORTED' }, 'DeployRuns'],
  ])('refuses %s, and starts nothing', async (_, more, execution, code) => {
    if (more) cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord(more));
    else cloud.items.clear();
    cloud.items.set('FLEET#web|LOCK', { deployId: 'd1', fencingToken: 2, expiresAtMs: Date.now() + 60_000 });
    cloud.describe = () => ({ startDate: new Date(0), ...execution });
    const { stdout } = await runCli(state.folder, ['deploys', 'resume', 'd1', '--json']);
    expect(onlyLine(stdout)).toMatchObject({ error: { code, message: expect.stringMatching(/Nothing was started/) } });
    expect(cloud.started).toEqual([]);
  });

  it('starts when deploy and clean-up have both died and the lease has expired', async () => {
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord({ status: 'RUNNING' }));
    cloud.items.set('FLEET#web|LOCK', { deployId: 'd1', fencingToken: 2, expiresAtMs: 5 });
    await runCli(state.folder, ['deploys', 'resume', 'd1', '--json']);
    expect(cloud.started).toHaveLength(1);
  });
});

describe('deploys', () => {
  it('lists start, age, duration, release, outcome, requester and id, newest first', async () => {
    keepDeploy(cloud, deployRecord({ finishedAtMs: 12_301, rolledBack: true }));
    keepDeploy(cloud, deployRecord({ deployId: 'd2', startedAtMs: 5, finishedAtMs: 185_005, status: 'SUCCEEDED' }));
    const { stdout } = await runCli(state.folder, ['deploys']);
    const age = `${Math.floor(Date.now() / 86_400_000)}d`;
    expect(stdout.split('\n').slice(1)).toEqual([
      `STARTED                   ${'AGE'.padEnd(age.length)}  DURATION  RELEASE        OUTCOME              BY         ID`,
      `1970-01-01T00:00:00.005Z  ${age}  3 m 05 s  1.0.0 → 1.1.0  SUCCEEDED            local/ann  d2`,
      `1970-01-01T00:00:00.001Z  ${age}  12.3 s    1.0.0 → 1.1.0  FAILED, rolled back  local/ann  d1`,
      '',
    ]);
    const limited = await runCli(state.folder, ['deploys', '--limit', '1', '--json']);
    expect((onlyLine(limited.stdout) as { deploys: DeployRecord[] }).deploys.map(({ deployId }) => deployId)).toEqual(['d2']);
  });
});

const TARGET = { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 9_000, startedAtMs: 1_000, finishedAtMs: 9_000 };
const PHASES = [
  { phase: 'draining', startedAtMs: 1_000 },
  { phase: 'installing', startedAtMs: 3_500 },
  { phase: 'done', startedAtMs: 9_000 },
];

describe('deploys show', () => {
  it('shows the deploy, and the phases of each server', async () => {
    const targets = { 'i-1': { ...TARGET, phases: PHASES } };
    const error = { Error: 'BakeFailed', Cause: '2 errors' };
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord({ finishedAtMs: 10_001, targets, error, outcome: 'Not rolled back.' }));
    const { stdout } = await runCli(state.folder, ['deploys', 'show', 'd1']);
    expect(stdout.split('\n').slice(1)).toEqual([
      'deploy   d1',
      'release  1.0.0 → 1.1.0',
      'outcome  FAILED, not rolled back',
      'by       local/ann',
      'started  1970-01-01T00:00:00.001Z, took 10.0 s',
      'error    BakeFailed: 2 errors',
      'result   Not rolled back.',
      '',
      'i-1  1.0.0 → 1.1.0',
      '  1970-01-01T00:00:01.000Z  draining    2.5 s',
      '  1970-01-01T00:00:03.500Z  installing  5.5 s',
      '  1970-01-01T00:00:09.000Z  done',
      '',
    ]);
    const { stdout: json } = await runCli(state.folder, ['deploys', 'show', 'd1', '--json']);
    expect(onlyLine(json)).toMatchObject({
      fleet: 'web',
      deploy: {
        deployId: 'd1',
        timeline: { 'i-1': [{ phase: 'draining', startedAtMs: 1_000, durationMs: 2_500 }, {}, { phase: 'done' }] },
      },
    });
  });

  it('accepts the first characters of an id that no other deploy has', async () => {
    cloud.items.set('FLEET#web|DEPLOY#abc-1', deployRecord({ deployId: 'abc-1' }));
    cloud.items.set('FLEET#web|DEPLOY#abd-2', deployRecord({ deployId: 'abd-2' }));
    const { stdout } = await runCli(state.folder, ['deploys', 'show', 'abc', '--json']);
    expect(onlyLine(stdout)).toMatchObject({ deploy: { deployId: 'abc-1' } });
    for (const [id, code] of [
      ['ab', 'AmbiguousDeploy'],
      ['x', 'NoSuchDeploy'],
    ] as const) {
      const refused = await runCli(state.folder, ['deploys', 'show', id, '--json']);
      expect([refused.code, onlyLine(refused.stdout)]).toEqual([2, { error: { code, message: expect.any(String) } }]);
    }
  });
});

describe('deploys follow', () => {
  it.each<[number, object]>([
    [0, { status: 'SUCCEEDED' }],
    [1, { status: 'FAILED', rolledBack: true, targets: { 'i-1': TARGET } }],
    [6, { status: 'ABORTED', rolledBack: false, targets: { 'i-1': TARGET } }],
    [7, { status: 'FAILED', rolledBack: false, error: { Error: 'DeployInProgress', Cause: 'ann deploys' } }],
  ])('exits with %i for a deploy that has ended: %j', async (expected, more) => {
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord(more));
    cloud.describe = () => {
      throw new Error('Step Functions has forgotten it');
    };
    expect((await runCli(state.folder, ['deploys', 'follow', 'd1'])).code).toBe(expected);
  });

  it('stays until a running one has ended', async () => {
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord({ status: 'RUNNING', stage: 'rolling' }));
    let polls = 0;
    cloud.describe = () => {
      polls += 1;
      return polls < 3
        ? { status: 'RUNNING', startDate: new Date(0) }
        : { status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(2_000) };
    };
    const { code, stdout } = await spawnCli(state.folder, ['deploys', 'follow', 'd1']);
    expect([code, polls]).toEqual([0, 3]);
    expect(stdout).toContain('  rolling\ndeployed 1.1.0 in 2.0 s\n');
  });
});

describe('deploys abort', () => {
  const running = () => {
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord({ status: 'RUNNING', stage: 'rolling' }));
    cloud.describe = () => ({ status: 'RUNNING', startDate: new Date(0) });
  };
  /** The execution ends at once, and its clean-up reports `more`. */
  const endsWith = (more: object, status = 'ABORTED') => {
    cloud.onStop = () => {
      cloud.describe = () => ({ status, startDate: new Date(0), stopDate: new Date(1_000) });
      cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord({ status, ...more }));
    };
  };

  it('stops it in the name of the caller, and reports the state of each server', async () => {
    running();
    const targets = { 'i-1': { ...TARGET, phase: 'rolledBack', rollingBackTo: '1.0.0' } };
    endsWith({ rolledBack: true, outcome: 'Rolled back: i-1 has 1.0.0 again.', targets });
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', 'd1']);
    expect(code).toBe(0);
    expect(cloud.stopped).toEqual([
      { executionArn: EXECUTION, error: 'Aborted', cause: 'stopped by local/ann with "holdfast deploys abort"' },
    ]);
    expect(stdout).toContain('deploy d1 of 1.1.0 ended with ABORTED: Rolled back: i-1 has 1.0.0 again.\n  i-1  rolled back to 1.0.0\n');
  });

  it('exits with 6 when servers were left changed, and reports them in one line of JSON', async () => {
    running();
    endsWith({
      rolledBack: false,
      outcome: 'Not rolled back: i-1 failed.',
      targets: { 'i-1': { ...TARGET, phase: 'failed', detail: 'no' } },
    });
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', 'd1', '--json']);
    expect(code).toBe(6);
    expect(onlyLine(stdout)).toEqual({
      ...PLACE,
      deploy: {
        deployId: 'd1',
        to: '1.1.0',
        status: 'ABORTED',
        servers: 'left',
        rolledBack: false,
        outcome: 'Not rolled back: i-1 failed.',
        targets: { 'i-1': { phase: 'failed', detail: 'no' } },
      },
    });
  });

  it('fails when the deploy succeeded before it could be stopped', async () => {
    running();
    endsWith({}, 'SUCCEEDED');
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', 'd1', '--json']);
    expect([code, onlyLine(stdout)]).toMatchObject([1, { error: { code: 'DeployEnded' } }]);
  });

  it.each<[string, object, string, string]>([
    ['has ended', { status: 'SUCCEEDED' }, 'SUCCEEDED', 'has already ended with SUCCEEDED'],
    [
      'is being cleaned up',
      { status: 'RUNNING', cleanUp: { executionArn: 'a', startedAtMs: 1, attempt: 1 } },
      'RUNNING',
      'its clean-up is restoring',
    ],
    [
      'has ended without its report',
      { status: 'RUNNING' },
      'TIMED_OUT',
      'has already ended with TIMED_OUT, and its clean-up has not reported yet',
    ],
  ])('refuses one that %s, and stops nothing', async (_, more, status, message) => {
    cloud.items.set('FLEET#web|DEPLOY#d1', deployRecord(more));
    cloud.describe = () => ({ status, startDate: new Date(0) });
    const { code, stdout } = await runCli(state.folder, ['deploys', 'abort', 'd1', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([2, { error: { code: 'DeployEnded', message: expect.stringContaining(message) } }]);
    expect(cloud.stopped).toEqual([]);
  });
});
