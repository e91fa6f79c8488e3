/** The connections of real servers, as the installed `ss` shows them. */
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { until } from '../../until.ts';
import { startPython } from './connections-python.ts';
import { runStep } from './run-step.ts';

const python = await startPython();
afterAll(() => python.stop());

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function listen<T extends Server>(server: T, host: string): Promise<{ server: T; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanUps.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

function open(port: number, localAddress = '127.0.0.7'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress }, () => resolve(socket));
    socket.on('error', reject);
    cleanUps.push(() => socket.destroy());
  });
}

const LOOK = `
watch = Connections([given], True, time.monotonic(), dict())
counts = watch.read(time.monotonic())
result = dict(counts, connections=len(watch.before))`;
const look = (port: number) => python.run<{ inFlight: number }>(LOOK, port);

describe('a request in flight', () => {
  it.each([
    ['of a listener on an IPv4 address', '127.0.0.1'],
    ['of a dual-stack listener, as Java has it', '::'],
  ])('is seen on a connection %s, until it is answered', async (_, host) => {
    const sockets: Socket[] = [];
    const { port } = await listen(
      createServer((socket) => void sockets.push(socket)),
      host,
    );
    const client = await open(port);
    await until(() => sockets.length === 1);
    expect(await look(port)).toMatchObject({ inFlight: 0, connections: 1 });
    client.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => (sockets[0]?.bytesRead ?? 0) > 0);
    expect(await look(port)).toMatchObject({ inFlight: 1 });
    await new Promise((resolve) => sockets[0]?.write('HTTP/1.1 200 OK\r\n\r\n', resolve));
    // The answer's second after which nothing more is sent.
    await until(async () => (await look(port)).inFlight === 0, 'idle');
  });

  it('is seen before the server accepts its connection', async () => {
    const script = `
import socket
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(5)
port = listener.getsockname()[1]
client = socket.create_connection(("127.0.0.1", port))
client.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n")
result = Connections([port], True, time.monotonic(), dict()).read(time.monotonic())`;
    expect(await python.run(script)).toEqual({ inFlight: 1, longLived: 0, ties: 0 });
  });
});

describe('the order of a response and the next request within one tick', () => {
  /** The server's side of one connection, with both ends in one process: the next request is sent at once. */
  const script = `
import socket
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(5)
port = listener.getsockname()[1]
client = socket.create_connection(("127.0.0.1", port))
server, _ = listener.accept()
watch = Connections([port], True, time.monotonic(), dict())
wrong = dict(idle=0, inFlight=0)
ties = 0
def look(moments):
    for _ in range(moments):
        counts = watch.read(time.monotonic())
        time.sleep(0.05)
    return counts, list(watch.before.values())[0]
def ask():
    client.sendall(b"q" * 200)
    server.recv(1000)
def answer():
    server.sendall(b"r" * 100)
    client.recv(1000)
for round in range(given):
    ask(); look(1); answer(); ask()
    counts, sample = look(2)
    ties += sample["verdict"] == TIE
    wrong["idle"] += counts["inFlight"] == 0
    answer()
    counts, sample = look(2)
    wrong["inFlight"] += sample["verdict"] == IN_FLIGHT
result = dict(wrong, ties=ties)`;

  it('is never taken for idle with a request in flight, nor for in flight once it is answered', async () => {
    expect(await python.run(script, 6)).toMatchObject({ idle: 0, inFlight: 0 });
  });
});

const ENDLESS = 'while :; do echo "a line of a socket, and many more of them, without end, one after the other"; done';

describe('why the view is not to be trusted', () => {
  const reason = (port: number, path?: string): Promise<unknown> =>
    python.run(
      `
check_listeners.__globals__["SS_SECONDS"] = 60.0
try:
    check_listeners([given])
    result = "none"
except NoView as error:
    result = str(error)`,
      port,
      path,
    );

  it('nothing listens there in this namespace', async () => {
    const { port, server } = await listen(createServer(), '127.0.0.1');
    expect(await reason(port)).toBe('none');
    await new Promise((resolve) => server.close(resolve));
    expect(await reason(port)).toBe(`nothing listens at port ${port} in the network namespace of the SSM agent`);
  });

  it.each([
    ['is missing', {}, 'ss is missing: install iproute (Debian: iproute2)'],
    ['fails', { ss: 'exit 1' }, 'ss exits with 1'],
    [
      'shows docker-proxy at the port',
      { ss: `echo 'LISTEN 0 4096 0.0.0.0:80 0.0.0.0:* users:(("docker-proxy",pid=7,fd=4))'` },
      "docker-proxy listens at port 80: the connections are in the container's network namespace",
    ],
    ['prints without end', { ss: ENDLESS }, 'ss prints more than 16 MB: too many connections'],
  ])('ss %s', async (_, programs, sentence) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-ss-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    for (const [name, target] of Object.entries(programs)) writeFileSync(join(folder, name), `#!/bin/sh\n${target}\n`, { mode: 0o755 });
    expect(await reason(80, folder)).toBe(sentence);
  });
});

