import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FULL } from '../e2e/full-run.ts';
import { type FakeCloud, startFakeCloud } from './fake-cloud.ts';
import { makeStateFolder, onlyLine, runCli, spawnCli, stateOf } from './run-cli.ts';

let cloud: FakeCloud;
const folders: ReturnType<typeof makeStateFolder>[] = [];

beforeAll(async () => {
  cloud = await startFakeCloud();
});
afterAll(async () => {
  await cloud.close();
  for (const folder of folders) folder.remove();
});

function stateFolder(content?: object | string): string {
  const state = makeStateFolder();
  folders.push(state);
  if (content !== undefined) {
    writeFileSync(path.join(state.folder, 'cloud.json'), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return state.folder;
}

const failure = (code: string, message: string) => ({ error: { code, message: expect.stringContaining(message) } });

describe.concurrent('which cloud a command uses', () => {
  it.each([
    ['status', ['status']],
    ['deploy', ['deploy', '1.0.0']],
    ['releases', ['releases']],
  ])('%s suggests both clouds when no local cloud is running', async (_, args) => {
    const { code, stdout } = await runCli(stateFolder(), [...args, '--json']);
    expect([code, onlyLine(stdout)]).toEqual([3, failure('NoCloud', 'Start one with "./holdfast up", or use AWS with --region.')]);
  });

  it('a state file that is not valid JSON counts as none', async () => {
    const { code, stdout } = await runCli(stateFolder('{"pid":'), ['status', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([3, failure('NoCloud', 'No local cloud is running')]);
  });

  it('down succeeds when no local cloud is running', async () => {
    const { code, stdout } = await spawnCli(stateFolder(), ['down', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([0, { local: null }]);
  });

  it('up refuses to start a second local cloud', async () => {
    const { code, stdout } = await spawnCli(stateFolder(stateOf(cloud.url)), ['up', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      1,
      failure('AlreadyUp', `process ${process.pid}, http://127.0.0.1:1/); nothing was started. Use it, or stop it`),
    ]);
  });

  it.runIf(FULL)('up --traffic sends it to the cloud that is up, unless an option asks for another one', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('no such page'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const folder = stateFolder(stateOf(cloud.url, { loadBalancerUrl: url, caFile: import.meta.filename }));
    const { code, stdout, stderr } = await spawnCli(folder, ['up', '--traffic', '2']);
    expect([code, stdout]).toEqual([1, `the local cloud is up already (process ${process.pid}): the traffic goes to ${url}\n`]);
    expect(stderr).toContain('the traffic cannot drive this application');
    const other = await spawnCli(folder, ['up', '--traffic', '2', '--app', 'tomcat', '--json']);
    expect([other.code, onlyLine(other.stdout)]).toEqual([1, failure('AlreadyUp', 'nothing was started')]);
    server.close();
  });

  it('up prints the link of the console that is up again, which is in no error', async () => {
    const { code, stdout, stderr } = await spawnCli(stateFolder(stateOf(cloud.url, { token: 'token-of-the-console' })), ['up']);
    expect([code, stdout]).toEqual([1, 'console  http://127.0.0.1:1/#token=token-of-the-console\n']);
    expect(stderr).toContain('AlreadyUp');
    expect(stderr).not.toContain('token-of-the-console');
  });

  it.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_DYNAMODB'])('--region is refused while %s is set', async (name) => {
    const { code, stdout } = await runCli(stateFolder(), ['status', '--region', 'eu-west-1', '--json'], { [name]: cloud.url });
    expect([code, onlyLine(stdout)]).toEqual([2, failure('NotAws', `${name} is set to another endpoint`)]);
  });

  /** No credentials anywhere, and not those of the machine that the test runs on. */
  const NONE = { AWS_SHARED_CREDENTIALS_FILE: '/nowhere', AWS_CONFIG_FILE: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' };
  // A proxy that is never asked: without credentials nothing is called.
  const PROXY = { HTTPS_PROXY: 'http://127.0.0.1:9' };

  it.each<[string, string, Record<string, string>, boolean, string]>([
    [
      'never falls back to the running local cloud',
      ...(['eu-west-1', {}, true] as const),
      'No credentials for AWS were found. Nothing was called. Omit --region for the local cloud, which is up; for AWS, sign in',
    ],
    ['has no credentials', 'eu-west-1', {}, false, 'No credentials for AWS were found. Nothing was called. Sign in, for example'],
    [
      'behind a proxy questions a Region that nobody knows first',
      ...(['eu-west-9', PROXY, true] as const),
      'This version of Holdfast does not know a Region eu-west-9. Did you mean eu-west-1? No credentials for AWS were found.',
    ],
  ])('--region %s', async (_, region, env, isUp, message) => {
    const folder = stateFolder(isUp ? stateOf(cloud.url) : undefined);
    const { code, stdout } = await runCli(folder, ['status', '--region', region, '--json'], { ...NONE, ...env });
    expect([code, onlyLine(stdout)]).toEqual([3, failure('NoCredentials', message)]);
  });

  it.each([
    ['elsewhere', 'http://192.0.2.1:4566', 'is not on this machine'],
    ['at a port where nothing listens', 'http://127.0.0.1:9', 'does not answer'],
  ])('a state file that points %s is refused', async (_, gatewayUrl, message) => {
    const { code, stdout } = await runCli(stateFolder(stateOf(gatewayUrl)), ['deploy', '1.0.0', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([3, failure('NotLocal', message)]);
  });
});
