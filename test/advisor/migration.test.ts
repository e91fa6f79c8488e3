import { afterEach, describe, expect, it } from 'vitest';
import { cookiesOf, createWorld, healthy, named, send, type World } from '#local-aws/test/elbv2/support.ts';
import { bytesInStore, planMigration, sessionsThatFit, weightedForward } from '../../advisor/migration.ts';

const weightsOf = (servers: number) => planMigration(servers).steps.flatMap(({ weights }) => (weights ? [[weights.old, weights.new]] : []));

describe('the migration from sticky servers to the store', () => {
  it.each([
    [
      1,
      [
        [1, 0],
        [0, 1],
      ],
    ],
    [
      2,
      [
        [2, 0],
        [1, 1],
        [0, 2],
      ],
    ],
    [
      3,
      [
        [3, 0],
        [2, 1],
        [1, 2],
        [0, 3],
      ],
    ],
    [
      4,
      [
        [4, 0],
        [3, 1],
        [2, 2],
        [0, 4],
      ],
    ],
    [
      8,
      [
        [8, 0],
        [7, 1],
        [6, 2],
        [4, 4],
        [0, 8],
      ],
    ],
    [
      200,
      [
        [200, 0],
        [199, 1],
        [150, 50],
        [100, 100],
        [0, 200],
      ],
    ],
  ])('of %i servers shifts new sessions by %j', (servers, weights) => {
    expect(weightsOf(servers)).toEqual(weights);
  });

  it.each([1, 2, 3, 4, 50, 200])('of %i servers has a rollback for each step but the last, and a condition to continue', (servers) => {
    const { steps, serversDuringMigration, minimumWaitSeconds } = planMigration(servers);
    expect(serversDuringMigration).toBe(2 * servers);
    expect(minimumWaitSeconds).toBe(1_800 * weightsOf(servers).length);
    expect(steps.map(({ rollback }) => rollback.startsWith('none'))).toEqual(steps.map((_, index) => index === steps.length - 1));
    expect(steps.every(({ title, how, until }) => title && how && until)).toBe(true);
    expect(steps.findIndex(({ title }) => /^Stop the .*old servers?$/.test(title))).toBe(steps.length - 1);
  });

  it('has the Region in every command of Holdfast, because a command without it uses the local cloud', () => {
    const commands = planMigration(4).steps.flatMap(({ commands: own }) => own);
    const own = commands.filter((command) => command.startsWith('./holdfast'));
    expect(own.length).toBeGreaterThan(2);
    for (const command of own) expect(command).toContain('--region REGION');
  });

  it('describes what the migration in place costs at this size', () => {
    expect(planMigration(4).inPlace).toContain('waits for the sessions of each of the 4 servers');
    expect(planMigration(1).inPlace).toContain('logs all users out');
  });

  it('omits the memory when the size of a session is unknown', () => {
    expect(planMigration(4).store).toBeUndefined();
    expect(planMigration(4, 2_048).store).toEqual({ nodeType: 'cache.t4g.small', bytesPerSession: 2_760, sessions: 390_000 });
  });
});

describe('memory in the store', () => {
  // used_memory of redis-server 7.0.15 over 20,000 strings with a TTL.
  it.each([
    [256, 484],
    [1_024, 1_434],
    [2_048, 2_714],
    [4_096, 5_274],
    [16_384, 20_640],
  ])('of a session of %i bytes is no less than the %i that were measured, and no more than a tenth above', (bytes, measured) => {
    expect(bytesInStore(bytes)).toBeGreaterThanOrEqual(measured);
    expect(bytesInStore(bytes)).toBeLessThanOrEqual(1.1 * measured);
  });

  it.each([
    [1, 5_400_000],
    [100_000_000, 8],
    [536_870_912, 1],
  ])('takes sessions of %i bytes up to %i', (bytes, sessions) => {
    expect(sessionsThatFit(bytes).sessions).toBe(sessions);
  });
});

/** The plan's own rule on the local load balancer, which does as the user guide says. */
describe('on a load balancer', () => {
  let world: World;
  afterEach(() => world.stop());

  it('a session stays on its old server in every step, new ones move, and a rollback moves nobody', async () => {
    let chance = 0;
    world = createWorld({ random: () => chance, healthCheckSecondMs: 50 });
    const old = [await world.instance(named('old-1')), await world.instance(named('old-2'))];
    const fresh = [await world.instance(named('new-1'))];
    const oldGroup = await world.group(old, { attributes: { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' } });
    const newGroup = await world.group(fresh);
    const { port, listener } = await world.front(oldGroup);
    await healthy(world, oldGroup, ...old);

    const user = { cookie: cookiesOf(await send(port)), server: '' };
    const visit = async (who: { cookie: string; server: string }) => {
      const answer = await send(port, '/', { headers: { Cookie: who.cookie } });
      who.cookie = cookiesOf(answer) || who.cookie;
      return answer.body;
    };
    user.server = await visit(user);

    const weigh = (weights: { old: number; new: number }) => {
      const action = weightedForward(oldGroup, newGroup, weights);
      // The gateway reads a query's parameters, which are all text.
      const { Enabled, DurationSeconds } = action.ForwardConfig.TargetGroupStickinessConfig;
      const stickiness = { Enabled: String(Enabled), DurationSeconds: String(DurationSeconds) };
      return world.call('ModifyListener', {
        ListenerArn: listener,
        DefaultActions: [{ ...action, ForwardConfig: { ...action.ForwardConfig, TargetGroupStickinessConfig: stickiness } }],
      });
    };
    const steps = planMigration(2).steps.flatMap(({ weights }) => (weights ? [weights] : []));
    await weigh(steps[0] as (typeof steps)[0]);
    await healthy(world, newGroup, ...fresh);
    expect(await visit(user)).toBe(user.server);

    chance = 0.99; // a client without a cookie goes to the new group as soon as it has any weight
    const began: string[] = [];
    for (const weights of steps) {
      await weigh(weights);
      expect(await visit(user)).toBe(user.server);
      began.push((await send(port)).body.slice(0, 3));
    }
    expect(began).toEqual(['old', 'new', 'new']);

    const mover = { cookie: cookiesOf(await send(port)), server: 'new-1' };
    await weigh({ old: 2, new: 0 });
    expect([await visit(user), await visit(mover)]).toEqual([user.server, 'new-1']);
    expect((await send(port)).body).toMatch(/^old/);
  });
});

it.each([
  [1, 'Stop the old server'],
  [3, 'Stop the 3 old servers'],
])('the last step with %d servers: %s', (servers, title) => {
  expect(planMigration(servers).steps.at(-1)?.title).toBe(title);
});
