/** A created server without a release: what its placeholder answers, and how the first release takes its place and gives it back. */
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { release } from '#local-aws/test/instances/fixture-release.ts';
import { installOutput } from '../../../functions/instance/document-contract.ts';
import { NO_RELEASE, NO_RELEASE_SHA256 } from '../../../functions/shared/version.ts';
import type { TestFleet } from '../../../lab/demo/test/aws/instances/test-fleet.ts';
import { fleetUserData } from '../../../server/user-data/user-data.ts';
import { until } from '../../until.ts';
import { plainUserData } from './unpack.ts';
import { startWarmFleet } from './warm-machines.ts';

let fleet: TestFleet;
let instanceId: string;
let port: number;
let root: string;
const NOTHING = { bytes: Buffer.from(''), sha256: NO_RELEASE_SHA256 };
const PROPS = { port: 80, storeHost: '', storePort: 6379, storeTls: false, storeUser: '', storeSecretArn: '', region: 'eu-west-1' };

beforeAll(async () => {
  fleet = await startWarmFleet();
  ({ instanceId, port } = await fleet.launch());
  root = join(fleet.instances.get(instanceId)?.folder ?? '', 'opt/holdfast');
  await until(async () => (await health()) === 200);
});
afterAll(() => fleet.stop());

const get = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init);
const health = async (): Promise<number | undefined> => (await get('/healthz').catch(() => undefined))?.status;
/** Services that run, of the two. */
const running = async (): Promise<string[]> => {
  const states = ['holdfast-placeholder', 'holdfast-app'].map(async (name) => {
    const { stdout } = await fleet.instances.systemctl(instanceId, 'is-active', name);
    return stdout === 'active\n' ? [name] : [];
  });
  return (await Promise.all(states)).flat();
};
/** What comes back for bytes on a connection of their own, until the server ends it. */
const raw = (text: string) =>
  new Promise<string>((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(5_000, () => socket.destroy(new Error('no end')));
    socket.on('data', (data) => (answer += data)).on('error', reject);
    socket.on('end', () => socket.end()).on('close', () => resolve(answer));
  });

describe('the placeholder', () => {
  it('answers the health path with 200, also to HEAD', async () => {
    const answer = await get('/healthz');
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'UP', release: 'none' }]);
    expect((await get('/healthz', { method: 'HEAD' })).status).toBe(200);
  });

  it.each(['GET', 'POST', 'DELETE', 'PROPFIND'])(
    'answers %s of everything else with 503, no-store and what to run next',
    async (method) => {
      const answer = await get('/cart?x=1', { method, headers: { cookie: 'SID=abc' } });
      expect(answer.status).toBe(503);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(await answer.text()).toBe('This fleet has no release yet. To deploy one, run: ./holdfast deploy VERSION --fleet web\n');
    },
  );

  it('answers requests one after the other on one connection, bodies and HEAD between them', async () => {
    const requests = ['POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /', 'HEAD /b HTTP/1.1\r\nHost: x\r\n\r\n'];
    const answer = await raw(`${requests.join('')}GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 503', 'HTTP/1.1 200']);
  });

  it.each([
    ['garbage', '\x16\x03\x01garbage\r\n\r\n', 400],
    ['a version that does not exist', 'GET / HTTP/9.9\r\n\r\n', 505],
    ['a request line without end', `GET /${'a'.repeat(70_000)} HTTP/1.1\r\n\r\n`, 414],
    ['too many headers', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(200)}\r\n`, 431],
    ['an invalid length', 'POST / HTTP/1.1\r\nContent-Length: ²\r\n\r\n', 503],
    ['a body in chunks', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n', 503],
  ])('answers %s with one answer, quotes nothing of it and ends the connection', async (_, text, status) => {
    const answer = await raw(text);
    expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual([`HTTP/1.1 ${status}`]);
    expect(answer).toMatch(/Connection: close/i);
    expect(answer).not.toContain('garbage');
  });

  it('answers a client that sends more than it reads', async () => {
    const status = await new Promise((resolve, reject) => {
      const upload = request({ port, host: '127.0.0.1', method: 'POST', path: '/upload' }, (answer) => resolve(answer.resume().statusCode));
      upload.on('error', reject).end(Buffer.alloc(4 * 1024 * 1024));
    });
    expect(status).toBe(503);
  });

  it('answers on every path to a load balancer whose health path is not known', async () => {
    const userData = fleetUserData({ ...PROPS, placeholder: { installation: 'holdfast', fleetName: 'web' } });
    const other = await fleet.launch({ userData });
    const status = async (agent: string) =>
      (await fetch(`http://127.0.0.1:${other.port}/some`, { headers: { 'user-agent': agent } }).catch(() => undefined))?.status;
    await until(async () => (await status('')) === 503);
    expect([await status('ELB-HealthChecker/2.0'), await status('Mozilla/5.0')]).toEqual([200, 503]);
    const { StandardOutputContent } = await fleet.run(other.instanceId, 'test-observe', READINESS);
    expect(JSON.parse(StandardOutputContent)).toMatchObject({ upInARow: 2, version: NO_RELEASE });
  });

  it('is started before the packages are installed, and only on servers that Holdfast launches', async () => {
    const script = plainUserData(
      fleetUserData({ ...PROPS, placeholder: { installation: 'holdfast', fleetName: 'web', healthPath: '/live' } }),
    );
    expect(script.indexOf('systemctl start holdfast-placeholder')).toBeGreaterThan(script.indexOf('useradd'));
    expect(script.indexOf('systemctl start holdfast-placeholder')).toBeLessThan(script.indexOf('dnf install'));
    expect(plainUserData(fleetUserData(PROPS))).not.toContain('holdfast-placeholder');
  });
});

