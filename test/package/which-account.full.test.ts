/** The commands of the package on AWS: what they print and ask before they change something. AWS is a fake cloud behind a proxy. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createProxy, request, type Server } from 'node:http';
import { createServer as createHttps, type Server as HttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCertificateAuthority } from '#local-aws/tls/authority.ts';
import { buildCode } from '../../package/build-code.ts';
import { nodeBinary } from '../../setup/node-binary.mjs';
import { type FakeCloud, SWEEP_EXECUTION, startFakeCloud } from '../cli/fake-cloud.ts';
import { onlyLine, type Ran } from '../cli/run-cli.ts';
import { FULL } from '../e2e/full-run.ts';

const LIMIT_MS = 60_000;
/** Processes at a time. */
const AT_ONCE = 4;
const ACCOUNT = '111122223333';

let root: string;
let project: string;
let cloud: FakeCloud;
let tls: HttpsServer;
let proxy: Server;

beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'which-account-'));
  await buildCode(root);
  writeFileSync(path.join(root, 'package.json'), JSON.stringify({ version: '0.1.0', type: 'module' }));
  cloud = await startFakeCloud();
  const authority = await createCertificateAuthority(path.join(root, 'ca'));
  const hosts = ['sts', 'ssm', 'states', 'dynamodb'].map((service) => `${service}.us-east-1.amazonaws.com`);
  const leaf = await authority.issue(hosts);
  // What AWS's endpoints do: each host ends TLS. The gateway answers by the signed service name, under its own name alone.
  tls = createHttps(leaf, (asked, answer) => {
    const headers = { ...asked.headers, host: new URL(cloud.url).host };
    asked.pipe(
      request(cloud.url + (asked.url ?? ''), { method: asked.method, headers }, (found) => {
        answer.writeHead(found.statusCode ?? 500, found.headers);
        found.pipe(answer);
      }),
    );
  });
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
  proxy = createProxy().on('connect', (_request, socket) => {
    const upstream = connect((tls.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    for (const each of [socket, upstream]) each.on('error', () => each.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
}, 120_000);
afterAll(async () => {
  proxy?.close();
  tls?.close();
  await cloud?.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  project = mkdtempSync(path.join(root, 'project-'));
  cloud.account = ACCOUNT;
  cloud.started.length = 0;
  cloud.stopped.length = 0;
  cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1) });
  const counts = { keys: 1, withoutTtl: 0, structural: 0, repaired: 0, deleted: 0, unknown: 0 };
  const summary = { ...counts, seconds: 1, keysPerSecond: 1, storeP99Ms: 1 };
  const sweep = { startedAtMs: 1, finishedAtMs: 2, requestedBy: 'ann', dryRun: false, shards: ['0001'], status: 'SUCCEEDED', summary };
  cloud.items.set('STORE|SWEEP#s1', { sweepId: 's1', executionArn: SWEEP_EXECUTION, ...sweep });
});

