/** What an attacker who controls the application's process can do on its server. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { release } from '#local-aws/test/instances/fixture-release.ts';
import { fleetUserData } from '../../../../../server/user-data/user-data.ts';
import { plainUserData } from '../../../../../test/server/documents/unpack.ts';
import { until } from '../../../../../test/until.ts';
import { ROLE_ENVIRONMENT, startFleet, type TestFleet } from './test-fleet.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:store-AbCdEf';
const ROLE = { AWS_ACCESS_KEY_ID: 'ASIASERVER', AWS_SECRET_ACCESS_KEY: 'secret-of-the-server', AWS_SESSION_TOKEN: 'session-of-the-server' };

const STORELESS = fleetUserData({
  port: 80,
  storeHost: '',
  storePort: 6379,
  storeTls: false,
  storeUser: '',
  storeSecretArn: '',
  region: 'us-east-1',
  awsAccess: true,
});

let fleet: TestFleet;
let secrets: Server;
/** What Secrets Manager answers; undefined for a refusal. */
let password: string | undefined;
/** Requests that carried the server's own signature. */
let signed = 0;
/** With the store's secret, and without the server's role: what most of the tests look at. */
let closed: Machine;

beforeAll(async () => {
  fleet = await startFleet();
  secrets = createServer((request, response) => {
    request.resume();
    if (request.headers.authorization?.includes('ASIASERVER/') === true) signed += 1;
    response.writeHead(password === undefined ? 400 : 200, { 'Content-Type': 'application/x-amz-json-1.1' });
    const refusal = { __type: 'AccessDeniedException', message: 'no' };
    response.end(
      JSON.stringify(password === undefined ? refusal : { SecretString: JSON.stringify({ username: 'application', password }) }),
    );
  });
  await new Promise<void>((resolve) => secrets.listen(0, '127.0.0.1', resolve));
  password = 'first';
  closed = await launch(false, ARN);
  expect(await fleet.install(closed.instanceId, '1.0.0', await release())).toMatchObject({ result: 'installed' });
});
afterAll(async () => {
  await fleet.stop();
  secrets.close();
});

interface Machine {
  readonly instanceId: string;
  readonly port: number;
  readonly folder: string;
}

async function launch(awsAccess: boolean, storeSecretArn = ''): Promise<Machine> {
  const store = { storeHost: 'h', storePort: 6379, storeTls: true, storeUser: 'application', storeSecretArn };
  // A crash is over sooner than on a server.
  const userData = plainUserData(fleetUserData({ port: 80, ...store, region: 'us-east-1', awsAccess })).replaceAll(
    'RestartSec=1\n',
    'RestartSec=100ms\n',
  );
  const environment = { AWS_ENDPOINT_URL: `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`, ...ROLE };
  const launched = await fleet.launch({ userData, environment });
  return { ...launched, folder: fleet.instances.get(launched.instanceId)?.folder ?? '' };
}
const environmentOf = async ({ port }: Machine): Promise<Record<string, string>> =>
  (await fetch(`http://127.0.0.1:${port}/environment`)).json() as Promise<Record<string, string>>;

/** A program that the application's process starts. */
function asApplication(environment: Record<string, string>, program: string, ...args: string[]) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Texts of a folder's files, without what user data is and without binaries. */
function textsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
}

