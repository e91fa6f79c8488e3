import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionsSeen } from '../../../../functions/instance/steps/sessions.ts';
import { RELEASE } from '../../fakes/fixtures.ts';
import { type AFleet, aFleet, DRAIN, dryRun, MAIN } from './a-fleet.ts';

let world: AFleet;
beforeEach(async () => {
  world = await aFleet();
});

describe('the plan of a dry run', () => {
  it('has the order, the zones and what shows the requests', async () => {
    world.health['i-3'] = 'unhealthy';
    const { servers, atATime, suspendsAutoScaling } = await dryRun(world);
    expect([atATime, suspendsAutoScaling]).toEqual([1, true]);
    expect(servers).toEqual([
      { instanceId: 'i-3', version: '1.0.0', health: 'unhealthy', drain: 'kernel', waitsForSessions: false, togetherWith: [] },
      {
        instanceId: 'i-1',
        zone: 'eu-west-1a',
        version: '1.0.0',
        health: 'healthy',
        drain: 'kernel',
        waitsForSessions: false,
        togetherWith: [],
      },
      { instanceId: 'i-2', version: '1.0.0', health: 'healthy', drain: 'kernel', waitsForSessions: false, togetherWith: [] },
    ]);
  });

  it('counts the sessions that the deploy would wait for, shows how a rule will know them, and says who has not answered', async () => {
    world.rules = [DRAIN, MAIN];
    world.sessions.set('i-2', { count: 7, cookie: 'SID', route: 'i-2', timeoutSeconds: 1_800 });
    const { servers, unchecked, worst, warnings, refused } = await dryRun(world);
    expect(
      servers.map(({ instanceId, waitsForSessions, sessions: now, cookie, route }) => [instanceId, waitsForSessions, now, cookie, route]),
    ).toEqual([
      ['i-1', false, undefined, undefined, undefined],
      ['i-2', true, 7, 'SID', 'i-2'],
      ['i-3', false, undefined, undefined, undefined],
    ]);
    expect(unchecked.map(({ check }) => check)).toEqual(['commands', 'release', 'drain-rule', 'routes']);
    expect(unchecked.at(-1)?.why).toMatch(/of i-1, i-3, which did not answer/);
    expect(worst?.suspendedSeconds).toBeGreaterThan(2_400);
    expect(warnings).toEqual([
      expect.stringMatching(/^The deploy waits for the sessions of 1 server, up to 32 m 00 s each/),
      expect.stringMatching(/^The deploy does not wait for sessions on i-1, i-3/),
    ]);
    expect(refused).toBe(false);
  });

  it('knows every route once each server has answered, and waits as long as they say', async () => {
    world.rules = [DRAIN, MAIN];
    for (const id of ['i-1', 'i-2', 'i-3']) world.sessions.set(id, { count: 1, cookie: 'SID', route: id, timeoutSeconds: 600 });
    const short = await dryRun(world);
    expect(short.unchecked.map(({ check }) => check)).toEqual(['commands', 'release', 'drain-rule']);
    for (const id of ['i-1', 'i-2', 'i-3']) world.sessions.set(id, { count: 1, cookie: 'SID', route: id, timeoutSeconds: 900 });
    expect((await dryRun(world)).worst?.seconds).toBe((short.worst?.seconds ?? 0) + 3 * 300);
  });

  it.each<[string, SessionsSeen, RegExp]>([
    ['no route', { cookie: 'SID' }, /^i-2 has no route in its session cookies/],
    ['the route of another', { cookie: 'SID', route: 'i-1' }, /^i-[12] has the same route as i-[12], i-1: give each server its own/],
    ['two cookie names', { reason: 'the server has more than one session cookie (A, B)' }, /^i-2 counts sessions whose cookie .*\(A, B\)/],
    ['sessions without an end', { cookie: 'SID', route: 'i-2', timeoutSeconds: -1 }, /^i-2 never ends idle sessions \(session-timeout -1/],
    [
      'a time-out beyond its execution',
      { cookie: 'SID', route: 'i-2', timeoutSeconds: 20_000 },
      /^i-2 ends idle sessions after 20000 s.*maximum is 10000 s/,
    ],
  ])('refuses a server with %s, as the deploy does', async (_what, seen, problem) => {
    world.rules = [DRAIN, MAIN];
    world.sessions.set('i-1', { count: 1, cookie: 'SID', route: 'i-1' });
    world.sessions.set('i-2', { count: 1, ...seen });
    const { refusals } = await dryRun(world);
    expect(refusals.length).toBeGreaterThan(0);
    for (const { check, error, message } of refusals)
      expect([check, error, message]).toEqual(['sessions', 'SessionsNotDrainable', expect.stringMatching(problem)]);
    Object.assign(world.input, { recover: true });
    const recovering = await dryRun(world);
    expect([recovering.refused, recovering.warnings]).toEqual([false, expect.arrayContaining([expect.stringMatching(problem)])]);
  });

  it('warns of sessions that no cookie shows', async () => {
    world.rules = [DRAIN, MAIN];
    world.sessions.set('i-2', { count: 7, cookie: 'SID', route: 'i-2', inUrls: 2 });
    expect((await dryRun(world)).warnings).toContainEqual(
      expect.stringMatching(/^i-2 has 2 sessions whose id is in URLs \(;jsessionid=\)/),
    );
  });

  it('warns where the load balancer forgets a server before that server ends the session', async () => {
    world.rules = [DRAIN, MAIN];
    world.sessions.set('i-2', { count: 1, cookie: 'SID', route: 'i-2', timeoutSeconds: 1_800 });
    const warned = async (seconds: number) => {
      world.attributes['stickiness.lb_cookie.duration_seconds'] = String(seconds);
      return (await dryRun(world)).warnings;
    };
    expect(await warned(900)).toContainEqual(
      expect.stringMatching(/^The load balancer leads a user .* for 15 m 00 s after .* keep sessions for 30 m 00 s: .*a day \(86400\)\.$/),
    );
    for (const enough of [1_800, 86_400]) expect(await warned(enough)).not.toContainEqual(expect.stringMatching(/load balancer leads/));
    world.sessions.set('i-2', { cookie: 'SID', route: 'i-2', timeoutSeconds: 1_800 });
    expect(await warned(900), 'sessions in a store').not.toContainEqual(expect.stringMatching(/load balancer leads/));
  });

  it('refuses a wait that is longer than an execution may last', async () => {
    world.rules = [DRAIN, MAIN];
    world.sessions.set('i-1', { count: 1, cookie: 'SID', route: 'i-1' });
    Object.assign(world.settings, { sessionDrainSeconds: 20_000 });
    const { refusals } = await dryRun(world);
    expect(refusals).toEqual([
      {
        check: 'sessions',
        error: 'SessionsNotDrainable',
        message: expect.stringMatching(/i-1 waits up to 20000 s .* the maximum is 10000 s/),
      },
    ]);
  });

  it('waits after the first servers, and counts that as time in which Auto Scaling is suspended', async () => {
    Object.assign(world.settings, { peopleWaitSeconds: 0 });
    const without = await dryRun(world);
    world.input.pauseAfter = 2;
    const { pause, worst, servers } = await dryRun(world);
    expect(pause).toEqual({ after: 2, seconds: 1_800 });
    expect(worst?.seconds).toBe((without.worst?.seconds ?? 0) + 1_800);
    expect(worst?.suspendedSeconds).toBe((without.worst?.suspendedSeconds ?? 0) + 1_800);
    expect(servers).toHaveLength(3);
    Object.assign(world.settings, { pauseMinutes: 60, firstBakeSeconds: 115 });
    expect((await dryRun(world)).worst?.seconds, 'two longer bakes').toBe((worst?.seconds ?? 0) + 1_800 + 200);
  });

  it('says what people are looked at by, and that the first bake waits for metrics where that is the load balancer', async () => {
    const { people, sessions, worst } = await dryRun(world);
    expect([people, sessions]).toEqual(['by the load balancer, after minutes', 'not tried: no users for the gate']);
    Object.assign(world.settings, { peopleWaitSeconds: 0 });
    const without = await dryRun(world);
    expect(without.people).toBe(
      'unchecked: release 2.0.0, or the one before it, has no logs.access: name its access log in holdfast.app.json',
    );
    expect((worst?.seconds ?? 0) - (without.worst?.seconds ?? 0)).toBe(135);
  });

  it('leaves servers alone that have the release', async () => {
    await world.records.putInstance('web', { instanceId: 'i-1', version: '2.0.0', installedAtMs: 2 });
    const { servers, unchanged } = await dryRun(world);
    expect([servers.map(({ instanceId }) => instanceId), unchanged]).toEqual([['i-2', 'i-3'], ['i-1']]);
  });

  it('warns where the account leaves too few functions for several servers at once, and refuses nothing', async () => {
    Object.assign(world.settings, { maxParallel: 2, minimumHealthyTargets: 1 });
    world.rules = undefined;
    const { warnings, refused } = await dryRun(world, { concurrency: async () => ({ unreserved: 6 }) });
    expect(warnings).toContainEqual(
      expect.stringMatching(/2 servers at once .* up to 10 functions .* share 6 in this Region.*\. Request more "Concurrent executions"/),
    );
    expect(refused).toBe(false);
    expect((await dryRun(world)).warnings).not.toContainEqual(expect.stringMatching(/functions/));
  });

  it('warns where every wait together, that to be continued included, can be longer than the deploy lasts, and refuses nothing', async () => {
    Object.assign(world.settings, { pauseMinutes: 240, bakeSeconds: 50_000 });
    expect((await dryRun(world)).warnings).toEqual([]);
    world.input.pauseAfter = 1;
    const { warnings, refused } = await dryRun(world);
    expect([warnings, refused]).toEqual([
      [expect.stringMatching(/a deploy takes 4\d h \d\d m, and Step Functions ends it after two days/)],
      false,
    ]);
  });

  it('says that the room for functions is unknown, where it cannot be read', async () => {
    const { unchecked } = await dryRun(world, { concurrency: async () => ({ unknown: 'Lambda did not return it' }) });
    expect(unchecked).toContainEqual({ check: 'function-concurrency', why: 'Lambda did not return it' });
  });

  it.each([
    ['leaves to the deploy', { cookie: 'SID', page: '/page', end: '/end' }, /name their server: its first server shows that/],
    ['says why the deploy leaves', { cookie: 'SID', page: '/page' }, /also by the deploy: .*session\.end/],
  ])('%s whether session cookies name their server', async (_what, session, why) => {
    world.rules = [DRAIN, MAIN];
    const app = { ...RELEASE.app, session, sessions: { path: '/status', field: 'sessions' } };
    await world.records.putRelease({ ...RELEASE, version: '2.3.0', app });
    Object.assign(world.input, { version: '2.3.0' });
    const { unchecked } = await dryRun(world);
    expect(unchecked.find(({ check }) => check === 'session-cookie')?.why).toMatch(why);
  });
});
