/** The application's own login, tried on a real store and on servers that are none; the password is in no output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeTls } from '../../../functions/sweep/store-tls.ts';
import { DEFAULT_ENGINE } from '../../../store-engines.ts';
import { type PlantedServer, plantServer } from './planted-server.ts';

const PASSWORD = 'pa$s"w\\o`rd-é';
let server: PlantedServer;
let store: ChildProcess;
let port: number;

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
const opens = (at: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(at, '127.0.0.1', () => resolve(socket.destroy() !== undefined)).on('error', () => resolve(false));
  });

beforeAll(async () => {
  port = await freePort();
  const config = [
    'save ""',
    `port ${port}`,
    'bind 127.0.0.1',
    'user default off',
    `user app on >${PASSWORD} ~* +@all`,
    `user silent on >${PASSWORD} ~* +@all -ping`,
    'user gone off >x ~* +@all',
  ];
  store = spawn(DEFAULT_ENGINE.server, ['-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  // A line of the configuration ends a word at a quote: the password is quoted.
  const quoted = JSON.stringify(`>${PASSWORD}`);
  store.stdin?.end(`${config.map((line) => line.replace(`>${PASSWORD}`, quoted)).join('\n')}\n`);
  for (let tries = 0; tries < 100 && !(await opens(port)); tries += 1) await sleep(50);
});
afterAll(() => void store.kill());
beforeEach(() => {
  server = plantServer();
});
afterEach(() => server.remove());

const environment = (user: string, at = port, tls = 'false') =>
  server.environment({ SESSION_STORE_HOST: '127.0.0.1', SESSION_STORE_PORT: String(at), SESSION_STORE_TLS: tls, SESSION_STORE_USER: user });
/** As fetch_environment.py writes it. */
const secret = (password: string) => {
  mkdirSync(path.join(server.root, 'run'), { recursive: true });
  writeFileSync(path.join(server.root, 'run/store.env'), `SESSION_STORE_PASSWORD="${password.replace(/["\\`$]/g, '\\$&')}"\n`);
};

it.each([
  ['app', PASSWORD, { reachable: true }],
  ['silent', PASSWORD, { reachable: true }],
  ['app', 'the-one-before', { reachable: false, error: 'WRONGPASS' }],
  ['changed-on-one-side-alone', PASSWORD, { reachable: false, error: 'WRONGPASS' }],
  ['gone', 'x', { reachable: false, error: 'WRONGPASS' }],
])('of %s by its password is tried on a real store', async (user, password, view) => {
  environment(user);
  secret(password);
  const { output, stdout } = await server.run();
  expect(output.store).toEqual(view);
  expect(stdout).not.toContain(password);
});

it('is not claimed to be refused where the server has no password to try', async () => {
  environment('app');
  expect((await server.run()).output.store).toEqual({ reachable: true, loginUntried: true });
});

it('goes to no store whose certificate is not trusted, which is only asked whether it answers', async () => {
  const { words, remove } = await makeTls();
  const tlsPort = await freePort();
  const other = spawn(
    DEFAULT_ENGINE.server,
    ['--port', '0', '--tls-port', String(tlsPort), '--requirepass', 'known', '--save', '', ...words],
    {
      stdio: 'ignore',
    },
  );
  for (let tries = 0; tries < 100 && !(await opens(tlsPort)); tries += 1) await sleep(50);
  environment('', tlsPort, 'true');
  secret('known');
  // With the password it would be logged in.
  expect((await server.run()).output.store).toEqual({ reachable: true, loginUntried: true });
  other.kill();
  remove();
});
