import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandFailure, toFailure } from '../../../../cli/failure.ts';
import { CHECKOUT } from '../../../../setup/checkout.mjs';
import { stateOf } from '../../../../test/cli/run-cli.ts';
import { checkOptions } from '../../bring-up.ts';
import { parseStartOptions, type StartOptions } from '../../start-options.ts';
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
  folder('wrong-key', JSON.stringify({ start: ['x'], port: 1, health: { loadBalancer: '/', ready: '/' }, probes: {} }));
  folder('wrong-value', JSON.stringify({ start: 'node x', port: 1, health: { loadBalancer: '/', ready: '/' } }));
  writeFileSync(path.join(place.folder, 'a-file'), '');
  writeFileSync(path.join(place.folder, 'mine.json'), JSON.stringify({ fleets: { web: { allowPlainHttp: true, minCapacity: 0 } } }));
});
afterAll(() => {
  busy.close();
  place.remove();
});

/** How `npm start` fails by these arguments: what it does before it starts anything, in this process. */
async function refusal(args: readonly string[]): Promise<Pick<CommandFailure, 'code' | 'message' | 'exitCode'>> {
  try {
    const options = parseStartOptions(args, place.folder) as StartOptions;
    await checkOptions({ ...options, fleet: 'web', log: () => {} });
  } catch (error) {
    const { code, message, exitCode } = toFailure(error);
    return { code, message, exitCode };
  }
  throw new Error(`${args.join(' ')} was not refused`);
}

describe('bad input is refused with exit 2 and one sentence', () => {
  it.each(['--port', '--gateway-port', '--page-port'])('%s that is taken', async (option) => {
    expect(await refusal([option, String(port)])).toEqual({
      code: 'PortError',
      message: `Port ${port} on 127.0.0.1 is taken by another program: free it, choose another with ${option}, or omit ${option} to get a free one.`,
      exitCode: 2,
    });
  });

  it('one port for two listeners', async () => {
    expect(await refusal(['--port', '25000', '--page-port', '25000'])).toEqual({
      code: 'PortError',
      message: '--port and --page-port are both 25000: choose two ports, or omit one option.',
      exitCode: 2,
    });
  });

  it.each([
    ['./nowhere', /it does not exist; nothing was started$/],
    ['jetty', /it does not exist \(the examples are hardened-node-app, tomcat and spring\); nothing was started$/],
    ['a-file', /it is not a folder; nothing was started$/],
    ['no-contract', /cannot read holdfast\.app\.json at the root of the release: it does not exist; nothing was started$/],
    ['no-json', /JSON.*; nothing was started$/],
    ['wrong-key', /unknown key "probes": remove it or correct its name; nothing was started$/],
    ['wrong-value', /"start" is "node x": it must be a list; nothing was started$/],
  ])('--app %s, relative to the caller', async (app, sentence) => {
    const { code, message, exitCode } = await refusal(['--app', app]);
    expect([code, exitCode]).toEqual(['InvalidRelease', 2]);
    expect(message.split('\n')).toHaveLength(1);
    expect(message).toMatch(sentence);
    expect(message.startsWith(`--app ${path.join(place.folder, app)} cannot be deployed: `)).toBe(true);
  });

  it('--config that is not valid', async () => {
    expect(await refusal(['--config', path.join(place.folder, 'mine.json')])).toEqual({
      code: 'InvalidConfiguration',
      message: `${path.join(place.folder, 'mine.json')} is not valid:\n  fleets.web.minCapacity (0): must be at least 1`,
      exitCode: 2,
    });
  });
});

describe('npm start with bad input, relative to the caller’s folder, starts nothing', () => {
  const ended = async (...args: string[]) => {
    const { code, lines, stderr } = await new StartRun(place, args).ended();
    // Neither a run nor a log.
    expect(readdirSync(place.folder)).not.toContain('state');
    return { code, lines, stderr };
  };

  it('prints it with --json as exactly one line on standard output', async () => {
    const { code, lines, stderr } = await ended('--once', '--json', '--app', 'a-file');
    const error = { code: 'InvalidRelease', message: expect.stringContaining('it is not a folder') };
    expect([code, lines.map((line) => JSON.parse(line) as unknown), stderr]).toEqual([2, [{ error }], '']);
  });

  it('prints so also a failed set-up, before the script itself starts', () => {
    const run = spawnSync(process.execPath, [path.join(CHECKOUT, 'setup/run.mjs'), 'lab/demo/start.ts', '--once', '--json'], {
      env: { ...place.environment(), HOLDFAST_STORE_SERVER: '/nowhere/redis-server' },
      encoding: 'utf8',
      timeout: 120_000,
    });
    const message = expect.stringContaining('HOLDFAST_STORE_SERVER is /nowhere/redis-server');
    expect(run.stdout.split('\n')).toHaveLength(2);
    expect([run.status, JSON.parse(run.stdout)]).toEqual([1, { error: { code: 'SetupError', message } }]);
  });
});

describe('npm start while the local cloud is up', () => {
  let second: Place;
  beforeAll(() => {
    second = new Place();
    mkdirSync(second.state);
    const state = stateOf('http://127.0.0.1:9', { token: 'token-of-the-console' });
    writeFileSync(path.join(second.state, 'cloud.json'), JSON.stringify(state));
  });
  afterAll(() => second.remove());

  it('starts nothing, and prints the link of its console, which is in no error', async () => {
    const { code, lines, stderr } = await new StartRun(second, []).ended();
    expect([code, lines]).toEqual([1, ['console  http://127.0.0.1:1/#token=token-of-the-console']]);
    expect(stderr).toContain('a local cloud of this checkout is already up');
    expect(stderr).not.toContain('token-of-the-console');
  });

  it('prints for scripts the error alone', async () => {
    const { code, lines } = await new StartRun(second, ['--once', '--json']).ended();
    const error = { code: 'AlreadyUp', message: expect.not.stringContaining('token') };
    expect([code, lines.map((line) => JSON.parse(line) as unknown)]).toEqual([1, [{ error }]]);
  });
});
