import { describe, expect, it } from 'vitest';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { keepReleases } from '../fake-cloud.ts';
import { onlyLine, runCli } from '../run-cli.ts';
import { deployRecord } from './deploy-record.ts';

const RECORD = deployRecord({
  pk: 'FLEET#web',
  sk: 'DEPLOY#d1',
  from: '1.1.0',
  restart: 'i-0abc',
  status: 'SUCCEEDED',
  targets: { 'i-0abc': { phase: 'done', order: 0, fromVersion: '1.1.0', phaseStartedAtMs: 2, finishedAtMs: 2 } },
});

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.items.set('FLEET#web|FLEET', {
    pk: 'FLEET#web',
    sk: 'FLEET',
    fleet: 'web',
    currentVersion: '1.1.0',
    deployId: 'd0',
    fencingToken: 1,
  });
  cloud.items.set('FLEET#web|DEPLOY#d1', RECORD);
  keepReleases(cloud, ['1.1.0']);
  cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(12_300) });
});

describe('restart', () => {
  it("starts a deploy of the fleet's release that restarts the one server, and reports its end", async () => {
    const { code, stdout } = await runCli(state.folder, ['restart', 'i-0abc']);
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, 'restarted i-0abc with 1.1.0 in 12.3 s']);
    expect(cloud.started).toMatchObject([{ input: JSON.stringify({ version: '1.1.0', requestedBy: 'local/ann', restart: 'i-0abc' }) }]);
  });

  it('starts one of all servers with --all, with the options of a deploy', async () => {
    const { restart: _, ...record } = RECORD as typeof RECORD & { readonly restart: string };
    cloud.items.set('FLEET#web|DEPLOY#d1', { ...record, restartAll: true });
    const { code, stdout } = await runCli(state.folder, ['restart', '--all', '--pause-after', '1']);
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, 'restarted all servers with 1.1.0 in 12.3 s']);
    expect(stdout).toContain('\nrestart of all servers has started: ');
    const input = { version: '1.1.0', requestedBy: 'local/ann', restartAll: true, pauseAfter: 1 };
    expect(cloud.started).toMatchObject([{ input: JSON.stringify(input) }]);
    expect((await runCli(state.folder, ['deploys', 'show', 'd1'])).stdout).toContain('release  1.1.0, restart of all servers');
    expect(onlyLine((await runCli(state.folder, ['restart', '--all', '--json'])).stdout)).toMatchObject({ deploy: { restartAll: true } });
  });

  it.each([
    [[], 'A restart takes either the id of one server or --all. Nothing was started.'],
    [['i-0abc', '--all'], 'A restart takes either the id of one server or --all, and not i-0abc with it. Nothing was started.'],
  ])('starts nothing for %j', async (given, message) => {
    const { code, stdout } = await runCli(state.folder, ['restart', ...given, '--json']);
    expect([code, onlyLine(stdout), cloud.started]).toEqual([2, { error: { code: 'InvalidOption', message } }, []]);
  });

  it('names the restart where it failed', async () => {
    cloud.items.set('FLEET#web|DEPLOY#d1', { ...RECORD, status: 'FAILED', outcome: 'i-0abc failed.' });
    const cause = JSON.stringify({ errorType: 'TargetNeverUp', errorMessage: 'i-0abc was never UP' });
    cloud.describe = () => ({ status: 'FAILED', error: 'TargetNeverUp', cause, startDate: new Date(0), stopDate: new Date(1) });
    const { stdout } = await runCli(state.folder, ['restart', 'i-0abc', '--json']);
    expect(onlyLine(stdout)).toMatchObject({ error: { message: expect.stringContaining('The restart of i-0abc ended with FAILED') } });
  });

  it('starts nothing for a fleet without a release, or for what is no instance', async () => {
    cloud.items.delete('FLEET#web|FLEET');
    expect(onlyLine((await runCli(state.folder, ['restart', 'i-0abc', '--json'])).stdout)).toMatchObject({ error: { code: 'NoRelease' } });
    const wrong = await runCli(state.folder, ['restart', 'web-1', '--json']);
    expect([wrong.code, onlyLine(wrong.stdout)]).toMatchObject([2, { error: { code: 'InvalidInstance' } }]);
    expect(cloud.started).toEqual([]);
  });

  it.each([
    ['i-0abd', ' Did you mean i-0abc?'],
    ['i-0123456789abcdef0', ''],
  ])('of %s, which is no server of the fleet, starts nothing and is no deploy', async (typo, meant) => {
    for (const instanceId of ['i-0abc', 'i-0fff'])
      cloud.items.set(`FLEET#web|INSTANCE#${instanceId}`, { pk: 'FLEET#web', sk: `INSTANCE#${instanceId}`, instanceId, version: '1.1.0' });
    const { code, stdout } = await runCli(state.folder, ['restart', typo, '--json']);
    const message = `Fleet web has no server ${typo}.${meant} Nothing was started. It has i-0abc, i-0fff. List them with: ./holdfast status --fleet web`;
    expect([code, onlyLine(stdout), cloud.started]).toEqual([2, { error: { code: 'ServerNotFound', message } }, []]);
  });

  it('is shown as such in the history, and resumed as such', async () => {
    expect((await runCli(state.folder, ['deploys', 'show', 'd1'])).stdout).toContain('release  1.1.0, restart of i-0abc');
    cloud.items.set('FLEET#web|DEPLOY#d1', { ...RECORD, status: 'FAILED' });
    await runCli(state.folder, ['deploys', 'resume', 'd1']);
    expect(cloud.started).toMatchObject([{ input: expect.stringContaining('"restart":"i-0abc"') }]);
    expect(cloud.started).not.toMatchObject([{ input: expect.stringContaining('recover') }]);
  });
});
