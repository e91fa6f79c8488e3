import { beforeEach, describe, expect, it } from 'vitest';
import { stageAssets } from '../../../../functions/deploy/command/stage-assets.ts';
import type { StageAssetsRequest } from '../../../../functions/deploy/contract/roll.ts';
import type { DeployRecord } from '../../../../functions/records/types.ts';
import { DEPLOY, RELEASE, START_MS } from '../../fakes/fixtures.ts';
import { DOCUMENT_NAMES, instanceCommands } from '../../fakes/instance-commands.ts';
import { type CommandFixture, commandFixture } from './command-fixture.ts';

let fixture: CommandFixture;
let ports: Parameters<typeof stageAssets>[0];
const assetsOf = (letter: string) => ({ sha256: letter.repeat(64), sizeBytes: 1 });
const ask = (more: Partial<StageAssetsRequest> = {}) =>
  stageAssets(ports, { step: 'stageAssets', deploy: DEPLOY, lease: fixture.lease, ends: false, staging: {}, ...more });
const staged = (versions: readonly string[], more: object = {}) =>
  fixture.runCommand.answer({ result: 'staged', staged: versions, ...more });
const sent = () => fixture.runCommand.sent.map(({ instanceId, parameters }) => [instanceId, parameters]);
const deployRecord = () => fixture.records.getDeploy('web', 'd1');

beforeEach(async () => {
  fixture = await commandFixture();
  const { records, runCommand, clock, lease } = fixture;
  ports = {
    records,
    commands: instanceCommands({ runCommand, documents: { ...DOCUMENT_NAMES, stageAssets: 'doc-stage' }, now: clock.now }),
    now: clock.now,
  };
  await records.putRelease({ ...RELEASE, version: '3.0.0', assets: assetsOf('3') });
  await records.putRelease({ ...RELEASE, version: '1.0.0', assets: assetsOf('1') });
  const token = { deployId: 'd0', fencingToken: lease.fencingToken, atMs: START_MS };
  await records.promote('web', { ...token, version: '1.0.0', sha256: RELEASE.sha256 });
});
const deploy = { ...DEPLOY, version: '3.0.0' };

