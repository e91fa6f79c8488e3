import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import { Place, StartRun } from './start-run.ts';

let place: Place;
let busy: Server;
let port: number;

beforeAll(async () => {
  place = new Place();
  busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  ({ port } = busy.address() as AddressInfo);
  const folder = (name: string, contract?: string) => {
    mkdirSync(path.join(place.folder, name));
    if (contract !== undefined) writeFileSync(path.join(place.folder, name, 'holdfast.app.json'), contract);
  };
  folder('no-contract');
  folder('no-json', '{');
  folder('wrong-key', JSON.stringify({ start: ['x'], port: 1, health: { loadBalancer: '/', gate: '/' }, probes: {} }));
  folder('wrong-value', JSON.stringify({ start: 'node x', port: 1, health: { loadBalancer: '/', gate: '/' } }));
  writeFileSync(path.join(place.folder, 'a-file'), '');
  writeFileSync(path.join(place.folder, 'mine.json'), JSON.stringify({ fleets: { web: { allowPlainHttp: true, minCapacity: 0 } } }));
});
afterAll(() => {
  busy.close();
  place.remove();
});

const refusal = async (args: readonly string[]) => {
  const run = new StartRun(place, args);
  const ended = await run.ended();
  // Neither a run nor a log: nothing was started.
  expect(readdirSync(place.folder)).not.toContain('state');
  return ended;
};

describe('bad input is refused with exit 2 and one sentence, and nothing is started', () => {
  it.each(['--port', '--gateway-port', '--page-port'])('%s that is taken', async (option) => {
    const { code, lines, stderr } = await refusal([option, String(port)]);
    expect([code, lines]).toEqual([2, []]);
    expect(stderr).toBe(
      `Port ${port} on 127.0.0.1 is taken by another program: free it, choose another with ${option}, or omit ${option} to get a free one.\n`,
    );
  });

  it('one port for two listeners', async () => {
    const { code, stderr } = await refusal(['--port', '25000', '--page-port', '25000']);
    expect([code, stderr]).toEqual([2, '--port and --page-port are both 25000: choose two ports, or omit one option.\n']);
  });

  it.each([
    ['./nowhere', /it does not exist; nothing was started\n$/],
    ['jetty', /it does not exist \(the examples are hardened-node-app, tomcat and spring\); nothing was started\n$/],
    ['a-file', /it is not a folder; nothing was started\n$/],
    ['no-contract', /cannot read holdfast\.app\.json at the root of the release: it does not exist; nothing was started\n$/],
    ['no-json', /JSON.*; nothing was started\n$/],
    ['wrong-key', /unknown key "probes": remove it or correct its name; nothing was started\n$/],
    ['wrong-value', /"start" is "node x": it must be a list; nothing was started\n$/],
  ])('--app %s, relative to the caller', async (app, sentence) => {
    const { code, lines, stderr } = await refusal(['--app', app]);
    expect([code, lines]).toEqual([2, []]);
    expect(stderr.split('\n')).toHaveLength(2);
    expect(stderr).toMatch(sentence);
    expect(stderr.startsWith(`--app ${path.join(place.folder, app)} cannot be deployed: `)).toBe(true);
  });

  it('--config that is not valid', async () => {
    const { code, lines, stderr } = await refusal(['--config', 'mine.json']);
    expect([code, lines]).toEqual([2, []]);
    expect(stderr).toBe(
      `${path.join(place.folder, 'mine.json')} is not valid:\n  fleets.web.minCapacity (0): Too small: expected number to be >=1\n`,
    );
  });

  it.each([
    [
      ['--frob'],
      { code: 'InvalidOption', message: `Unknown option '--frob'; nothing was started. "npm start -- --help" shows the options` },
    ],
    [
      ['--users', '0'],
      {
        code: 'InvalidOption',
        message: '--users "0" is not a whole number from 1 to 2000; nothing was started. "npm start -- --help" shows the options',
      },
    ],
    [['--app', 'a-file'], { code: 'InvalidRelease', message: expect.stringContaining('it is not a folder') }],
  ])('%j with --json, as exactly one line on standard output', async (args, error) => {
    const { code, lines, stderr } = await refusal(['--once', '--json', ...args]);
    expect([code, lines.map((line) => JSON.parse(line) as unknown), stderr]).toEqual([2, [{ error }], '']);
  });

  it('a failed set-up with --json, before the script itself starts', () => {
    const run = spawnSync(process.execPath, [path.join(CHECKOUT, 'setup/run.mjs'), 'local/start.ts', '--once', '--json'], {
      env: { ...place.environment(), HOLDFAST_STORE_SERVER: '/nowhere/redis-server' },
      encoding: 'utf8',
      timeout: 25_000,
    });
    const message = expect.stringContaining('HOLDFAST_STORE_SERVER is /nowhere/redis-server');
    expect(run.stdout.split('\n')).toHaveLength(2);
    expect([run.status, JSON.parse(run.stdout)]).toEqual([1, { error: { code: 'SetupError', message } }]);
  });
});
