import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../../test/until.ts';
import { createWorld, forwardTo, healthy, named, pause, send, type World } from '../support.ts';

// ELB user guide, target-group-health-checks.
describe('health checks', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.stop());
  const becomes = (group: string, instance: Parameters<World['state']>[1], state: string) =>
    until(async () => (await world.state(group, instance)).State === state, `it is ${state}`);

  it('make a new target healthy after one passed check', async () => {
    const target = await world.instance(named('x'));
    const group = await world.group([target], {
      HealthCheckIntervalSeconds: 300,
      HealthCheckTimeoutSeconds: 100,
      HealthyThresholdCount: 10,
    });
    await world.front(group);
    expect(await world.state(group, target)).toMatchObject({ State: 'initial', Reason: 'Elb.RegistrationInProgress' });
    await becomes(group, target, 'healthy');
  });

  it.each<[string, number | undefined, string, string]>([
    ['answers with another code', 503, 'Target.ResponseCodeMismatch', 'Health checks failed with these codes: [503]'],
    ['does not answer in time', undefined, 'Target.Timeout', 'Request timed out'],
  ])('make a target unhealthy that %s', async (_, status, Reason, Description) => {
    const target = await world.instance((_req, res) => {
      if (status !== undefined) res.writeHead(status).end();
    });
    const group = await world.group([target]);
    await world.front(group);
    await becomes(group, target, 'unhealthy');
    expect(await world.state(group, target)).toEqual({ State: 'unhealthy', Reason, Description });
  });

  it('make a target unhealthy that refuses connections, and healthy again after the threshold of passes', async () => {
    let up = true;
    let passes = 0;
    const target = await world.instance((req, res) => {
      if (!up) return void req.socket.destroy();
      passes += 1;
      res.end();
    });
    const group = await world.group([target], { HealthyThresholdCount: 3 });
    await world.front(group);
    await healthy(world, group, target);
    up = false;
    await becomes(group, target, 'unhealthy');
    expect((await world.state(group, target)).Reason).toBe('Target.FailedHealthChecks');
    [up, passes] = [true, 0];
    await becomes(group, target, 'healthy');
    expect(passes).toBeGreaterThanOrEqual(3);
  });

  it('judge nothing while their own loop is late, and judge again once it is not', async () => {
    let hangs = false;
    const target = await world.instance((_req, res) => void (hangs || res.end()));
    const group = await world.group([target], { UnhealthyThresholdCount: 2 });
    await world.front(group);
    await healthy(world, group, target);
    hangs = true;
    // As on a machine whose other programs take the processors: nearly ten time-outs of 45 ms pass.
    for (let turn = 0; turn < 8; turn += 1) {
      const untilMs = performance.now() + 60;
      while (performance.now() < untilMs);
      await pause(1);
    }
    expect((await world.state(group, target)).State).toBe('healthy');
    await becomes(group, target, 'unhealthy');
  });

  it('keep requests away from unhealthy targets, and fail open when all of them are', async () => {
    const down = { one: false, two: true };
    const [one, two] = [
      await world.instance((req, res) => res.writeHead(req.url === '/health' && down.one ? 500 : 200).end('one')),
      await world.instance((req, res) => res.writeHead(req.url === '/health' && down.two ? 500 : 200).end('two')),
    ];
    const group = await world.group([one, two]);
    const { port } = await world.front(group);
    await becomes(group, one, 'healthy');
    await becomes(group, two, 'unhealthy');
    const ask = async () => [await send(port), await send(port), await send(port), await send(port)].map(({ body }) => body);
    expect(await ask()).toEqual(['one', 'one', 'one', 'one']);
    down.one = true;
    await becomes(group, one, 'unhealthy');
    expect((await ask()).toSorted()).toEqual(['one', 'one', 'two', 'two']);
  });

  it('do not run for a group that no rule uses, and begin when one does', async () => {
    let checks = 0;
    const target = await world.instance((req, res) => {
      if (req.url === '/health') checks += 1;
      res.end();
    });
    const group = await world.group([target]);
    const main = await world.group();
    const { listener } = await world.front(main);
    await pause(40);
    expect(await world.state(group, target)).toMatchObject({ State: 'unused', Reason: 'Target.NotInUse' });
    expect(checks).toBe(0);
    const Conditions = [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Secret', Values: ['warm-up'] } }];
    const { Rules } = await world.call<{ Rules: { RuleArn: string }[] }>('CreateRule', {
      ListenerArn: listener,
      Priority: '1',
      Conditions,
      Actions: [forwardTo(group)],
    });
    expect((await world.state(group, target)).State).toBe('initial');
    await becomes(group, target, 'healthy');
    await world.call('DeleteRule', { RuleArn: Rules[0]?.RuleArn });
    expect((await world.state(group, target)).State).toBe('unused');
    const after = checks;
    await pause(60);
    expect(checks).toBeLessThanOrEqual(after + 1);
  });

  it.each([false, true])('of a target that drains stop, or go on until its delay has passed: %j', async (checksWhileDraining) => {
    const world = createWorld({ checksWhileDraining });
    let checks = 0;
    const target = await world.instance((_, res) => {
      checks += 1;
      res.end();
    });
    const group = await world.group([target], { attributes: { 'deregistration_delay.timeout_seconds': '30' } });
    await world.front(group);
    await healthy(world, group, target);
    await world.call('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: target.id }] });
    const before = checks;
    if (checksWhileDraining) await until(() => checks > before + 1, 'it is checked');
    else await pause(200);
    expect((await world.state(group, target)).State).toBe('draining');
    if (!checksWhileDraining) expect(checks).toBeLessThanOrEqual(before + 1);
    await until(async () => (await world.state(group, target)).State === 'unused', 'it is gone');
    const after = checks;
    await pause(60);
    expect(checks).toBeLessThanOrEqual(after + 1);
    await world.stop();
  });

  it('ask the path and send the user agent of the load balancer', async () => {
    const seen: (string | undefined)[] = [];
    const target = await world.instance((req, res) => {
      seen.push(`${req.url} ${req.headers['user-agent']} ${req.headers.connection}`);
      res.end();
    });
    const group = await world.group([target], { HealthCheckPath: '/ready?deep=no' });
    await world.front(group);
    await healthy(world, group, target);
    expect(seen[0]).toBe('/ready?deep=no ELB-HealthChecker/2.0 close');
  });
});
