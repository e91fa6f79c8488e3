import { connect, createServer, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, named, pause, SECOND_MS, send, type World } from './support.ts';

// ELB user guide, load-balancer-troubleshooting: "The load balancer generates an HTTP error".
describe('errors of the load balancer itself', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.stop());

  it('answers 503 when the group has no registered target', async () => {
    const { port } = await world.front(await world.group());
    const reply = await send(port);
    expect(reply.status).toBe(503);
    expect(reply.headers['server']).toBe('awselb/2.0');
    expect(reply.body).toContain('503 Service Temporarily Unavailable');
  });

  it('answers 502 when the target refuses the connection', async () => {
    const target = await world.instance(named('x'));
    const { port } = await world.front(await world.group([target]));
    await target.stop();
    expect((await send(port)).status).toBe(502);
  });

  it('answers 502 when the target closes the connection before it answers', async () => {
    const target = await world.instance((req, res) => (req.url === '/health' ? res.end() : req.socket.destroy()));
    const { port } = await world.front(await world.group([target]));
    expect((await send(port)).status).toBe(502);
  });

  it('answers 502 when the target’s response is not HTTP', async () => {
    const target = await world.instance((req, res) => (req.url === '/health' ? res.end() : req.socket.end('hello\r\n\r\n')));
    const { port } = await world.front(await world.group([target]));
    expect((await send(port)).status).toBe(502);
  });

  it('closes the connection when the target breaks off in the middle of its answer', async () => {
    const target = await world.instance((req, res) => {
      if (req.url === '/health') return void res.end();
      res.writeHead(200, { 'Content-Length': 100 });
      res.write('half', () => req.socket.destroy());
    });
    const { port } = await world.front(await world.group([target]));
    await expect(send(port)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  });

  // ELB user guide, load-balancer-troubleshooting, HTTP 502: the target's keep-alive is shorter than the idle time-out.
  it.each(['GET', 'POST'])('answers 502, and does not send a %s again, when the target closes a reused connection', async (method) => {
    const requests: string[] = [];
    const target = createServer((socket) => {
      let served = false;
      socket.on('error', () => {});
      socket.on('data', (data) => {
        if (data.toString().includes('HealthChecker')) return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        requests.push(data.toString().slice(0, 4));
        if (served) return void socket.destroy();
        served = true;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=1\r\n\r\nok');
      });
    });
    await listening(target);
    const other = createWorldFor(target);
    try {
      const { port } = await other.front(await other.group([{ id: 'i-00000000000000001' }]));
      expect((await send(port, '/', { method })).status).toBe(200);
      expect((await send(port, '/', { method })).status).toBe(502);
      expect(requests).toHaveLength(2);
    } finally {
      await other.stop();
      target.close();
    }
  });

  it('answers 502 when the target’s keep-alive time-out is shorter than its own and the close has not arrived yet', async () => {
    await world.stop();
    world = createWorld({ closeNoticeMs: 400 });
    const target = await world.instance(named('x'), (server) => {
      server.keepAliveTimeout = 10;
      // Node adds a second to the time-out from 24.6 on, and does not know this property before.
      Object.assign(server, { keepAliveTimeoutBuffer: 0 });
    });
    const { port } = await world.front(await world.group([target]));
    expect((await send(port)).status).toBe(200);
    await pause(100);
    expect((await send(port)).status).toBe(502);
    await pause(410);
    expect((await send(port)).status).toBe(200);
  });

  it('answers 504 when the target does not take the connection within 10 seconds', async () => {
    const deaf = await deafServer();
    const other = createWorld({}, undefined, () => ({ host: '127.0.0.1', port: deaf.port }));
    try {
      const { port } = await other.front(await other.group([{ id: 'i-00000000000000001' }]));
      const begunMs = Date.now();
      expect((await send(port)).status).toBe(504);
      expect(Date.now() - begunMs).toBeGreaterThanOrEqual(10 * SECOND_MS - 5);
    } finally {
      await other.stop();
      await deaf.stop();
    }
  });

  it('answers 504 when the target sends nothing for the idle time-out', async () => {
    const target = await world.instance((req, res) => (req.url === '/health' ? res.end() : undefined));
    const { port } = await world.front(await world.group([target]), { 'idle_timeout.timeout_seconds': '3' });
    expect((await send(port)).status).toBe(504);
  });

  it('answers 408 when the client stops sending for the idle time-out', async () => {
    const target = await world.instance((req, res) => (req.url === '/health' ? res.end() : undefined));
    const { port } = await world.front(await world.group([target]), { 'idle_timeout.timeout_seconds': '3' });
    const reply = await send(port, '/', { method: 'POST', headers: { 'Content-Length': '9' }, body: 'half', unfinished: true });
    expect(reply.status).toBe(408);
  });
});

function createWorldFor(server: Server): World {
  const port = (server.address() as { port: number }).port;
  return createWorld({ healthCheckSecondMs: 1000 }, undefined, () => ({ host: '127.0.0.1', port }));
}

const listening = (server: Server): Promise<void> => new Promise((done) => server.listen(0, '127.0.0.1', done));

/** A server that listens in a thread that sleeps, with its queue of connections full: the next ones hang. */
async function deafServer(): Promise<{ port: number; stop(): Promise<void> }> {
  const code = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const worker = new Worker(code, { eval: true });
  const port = await new Promise<number>((done) => worker.once('message', done));
  const waiting = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await pause(30);
  return {
    port,
    async stop() {
      for (const socket of waiting) socket.destroy();
      await worker.terminate();
    },
  };
}
