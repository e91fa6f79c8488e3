/** What a deploy relies on while it pins the sessions of a server to it: one rule that it modifies, and one group with that server alone. */
import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { RegexReading } from '#local-aws/elbv2/data-plane/route-request.ts';
import {
  createWorld,
  type Front,
  forwardTo,
  healthy,
  type Instance,
  named,
  pause,
  send,
  type World,
} from '#local-aws/test/elbv2/support.ts';
import { pinPattern } from '../../../../../functions/deploy/sessions/pin-pattern.ts';
import { until } from '../../../../../test/until.ts';

let world: World;
afterEach(() => world.stop());

const NOBODY = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Holdfast-Drain', Values: ['3e1a-unguessable'] } };
const cookieLike = (...RegexValues: string[]) => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName: 'Cookie', RegexValues },
});
/** As deploys write it. */
const pinTo = (route: string) => cookieLike(pinPattern('SID', route));

interface Fleet extends Front {
  readonly one: Instance;
  readonly two: Instance;
  readonly main: string;
  readonly drain: string;
  readonly rule: string;
  modify(...conditions: object[]): Promise<void>;
  leave(instance: Instance): Promise<void>;
}

/** Two servers in a sticky group, the first one in the drain group as well, whose rule matches nobody. */
async function fleet(settings: Parameters<typeof createWorld>[0] = {}, handler = named('one')): Promise<Fleet> {
  world = createWorld(settings);
  const [one, two] = [await world.instance(handler), await world.instance(named('two'))];
  const sticky = { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' };
  const main = await world.group([one, two], { attributes: { ...sticky, 'deregistration_delay.timeout_seconds': '2' } });
  const drain = await world.group([one]);
  const front = await world.front(main);
  const created = await world.call<{ Rules: { RuleArn: string }[] }>('CreateRule', {
    ListenerArn: front.listener,
    Priority: '10',
    Conditions: [NOBODY],
    Actions: [forwardTo(drain)],
  });
  const rule = created.Rules[0]?.RuleArn ?? '';
  await healthy(world, main, one, two);
  await healthy(world, drain, one);
  return {
    ...front,
    one,
    two,
    main,
    drain,
    rule,
    modify: async (...Conditions) => {
      await world.call('ModifyRule', { RuleArn: rule, Conditions });
    },
    leave: async ({ id }) => {
      await world.call('DeregisterTargets', { TargetGroupArn: main, Targets: [{ Id: id }] });
    },
  };
}

const withCookie = async (port: number, Cookie: string) => (await send(port, '/', { headers: { Cookie } })).body;

describe('a rule on the application’s cookie', () => {
  // AWS documents neither whether an expression is searched for or has to match the whole value, nor whether its case counts.
  it.each<[RegexReading]>([
    [{ whole: false, caseSensitive: false }],
    [{ whole: true, caseSensitive: false }],
    [{ whole: false, caseSensitive: true }],
    [{ whole: true, caseSensitive: true }],
  ])('takes the sessions of one server and no others, read as %j', async (regexReading) => {
    const { port, one, modify, leave } = await fleet({ regexReading });
    await modify(pinTo('i-0a'));
    await leave(one);
    for (const cookie of ['SID=A.i-0a', 'SID=s%3AA.i-0a.SIGNATURE', 'x=1; SID=A.i-0a; y=2', 'x=1;SID=A.b.i-0a;y=2', 'SID="A.i-0a"'])
      expect(await withCookie(port, cookie), cookie).toBe('one');
    for (const cookie of ['SID=A.i-0ab', 'SID=A.xi-0a', 'SID=A; x=.i-0a', 'XSID=A.i-0a', 'SID=Ai-0a', 'x=SID', ''])
      expect(await withCookie(port, cookie), cookie).toBe('two');
    expect((await send(port)).body).toBe('two');
  });

  // API reference, HttpHeaderConditionConfig: a header that comes several times is searched in order.
  it('finds the cookie in a second Cookie header', async () => {
    const { port, one, modify, leave } = await fleet({ regexReading: { whole: true } });
    await modify(pinTo('i-0a'));
    await leave(one);
    const body = await new Promise<string>((done, failed) => {
      const req = request(
        { host: '127.0.0.1', port, agent: false, headers: ['Host', 'x', 'Cookie', 'a=b', 'Cookie', 'SID=A.i-0a'] },
        (res) => {
          res.setEncoding('utf8').on('data', done);
        },
      );
      req.on('error', failed).end();
    });
    expect(body).toBe('one');
  });

  it('takes over only after the propagation lag: who leaves the main group earlier loses its sessions', async () => {
    let lagMs = 0;
    const { port, one, modify, leave } = await fleet({ propagationLagMs: () => lagMs });
    lagMs = 400;
    await modify(pinTo('i-0a'));
    lagMs = 0;
    await leave(one);
    expect(await withCookie(port, 'SID=A.i-0a')).toBe('two');
    await until(async () => (await withCookie(port, 'SID=A.i-0a')) === 'one', 'the rule is in force');
    lagMs = 400;
    await modify(NOBODY);
    expect(await withCookie(port, 'SID=A.i-0a')).toBe('one');
    await until(async () => (await withCookie(port, 'SID=A.i-0a')) === 'two', 'the rule matches nobody');
  });

  it('matches nobody who does not know its secret', async () => {
    const { port, one, leave } = await fleet();
    await leave(one);
    expect((await send(port, '/', { headers: { 'X-Holdfast-Drain': 'x' } })).body).toBe('two');
    expect((await send(port, '/', { headers: { 'X-Holdfast-Drain': '3e1a-unguessable' } })).body).toBe('one');
  });

  // User guide, load-balancer-limits and rule-condition-types.
  it.each([
    ['129 characters', [cookieLike('a'.repeat(129))], 'longer than 128 characters'],
    ['four values in a condition', [cookieLike('a', 'b', 'c', 'd')], 'at most 3 values'],
    ['an expression that looks ahead', [cookieLike('SID=(?!a)')], 'look-around and back references are not supported'],
    ['an expression that looks back', [cookieLike('(?<=a)SID')], 'look-around and back references are not supported'],
    ['an expression that refers back', [cookieLike(String.raw`(a)\1`)], 'look-around and back references are not supported'],
    ['a possessive quantifier', [cookieLike('a*+')], 'is not a valid regular expression'],
    ['no condition', [], 'A condition must be specified'],
  ])('is not changed to %s', async (_what, conditions, message) => {
    const { port, one, modify, leave } = await fleet();
    await modify(pinTo('i-0a'));
    await leave(one);
    await expect(modify(...conditions)).rejects.toThrow(message);
    expect(await withCookie(port, 'SID=A.i-0a')).toBe('one');
  });

  it('takes an expression of 128 characters, and an escaped backslash before a digit', async () => {
    const { modify } = await fleet();
    await modify(cookieLike('a'.repeat(128), String.raw`a\\1`));
  });

  it('keeps its priority for itself', async () => {
    const { listener, drain } = await fleet();
    const input = { ListenerArn: listener, Conditions: [NOBODY], Actions: [forwardTo(drain)] };
    await expect(world.call('CreateRule', { ...input, Priority: '10' })).rejects.toThrow("Priority '10' is currently in use");
    for (const Priority of ['0', '50001']) await expect(world.call('CreateRule', { ...input, Priority })).rejects.toThrow();
    await world.call('CreateRule', { ...input, Priority: '50000' });
  });
});

describe('a target in two groups', () => {
  it('leaves one of them without a break for what the other one sends it', async () => {
    const { port, one, main, drain, modify, leave } = await fleet({}, (req, res) => {
      if (req.url === '/slow') setTimeout(() => res.end('slow'), 300);
      else res.end('one');
    });
    await modify(pinTo('i-0a'));
    const pinned = send(port, '/slow', { headers: { Cookie: 'SID=A.i-0a' } });
    await leave(one);
    expect((await world.state(main, one)).State).toBe('draining');
    expect((await world.state(drain, one)).State).toBe('healthy');
    await until(async () => (await world.state(main, one)).State === 'unused', 'the delay has passed');
    expect((await pinned).body).toBe('slow');
    expect(await withCookie(port, 'SID=A.i-0a')).toBe('one');
    expect(world.failed).toEqual([]);
  });

  it('gets no cookie of the load balancer from a group without stickiness, so that it has its users back afterwards', async () => {
    const { port, one, main, modify, leave } = await fleet();
    let reply = await send(port);
    while (reply.body !== 'one') reply = await send(port);
    const cookie = `${reply.headers['set-cookie']?.[0]?.split(';')[0]}; SID=A.i-0a`;
    await modify(pinTo('i-0a'));
    await leave(one);
    const pinned = await send(port, '/', { headers: { Cookie: cookie } });
    expect([pinned.body, pinned.headers['set-cookie']]).toEqual(['one', undefined]);
    await world.call('RegisterTargets', { TargetGroupArn: main, Targets: [{ Id: one.id }] });
    await healthy(world, main, one);
    await modify(NOBODY);
    for (let number = 0; number < 4; number += 1) expect(await withCookie(port, cookie)).toBe('one');
  });
});

describe('a drain group', () => {
  // User guide, target-group-health-checks: when all targets are unhealthy, all of them get requests.
  it('sends its only target requests although it is unhealthy, until its rule matches nobody', async () => {
    let isUp = true;
    const { port, one, drain, modify } = await fleet({}, (req, res) => {
      res.statusCode = isUp || req.url !== '/health' ? 200 : 503;
      res.end('one');
    });
    await modify(pinTo('i-0a'));
    isUp = false;
    await until(async () => (await world.state(drain, one)).State === 'unhealthy', 'the target is unhealthy');
    expect(await withCookie(port, 'SID=A.i-0a')).toBe('one');
    await modify(NOBODY);
    expect(await withCookie(port, 'SID=A.i-0a')).toBe('two');
  });

  it('without a target answers 503 to those whom its rule still takes', async () => {
    const { port, one, drain, modify } = await fleet();
    await modify(pinTo('i-0a'));
    await world.call('DeregisterTargets', { TargetGroupArn: drain, Targets: [{ Id: one.id }] });
    expect((await send(port, '/', { headers: { Cookie: 'SID=A.i-0a' } })).status).toBe(503);
  });

  it('is checked as long as a rule names it, whatever clients that rule matches; without one it is unused', async () => {
    let checks = 0;
    const { one, main, drain, rule, leave } = await fleet({}, (req, res) => {
      if (req.url === '/health') checks += 1;
      res.end('one');
    });
    await leave(one);
    await until(async () => (await world.state(main, one)).State === 'unused', 'it has left the main group');
    const before = checks;
    await until(() => checks > before, 'it is checked');
    expect(await world.state(drain, one)).toEqual({ State: 'healthy' });
    await world.call('DeleteRule', { RuleArn: rule });
    expect(await world.state(drain, one)).toMatchObject({ State: 'unused', Reason: 'Target.NotInUse' });
    await pause(50);
    const after = checks;
    await pause(100);
    expect(checks).toBe(after);
  });
});
