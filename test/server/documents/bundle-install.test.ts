/** The order of events in installs, rollbacks and failures of CodeDeploy bundles, and what a server remembers of them. */
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUNDLE_EVENTS, type BundleEvent } from '../../../functions/shared/app-contract.ts';
import { BundleServer, hook, type Revision, traced } from './bundle-server.ts';

let server: BundleServer;
beforeEach(() => {
  server = new BundleServer();
});
afterEach(() => server.remove());

/** A bundle whose scripts write their event and its version; `ends`: what a script does besides. */
function app(version: string, ends: Partial<Record<BundleEvent, string>> = {}): Revision {
  return {
    appspec: {
      files: [{ source: 'app', destination: '/srv/app' }],
      hooks: Object.fromEntries(BUNDLE_EVENTS.map((event) => [event, [hook(`${event}.sh`)]])),
    },
    files: {
      'app/version': version,
      [`app/only-${version}`]: '',
      ...Object.fromEntries(BUNDLE_EVENTS.map((event) => [`${event}.sh`, traced(version, ends[event])])),
    },
  };
}
const FIRST = ['BeforeInstall 1', 'AfterInstall 1', 'ApplicationStart 1', 'ValidateService 1'];
const replaced = (before: string, version: string) => [
  `AfterBlockTraffic ${before}`,
  `ApplicationStop ${before}`,
  ...['BeforeInstall', 'AfterInstall', 'ApplicationStart', 'ValidateService'].map((event) => `${event} ${version}`),
];

describe('an install', () => {
  it('runs no script of a bundle before on a new server, and then those of the one whose Install ended last', async () => {
    expect(await server.install('1', app('1'))).toEqual({ result: 'installed', version: '1', previousVersion: 'none' });
    expect(server.trace()).toEqual(FIRST);
    expect(await server.install('2', app('2'))).toEqual({ result: 'installed', version: '2', previousVersion: '1' });
    expect(server.trace()).toEqual(replaced('1', '2'));
    expect(server.files('srv')).toEqual(['srv/app/only-2', 'srv/app/version']);
    expect([readlinkSync(server.path('opt/holdfast/current')), readlinkSync(server.path('opt/holdfast/previous'))]).toEqual([
      'releases/2',
      'releases/1',
    ]);
  });

  it('of the version that a whole server has does nothing while it is ready, and otherwise all', async () => {
    const application = createServer((_, response) => response.end('{"status":"UP"}')).listen(0, '127.0.0.1');
    await once(application, 'listening');
    server.write('opt/holdfast/etc/instance.env', `PORT=${(application.address() as AddressInfo).port}\n`);
    await server.install('1', app('1'));
    server.trace();
    server.nextDeploy();
    expect(await server.install('1', app('1'))).toEqual({ result: 'alreadyInstalled', version: '1' });
    expect(server.trace()).toEqual([]);
    application.close();
    application.closeAllConnections();
    server.nextDeploy();
    expect(await server.install('1', app('1'))).toMatchObject({ result: 'installed', previousVersion: '1' });
    expect(server.trace()).toEqual(replaced('1', '1'));
  });

  it('keeps three releases, unpacked for root alone, and 20 logs', async () => {
    for (const version of ['1', '2', '3', '4']) await server.install(version, app(version));
    expect(readdirSync(server.path('opt/holdfast/releases'))).toHaveLength(3);
    expect(statSync(server.path('opt/holdfast/releases/4')).mode & 0o777).toBe(0o700);
    for (let deploy = 0; deploy < 5; deploy += 1) {
      server.nextDeploy();
      await server.install(`${5 + deploy}`, app(`${5 + deploy}`));
    }
    const logs = readdirSync(server.path('opt/holdfast/log/bundle'));
    expect(logs).toHaveLength(20);
    expect(logs).toContain('6-ValidateService.log');
    expect(statSync(server.path('opt/holdfast/log/bundle/6-ValidateService.log')).mode & 0o777).toBe(0o600);
  });
});

