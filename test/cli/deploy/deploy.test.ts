import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { EXECUTION, keepDeploy, keepReleases } from '../fake-cloud.ts';
import { onlyLine, PLACE, runCli, startCli } from '../run-cli.ts';
import { deployRecord } from './deploy-record.ts';

const RUNNING = { status: 'RUNNING', startDate: new Date(0) };
const RECORD = deployRecord({
  pk: 'FLEET#web',
  sk: 'DEPLOY#d1',
  status: 'RUNNING',
  stage: 'rolling',
  targets: { 'i-1': { phase: 'draining', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: Date.now() - 60_000, inFlight: 3 } },
});

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.items.set('FLEET#web|DEPLOY#d1', RECORD);
  keepReleases(cloud, ['1.0.0', '1.1.0']);
  cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(12_300) });
});

describe('deploy', () => {
  it('starts the state machine with the version and the requester, and reports the end', async () => {
    const { code, stdout, stderr } = await runCli(state.folder, ['deploy', '1.1.0', '--json', '--recover']);
    expect([code, stderr]).toEqual([0, '']);
    expect(onlyLine(stdout)).toEqual({ ...PLACE, deploy: { status: 'SUCCEEDED', executionArn: EXECUTION, seconds: 12.3, to: '1.1.0' } });
    expect(cloud.started).toEqual([
      {
        stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:holdfast-web-deploy',
        name: expect.stringMatching(/^[0-9a-f-]{36}$/),
        input: JSON.stringify({ version: '1.1.0', requestedBy: 'local/ann', recover: true }),
      },
    ]);
  });

  it('shows the cloud, the progress and the end', async () => {
    const { stdout } = await runCli(state.folder, ['deploy', '1.1.0']);
    expect(stdout.split('\n')).toEqual([
      'account 000000000000 (local), us-east-1, fleet web',
      expect.stringMatching(/^deploy of 1.1.0 to fleet web has started: [\w-]+$/),
      '  rolling',
      expect.stringMatching(/^ {2}i-1 {2}draining \d+ s, in flight 3$/),
      'deployed 1.1.0 in 12.3 s',
      '',
    ]);
  });

  it('says in its last line that it succeeded with warnings, after these whole; so do lists and the status', async () => {
    const warnings = ['First, so that users are logged out.', 'Second.'];
    const more = { ...deployRecord({ status: 'SUCCEEDED', warnings }), deployId: 'd1', startedAtMs: 1 };
    keepDeploy(cloud, more);
    const run = async (command: string) => (await runCli(state.folder, command.split(' '))).stdout.split('\n').slice(0, -1);
    for (const command of ['deploy 1.1.0', 'deploys follow d1'])
      expect((await run(command)).slice(-3)).toEqual([
        ...['warning: First, so that users are logged out.', 'warning: Second.'],
        expect.stringMatching(/^deployed 1\.1\.0 in \d+\.\d s, with 2 warnings$/),
      ]);
    expect((await run('deploys')).at(-1)).toContain('SUCCEEDED, with 2 warnings');
    expect(await run('deploys show d1')).toContain('outcome  SUCCEEDED, with 2 warnings');
    expect((await run('status')).slice(-3)).toEqual([
      'latest   1.0.0 → 1.1.0  SUCCEEDED, with 2 warnings  d1',
      ...['  warning: First, so that users are logged out.', '  warning: Second.'],
    ]);
  });

  it('starts with what the release does by intent, and has it in its result and its report', async () => {
    keepDeploy(cloud, { ...deployRecord({ status: 'SUCCEEDED', expect: 'turned-away' }), deployId: 'd1', startedAtMs: 1 });
    const json = await runCli(state.folder, ['deploy', '1.1.0', '--expect', 'turned-away', '--json']);
    expect(cloud.started.map(({ input }) => JSON.parse(String(input)))).toEqual([expect.objectContaining({ expect: 'turned-away' })]);
    expect([json.code, onlyLine(json.stdout)]).toMatchObject([0, { deploy: { status: 'SUCCEEDED', expect: 'turned-away' } }]);
    const { stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--expect=turned-away']);
    expect(stdout).toContain('\n--expect turned-away: users who are logged out or refused do not stop this deploy.\n');
    expect((await runCli(state.folder, ['deploys', 'show', 'd1', '--json'])).stdout).toContain('"expect":"turned-away"');
  });

  it.each(['', 'errors', 'turnedAway'])('refuses --expect %j, and starts nothing', async (kind) => {
    const { code, stderr } = await runCli(state.folder, ['deploy', '1.1.0', `--expect=${kind}`]);
    expect([code, cloud.started]).toEqual([2, []]);
    expect(stderr).toContain('Allowed choices are turned-away, pages.');
  });

  it('fails with the name and the message of the error that ended it', async () => {
    const cause = JSON.stringify({ errorType: 'BakeFailed', errorMessage: 'i-1 answered 12 errors' });
    cloud.describe = () => ({ status: 'FAILED', error: 'BakeFailed', cause, startDate: new Date(0), stopDate: new Date(1) });
    cloud.items.set('FLEET#web|DEPLOY#d1', { ...RECORD, status: 'FAILED', rolledBack: true });
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      1,
      { error: { code: 'BakeFailed', message: 'The deploy of 1.1.0 ended with FAILED: i-1 answered 12 errors.' } },
    ]);
  });

  it.each(['ABORTED', 'TIMED_OUT'])('fails when the deploy ended %s, with what its clean-up reported', async (status) => {
    cloud.describe = () => ({ status, startDate: new Date(0), stopDate: new Date(1) });
    const outcome = 'Rolled back: i-1 has 1.0.0 again.';
    cloud.items.set('FLEET#web|DEPLOY#d1', { ...RECORD, status, rolledBack: true, outcome, error: { Error: 'Aborted', Cause: 'stopped' } });
    const { code, stderr } = await runCli(state.folder, ['deploy', '1.1.0']);
    expect([code, stderr]).toEqual([1, `${status}: The deploy of 1.1.0 ended with ${status}: stopped. ${outcome}\n`]);
  });

  it('waits for the clean-up of a stopped execution to report', async () => {
    cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1) });
    let reads = 0;
    const lock = {
      fencingToken: 2,
      expiresAtMs: Date.now() + 60_000,
      // The clean-up reports at the second poll.
      get deployId() {
        reads += 1;
        if (reads === 2) cloud.items.set('FLEET#web|DEPLOY#d1', { ...RECORD, status: 'ABORTED', rolledBack: true, outcome: 'All back.' });
        return 'd1';
      },
    };
    cloud.items.set('FLEET#web|LOCK', lock);
    const { code, stderr } = await runCli(state.folder, ['deploy', '1.1.0']);
    expect([code, reads, stderr]).toEqual([1, 2, 'ABORTED: The deploy of 1.1.0 ended with ABORTED: no cause was reported. All back.\n']);
  });

  it('reports that the clean-up of its servers has not reported', async () => {
    cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1) });
    const { code, stderr } = await runCli(state.folder, ['deploy', '1.1.0']);
    expect(code).toBe(6);
    expect(stderr).toContain('Its clean-up has not reported. Check again with: ./holdfast deploys show d1 --fleet web');
  });

  const TOUCHED = { phase: 'failed', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1, startedAtMs: 1 };
  it.each<[string, number, string, object | undefined]>([
    ['was rolled back', 1, 'BakeFailed', { rolledBack: true, targets: { 'i-1': TOUCHED } }],
    ['left servers', 6, 'BakeFailed', { rolledBack: false, targets: { 'i-1': TOUCHED } }],
    ['has no such release', 2, 'ReleaseNotFound', { rolledBack: false, targets: {} }],
    ['was refused because another one is running', 7, 'DeployInProgress', undefined],
  ])('exits for a deploy that %s with %i', async (_, expected, error, record) => {
    cloud.describe = () => ({ status: 'FAILED', error, cause: 'why', startDate: new Date(0), stopDate: new Date(1) });
    if (record) cloud.items.set('FLEET#web|DEPLOY#d1', { ...RECORD, status: 'FAILED', ...record });
    else cloud.items.delete('FLEET#web|DEPLOY#d1');
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--json']);
    const end = record ? 'ended with FAILED: why.' : 'was refused: why. Nothing was changed.';
    expect([code, onlyLine(stdout)]).toEqual([expected, { error: { code: error, message: `The deploy of 1.1.0 ${end}` } }]);
  });

  it.each([
    ['Ctrl-C', 'SIGINT', 130],
    ['the end of a cancelled job', 'SIGTERM', 143],
    ['a terminal that is closed', 'SIGHUP', 129],
  ] as const)('leaves the deploy running at %s, and shows its id and how to follow and abort it', async (_, signal, expected) => {
    cloud.describe = () => RUNNING;
    const { child, ended } = startCli(state.folder, ['deploy', '1.1.0']);
    while (!String((await once(child.stdout, 'data'))[0]).includes('draining'));
    child.kill(signal);
    const { code, stdout } = await ended;
    expect(code).toBe(expected);
    expect(stdout.split('\n').slice(-4)).toEqual([
      'Deploy d1 of 1.1.0 goes on.',
      'Follow it with: ./holdfast deploys follow d1 --fleet web',
      'Abort it with: ./holdfast deploys abort d1 --fleet web',
      '',
    ]);
    expect(cloud.stopped).toEqual([]);
  });

  it('has one document with --json when it is interrupted, also while AWS does not answer', async () => {
    cloud.describe = () => new Promise(() => {}) as never;
    const { child, ended } = startCli(state.folder, ['deploy', '1.1.0', '--json']);
    while (cloud.started.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect([code, onlyLine(stdout)]).toEqual([
      130,
      { ...PLACE, deploy: { deployId: 'd1', to: '1.1.0', status: 'RUNNING', executionArn: expect.stringContaining(':d1') } },
    ]);
  });

  it('reports that the deploy goes on when the connection is lost', async () => {
    cloud.describe = () => {
      throw new AwsError('AccessDeniedException', 'not allowed');
    };
    const { code, stderr } = await runCli(state.folder, ['deploy', '1.1.0']);
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^AccessDenied: The current credentials do not allow this: not allowed\. Attach the managed policy holdfast-web-reader to them, or use others\. The deploy goes on\. Follow it with: \.\/holdfast deploys follow d1/,
    );
  });

  it.each<[string, string[], string, string]>([
    ['deploy 1.1.l', ['1.0.0', '1.1.0'], '1.1.l', ' Did you mean 1.1.0? Nothing was started. Its latest releases are 1.1.0, 1.0.0. List'],
    [
      'deploy 9.9.9',
      ['1.0.0'],
      '9.9.9',
      ' Nothing was started. Its latest releases are 1.0.0. List them with: ./holdfast releases --fleet web',
    ],
    ['deploy 1.1.0', [], '1.1.0', ' Nothing was started. It has none yet. Publish one with: ./holdfast releases publish 1.1.0 PATH'],
    ['deploys resume d2', ['1.0.0'], '1.1.0', ' Did you mean 1.0.0? Nothing was started. Its latest'],
  ])('%s starts nothing where the fleet has %j, and is no deploy', async (command, releases, version, rest) => {
    cloud.items.clear();
    keepReleases(cloud, releases);
    cloud.items.set('FLEET#web|DEPLOY#d2', { ...deployRecord(), deployId: 'd2' });
    const { code, stdout } = await runCli(state.folder, [...command.split(' '), '--json']);
    const message = expect.stringContaining(`Fleet web has no release ${version}.${rest}`);
    expect([code, onlyLine(stdout), cloud.started]).toEqual([2, { error: { code: 'ReleaseNotFound', message } }, []]);
  });

  it('reports a fleet without a state machine, and what to do', async () => {
    keepReleases(cloud, ['1.1.0'], 'shop');
    const { code, stdout } = await runCli(state.folder, ['deploy', '1.1.0', '--fleet', 'shop', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      3,
      {
        error: {
          code: 'NoDeployStateMachine',
          message: expect.stringMatching(/holdfast-shop-deploy does not exist\. Nothing was started\. /),
        },
      },
    ]);
  });
});