describe("the application's process", () => {
  it("asks for the server's credentials in its environment, its home, by the AWS CLI and in every file, and gets none", async () => {
    const environment = await environmentOf(closed);
    // It has what it needs.
    expect(environment['SESSION_STORE_PASSWORD']).toBe('first');
    expect(JSON.stringify(environment)).not.toMatch(/ASIASERVER|of-the-server/);
    expect(environment['HOME']).toBe(join(closed.folder, 'opt/holdfast'));
    const before = signed;
    const aws = await asApplication(environment, 'aws', 'secretsmanager', 'get-secret-value', '--secret-id', ARN);
    expect(aws).toMatchObject({ code: 254, output: expect.stringContaining('Could not load credentials') });
    expect(signed).toBe(before);
    expect(textsBelow(closed.folder).filter((text) => /ASIASERVER|of-the-server/.test(text))).toEqual([]);
  });

  it("has its server's role where the fleet's configuration opens it", async () => {
    const server = await launch(true);
    await fleet.install(server.instanceId, '1.0.0', await release());
    expect(await environmentOf(server)).toMatchObject(ROLE);
  });

  it('starts a unit of its own to act as root, and is refused', async () => {
    const environment = await environmentOf(closed);
    const unit = join(closed.folder, 'tmp', 'mine.service');
    writeFileSync(unit, '[Service]\nExecStart=/bin/sleep 60\n');
    for (const args of [
      ['link', unit],
      ['start', 'mine'],
      ['stop', 'holdfast-app'],
    ])
      expect(await asApplication(environment, 'systemctl', ...args)).toMatchObject({
        code: 1,
        output: expect.stringContaining('access denied'),
      });
    expect(await asApplication(environment, 'amazon-ssm-agent', '-register')).toMatchObject({ code: 1 });
    // The machine's secret is in none of its files either.
    const secret = fleet.instances.get(closed.instanceId)?.environment['HOLDFAST_MACHINE_CONTROL']?.split(' ')[1] as string;
    expect(secret).toHaveLength(32);
    expect(textsBelow(closed.folder).filter((text) => text.includes(secret))).toEqual([]);
  });

  it("looks in its home for root's AWS credentials on a server on premises, and finds none", async () => {
    const { ActivationId, ActivationCode } = await fleet.call<Record<string, string>>('CreateActivation', {
      IamRole: 'service-role/nodes',
      RegistrationLimit: 1,
    });
    const register = `amazon-ssm-agent -register -code '${ActivationCode}' -id '${ActivationId}' -region us-east-1 -y`;
    const userData = STORELESS.replace('set -euo pipefail\n', (line) => `${line}${register}\n`);
    const { instanceId, port } = await fleet.launch({ instanceId: 'm-0123456789abcdef0', userData });
    const [node] = fleet.instances.list().filter(({ instanceId: id }) => id.startsWith('mi-'));
    expect(existsSync(join(node?.folder ?? '', '.aws/credentials'))).toBe(true);
    await fleet.install(node?.instanceId ?? '', '1.0.0', await release());
    const environment = await environmentOf({ instanceId, port, folder: '' });
    expect(existsSync(join(environment['HOME'] ?? '', '.aws'))).toBe(false);
    expect(JSON.stringify(environment)).not.toContain(ROLE_ENVIRONMENT.AWS_ACCESS_KEY_ID);
  });
});

describe("the store's secret", () => {
  it('is read again before an automatic restart, so that a crash picks up a rotated password', async () => {
    password = 'rotated';
    fleet.instances.kill(closed.instanceId);
    await until(async () => (await environmentOf(closed).catch(() => undefined))?.['SESSION_STORE_PASSWORD'] === 'rotated');

    // What is no password changes nothing: the application starts with the last one.
    password = 'two\nlines';
    fleet.instances.kill(closed.instanceId);
    await until(async () => (await environmentOf(closed).catch(() => undefined))?.['SESSION_STORE_PASSWORD'] === undefined);
    await until(async () => (await environmentOf(closed).catch(() => undefined))?.['SESSION_STORE_PASSWORD'] === 'rotated');
  });

  it('that was never read keeps the application from starting, and a later start reads it', async () => {
    const server = await launch(false, ARN);
    // As a refusal, without its retries. A start that is repeated meanwhile must not find half of a program, and look for the next in PATH.
    password = undefined;
    const answerWith = (line: string) => {
      const path = join(server.folder, 'bin/aws');
      writeFileSync(`${path}.new`, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
      renameSync(`${path}.new`, path);
    };
    answerWith('exit 255');
    const python = join(server.folder, 'opt/holdfast/bin/fetch-environment');
    writeFileSync(python, readFileSync(python, 'utf8').replace('CALL_PAUSE_SECONDS = 6', 'CALL_PAUSE_SECONDS = 0'));
    const failed = await fleet.install(server.instanceId, '1.0.0', await release());
    expect(failed).toMatchObject({ result: 'failed', message: expect.stringContaining('store.env does not exist') });
    answerWith(`echo '{"SecretString":"{\\"password\\":\\"late\\"}","VersionId":"v1"}'`);
    await fleet.install(server.instanceId, '1.0.0', await release(), { fencingToken: '2' });
    expect((await environmentOf(server))['SESSION_STORE_PASSWORD']).toBe('late');
  });
});
