import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createWorld, healthy, named, send, type World } from './support.ts';

describe('forwarding', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.stop());

  // ELB user guide, application-load-balancers: Routing algorithms, least outstanding requests.
  it('sends requests to the target with the fewest in flight when the group asks for that', async () => {
    const slow = await world.instance((req, res) => (req.url === '/health' ? res.end() : undefined));
    const fast = await world.instance(named('fast'));
    const group = await world.group([slow, fast], { attributes: { 'load_balancing.algorithm.type': 'least_outstanding_requests' } });
    const { port } = await world.front(group);
    await healthy(world, group, slow, fast);
    const stuck = Promise.allSettled([send(port), send(port)]);
    await until(() => slow.requests.length === 1, 'one request hangs');
    const bodies = [await send(port), await send(port), await send(port)].map(({ body }) => body);
    expect(bodies).toEqual(['fast', 'fast', 'fast']);
    await slow.stop();
    await stuck;
  });

  // ELB user guide, x-forwarded-headers and load-balancer-request-tracing.
  it('sends the target the client’s address, port and protocol', async () => {
    const target = await world.instance(named('hello'));
    const { port } = await world.front(await world.group([target]));
    await send(port, '/a?b=c', {
      headers: { 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https', Connection: 'X-Private', 'X-Private': '1' },
    });
    const [seen] = target.requests;
    expect(seen?.url).toBe('/a?b=c');
    expect(seen?.headers).toMatchObject({
      host: `127.0.0.1:${port}`,
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-port': String(port),
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
    });
    expect(seen?.headers).not.toHaveProperty('x-private');
  });

  it.each([
    ['POST', { 'Content-Length': '5' }, 'hello'],
    ['POST', { 'Transfer-Encoding': 'chunked' }, 'hello'],
    ['DELETE', { 'Transfer-Encoding': 'chunked' }, 'hello'],
    ['POST', { 'Content-Length': '0' }, ''],
  ])('passes the body of a %s with %o on', async (method, headers, body) => {
    const target = await world.instance((req, res) => {
      const framing = [req.headers['content-length'], req.headers['transfer-encoding']].join('/');
      res.setHeader('X-Framing', framing);
      req.pipe(res);
    });
    const { port } = await world.front(await world.group([target]));
    const reply = await send(port, '/', { method, headers, body });
    expect(reply).toMatchObject({ status: 200, body });
    expect(reply.headers['x-framing']).toBe('Content-Length' in headers ? `${body.length}/` : '/chunked');
  });

  it('keeps headers, repeats and the status text of an answer', async () => {
    const target = await world.instance((_, res) => {
      res.writeHead(201, 'Made', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Kept', 'yes']).end('x');
    });
    const { port } = await world.front(await world.group([target], { Matcher: { HttpCode: '200-299' } }));
    const { status, headers } = await send(port);
    expect(status).toBe(201);
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-kept': 'yes' });
  });

  it('answers HEAD without a body and keeps its length', async () => {
    const target = await world.instance((_, res) => res.writeHead(200, { 'Content-Length': 7 }).end());
    const { port } = await world.front(await world.group([target]));
    expect(await send(port, '/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '', headers: { 'content-length': '7' } });
  });

  it('keeps its connections to targets open between requests, whatever the client does', async () => {
    let connections = 0;
    const target = await world.instance(named('x'), (server) => server.on('connection', () => (connections += 1)));
    const group = await world.group([target], { HealthCheckIntervalSeconds: 300, HealthCheckTimeoutSeconds: 100 });
    const { port } = await world.front(group);
    await healthy(world, group, target);
    const before = connections;
    for (let index = 0; index < 5; index += 1) await send(port);
    expect(connections - before).toBe(1);
  });

  it('passes on a refusal to upgrade', async () => {
    const target = await world.instance((_, res) => res.writeHead(200).end('no upgrade'));
    const { port } = await world.front(await world.group([target]));
    const reply = await send(port, '/', { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } });
    expect(reply).toMatchObject({ status: 200, body: 'no upgrade' });
  });

  it('answers a request that offers another upgrade as a plain one', async () => {
    const target = await world.instance(named('plain'));
    const { port } = await world.front(await world.group([target]));
    expect(await send(port, '/', { headers: { Connection: 'Upgrade', Upgrade: 'h2c' } })).toMatchObject({ status: 200, body: 'plain' });
  });
});
