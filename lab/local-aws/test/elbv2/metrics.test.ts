import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { createWorld, healthy, named, send, type World } from './support.ts';

// ELB user guide, load-balancer-cloudwatch-metrics.
describe('metrics', () => {
  let world: World;
  afterEach(() => world.stop());

  it('count requests, answers and errors by load balancer and by group, never by target', async () => {
    world = createWorld({ metricPeriodMs: 60 });
    const codes: Record<string, number> = { '/': 200, '/missing': 404, '/broken': 500 };
    const target = await world.instance((req, res) => {
      const code = codes[req.url ?? ''];
      if (req.url === '/reset') req.socket.destroy();
      else res.writeHead(code ?? 200).end();
    });
    const group = await world.group([target]);
    const { loadBalancer, port } = await world.front(group);
    await healthy(world, group, target);
    for (const path of ['/', '/', '/missing', '/broken', '/reset']) await send(port, path);

    const LoadBalancer = loadBalancer.split(':loadbalancer/')[1] ?? '';
    const TargetGroup = group.split(':').at(-1) ?? '';
    const sum = (name: string, dimensions: Record<string, string>) =>
      world.metrics
        .filter((datum) => datum.name === name && JSON.stringify(datum.dimensions) === JSON.stringify(dimensions))
        .flatMap(({ values }) => values)
        .reduce((total, value) => total + value, 0);
    await until(
      () => sum('RequestCount', { LoadBalancer }) === 5 && sum('HTTPCode_ELB_5XX_Count', { LoadBalancer }) === 1,
      'all requests and answers are counted',
    );
    const counts = (dimensions: Record<string, string>) =>
      Object.fromEntries(
        [
          'RequestCount',
          'HTTPCode_Target_2XX_Count',
          'HTTPCode_Target_4XX_Count',
          'HTTPCode_Target_5XX_Count',
          'HTTPCode_ELB_5XX_Count',
          'HTTPCode_ELB_502_Count',
        ].map((name) => [name.replace(/HTTPCode_|_Count/g, ''), sum(name, dimensions)]),
      );
    const byGroup = { RequestCount: 5, Target_2XX: 2, Target_4XX: 1, Target_5XX: 1, ELB_5XX: 0, ELB_502: 0 };
    expect(counts({ TargetGroup, LoadBalancer })).toEqual(byGroup);
    expect(counts({ LoadBalancer })).toEqual({ ...byGroup, ELB_5XX: 1, ELB_502: 1 });

    expect(sum('RequestCountPerTarget', { TargetGroup })).toBe(5);
    expect(sum('RequestCountPerTarget', { TargetGroup, LoadBalancer })).toBe(5);

    expect(world.metrics.every(({ namespace }) => namespace === 'AWS/ApplicationELB')).toBe(true);
    expect(new Set(world.metrics.flatMap(({ dimensions }) => Object.keys(dimensions)))).toEqual(new Set(['TargetGroup', 'LoadBalancer']));
    const times = world.metrics.filter(({ name, dimensions }) => name === 'TargetResponseTime' && dimensions['TargetGroup'] === undefined);
    expect(times.every(({ unit }) => unit === 'Seconds')).toBe(true);
    expect(times.flatMap(({ values }) => values)).toHaveLength(4);
  });

  it('count an upgrade, and a request that its client gives up, among the requests, with no class of responses', async () => {
    world = createWorld({ metricPeriodMs: 40 });
    const waiting: unknown[] = [];
    const target = await world.instance(
      (req, res) => void (req.url === '/slow' ? waiting.push(req) : res.end()),
      (server) =>
        server.on('upgrade', (_, socket) => {
          socket.on('error', () => {});
          socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
        }),
    );
    const group = await world.group([target]);
    const { port } = await world.front(group);
    await healthy(world, group, target);
    const upgraded = connect(port, '127.0.0.1');
    upgraded.on('data', () => upgraded.destroy());
    upgraded.write('GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    const client = connect(port, '127.0.0.1');
    client.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => waiting.length === 1, 'the target has the request');
    client.destroy();
    const counted = () => {
      const sums: Record<string, number> = {};
      for (const { name, values, dimensions } of world.metrics)
        if (!('TargetGroup' in dimensions) && /^(RequestCount|HTTPCode)/.test(name)) sums[name] = (sums[name] ?? 0) + (values[0] ?? 0);
      return sums;
    };
    await until(() => counted()['HTTPCode_ELB_4XX_Count'] === 1 && counted()['RequestCount'] === 2, 'both are counted');
    expect(counted()).toEqual({ RequestCount: 2, HTTPCode_ELB_4XX_Count: 1 });
  });

  it('report the number of healthy targets, and failed connections to targets', async () => {
    world = createWorld({ metricPeriodMs: 40 });
    const [one, two] = [await world.instance(named('one')), await world.instance((_, res) => res.writeHead(500).end())];
    const group = await world.group([one, two]);
    const { port } = await world.front(group);
    const last = (name: string) => world.metrics.findLast((datum) => datum.name === name)?.values;
    await until(() => last('HealthyHostCount')?.[0] === 1 && last('UnHealthyHostCount')?.[0] === 1, 'one of each');
    await one.stop();
    expect((await send(port)).status).toBe(502);
    await until(() => last('TargetConnectionErrorCount') !== undefined, 'the failed connection is counted');
  });

  it('do not count a request for which there was no target', async () => {
    world = createWorld({ metricPeriodMs: 20 });
    const { port } = await world.front(await world.group());
    await send(port);
    await until(() => world.metrics.some(({ name }) => name === 'HTTPCode_ELB_503_Count'), 'the 503 is counted');
    expect(world.metrics.some(({ name }) => name === 'RequestCount')).toBe(false);
  });
});