describe('wait-idle', () => {
  const content = documentContent('waitIdle', '');
  const drain = (port: number, root: string, more: Record<string, string> = {}) =>
    runStep(content, 'waitIdle', root, {
      SSM_fencingToken: '1',
      SSM_sliceSeconds: '0.3',
      SSM_floorSeconds: '0',
      SSM_quietSeconds: '30',
      SSM_previousRequests: '-1',
      SSM_previousQuietSeconds: '0',
      SSM_drainSignal: 'auto',
      SSM_targetPorts: String(port),
      SSM_longLived: 'close',
      SSM_drainStartedAtMs: '1000',
      SSM_watch: 'requests',
      HOLDFAST_ROOT: root,
      ...more,
    });

  it('watches a server that has no release yet at the port that the load balancer knows', async () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-drain-'));
    cleanUps.push(() => rmSync(root, { recursive: true }));
    const held: ServerResponse[] = [];
    const { port } = await listen(
      createHttpServer((_, response) => void held.push(response)),
      '127.0.0.1',
    );
    const answered = fetch(`http://127.0.0.1:${port}/`);
    await until(async () => (await look(port)).inFlight === 1);
    const { stdout, stderr } = await drain(port, root);
    expect([JSON.parse(stdout), stderr]).toMatchObject([{ signal: 'kernel', inFlight: 1 }, '']);
    for (const response of held) response.end('late');
    await (await answered).text();
    expect(JSON.parse((await drain(port, root, { SSM_sliceSeconds: '60', SSM_quietSeconds: '0.2' })).stdout)).toMatchObject({
      inFlight: 0,
    });
  });

  it.each([
    ['failed', 'kernel'],
    ['activating', 'kernel'],
    // It may have requests that it answers before it ends.
    ['deactivating', 'blind'],
    // What is forwarded to it past its port is not seen.
    ['active', 'blind'],
  ])('with nothing at the port and a service that is %s, the signal is %s', async (state, signal) => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-drain-'));
    cleanUps.push(() => rmSync(root, { recursive: true }));
    for (const folder of ['releases/1.0.0', 'etc']) mkdirSync(join(root, folder), { recursive: true });
    const { port, server } = await listen(createServer(), '127.0.0.1');
    writeFileSync(join(root, 'etc/instance.env'), `PORT=${port}\n`);
    const systemctl = `#!/bin/sh\n[ "$*" = "is-active holdfast-app" ] && echo ${state}\n`;
    writeFileSync(join(root, 'systemctl'), systemctl, { mode: 0o755 });
    const reason = async () => JSON.parse((await drain(port, root, { PATH: root, SSM_floorSeconds: '0.2' })).stdout) as unknown;
    // What is so in each state is tried in one.
    if (state === 'failed')
      expect(await reason(), 'a listener').toMatchObject({ signal: 'kernel', reason: expect.not.stringContaining('is failed') });
    await new Promise((resolve) => server.close(resolve));
    if (state === 'failed') expect(await reason(), 'no contract: nothing of ours is known').toMatchObject({ signal: 'blind' });
    writeFileSync(join(root, 'releases/1.0.0/holdfast.app.json'), JSON.stringify({ port }));
    symlinkSync('releases/1.0.0', join(root, 'current'));
    const output = (await reason()) as { quietSeconds: number };
    expect(output).toMatchObject(
      signal === 'kernel' ? { signal, inFlight: 0, reason: expect.stringContaining(`is ${state}`) } : { signal },
    );
    expect(output.quietSeconds >= 30, 'as after the quiet time').toBe(signal === 'kernel');
  });

  /** A connection that has had an answer, as a load balancer keeps it: a request then trickles on it, a byte of its body at a time. */
  async function keptOpen(port: number): Promise<Socket> {
    const client = await open(port);
    const answered = new Promise((resolve) => client.once('data', resolve));
    client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await answered;
    return client;
  }
  async function trickle(port: number, used?: Socket): Promise<void> {
    const client = used ?? (await keptOpen(port));
    client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    const timer = setInterval(() => client.write('x'), 100);
    cleanUps.push(() => clearInterval(timer));
    await until(async () => (await look(port)).inFlight > 0);
  }

  it.each([
    ['by the kernel', 'kernel', {}],
    ["by the application's counts", 'counts', { inFlight: 1 }],
  ])('distinguishes a request that trickles from before its drain from one that began since, %s', async (_, signal, stats) => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-drain-'));
    cleanUps.push(() => rmSync(root, { recursive: true }));
    for (const folder of ['run', 'releases/1.0.0']) mkdirSync(join(root, folder), { recursive: true });
    const { port } = await listen(
      createHttpServer((request, response) => {
        // Not within the tick of the request.
        request.resume().on('end', () => setTimeout(() => response.end(JSON.stringify({ ...stats, requests: 9 })), 25));
      }),
      '127.0.0.1',
    );
    const probe = (field: string) => ({ path: '/stats', field });
    const counted = signal === 'counts' && { inFlight: probe('inFlight'), requests: probe('requests') };
    writeFileSync(join(root, 'releases/1.0.0/holdfast.app.json'), JSON.stringify({ port, ...counted }));
    symlinkSync('releases/1.0.0', join(root, 'current'));
    const answer = async (more?: Record<string, string>) => JSON.parse((await drain(port, root, more)).stdout) as unknown;
    const used = await keptOpen(port);
    await keptOpen(port);
    await until(async () => (await look(port)).inFlight === 0, 'both idle');
    await trickle(port, await keptOpen(port));
    expect(await answer(), 'no look, no ages').not.toHaveProperty('older');
    expect(await answer({ SSM_watch: 'inFlight' })).toMatchObject({ signal: 'kernel' });
    expect(await answer()).toMatchObject({ signal, inFlight: 1, older: 1, younger: 0 });
    await trickle(port, used);
    expect(await answer(), 'on a connection that is older itself').toMatchObject({ signal, older: 1, younger: 1 });
    await trickle(port);
    expect(await answer(), 'on a new one').toMatchObject({ signal, older: 1, younger: 2 });
    const stored = JSON.parse(readFileSync(join(root, 'run/look.json'), 'utf8')) as object;
    writeFileSync(join(root, 'run/look.json'), JSON.stringify({ ...stored, boot: 'another' }), { mode: 0o600 });
    expect(await answer(), 'of another boot').not.toHaveProperty('older');
  });

  it('remembers the connections of its drain in the run folder, and trusts no link there', async () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-drain-'));
    cleanUps.push(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, 'run'));
    const memory = join(root, 'run/drain.json');
    const { port } = await listen(
      createHttpServer((_, response) => void response.end('now')),
      '127.0.0.1',
    );
    const client = await open(port);
    client.resume().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await drain(port, root);
    const before = JSON.parse(readFileSync(memory, 'utf8')) as { began: number; connections: object };
    expect([statSync(memory).mode & 0o777, Object.keys(before.connections).length]).toEqual([0o600, 1]);
    const next = JSON.parse((await drain(port, root, { SSM_previousQuietSeconds: '0.1' })).stdout) as { quietSeconds: number };
    expect(next.quietSeconds).toBeGreaterThan(0.3);
    expect(JSON.parse(readFileSync(memory, 'utf8'))).toMatchObject({ began: before.began });

    writeFileSync(join(root, 'target'), JSON.stringify({ ...before, drain: '2000', active: 0, began: 0 }));
    rmSync(memory);
    symlinkSync(join(root, 'target'), memory);
    const other = JSON.parse((await drain(port, root, { SSM_drainStartedAtMs: '2000' })).stdout) as { quietSeconds: number };
    expect(other.quietSeconds).toBeLessThan(20);
    expect(lstatSync(memory).isFile()).toBe(true);
    expect(JSON.parse(readFileSync(join(root, 'target'), 'utf8'))).toMatchObject({ began: 0 });
  });
});
