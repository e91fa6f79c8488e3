import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandRequest, Roll } from '../../../../functions/deploy/contract/roll.ts';
import type { Bundle } from '../../../../functions/shared/app-contract.ts';
import { DEPLOY, RELEASE, ROLL, START_MS } from '../../fakes/fixtures.ts';
import { type CommandFixture, commandFixture } from './command-fixture.ts';

const script = (timeout: number) => [{ location: 'scripts/one.sh', timeout }];
const BUNDLE: Bundle = {
  files: [{ source: 'app', destination: '/srv/shop' }],
  permissions: [],
  fileExists: 'DISALLOW',
  hooks: { BeforeInstall: script(100), AfterInstall: script(20), ApplicationStop: script(40), AfterAllowTraffic: script(50) },
};
const BEFORE: Bundle = { ...BUNDLE, hooks: { ApplicationStop: script(300), AfterBlockTraffic: script(7), BeforeBlockTraffic: script(9) } };

let records: CommandFixture['records'];
let lease: CommandFixture['lease'];
let clock: CommandFixture['clock'];
let runCommand: CommandFixture['runCommand'];
let command: CommandFixture['command'];
beforeEach(async () => {
  ({ records, lease, clock, runCommand, command } = await commandFixture());
  const release = (version: string, bundle: Bundle) => ({ ...RELEASE, version, app: { ...RELEASE.app, start: ['appspec.yml'], bundle } });
  await records.putRelease(release('3.0.0', BUNDLE));
  await records.putRelease(release('1.0.0', BEFORE));
  await records.updateTarget('web', 'd1', 'i-1', { fromVersion: '1.0.0' });
});

const ask = (step: CommandRequest['step'], roll: Roll = ROLL, deploy: object = {}) =>
  command({ step, deploy: { ...DEPLOY, version: '3.0.0', ...deploy }, lease, roll });
const parameters = () => runCommand.sent.at(-1)?.parameters;
const target = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1'];
const FAILED = { result: 'failed', error: 'HookFailed', message: 'scripts/one.sh exited with 1', journal: ['no space left'] };

describe('the install of a bundle', () => {
  it('may take as long as its scripts and those that stop the bundle before, and ten minutes', async () => {
    const { roll } = await ask('sendInstall');
    expect(parameters()).toMatchObject({ mode: 'install', stopFailure: 'fail', executionTimeout: String(600 + 120 + 307) });
    clock.nowMs = START_MS + 1_000_000;
    expect((await ask('checkInstall', roll)).verdict).toBe('WAIT');
    clock.nowMs = START_MS + 1_100_000;
    await expect(ask('checkInstall', roll)).rejects.toMatchObject({ name: 'CommandFailed' });
  });

  it('takes six hours at most', async () => {
    const hooks = { BeforeInstall: script(20_000), ApplicationStart: script(20_000) };
    await records.putRelease({ ...RELEASE, version: '4.0.0', app: { ...RELEASE.app, bundle: { ...BUNDLE, hooks } } });
    await ask('sendInstall', ROLL, { version: '4.0.0' });
    expect(parameters()).toMatchObject({ executionTimeout: '21600' });
  });

  it.each([
    ['in a rollback', { rollingBackTo: '1.0.0' }, {}],
    ['where the deploy was started so', {}, { ignoreApplicationStopFailures: true }],
  ])('goes on after a failed stop %s', async (_, progress, deploy) => {
    await records.updateTarget('web', 'd1', 'i-1', progress);
    await ask('sendInstall', ROLL, deploy);
    expect(parameters()).toMatchObject({ stopFailure: 'continue' });
  });

  it('fails with the last lines of its script, and nothing is known to serve', async () => {
    const { roll } = await ask('sendInstall');
    runCommand.answer(FAILED);
    const failure = ask('checkInstall', roll);
    await expect(failure).rejects.toMatchObject({
      name: 'InstallFailed',
      message: expect.stringMatching(/exited with 1.*\n {2}no space left/s),
    });
    expect((await target())?.servingVersion).toBeUndefined();
  });

  it('of one that goes back to the placeholder has time for its stop', async () => {
    await records.updateTarget('web', 'd1', 'i-1', { rollingBackTo: 'none' });
    await ask('sendInstall');
    expect(parameters()).toMatchObject({ version: 'none', stopFailure: 'continue', executionTimeout: '640' });
  });
});

describe('scripts of one event', () => {
  it('are not sent where neither bundle has any', async () => {
    expect(await ask('BeforeAllowTraffic')).toEqual({ verdict: 'DONE', roll: ROLL });
    expect(runCommand.sent).toEqual([]);
  });

  it('are sent once, waited for, and the bake begins after those of AfterAllowTraffic', async () => {
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'baking' });
    const sent = await ask('AfterAllowTraffic');
    expect(parameters()).toMatchObject({ mode: 'AfterAllowTraffic', version: 'none', executionTimeout: '650' });
    expect((await ask('AfterAllowTraffic', sent.roll)).verdict).toBe('WAIT');
    runCommand.answer({ result: 'installed', version: '3.0.0', previousVersion: '3.0.0' });
    clock.nowMs = START_MS + 60_000;
    expect(await ask('AfterAllowTraffic', sent.roll)).toMatchObject({ verdict: 'DONE', roll: { phaseStartedAtMs: START_MS + 60_000 } });
    expect(runCommand.sent).toHaveLength(1);
  });

  it('fail the target by their name', async () => {
    const { roll } = await ask('BeforeBlockTraffic');
    expect(parameters()).toMatchObject({ stopFailure: 'fail' });
    runCommand.answer(FAILED);
    await expect(ask('BeforeBlockTraffic', roll)).rejects.toThrow('BeforeBlockTraffic on i-1: scripts/one.sh exited with 1');
  });
});

describe('an adoption', () => {
  const adopt = { adopt: 'equal' };
  const observed = { upInARow: 3, attempts: 3, lastAnswer: '200 UP', version: '3.0.0' };

  it('asks the server for its files, then for its readiness, and takes it for done: it never leaves its phase before', async () => {
    const sent = await ask('prepare', ROLL, adopt);
    expect(parameters()).toMatchObject({ mode: 'adopt', version: '3.0.0' });
    expect((await ask('prepare', sent.roll, adopt)).verdict).toBe('WAIT');
    runCommand.answer({ result: 'installed', version: '3.0.0', previousVersion: 'none' });
    const readiness = await ask('prepare', sent.roll, adopt);
    expect(runCommand.sent.at(-1)?.documentName).toBe('doc-observe');
    expect((await target())?.phase).toBe('waiting');
    runCommand.answer(observed);
    expect((await ask('prepare', readiness.roll, adopt)).verdict).toBe('DONE');
    expect(await target()).toMatchObject({ phase: 'done' });
    expect(await records.getInstances('web')).toMatchObject([{ instanceId: 'i-1', version: '3.0.0' }]);
  });

  it('fails with the files that differ, before anything is recorded', async () => {
    const sent = await ask('prepare', ROLL, { adopt: 'differences' });
    expect(parameters()).toMatchObject({ mode: 'adoptDifferences' });
    runCommand.answer({ result: 'failed', error: 'FilesDiffer', message: '2 files differ: /srv/shop/a' });
    await expect(ask('prepare', sent.roll, adopt)).rejects.toThrow(/2 files differ/);
    expect(await records.getInstances('web')).toEqual([]);
  });
});
