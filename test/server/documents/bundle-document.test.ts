/** The install document of a fleet of bundles as Systems Manager runs it: its download, its parameters and its time-out. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installOutput } from '../../../functions/instance/document-contract.ts';
import { startFleet, type TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { bundleContent } from '../../../server/documents/deploy-documents.ts';
import { archiveOfBundle, hook } from './bundle-server.ts';

let fleet: TestFleet;
let instanceId: string;
let folder: string;
beforeAll(async () => {
  // Not a warm one: its Python outlives the step.
  fleet = await startFleet();
  instanceId = (await fleet.launch()).instanceId;
  folder = fleet.instances.get(instanceId)?.folder ?? '';
  const Content = JSON.stringify(bundleContent('releases', 'shop'));
  await fleet.call('CreateDocument', { Name: 'bundles', Content, DocumentType: 'Command' });
});
afterAll(() => fleet.stop());

async function run(version: string, script: string, more: Record<string, string> = {}) {
  const { bytes, sha256 } = await archiveOfBundle({
    appspec: { files: [{ source: 'app', destination: '/srv/app' }], hooks: { ApplicationStart: [hook('start.sh')] } },
    files: { 'app/version': version, 'start.sh': `#!/bin/sh\n${script}` },
  });
  const releaseUrl = `https://releases.s3.us-east-1.amazonaws.com/shop/${version}/release.tar.gz`;
  fleet.objects.set(releaseUrl, bytes);
  return fleet.run(instanceId, 'bundles', { fencingToken: '1', version, releaseUrl, sha256, ...more }, 'install');
}

it('installs below the root of the server, with the placeholder out of the way', async () => {
  const { StandardOutputContent, Status } = await run('1.0.0', 'systemctl is-active holdfast-placeholder; pwd');
  expect([Status, installOutput.parse(JSON.parse(StandardOutputContent))]).toEqual([
    'Success',
    { result: 'installed', version: '1.0.0', previousVersion: 'none' },
  ]);
  expect(readFileSync(join(folder, 'srv/app/version'), 'utf8')).toBe('1.0.0');
  expect(readFileSync(join(folder, 'opt/holdfast/log/bundle/1-ApplicationStart.log'), 'utf8')).toBe(`inactive\n${folder}\n`);
});

it('a script cannot run longer than the order allows: Systems Manager ends the step, and the script with it', async () => {
  const script = `echo $$ >"${folder}/pid"; sleep 30; touch "${folder}/went-on"`;
  expect(await run('1.1.0', script, { executionTimeout: '1' })).toMatchObject({ Status: 'TimedOut', StandardOutputContent: '' });
  const runs = () => existsSync(`/proc/${readFileSync(join(folder, 'pid'), 'utf8').trim()}`);
  if (existsSync('/proc/self') && existsSync(join(folder, 'pid'))) await expect.poll(runs, { timeout: 20_000 }).toBe(false);
  expect(existsSync(join(folder, 'went-on'))).toBe(false);
});

it('takes no release of another fleet', async () => {
  await expect(run('1.2.0', '', { releaseUrl: 'https://releases.s3.us-east-1.amazonaws.com/web/1.2.0/release.tar.gz' })).rejects.toThrow(
    'releaseUrl',
  );
});