describe('stageAssets', () => {
  it("stages the new release's assets, then what a server lacks of the others, and ends", async () => {
    const first = await ask({ deploy });
    expect(first).toMatchObject({ verdict: 'WAIT', servers: { 'i-1': { index: 0 } } });
    expect(sent()).toEqual([
      [
        'i-1',
        {
          fencingToken: String(fixture.lease.fencingToken),
          version: '3.0.0',
          releaseUrl: 'https://releases-bucket.s3.eu-west-1.amazonaws.com/web/3.0.0/assets.tar.gz',
          sha256: '3'.repeat(64),
          wanted: '3.0.0,1.0.0',
        },
      ],
    ]);
    expect(await deployRecord()).toMatchObject({ stages: true });
    expect(await ask({ deploy, staging: first })).toEqual(first);
    staged(['3.0.0'], { served: true, path: '/assets/a.js', answer: '200' });
    const second = await ask({ deploy, staging: first });
    expect(second).toMatchObject({ verdict: 'WAIT', servers: { 'i-1': { index: 1 } } });
    expect(fixture.runCommand.sent[1]?.parameters).toMatchObject({ version: '1.0.0', sha256: '1'.repeat(64), wanted: '3.0.0,1.0.0' });
    staged(['3.0.0', '1.0.0']);
    expect(await ask({ deploy, staging: second })).toEqual({ verdict: 'DONE', servers: {} });
    expect((await deployRecord())?.warnings).toBeUndefined();
  });

  it('sends a server nothing that it has', async () => {
    const first = await ask({ deploy });
    staged(['3.0.0', '1.0.0']);
    expect((await ask({ deploy, staging: first })).verdict).toBe('DONE');
    expect(fixture.runCommand.sent).toHaveLength(1);
  });

  it('warns where a server does not answer with a staged file, and goes on', async () => {
    const first = await ask({ deploy });
    staged(['3.0.0', '1.0.0'], { served: false, path: '/assets/a.js', answer: '404' });
    expect((await ask({ deploy, staging: first })).verdict).toBe('DONE');
    expect((await deployRecord())?.warnings).toEqual([expect.stringContaining('/assets/a.js of 3.0.0')]);
  });

  it.each([
    [
      'a failed download',
      () => fixture.runCommand.answer({ result: 'failed', error: 'DownloadFailed', message: 'it was not downloaded' }),
      'i-1: DownloadFailed: it was not downloaded. No server was taken out',
    ],
    [
      'a silent agent',
      () => {
        fixture.clock.nowMs += 400_000;
      },
      'it was cancelled',
    ],
  ])('stops before any server is taken out at %s, and with recover goes on', async (_, happens, words) => {
    const first = await ask({ deploy });
    happens();
    await expect(ask({ deploy, staging: first })).rejects.toMatchObject({ name: 'CommandFailed', message: expect.stringContaining(words) });
    expect((await ask({ deploy: { ...deploy, recover: true }, staging: first })).verdict).toBe('WAIT');
  });

  it('asks no server that the deploy leaves out', async () => {
    await fixture.records.updateTarget('web', 'd1', 'i-1', { phase: 'skipped' });
    expect(await ask({ deploy })).toEqual({ verdict: 'DONE', servers: {} });
  });

  it('gives up where a later deploy has worked on the server', async () => {
    const first = await ask({ deploy });
    fixture.runCommand.answer({ result: 'failed', error: 'StaleFencingToken', message: 'above 1' });
    await expect(ask({ deploy: { ...deploy, recover: true }, staging: first })).rejects.toMatchObject({ name: 'LeaseLost' });
  });

  it('takes away what no server has after a deploy that did not succeed, and stops nothing then', async () => {
    expect(await ask({ deploy, ends: true })).toEqual({ verdict: 'DONE', servers: {} });
    await fixture.records.updateDeploy('web', 'd1', { stages: true });
    await fixture.records.putInstance('web', { instanceId: 'i-1', version: '1.0.0', installedAtMs: START_MS });
    const first = await ask({ deploy, ends: true });
    expect(fixture.runCommand.sent[0]?.parameters).toMatchObject({ version: 'none', wanted: '1.0.0' });
    fixture.runCommand.answer({ result: 'failed', error: 'InvalidRelease', message: 'no room' });
    expect((await ask({ deploy, ends: true, staging: first })).verdict).toBe('DONE');
  });

  it('keeps those of a release that servers still have', async () => {
    await fixture.records.updateDeploy('web', 'd1', { stages: true });
    await fixture.records.putInstance('web', { instanceId: 'i-1', version: '3.0.0', installedAtMs: START_MS });
    await ask({ deploy, ends: true });
    expect(fixture.runCommand.sent[0]?.parameters).toMatchObject({ version: 'none', wanted: '3.0.0,1.0.0' });
  });

  it('goes no further back than the disk has room, and keeps the releases that the fleet had, the latest first', async () => {
    const { records } = fixture;
    const had = ['0.1.0', '0.2.0', '0.3.0'];
    for (const [index, version] of had.entries()) {
      await records.putRelease({ ...RELEASE, version, assets: assetsOf('0') });
      const past = { deployId: `past-${version}`, startedAtMs: START_MS - 1_000 * (had.length - index) };
      await records.createDeploy({ ...((await deployRecord()) as DeployRecord), ...past, to: version, from: 'none', status: 'SUCCEEDED' });
    }
    await records.createDeploy({
      ...((await deployRecord()) as DeployRecord),
      ...{ deployId: 'failed', startedAtMs: START_MS - 1, to: '0.4.0', from: '0.3.0', status: 'FAILED' },
    });
    await records.putRelease({ ...RELEASE, version: '0.4.0', assets: assetsOf('0') });
    const first = await ask({ deploy });
    expect(fixture.runCommand.sent[0]?.parameters).toMatchObject({ wanted: '3.0.0,1.0.0,0.3.0,0.2.0,0.1.0' });
    staged(['3.0.0', '1.0.0']);
    const second = await ask({ deploy, staging: first });
    expect(fixture.runCommand.sent[1]?.parameters).toMatchObject({ version: '0.3.0' });
    staged(['3.0.0', '1.0.0']);
    expect(await ask({ deploy, staging: second })).toEqual({ verdict: 'DONE', servers: {} });
  });

  it('waits for no instance that is gone', async () => {
    const { commands } = ports;
    const gone = Object.assign(new Error('gone'), { name: 'InvalidInstanceId' });
    ports = { ...ports, commands: { ...commands, sendStageAssets: () => Promise.reject(gone) } };
    expect(await ask({ deploy })).toEqual({ verdict: 'DONE', servers: {} });
  });
});
