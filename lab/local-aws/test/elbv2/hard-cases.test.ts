/** Requests that are hard to move from one target to another: long, streamed, upgraded, aborted. */
import { Agent, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createWorld, healthy, type Instance, named, pause, SECOND_MS, send, type World } from './support.ts';

let world: World;
afterEach(() => world.stop());

const TRACE = '1-67891233-abcdef012345678912345678';
const traced = { headers: { 'X-Amzn-Trace-Id': `Root=${TRACE}` } };
const deregister = (group: string, { id }: Instance) => world.call('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: id }] });

/** Targets with these handlers, healthy, and a deregistration delay. */
async function targets(delaySeconds: number, handlers: Parameters<World['instance']>[0][], settings = {}) {
  world = createWorld(settings);
  const made: Instance[] = [];
  for (const handler of handlers) {
    made.push(await world.instance((req, res) => (req.url === '/health' ? void res.end() : handler(req, res)), upgradeToEcho));
  }
  const group = await world.group(made, { attributes: { 'deregistration_delay.timeout_seconds': String(delaySeconds) } });
  // Node's agent heeds the time that a server announces for its connections, less a second: the default would be none here.
  const { port } = await world.front(group, { 'idle_timeout.timeout_seconds': '4000' });
  await healthy(world, group, ...made);
  return { group, port, first: made[0] as Instance, second: made[1] as Instance };
}

const upgradeToEcho: Parameters<World['instance']>[1] = (server) =>
  server.on('upgrade', (_, socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });

interface RawClient {
  readonly socket: Socket;
  received: string;
  closed: boolean;
}
function rawClient(port: number, text: string): RawClient {
  const socket = connect(port, '127.0.0.1');
  const client: RawClient = { socket, received: '', closed: false };
  socket.on('data', (chunk) => {
    client.received += chunk.toString();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    client.closed = true;
  });
  socket.write(text);
  return client;
}
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

describe('a keep-alive connection of a client', () => {
  it('goes on through the deregistration of the target that it was on, to the other one', async () => {
    const { group, port, first } = await targets(5, [named('first'), named('second')]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    agent.on('free', (socket) => sockets.add(socket));
    const before = [await send(port, '/', { agent }), await send(port, '/', { agent })].map(({ body }) => body);
    expect(before.toSorted()).toEqual(['first', 'second']);
    await deregister(group, first);
    const after: string[] = [];
    // Past the end of the delay, when the connections to the target are closed.
    for (const deadline = Date.now() + 7 * SECOND_MS; Date.now() < deadline; await pause(5))
      after.push((await send(port, '/', { agent })).body);
    expect(new Set(after)).toEqual(new Set(['second']));
    expect(sockets.size).toBe(1);
    expect(world.failed).toEqual([]);
    agent.destroy();
  });
});

describe('a request in flight at deregistration', () => {
  it('finishes within the delay, also when its answer had begun', async () => {
    const answers: ServerResponse[] = [];
    const { group, port, first } = await targets(200, [
      (req, res) => (req.url === '/begun' ? void res.write('a') : undefined) ?? answers.push(res),
    ]);
    const [silent, begun] = [send(port, '/silent'), send(port, '/begun')];
    await until(() => answers.length === 2, 'both are in flight');
    await deregister(group, first);
    await pause(5 * SECOND_MS);
    for (const answer of answers) answer.end('b');
    expect((await silent).body).toBe('b');
    expect((await begun).body).toBe('ab');
    expect(world.failed).toEqual([]);
  });

  // ELB user guide, load-balancer-troubleshooting, HTTP 502: the deregistration delay period elapsed for a request being handled.
  it('that outlives the delay is a 502, counted, and logged with its target and the cause', async () => {
    const { group, port, first } = await targets(3, [() => undefined], { metricPeriodMs: 20 });
    const reply = send(port, '/long?secret=1', traced);
    await until(() => first.requests.length === 1, 'it is in flight');
    await deregister(group, first);
    const { status, headers } = await reply;
    expect([status, headers.server]).toEqual([502, 'awselb/2.0']);
    expect(world.failed).toEqual([
      expect.objectContaining({ cause: 'deregistered', elbStatusCode: 502, targetId: first.id, traceId: TRACE, path: '/long' }),
    ]);
    await until(() => world.metrics.some(({ name, values }) => name === 'HTTPCode_ELB_502_Count' && values[0] === 1), 'it is counted');
  });

  it('whose response had begun when the delay ends is cut off, and logged without a status of its own', async () => {
    const { group, port, first } = await targets(3, [(_, res) => void res.write('begun')]);
    const reply = send(port, '/', traced);
    await until(() => first.requests.length === 1, 'it is in flight');
    await deregister(group, first);
    await expect(reply).rejects.toThrow();
    expect(world.failed).toEqual([
      expect.objectContaining({ cause: 'deregistered', targetStatusCode: 200, targetId: first.id, traceId: TRACE }),
    ]);
    expect(world.failed[0]?.elbStatusCode).toBeUndefined();
  });
});

describe('a WebSocket', () => {
  it('stays open through the delay, is closed at its end, and the next one goes to another target', async () => {
    const { group, port, first, second } = await targets(100, [named('x'), named('x')]);
    const upgraded = (instance: Instance) =>
      instance.server.listenerCount('upgrade') > 0 &&
      world.elb.listeners()[0]?.targetGroups[0]?.targets.find(({ id }) => id === instance.id)?.inFlight;
    const sockets = [rawClient(port, get('/ws', UPGRADE)), rawClient(port, get('/ws', UPGRADE))];
    await until(() => sockets.every(({ received }) => received.startsWith('HTTP/1.1 101 ')), 'both are open');
    expect([upgraded(first), upgraded(second)]).toEqual([1, 1]);
    const begunMs = Date.now();
    await deregister(group, first);
    for (const { socket } of sockets) socket.write('still here');
    await until(() => sockets.every(({ received }) => received.endsWith('still here')), 'both still answer');
    await until(() => sockets.some(({ closed }) => closed), 'one is closed');
    expect(Date.now() - begunMs).toBeGreaterThanOrEqual(100 * SECOND_MS - 5);
    expect(sockets.filter(({ closed }) => closed)).toHaveLength(1);
    expect(world.failed).toEqual([expect.objectContaining({ cause: 'deregistered', targetStatusCode: 101, targetId: first.id })]);
    const next = rawClient(port, get('/ws', UPGRADE));
    await until(() => next.received.startsWith('HTTP/1.1 101 '), 'the next one is open');
    expect(upgraded(second)).toBe(2);
    for (const { socket } of [...sockets, next]) socket.destroy();
  });
});

describe('bodies', () => {
  it('of answers reach the client chunk by chunk, not all at the end', async () => {
    let res: ServerResponse | undefined;
    const { port } = await targets(5, [
      (_, answer) => {
        res = answer;
        answer.write('one;');
      },
    ]);
    const client = rawClient(port, get('/'));
    for (const [sent, next] of [
      ['one;', 'two;'],
      ['two;', 'three;'],
    ] as const) {
      await until(() => client.received.includes(sent), `${sent} is here`);
      expect(client.received).not.toContain(next);
      res?.write(next);
    }
    await until(() => client.received.includes('three;'), 'the last one is here');
    expect(client.received).toMatch(/transfer-encoding: chunked/i);
    client.socket.destroy();
  });

  it('of requests reach the target while the client is still sending', async () => {
    let received = '';
    const { port } = await targets(5, [
      (req, res) => {
        req.on('data', (chunk) => {
          received += chunk.toString();
        });
        req.on('end', () => res.end(received));
      },
    ]);
    const reply = new Promise<string>((done, failed) => {
      const req = request({ host: '127.0.0.1', port, method: 'POST', agent: false }, (res) => {
        res.setEncoding('utf8').on('data', done);
      });
      req.on('error', failed);
      req.write('first,');
      void until(() => received === 'first,', 'the first part is at the target').then(() => req.end('last'), failed);
    });
    expect(await reply).toBe('first,last');
  });

  it('of a fast target wait for a slow client rather than fill the memory', async () => {
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const { port } = await targets(5, [
      (_, res) => {
        const more = (): void => {
          while (!res.destroyed) {
            written += chunk.length;
            if (!res.write(chunk)) return void res.once('drain', more);
          }
        };
        more();
      },
    ]);
    const client = connect(port, '127.0.0.1');
    client.pause();
    client.write(get('/'));
    await until(() => written > 0, 'it has begun');
    let before = -1;
    await until(async () => {
      before = written;
      await pause(60);
      return written === before;
    }, 'the target is held back');
    // The kernel's buffers of four sockets take some megabytes.
    expect(written).toBeLessThan(64 * 1024 * 1024);
    client.destroy();
  });
});

describe('a client that goes away', () => {
  it('frees the target at once, and is logged as such', async () => {
    let gone = false;
    const { group, port, first } = await targets(60, [
      (_, res) =>
        void res.on('close', () => {
          gone = true;
        }),
    ]);
    const client = rawClient(port, get('/', `X-Amzn-Trace-Id: Root=${TRACE}\r\n`));
    await until(() => first.requests.length === 1, 'it is in flight');
    await deregister(group, first);
    client.socket.destroy();
    await until(() => gone, 'the target knows');
    expect(world.failed).toEqual([expect.objectContaining({ cause: 'clientClosed', targetId: first.id, traceId: TRACE })]);
    expect(world.elb.listeners()[0]?.targetGroups[0]?.targets[0]?.inFlight).toBe(0);
  });
});

describe('failed requests', () => {
  it('of the target itself are logged with its status', async () => {
    const { port, first } = await targets(5, [(_, res) => void res.writeHead(500).end()]);
    await send(port, '/', traced);
    expect(world.failed).toEqual([
      expect.objectContaining({ cause: 'targetAnswered', elbStatusCode: 500, targetStatusCode: 500, targetId: first.id, traceId: TRACE }),
    ]);
  });

  it('without any target are logged, and a header that is not a trace id is not repeated', async () => {
    world = createWorld();
    const { port } = await world.front(await world.group([]));
    await send(port, '/', { headers: { 'X-Amzn-Trace-Id': 'Root=<script>' } });
    expect(world.failed).toEqual([expect.objectContaining({ cause: 'noTarget', elbStatusCode: 503 })]);
    expect(world.failed[0]?.traceId).toBeUndefined();
  });
});

describe('the propagation lag', () => {
  it('can be another one at each change', async () => {
    let lagMs = 0;
    const { group, port, first, second } = await targets(60, [named('first'), named('second')], { propagationLagMs: () => lagMs });
    const seen = async () => new Set((await Promise.all(Array.from({ length: 6 }, () => send(port)))).map(({ body }) => body));
    lagMs = 2_000;
    await deregister(group, first);
    expect(await seen()).toEqual(new Set(['first', 'second']));
    await pause(2_010);
    expect(await seen()).toEqual(new Set(['second']));
    lagMs = 0;
    await deregister(group, second);
    expect((await send(port)).status).toBe(503);
  });

  it('outlasts a shorter deregistration delay: requests arrive although the target is shown as unused', async () => {
    const { group, port, first } = await targets(2, [named('first')], { propagationLagMs: 2_000 });
    await deregister(group, first);
    await until(async () => (await world.state(group, first)).State === 'unused', 'it is unused');
    expect(await send(port)).toMatchObject({ status: 200, body: 'first' });
    await until(async () => (await send(port)).status === 503, 'the lag is over');
  });

  it('lets rules of a shorter lag overtake those of a longer one', async () => {
    let lagMs = 60_000;
    world = createWorld({ propagationLagMs: () => lagMs });
    const fixed = (MessageBody: string) => [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', MessageBody } }];
    const { listener, port } = await world.front(fixed('first'));
    await world.call('ModifyListener', { ListenerArn: listener, DefaultActions: fixed('overtaken') });
    lagMs = 0;
    await world.call('ModifyListener', { ListenerArn: listener, DefaultActions: fixed('last') });
    expect((await send(port)).body).toBe('last');
  });
});