describe('a script that fails', () => {
  it.each<[BundleEvent, string, string[]]>([
    ['BeforeInstall', '1', ['AfterBlockTraffic 1', 'ApplicationStop 1', ...replaced('x', '1').slice(2)]],
    ['AfterInstall', '2', replaced('2', '1')],
    ['ApplicationStart', '2', replaced('2', '1')],
    ['ValidateService', '2', replaced('2', '1')],
  ])('in %s leaves the rest; the rollback stops by the scripts of %s', async (event, installed, rollback) => {
    await server.install('1', app('1'));
    server.trace();
    server.nextDeploy();
    const output = await server.install('2', app('2', { [event]: 'echo "cannot, password=secret-8f3a91"; exit 3' }));
    expect(output).toMatchObject({
      result: 'failed',
      error: 'HookFailed',
      message: `2: ${event}.sh of ${event} exited with 3; its log is ${server.root}/log/bundle/2-${event}.log on the server`,
      journal: ['cannot, password=***'],
    });
    expect(output).not.toHaveProperty('serving');
    expect(server.trace().at(-1)).toBe(`${event} 2`);
    expect(server.state()).toEqual({ installed, complete: false });
    expect(await server.install('1', app('1'))).toMatchObject({ result: 'installed', version: '1', previousVersion: installed });
    expect(server.trace()).toEqual(rollback);
    expect(server.files('srv')).toEqual(['srv/app/only-1', 'srv/app/version']);
    expect(server.state()).toEqual({ installed: '1', complete: true });
  });

  it('of a stop fails the install, unless it goes on: then it is noted', async () => {
    await server.install('1', app('1', { ApplicationStop: 'echo "no such unit"; exit 5' }));
    server.trace();
    server.nextDeploy();
    expect(await server.install('2', app('2'))).toMatchObject({
      error: 'HookFailed',
      message: expect.stringMatching(
        /^1: ApplicationStop.sh of ApplicationStop exited with 5; .* holdfast deploy VERSION --ignore-application-stop-failures$/,
      ),
      journal: ['no such unit'],
    });
    expect(server.trace()).toEqual(['AfterBlockTraffic 1', 'ApplicationStop 1']);
    expect(server.read('srv/app/version')).toBe('1');
    const { stdout, stderr } = await server.run('2', app('2'), { stopFailure: 'continue' });
    expect(JSON.parse(stdout)).toMatchObject({ result: 'installed', version: '2' });
    expect(stderr).toContain('goes on after a failure: 1: ApplicationStop.sh of ApplicationStop exited with 5');
    expect(server.trace()).toEqual(replaced('1', '2'));
  });

  it('of the event before traffic is no stop, and fails whatever goes on', async () => {
    await server.install('1', app('1', { BeforeAllowTraffic: 'exit 1' }));
    server.nextDeploy();
    expect(await server.install('1', {}, { mode: 'BeforeAllowTraffic', stopFailure: 'continue' })).toMatchObject({
      error: 'HookFailed',
      message: expect.stringContaining('BeforeAllowTraffic.sh of BeforeAllowTraffic exited with 1'),
    });
  });

  it('that was killed left half an archive: it makes room for the next', async () => {
    const left = server.path('opt/holdfast/releases/.incoming-9-9/x');
    mkdirSync(left, { recursive: true });
    expect(await server.install('1', app('1', {}), { sha256: 'a'.repeat(64) })).toMatchObject({ result: 'failed' });
    expect(existsSync(left)).toBe(false);
  });
});

describe('an order that Run Command brings twice', () => {
  it('waits for the first, and has its failure', async () => {
    await server.install('1', app('1'));
    server.trace();
    server.nextDeploy();
    const broken = app('2', { ApplicationStart: 'sleep 1; exit 1' });
    const both = await Promise.all([server.install('2', broken), server.install('2', broken)]);
    expect(both[0]).toEqual(both[1]);
    expect(both[0]).toMatchObject({ error: 'HookFailed' });
    expect(server.trace()).toEqual(replaced('1', '2').slice(0, -1));
  });

  it('waits for the first, and has its success', async () => {
    const slow = app('1', { ApplicationStart: 'sleep 1' });
    const both = await Promise.all([server.install('1', slow), server.install('1', slow)]);
    expect(both.map(({ result }) => result)).toEqual(['installed', 'installed']);
    expect(server.trace()).toEqual(FIRST);
  });

  it('of an earlier deploy is refused', async () => {
    await server.install('1', app('1'), { fencingToken: '9' });
    server.trace();
    expect(await server.install('2', app('2'), { fencingToken: '8' })).toMatchObject({ error: 'StaleFencingToken' });
    expect(server.trace()).toEqual([]);
  });
});