const READINESS = { attempts: '2', intervalSeconds: '0.1', confirmSeconds: '0.1' };

it('the placeholder is started again after a crash and after a reboot', async () => {
  fleet.instances.kill(instanceId);
  await until(async () => (await health()) === 200);
  await fleet.instances.reboot(instanceId);
  await until(async () => (await health()) === 200);
  expect(await running()).toEqual(['holdfast-placeholder']);
});

describe('the first release', () => {
  it('takes the place of the placeholder, also after a reboot and when user data runs again', async () => {
    const output = await fleet.install(instanceId, '1.0.0', await release());
    expect(installOutput.parse(output)).toEqual({ result: 'installed', version: '1.0.0', previousVersion: NO_RELEASE });
    expect(await running()).toEqual(['holdfast-app']);
    await fleet.instances.reboot(instanceId);
    expect(await running()).toEqual(['holdfast-app']);
    await fleet.instances.systemctl(instanceId, 'start', 'holdfast-placeholder');
    expect(await running()).toEqual(['holdfast-app']);
  });

  it('is removed by version none, and the placeholder answers again, also after a reboot', async () => {
    const output = await fleet.install(instanceId, NO_RELEASE, NOTHING);
    expect(installOutput.parse(output)).toEqual({ result: 'installed', version: NO_RELEASE, previousVersion: '1.0.0' });
    expect([await running(), await health()]).toEqual([['holdfast-placeholder'], 200]);
    await fleet.instances.reboot(instanceId);
    await until(async () => (await health()) === 200);
    expect(await running()).toEqual(['holdfast-placeholder']);
  });

  it('stays when the placeholder does not start in its place', async () => {
    await fleet.install(instanceId, '1.0.0', await release());
    const unit = join(root, 'etc/holdfast-placeholder.service');
    const text = readFileSync(unit, 'utf8');
    writeFileSync(unit, text.replace('ExecStart=/usr/bin/env', 'ExecStart=/nowhere/env'));
    const output = await fleet.install(instanceId, NO_RELEASE, NOTHING);
    expect(output).toMatchObject({ result: 'failed', error: 'ServiceDidNotStart', serving: '1.0.0' });
    expect([await running(), readlinkSync(join(root, 'current'))]).toEqual([['holdfast-app'], 'releases/1.0.0']);
  });
});