/** Gives the command a terminal, types the answer, and ends with its exit code. */
const TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/** @param answer typed on a terminal; undefined: there is none */
async function run(args: readonly string[], env: Record<string, string>, answer?: string): Promise<Ran> {
  const command = [nodeBinary(), path.join(root, 'lib/holdfast.js'), ...args];
  const [program = '', ...rest] = answer === undefined ? command : ['python3', '-I', '-c', TERMINAL, ...command];
  const child = spawn(program, rest, {
    cwd: project,
    timeout: LIMIT_MS,
    env: {
      ...{ PATH: process.env['PATH'], HOME: root, TERM: 'dumb', AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ AWS_ACCESS_KEY_ID: ACCOUNT, AWS_SECRET_ACCESS_KEY: 'none' },
      ...{ HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, NODE_EXTRA_CA_CERTS: path.join(root, 'ca/ca.pem') },
      ...env,
    },
  });
  child.stdin.end(answer ?? '');
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

const configure = (more: object) =>
  writeFileSync(path.join(project, 'holdfast.config.json'), JSON.stringify({ region: 'us-east-1', fleets: { web: {} }, ...more }));
const REGION = { AWS_REGION: 'us-east-1', HOLDFAST_FLEET: 'web' };
const NOTICE = `This changes installation holdfast in account ${ACCOUNT}, us-east-1 (Region from AWS_REGION), as root.\n`;

describe('the package and the local cloud of a checkout', () => {
  it('uses it where HOLDFAST_STATE_FOLDER leads there, also next to a configuration for AWS, and never sends it keys of AWS', async () => {
    cloud.account = '000000000000';
    configure({ account: ACCOUNT });
    const state = path.join(project, '.holdfast');
    cloud.announce(state);
    const { code, stdout, stderr } = await run(['status', '--json'], { HOLDFAST_STATE_FOLDER: state });
    expect([code, stderr]).toEqual([0, '']);
    expect(onlyLine(stdout)).toMatchObject({ account: '000000000000' });
    expect((await run(['status'], { HOLDFAST_STATE_FOLDER: state })).stdout).toContain('account 000000000000 (local)');
  });

  it('names that way where an endpoint of the environment leads elsewhere, and where no cloud is up', async () => {
    const elsewhere = await run(['status', '--json'], { ...REGION, AWS_ENDPOINT_URL: cloud.url });
    const message = expect.stringContaining("set HOLDFAST_STATE_FOLDER to the checkout's .holdfast folder");
    expect([elsewhere.code, onlyLine(elsewhere.stdout)]).toEqual([2, { error: { code: 'NotAws', message } }]);
    const none = await run(['status', '--json'], { HOLDFAST_STATE_FOLDER: path.join(project, '.holdfast') });
    expect([none.code, onlyLine(none.stdout)]).toEqual([
      3,
      { error: { code: 'NoCloud', message: expect.stringContaining('in which one is up') } },
    ]);
  });
});

describe('a command of the package that changes something', () => {
  it('prints account, Region and installation first, and asks for nothing without a terminal', async () => {
    const { code, stdout, stderr } = await run(['sweep'], REGION);
    expect([code, stderr]).toEqual([0, NOTICE]);
    expect(stdout).toContain(`account ${ACCOUNT}`);
    expect(cloud.started).toHaveLength(1);
  });

  it('leaves one line of JSON alone on standard output with --json, and asks for nothing on a terminal', async () => {
    const { code, stdout, stderr } = await run(['sweep', '--json'], REGION);
    expect([code, stderr]).toEqual([0, NOTICE]);
    expect(onlyLine(stdout)).toMatchObject({ sweepId: 's1', dryRun: false });
    const onTerminal = await run(['sweep', '--json'], REGION, 'n\n');
    expect([onTerminal.code, onTerminal.stdout]).toEqual([0, expect.not.stringContaining('Go on?')]);
    expect(cloud.started).toHaveLength(2);
  });

  it('asks on a terminal when the Region of the environment and the credentials alone choose the account', async () => {
    const refused = await run(['sweep'], REGION, 'n\n');
    expect(refused.stdout).toContain(`No configuration names an account, so your credentials alone have chosen ${ACCOUNT}. Go on? [y/N]`);
    expect(refused.stdout).toContain('NotConfirmed: Nothing was started. Use --yes');
    expect([refused.code, cloud.started]).toEqual([2, []]);
    const confirmed = await run(['sweep'], REGION, 'y\n');
    expect([confirmed.code, cloud.started.length]).toEqual([0, 1]);
  });

  it('asks for nothing with --yes, and where the configured account is that of the credentials', async () => {
    expect((await run(['sweep', '--yes'], REGION, '')).code).toBe(0);
    configure({ account: ACCOUNT });
    const { code, stdout } = await run(['sweep'], {}, '');
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('Go on?')]);
    expect(stdout).toContain(`(Region from ${path.join(project, 'holdfast.config.json')})`);
    expect(cloud.started).toHaveLength(2);
  });

  it('asks where a configuration in a folder above names no account', async () => {
    configure({});
    const below = path.join(project, 'a/b');
    mkdirSync(below, { recursive: true });
    project = below;
    const { code, stdout } = await run(['sweep'], {}, 'n\n');
    expect([code, stdout]).toEqual([2, expect.stringMatching(/holdfast\.config\.json names no account, so your credentials alone/)]);
    expect(cloud.started).toEqual([]);
  });

  it('is each of these, which starts and stops nothing after a no', { timeout: 300_000 }, async () => {
    const server = 'i-0123456789abcdef0';
    const all = [
      ...['deploy 1.1.0', 'rollback', `restart ${server}`, 'releases publish 1.1.0 .'],
      ...['deploys resume d1', 'deploys continue d1', 'deploys end-drain d1', 'deploys abort d1', 'deploys abort --mine'],
      ...['sweep', 'sweep --policy delete', 'sweep --lives shorten-anonymous', 'sweep --policy delete --json'],
      ...['incidents run logged-out', 'incidents do inc-00000000abcd sweep-now'],
    ];
    // Each takes a process and a terminal; one way of each capability shows that it asks.
    const commands = FULL ? all : ['deploy 1.1.0', 'deploys abort d1', 'sweep --policy delete', 'incidents run logged-out'];
    const ends: [string, number | null, boolean][] = [];
    for (let at = 0; at < commands.length; at += AT_ONCE)
      ends.push(
        ...(await Promise.all(
          commands.slice(at, at + AT_ONCE).map(async (command): Promise<[string, number | null, boolean]> => {
            const { code, stdout } = await run(command.split(' '), REGION, 'n\n');
            return [
              command,
              code,
              /This changes installation holdfast in account 111122223333(.|\s)*Go on\?(.|\s)*NotConfirmed/.test(stdout),
            ];
          }),
        )),
      );
    expect(ends).toEqual(commands.map((command) => [command, 2, true]));
    expect([cloud.started, cloud.stopped]).toEqual([[], []]);
  });

  it('is refused without a question where the configured account is another one', async () => {
    configure({ account: '999900001111' });
    const { code, stdout } = await run(['sweep', '--yes', '--json'], {});
    expect([code, onlyLine(stdout)]).toMatchObject([2, { error: { code: 'WrongAccount' } }]);
    expect(cloud.started).toEqual([]);
  });

  it('prints and asks nothing in a dry run, or when it only reads', async () => {
    for (const args of [['deploy', '1.1.0', '--dry-run'], ['status']]) {
      const { stdout } = await run(args, REGION, '');
      expect(stdout).not.toMatch(/This changes|Go on\?/);
    }
  });
});