describe('other orders', () => {
  it('restart installs once for a deploy what is installed, as a deployment of the same revision does', async () => {
    await server.install('1', app('1'));
    server.trace();
    for (const token of [2, 2, 3]) {
      expect(await server.install('1', app('1'), { mode: 'restart', fencingToken: `${token}` })).toMatchObject({ result: 'installed' });
      expect(server.trace()).toEqual(token === 2 && existsSync(server.path('second')) ? [] : replaced('1', '1'));
      server.write('second', '');
    }
    expect(await server.install('2', app('2'), { mode: 'restart', fencingToken: '4' })).toMatchObject({
      error: 'InvalidRelease',
      message: 'a restart keeps the release, and this server has 1 instead of 2; nothing was changed',
    });
  });

  it.each(['BeforeBlockTraffic', 'BeforeAllowTraffic', 'AfterAllowTraffic'] as const)('%s runs its scripts alone', async (mode) => {
    expect(await server.install('2', undefined, { mode })).toMatchObject({ result: 'installed', version: 'none' });
    await server.install('1', app('1', { [mode]: 'echo "$DEPLOYMENT_ID"; exit "$(cat "$SERVER/code")"' }));
    server.trace();
    server.nextDeploy();
    server.write('code', '0');
    expect(await server.install('2', undefined, { mode })).toMatchObject({ result: 'installed', version: '1' });
    expect(server.trace()).toEqual([`${mode} 1`]);
    server.nextDeploy();
    server.write('code', '7');
    expect(await server.install('2', undefined, { mode })).toMatchObject({ error: 'HookFailed', journal: ['d-3'] });
    expect(server.state()).toEqual({ installed: '1', complete: true });
  });

  it('end runs both scripts of a stop, whatever comes of them', async () => {
    expect(await server.install('1', undefined, { mode: 'end' })).toMatchObject({ result: 'installed', version: 'none' });
    await server.install('1', app('1', { AfterBlockTraffic: 'exit 1', ApplicationStop: 'exit 1' }));
    server.trace();
    expect(await server.install('1', undefined, { mode: 'end' })).toMatchObject({ result: 'installed' });
    expect(server.trace()).toEqual(['AfterBlockTraffic 1', 'ApplicationStop 1']);
    expect(server.state()).toEqual({ installed: '1', complete: false });
  });

  it('none brings the placeholder back, and removes the files; without a placeholder it is refused', async () => {
    expect(await server.install('none')).toMatchObject({ error: 'InvalidRelease', message: expect.stringContaining('no placeholder') });
    const answers = createServer((_, response) => response.end('{"status":"UP"}')).listen(0, '127.0.0.1');
    await once(answers, 'listening');
    server.withPlaceholder((answers.address() as AddressInfo).port);
    await server.install('1', app('1', { ApplicationStart: 'cat "$SERVER/unit-holdfast-placeholder"; exit 0', ApplicationStop: 'exit 1' }));
    expect(server.log('ApplicationStart')).toContain('No such file');
    server.trace();
    server.nextDeploy();
    expect(await server.install('none')).toMatchObject({ result: 'installed', version: 'none', previousVersion: '1' });
    expect(server.trace()).toEqual(['AfterBlockTraffic 1', 'ApplicationStop 1']);
    expect(server.files('srv')).toEqual([]);
    expect(server.read('unit-holdfast-placeholder')).toBe('active\n');
    expect(existsSync(server.path('opt/holdfast/current'))).toBe(false);
    server.nextDeploy();
    expect(await server.install('2', app('2'))).toMatchObject({ result: 'installed', previousVersion: 'none' });
    answers.close();
  });
});
