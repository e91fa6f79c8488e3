import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeCloud, startFakeCloud } from './fake-cloud.ts';
import { makeStateFolder, onlyLine, runCli, stateOf } from './run-cli.ts';

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

const said = (code: string, message: string) => ({ error: { code, message: expect.stringContaining(message) } });

describe.concurrent('which cloud a command talks to', () => {
  it.each([
    ['status', ['status']],
    ['deploy', ['deploy', '1.0.0']],
    ['releases', ['releases']],
  ])('%s names both ways on when no local cloud is up', async (_, args) => {
    const { code, stdout } = await runCli(stateFolder(), [...args, '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      3,
      said('NoCloud', 'start one with "npx holdfast up", or name a Region of AWS with --region'),
    ]);
  });

  it.each<[string, object | string]>([
    ['of a process that has gone', stateOf('http://127.0.0.1:9', { pid: 2 ** 22 + 1 })],
    ['of a process whose id another one has now', stateOf('http://127.0.0.1:9', { pidStart: 'another boot:1' })],
    ['that is no JSON', '{"pid":'],
  ])('a state file %s counts as none', async (_, content) => {
    const { code, stdout } = await runCli(stateFolder(content), ['status', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([3, said('NoCloud', 'no local cloud is up')]);
  });

  it('down has nothing to do when no local cloud is up', async () => {
    const { code, stdout } = await runCli(stateFolder(), ['down', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([0, { local: null }]);
  });

  it('up refuses to start a second local cloud', async () => {
    const { code, stdout } = await runCli(stateFolder(stateOf(cloud.url)), ['up', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([1, said('AlreadyUp', `process ${process.pid}, http://127.0.0.1:1/): use it, or end it`)]);
  });

  it.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_DYNAMODB'])('--region is refused while %s points elsewhere', async (name) => {
    const { code, stdout } = await runCli(stateFolder(), ['status', '--region', 'eu-west-1', '--json'], { [name]: cloud.url });
    expect([code, onlyLine(stdout)]).toEqual([2, said('NotAws', `${name} points elsewhere`)]);
  });

  it('--region never falls back to the local cloud that is up', async () => {
    const env = { AWS_SHARED_CREDENTIALS_FILE: '/nowhere', AWS_CONFIG_FILE: '/nowhere' };
    const { code, stdout } = await runCli(stateFolder(stateOf(cloud.url)), ['status', '--region', 'eu-west-1', '--json'], env);
    expect([code, onlyLine(stdout)]).toEqual([3, said('NoCredentials', 'sign in')]);
  });

  it.each([
    ['elsewhere', 'http://192.0.2.1:4566', 'is not on this machine'],
    ['elsewhere, dressed as here', 'http://127.0.0.1@example.com/', 'is not on this machine'],
    ['nowhere', 'not an address', 'is not on this machine'],
    ['at a port where nothing is', 'http://127.0.0.1:9', 'does not answer'],
  ])('a state file that points %s is refused', async (_, gatewayUrl, message) => {
    const { code, stdout } = await runCli(stateFolder(stateOf(gatewayUrl)), ['deploy', '1.0.0', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([3, said('NotLocal', message)]);
  });

  it('a state file that points to another account is refused, and nothing is started', async () => {
    const foreign = await startFakeCloud();
    foreign.account = '123456789012';
    const { code, stdout } = await runCli(stateFolder(stateOf(foreign.url)), ['deploy', '1.0.0', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([3, said('NotLocal', 'answers for account 123456789012')]);
    expect(foreign.started).toEqual([]);
    await foreign.close();
  });
});
