import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { cookiesOf, createWorld, healthy, type Instance, named, pause, SECOND_MS, send, type World } from './support.ts';

// ELB user guide, sticky-sessions.
describe('stickiness', () => {
  let world: World;
  afterEach(() => world.stop());
  const deregister = (group: string, { id }: Instance) => world.call('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: id }] });
  const LB_COOKIE = { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' };
  const APP_COOKIE = { 'stickiness.enabled': 'true', 'stickiness.type': 'app_cookie', 'stickiness.app_cookie.cookie_name': 'SID' };

  async function two(attributes: Record<string, string>, handler = named) {
    world = createWorld();
    const targets = [await world.instance(handler('one')), await world.instance(handler('two'))] as const;
    const group = await world.group(targets, { attributes: { ...attributes, 'deregistration_delay.timeout_seconds': '60' } });
    const { port } = await world.front(group);
    await healthy(world, group, ...targets);
    return { targets, group, port };
  }
  const times = async (port: number, cookie: string, count = 4) => {
    const bodies = new Set<string>();
    for (let index = 0; index < count; index += 1) bodies.add((await send(port, '/', { headers: { Cookie: cookie } })).body);
    return [...bodies];
  };

  it('by the load balancer’s cookie keeps a client at its target', async () => {
    const { port } = await two(LB_COOKIE);
    const first = await send(port);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^AWSALB=[^;]+; Expires=[^;]+ GMT; Path=\/$/),
      expect.stringMatching(/^AWSALBCORS=[^;]+; Expires=[^;]+ GMT; Path=\/; SameSite=None; Secure$/),
    ]);
    expect(await times(port, cookiesOf(first))).toEqual([first.body]);
    expect(await times(port, `x=1; ${cookiesOf(first).replace(/AWSALB=[^;]+; /, '')}`)).toEqual([first.body]);
  });

  it('ends when the cookie’s duration is over', async () => {
    const { port } = await two({ ...LB_COOKIE, 'stickiness.lb_cookie.duration_seconds': '2' });
    const cookie = cookiesOf(await send(port));
    await pause(2 * SECOND_MS + 100);
    expect((await times(port, cookie)).toSorted()).toEqual(['one', 'two']);
  });

  it('sends the clients of a deregistered target elsewhere with a new cookie', async () => {
    const { targets, group, port } = await two(LB_COOKIE);
    const first = await send(port);
    const [old, other] = first.body === 'one' ? targets : targets.toReversed();
    if (old === undefined || other === undefined) throw new Error('two targets');
    await deregister(group, old);
    const moved = await send(port, '/', { headers: { Cookie: cookiesOf(first) } });
    expect(moved.body).not.toBe(first.body);
    expect(await times(port, cookiesOf(moved))).toEqual([moved.body]);
  });

  it('sends the clients of an unhealthy target elsewhere with a new cookie', async () => {
    const down = new Set<string>();
    const { targets, group, port } = await two(LB_COOKIE, (name) => (req, res) => {
      res.writeHead(req.url === '/health' && down.has(name) ? 500 : 200).end(name);
    });
    const first = await send(port);
    down.add(first.body);
    const [old] = first.body === 'one' ? targets : targets.toReversed();
    await until(async () => old !== undefined && (await world.state(group, old)).State === 'unhealthy', 'it is unhealthy');
    const moved = await send(port, '/', { headers: { Cookie: cookiesOf(first) } });
    expect(moved.body).not.toBe(first.body);
    expect(await times(port, cookiesOf(moved))).toEqual([moved.body]);
  });

  it('by the application’s cookie begins when the target sets that cookie, and wants both cookies', async () => {
    const { port } = await two(APP_COOKIE, (name) => (req, res) => {
      if (req.url === '/login') res.setHeader('Set-Cookie', 'SID=abc; HttpOnly');
      res.end(name);
    });
    expect((await send(port)).headers['set-cookie']).toBeUndefined();
    const login = await send(port, '/login');
    expect(login.headers['set-cookie']).toEqual(['SID=abc; HttpOnly', expect.stringMatching(/^AWSALBAPP-0=/)]);
    expect(await times(port, cookiesOf(login))).toEqual([login.body]);
    expect((await times(port, cookiesOf(login).replace('SID=abc; ', ''))).toSorted()).toEqual(['one', 'two']);
    expect((await times(port, 'SID=abc')).toSorted()).toEqual(['one', 'two']);
  });

  describe('to a target group', () => {
    async function weighted(blue: number, green: number, settings = {}) {
      let chance = 0;
      world = createWorld({ random: () => chance, ...settings });
      const targets = [await world.instance(named('blue')), await world.instance(named('green'))] as const;
      const groups = [await world.group([targets[0]]), await world.group([targets[1]])] as const;
      const action = (weights: readonly [number, number]) => ({
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: groups.map((TargetGroupArn, index) => ({ TargetGroupArn, Weight: weights[index] })),
          TargetGroupStickinessConfig: { Enabled: 'true', DurationSeconds: '3600' },
        },
      });
      const front = await world.front([action([blue, green])]);
      await healthy(world, groups[0], targets[0]);
      await healthy(world, groups[1], targets[1]);
      const reweigh = (...weights: [number, number]) =>
        world.call('ModifyListener', { ListenerArn: front.listener, DefaultActions: [action(weights)] });
      return { port: front.port, groups, targets, reweigh, by: (next: number) => (chance = next) };
    }

    it('lets weights decide only for requests without a valid AWSALBTG', async () => {
      const { port, by, reweigh } = await weighted(50, 50);
      by(0.6);
      const first = await send(port);
      expect(first.body).toBe('green');
      expect(first.headers['set-cookie']?.map((cookie) => cookie.split('=')[0])).toEqual(['AWSALBTG', 'AWSALBTGCORS']);
      by(0.1);
      expect((await send(port)).body).toBe('blue');
      expect(await times(port, cookiesOf(first))).toEqual(['green']);
      // Inferred: weight 0 keeps the clients that are bound to the group.
      await reweigh(100, 0);
      expect(await times(port, cookiesOf(first))).toEqual(['green']);
    });

    it('answers 503 to the clients of a group that was emptied', async () => {
      const { port, by, groups, targets } = await weighted(50, 50);
      by(0.6);
      const first = await send(port);
      await deregister(groups[1], targets[1]);
      expect((await send(port, '/', { headers: { Cookie: cookiesOf(first) } })).status).toBe(503);
    });

    // argo-rollouts issue 4595: weights take effect late as well.
    it('uses new weights after the propagation lag', async () => {
      const { port, by, reweigh } = await weighted(100, 0, { propagationLagMs: 2_000 });
      by(0.5);
      expect((await send(port)).body).toBe('blue');
      await reweigh(0, 100);
      expect((await send(port)).body).toBe('blue');
      await pause(2_010);
      expect((await send(port)).body).toBe('green');
    });
  });
});
