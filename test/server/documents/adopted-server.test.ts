/** An existing server: prepared, taken over, and restored when the first release does not start. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONTRACT, release } from '#local-aws/test/instances/fixture-release.ts';
import { installOutput, prepareOutput } from '../../../functions/instance/document-contract.ts';
import { documentContent, prepareContent } from '../../../server/documents/deploy-documents.ts';
import { fleetUserData } from '../../../server/user-data/user-data.ts';
import { runStep } from './run-step.ts';

const SYSTEMCTL = readFileSync(join(import.meta.dirname, 'systemctl/fake-systemctl'), 'utf8');

let folder: string;
let root: string;
let app: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-adopted-'));
  root = join(folder, 'opt');
  for (const name of ['bin', 'state', 'work', 'opt']) mkdirSync(join(folder, name));
  for (const [name, script] of Object.entries({ systemctl: SYSTEMCTL, id: '#!/bin/sh\n', chown: '#!/bin/sh\n', findmnt: '#!/bin/sh\n' })) {
    writeFileSync(join(folder, 'bin', name), script);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  // The release once it runs: install checks its health path.
  app = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  for (const file of ['shop.service.active', 'shop.service.enabled']) writeFileSync(join(folder, 'state', file), 'active\n');
});
afterEach(async () => {
  await new Promise((resolve) => app.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function run(content: object, step: string, variables: Record<string, string> = {}) {
  const environment = { PATH: join(folder, 'bin'), HOLDFAST_ROOT: root, STATE: join(folder, 'state'), ...variables };
  const { code, stdout } = await runStep(content, step, join(folder, 'work'), environment);
  return { code, output: stdout };
}

const prepare = (replacesService: string | undefined = 'shop.service') =>
  run(
    prepareContent(
      fleetUserData({
        port: (app.address() as AddressInfo).port,
        storeHost: 'store.local',
        storePort: 6379,
        storeTls: false,
        storeUser: '',
        storeSecretArn: '',
        region: 'us-east-1',
        replacesService,
      }),
    ),
    'prepare',
    { HOLDFAST_LOCAL_CLOUD_INIT: join(folder, 'cloud-init'), https_proxy: 'http://proxy:3128' },
  );

async function install(version: string, port = (app.address() as AddressInfo).port) {
  const archive = await release({}, { ...CONTRACT, port });
  writeFileSync(join(folder, 'work', 'release.tar.gz'), archive.bytes);
  const { output } = await run(documentContent('install', 'releases'), 'install', {
    SSM_fencingToken: '1',
    SSM_version: version,
    SSM_sha256: archive.sha256,
    SSM_mode: 'install',
  });
  return installOutput.parse(JSON.parse(output));
}

const calls = (): string[] =>
  readFileSync(join(folder, 'state', 'log'), 'utf8')
    .trim()
    .split('\n');
const is = (service: string, what: 'active' | 'enabled'): boolean => existsSync(join(folder, 'state', `${service}.${what}`));
const refuse = (service: string): void => writeFileSync(join(folder, 'state', 'refuse'), `${service}\n`);

describe('preparing', () => {
  it('returns one line, creates the folders and the environment, and leaves the existing service running', async () => {
    const { code, output } = await prepare();
    expect(code).toBe(0);
    expect(prepareOutput.parse(JSON.parse(output))).toEqual({ result: 'prepared' });
    expect(readFileSync(join(root, 'etc/instance.env'), 'utf8')).toContain('SESSION_STORE_HOST="store.local"');
    expect(readFileSync(join(root, 'etc/proxy.env'), 'utf8')).toBe('https_proxy=http://proxy:3128\n');
    expect(statSync(join(root, 'etc/proxy.env')).mode & 0o777).toBe(0o600);
    expect(calls().filter((call) => call.includes('shop'))).toEqual([]);
    expect(calls().some((call) => /^(stop|disable)/.test(call))).toBe(false);
  });

  it('changes nothing when it is repeated', async () => {
    await prepare();
    const before = ['etc/instance.env', 'etc/replaces-service', 'bin/run-app'].map((file) => readFileSync(join(root, file), 'utf8'));
    expect((await prepare()).code).toBe(0);
    expect(['etc/instance.env', 'etc/replaces-service', 'bin/run-app'].map((file) => readFileSync(join(root, file), 'utf8'))).toEqual(
      before,
    );
  });

  it('waits for the end of its own user data, and not for an application that user data runs', async () => {
    const file = (name: string) => join(folder, 'cloud-init', name);
    mkdirSync(file(''));
    writeFileSync(file('status.json'), '{}');
    const ended = setTimeout(() => writeFileSync(file('result.json'), '{}'), 8_000);
    const { output } = await prepare();
    clearTimeout(ended);
    expect(prepareOutput.parse(JSON.parse(output))).toEqual({ result: 'preparing', phase: 'running in cloud-init' });
    expect(existsSync(join(root, 'etc'))).toBe(false);
    rmSync(file('result.json'));
    utimesSync(file('status.json'), 0, 0);
    expect(prepareOutput.parse(JSON.parse((await prepare()).output))).toEqual({ result: 'prepared' });
  });

  it('fails when the machine cannot be prepared, and prints nothing that could be taken for a result', async () => {
    writeFileSync(join(root, 'etc'), 'a file instead of a folder');
    expect(await prepare()).toEqual({ code: 1, output: '' });
  });
});

describe('the first install', () => {
  it('stops the existing service permanently, and no other', async () => {
    await prepare();
    expect(await install('1.0.0')).toEqual({ result: 'installed', version: '1.0.0', previousVersion: 'none' });
    expect([is('shop.service', 'active'), is('shop.service', 'enabled')]).toEqual([false, false]);
    expect(calls()).toEqual(expect.arrayContaining(['stop shop.service', 'disable shop.service', 'start holdfast-app']));
    expect(calls().indexOf('stop shop.service')).toBeLessThan(calls().indexOf('start holdfast-app'));
  });

  it('returns the port when the release does not start, and reports what serves', async () => {
    await prepare();
    refuse('holdfast-app');
    expect(await install('1.0.0')).toMatchObject({
      result: 'failed',
      error: 'ServiceDidNotStart',
      serving: 'shop.service',
      message: expect.stringContaining('shop.service runs again'),
    });
    expect([is('shop.service', 'active'), is('shop.service', 'enabled')]).toEqual([true, true]);
  });

  it('changes no service but replacesService', async () => {
    await prepare('');
    await install('1.0.0');
    expect(is('shop.service', 'active')).toBe(true);
  });
});

describe('an existing service that a unit starts again', () => {
  const TRIGGERS = ['shop.socket', 'nightly-kick.timer', 'shop-dropped.path'];
  const trigger = (unit: string): void => {
    for (const [what, text] of Object.entries({ triggers: 'shop.service', active: 'active', enabled: '' }))
      writeFileSync(join(folder, 'state', `${unit}.${what}`), `${text}\n`);
  };

  it('stays stopped: each of them is stopped and disabled before it', async () => {
    for (const unit of TRIGGERS) trigger(unit);
    await prepare();
    expect(await install('1.0.0')).toMatchObject({ result: 'installed', version: '1.0.0' });
    for (const name of [...TRIGGERS, 'shop.service']) expect([name, is(name, 'active'), is(name, 'enabled')]).toEqual([name, false, false]);
    for (const unit of TRIGGERS) expect(calls().indexOf(`stop ${unit}`), unit).toBeLessThan(calls().indexOf('stop shop.service'));
  });

  it('serves again with all of them when the release does not start: the socket before its service, which would refuse it', async () => {
    for (const unit of TRIGGERS) trigger(unit);
    await prepare();
    refuse('holdfast-app');
    expect(await install('1.0.0')).toMatchObject({ result: 'failed', serving: 'shop.service' });
    for (const name of [...TRIGGERS, 'shop.service']) expect([name, is(name, 'active'), is(name, 'enabled')]).toEqual([name, true, true]);
  });

  it('serves again by its socket alone, where no request had started it', async () => {
    trigger('shop.socket');
    for (const file of ['shop.service.active', 'shop.service.enabled']) rmSync(join(folder, 'state', file));
    await prepare();
    refuse('holdfast-app');
    expect(await install('1.0.0')).toMatchObject({ serving: 'shop.service', message: expect.stringContaining('shop.service runs again') });
    expect([is('shop.socket', 'active'), is('shop.socket', 'enabled'), is('shop.service', 'active')]).toEqual([true, true, false]);
  });

  it('leaves a unit as it is that was stopped and disabled, or starts another service', async () => {
    trigger('other.timer');
    writeFileSync(join(folder, 'state/other.timer.triggers'), 'backup.service\n');
    rmSync(join(folder, 'state/other.timer.active'));
    writeFileSync(join(folder, 'state/shop.socket.triggers'), 'shop.service\n');
    await prepare();
    refuse('holdfast-app');
    await install('1.0.0');
    expect([is('other.timer', 'enabled'), is('shop.socket', 'active'), is('shop.socket', 'enabled')]).toEqual([true, false, false]);
  });
});

describe('a release that does not start while another process has its port', () => {
  it('fails with the port and the name and id of that process', async () => {
    await prepare();
    refuse('holdfast-app');
    const { port } = app.address() as AddressInfo;
    const held = new RegExp(
      `; port ${port} is held by \\S.* \\(process ${process.pid}( of [^)]*)?\\): stop and disable what holds it; shop.service runs again$`,
    );
    expect(await install('1.0.0')).toMatchObject({ error: 'ServiceDidNotStart', message: expect.stringMatching(held) });
  });

  it('fails without such a sentence where nothing listens there', async () => {
    await prepare();
    refuse('holdfast-app');
    const free = (app.address() as AddressInfo).port;
    await new Promise((resolve) => app.close(resolve));
    expect(await install('1.0.0', free)).toMatchObject({ message: expect.not.stringContaining('is held by') });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  });
});

describe('a later install', () => {
  it('falls back to the previous release, not to the existing service', async () => {
    await prepare();
    await install('1.0.0');
    refuse('holdfast-app');
    const failed = await install('2.0.0');
    expect(failed).toMatchObject({ result: 'failed', error: 'ServiceDidNotStart' });
    expect(failed).not.toHaveProperty('serving');
    expect(is('shop.service', 'active')).toBe(false);
  });
});
