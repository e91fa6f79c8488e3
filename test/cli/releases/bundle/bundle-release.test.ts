import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRelease } from '../../../../cli/releases/package-release.ts';
import { bundleLines } from '../../../../cli/releases/releases.ts';
import type { AppContract, Bundle } from '../../../../functions/shared/app-contract.ts';
import { temporaryFolder, writeRelease } from '../release-folder.ts';
import { APPSPEC, fleetOf, packageBundle, writeBundle } from './bundle-folder.ts';

let root: string;
let bundle: string;
beforeEach(async () => {
  root = await temporaryFolder();
  bundle = join(root, 'bundle');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const publish = (source = bundle, fleet?: ReturnType<typeof fleetOf>) => packageBundle(source, join(root, 'work'), fleet);
/** `-rwxr-xr-x bundle/scripts/start.sh`, links with their ends. */
const listed = (archive: string): string[] =>
  execFileSync('tar', ['-tvzf', archive], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.replace(/^(\S+) +(\S+) .*? 2000-01-01 \S+ /, '$1 $2 '));
const contractIn = (archive: string): AppContract =>
  JSON.parse(execFileSync('tar', ['-xzOf', archive, 'holdfast.app.json'], { encoding: 'utf8' })) as AppContract;

describe('the release of a bundle', () => {
  it('has the bundle as it is below bundle/, of root, and the contract next to it', async () => {
    await writeBundle(bundle, { 'webapps/shop.war': 'war', 'scripts/stop.sh': '#!/bin/sh\n' });
    chmodSync(join(bundle, 'webapps'), 0o750);
    chmodSync(join(bundle, 'scripts/stop.sh'), 0o644);
    symlinkSync('webapps/shop.war', join(bundle, 'current.war'));
    const { archivePath, content } = await publish();
    expect(listed(archivePath)).toEqual([
      'drwxr-xr-x 0/0 bundle',
      '-rw-r--r-- 0/0 bundle/appspec.yml',
      'lrwxrwxrwx 0/0 bundle/current.war -> webapps/shop.war',
      'drwxr-xr-x 0/0 bundle/scripts',
      '-rwxr-xr-x 0/0 bundle/scripts/start.sh',
      '-rw-r--r-- 0/0 bundle/scripts/stop.sh',
      'drwxr-x--- 0/0 bundle/webapps',
      '-rw-r--r-- 0/0 bundle/webapps/shop.war',
      '-rw-r--r-- 0/0 holdfast.app.json',
    ]);
    expect(content.files).toBe(5);
    // The bundle itself is as it was.
    expect(readdirSync(bundle).sort()).toEqual(['appspec.yml', 'current.war', 'scripts', 'webapps']);
    expect(readFileSync(join(bundle, 'appspec.yml'), 'utf8')).toBe(APPSPEC);
  });

  it('has the same bytes each time', async () => {
    await writeBundle(bundle);
    expect((await publish()).sha256).toBe((await publish()).sha256);
  });

  it('has the contract of the fleet’s configuration', async () => {
    await writeBundle(bundle);
    const session = { cookie: 'JSESSIONID', timeoutSeconds: 1_800 };
    const sessions = { path: '/status', field: 'sessions' };
    const logs = { access: { path: '/var/log/httpd/access_log', pattern: '%t %s' } };
    const readinessPath = { path: '/login', status: 302, contains: 'Login' };
    const fleet = fleetOf({ readinessPath, healthPath: '/live', session, sessions, logs });
    const { archivePath, app } = await publish(bundle, { ...fleet, port: 9_000 });
    expect(contractIn(archivePath)).toEqual(app);
    expect(app).toEqual({
      start: ['appspec.yml'],
      port: 9_000,
      health: { loadBalancer: '/live', status: '200', ready: readinessPath },
      session,
      sessions,
      logs,
      bundle: {
        files: [{ source: '/', destination: '/srv/shop' }],
        permissions: [],
        fileExists: 'DISALLOW',
        hooks: { ApplicationStart: [{ location: 'scripts/start.sh', timeout: 3_600 }] },
      },
    });
  });

  it('is made of the only folder in what was given, as CodeDeploy’s agent takes it', async () => {
    await writeBundle(join(bundle, 'shop-1.4.2'));
    expect(listed((await publish()).archivePath)).toContain('-rw-r--r-- 0/0 bundle/appspec.yml');
  });

  it('reports what can be a secret by its place in the release, and proposes no assets, which bundles do not have', async () => {
    await writeBundle(bundle, { '.env': 'A=b', 'public/app.9f3c01ab.js': '', 'public/app.9f3c01ab.css': '' });
    const { content } = await publish();
    expect(content.secrets).toEqual([{ name: 'bundle/.env', what: 'settings, often with passwords' }]);
    expect(content.proposal).toBeUndefined();
  });

  it('leaves no temporary file but the archive, and none of a bundle that is refused', async () => {
    await writeBundle(bundle);
    const { archivePath } = await publish();
    expect(readdirSync(join(archivePath, '..'))).toEqual(['release.tar.gz']);
    await rm(join(root, 'work'), { recursive: true });
    await writeFile(join(bundle, 'appspec.yml'), 'version: 0.0\n');
    await expect(publish()).rejects.toThrow('os is missing');
    expect(readdirSync(join(root, 'work'))).toEqual([]);
  });

  it('is printed with the scripts of each event, their longest time, and whose right it is', () => {
    const script = { location: 'scripts/a.sh', timeout: 300 };
    const hooks = { AfterInstall: [script, { ...script, location: 'scripts/b.sh', runas: 'tomcat' }], ApplicationStop: [script] };
    expect(bundleLines({ hooks } as Partial<Bundle> as Bundle, 'web')).toEqual([
      'ApplicationStop: scripts/a.sh (at most 300 s)',
      'AfterInstall: scripts/a.sh, scripts/b.sh as tomcat (at most 600 s)',
      'Publishing to fleet web is the right to be root on its servers.',
    ]);
  });
});

describe('what is no bundle', () => {
  it('is refused for another fleet, with what to do', async () => {
    await writeBundle(bundle);
    const sentence = /^A folder with appspec.yml is a CodeDeploy bundle, and the fleet's configuration has no "app" of kind "bundle"/;
    await expect(packageRelease(bundle, '1.4.2', join(root, 'work'))).rejects.toThrow(sentence);
    const other = { bundleFleet: async () => ({ app: undefined, port: 8080 }) };
    await expect(packageRelease(bundle, '1.4.2', join(root, 'work'), other)).rejects.toThrow(sentence);
  });

  it('is refused next to a contract, with two appspecs, and with "bundle" in a contract of its own', async () => {
    await writeBundle(bundle, { 'appspec.yaml': APPSPEC });
    await expect(publish()).rejects.toThrow('has both appspec.yml and appspec.yaml: remove one of them');
    await rm(join(bundle, 'appspec.yaml'));
    await writeRelease(bundle);
    await expect(publish()).rejects.toThrow('has both appspec.yml and holdfast.app.json');
    await rm(join(bundle, 'appspec.yml'));
    const own = JSON.parse(readFileSync(join(bundle, 'holdfast.app.json'), 'utf8')) as object;
    const permission = { files: [], permissions: [], fileExists: 'OVERWRITE', hooks: {} };
    await writeFile(join(bundle, 'holdfast.app.json'), JSON.stringify({ ...own, bundle: permission }));
    await expect(publish()).rejects.toThrow('holdfast.app.json: remove "bundle"');
  });

  it('is a folder whose appspec is a folder or deeper down', async () => {
    await mkdir(join(bundle, 'appspec.yml'), { recursive: true });
    await writeBundle(join(bundle, 'a/b'));
    await expect(publish()).rejects.toThrow('Cannot read holdfast.app.json');
  });
});
