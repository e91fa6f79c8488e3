/** Days of the schedule against a site in memory: turns, runs, deploys, outages, lockouts, and what is on record of them. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type CanaryRecord, openFindings } from '../../../functions/canary/contract/canary-records.ts';
import { scheduledTurn, type TurnReply } from '../../../functions/canary/schedule/scheduled-turn.ts';
import { createFinder } from '../../leaks/find-secrets.ts';
import { memoryRecipe, PASSWORDS } from './memory-site.ts';
import { createWorld, did, EVERY_MS, HOUR, MINUTE, portsOf, turnsOf, vanished, type World } from './memory-world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});

const turn = (): Promise<TurnReply> => scheduledTurn(portsOf(world));
const turnsFor = (ms: number) => turnsOf(world, ms);

describe('the schedule', () => {
  it('runs all checks first, then uses the sessions that it keeps, and runs all checks once a day', async () => {
    expect(await turn()).toEqual({ did: 'run', findings: 0, vanished: 0 });
    const replies = await turnsFor(49 * HOUR);
    expect({ runs: did(replies, 'run'), failed: did(replies, 'failed'), vanished: vanished(replies) }).toEqual({
      runs: 2,
      failed: 0,
      vanished: 0,
    });
    expect(world.record).toMatchObject({ sessions: 2, vanishedAtMs: [] });
    expect(openFindings(world.record as CanaryRecord)).toEqual([]);
    const timeOuts = world.record?.timeOuts.map(({ what }) => what.replaceAll(/\d+/g, 'N')).toSorted();
    expect(timeOuts).toEqual([
      'a session outlives N minutes without a request',
      'the absolute time-out ended a session after N minutes',
      'the idle time-out ended a session within N minutes',
    ]);
  });

  it('uses two requests in a turn, and no login', async () => {
    await turn();
    const { requests, logins } = world.site;
    await turnsFor(15 * MINUTE);
    expect(world.site).toMatchObject({ requests: requests + 3, logins });
  });

  it('runs all checks after a deploy, not during it, and its own logins are not taken for vanished sessions', async () => {
    await turn();
    world.deploys = { isBusy: true, deployedAtMs: undefined };
    expect(did(await turnsFor(30 * MINUTE), 'turn')).toBe(6);
    world.deploys = { isBusy: false, deployedAtMs: world.site.clock.now() };
    const replies = await turnsFor(30 * MINUTE);
    expect(replies.map((reply) => reply.did)).toEqual(['run', 'turn', 'turn', 'turn', 'turn', 'turn']);
    expect(vanished(replies)).toBe(0);
  });

  it('notices a session that vanished, once, and keeps another', async () => {
    await turn();
    await turnsFor(20 * MINUTE);
    world.site.sessions.clear();
    const replies = await turnsFor(30 * MINUTE);
    expect(vanished(replies)).toBe(1);
    expect(world.record).toMatchObject({ sessions: 2, vanishedAtMs: [expect.any(Number)] });
  });

  it('finds a life that using a session does not prolong at its second end, also when all checks have run in between', async () => {
    // The site ends each session after twelve hours, and the policy does not declare it.
    world.recipe = memoryRecipe({});
    await turn();
    expect(vanished(await turnsFor(37 * HOUR))).toBe(1);
    expect(openFindings(world.record as CanaryRecord).map(({ finding }) => finding)).toEqual(['ends-while-active']);
  });

  it('takes a session that rested while no turn came for none that vanished', async () => {
    await turn();
    world.site.clock.pass(2 * HOUR);
    expect(await turn()).toMatchObject({ did: 'turn', vanished: 0 });
  });

  it('finds nothing in a page of an outage, and keeps the sessions', async () => {
    await turn();
    world.site.state = 'outage';
    await turnsFor(20 * MINUTE);
    world.site.state = 'up';
    const [after] = await turnsFor(EVERY_MS);
    expect(after).toEqual({ did: 'turn', findings: 0, vanished: 0 });
  });

  it('does not work while the site does not answer, says why, and goes on with the same sessions', async () => {
    await turn();
    const before = world.kept?.a.startedAtMs;
    world.site.state = 'down';
    const replies = await turnsFor(15 * MINUTE);
    expect(replies[0]).toEqual({ did: 'failed', findings: 0, vanished: 0, why: expect.stringContaining('no answer') });
    expect(world.record?.failed).toMatchObject({ what: expect.stringContaining('no answer') });
    world.site.state = 'up';
    expect(did(await turnsFor(EVERY_MS), 'turn')).toBe(1);
    expect(world.record?.failed).toBeUndefined();
    expect(world.kept?.a.startedAtMs).toBe(before);
  });

  it('tries again only after an hour where logins are refused, so that it locks no account', async () => {
    world.site.isLocked = true;
    expect((await turn()).did).toBe('failed');
    const { logins } = world.site;
    expect(did(await turnsFor(50 * MINUTE), 'failed')).toBe(10);
    expect(world.site.logins).toBe(logins);
    expect(world.record?.failed?.what).toContain('after the login of user a');
    world.site.isLocked = false;
    expect(did(await turnsFor(20 * MINUTE), 'run')).toBe(1);
  });

  it('counts a session that vanished although the login after it is refused', async () => {
    await turn();
    for (const [id, { user }] of world.site.sessions) if (user === 'canary-anna') world.site.sessions.delete(id);
    world.site.isLocked = true;
    const [reply] = await turnsFor(EVERY_MS);
    expect(reply).toMatchObject({ did: 'failed', vanished: 1 });
    expect(world.kept).toBeUndefined();
  });

  it('reports a weakness that a deploy brought, and that it went with the next', async () => {
    await turn();
    world.site.isCacheable = true;
    world.deploys = { isBusy: false, deployedAtMs: world.site.clock.now() };
    const [found] = await turnsFor(EVERY_MS);
    expect(found).toMatchObject({ did: 'run', findings: 1 });
    expect(openFindings(world.record as CanaryRecord).map(({ finding }) => finding)).toEqual(['page-cacheable']);
    world.site.isCacheable = false;
    world.deploys = { isBusy: false, deployedAtMs: world.site.clock.now() };
    expect((await turnsFor(EVERY_MS))[0]).toMatchObject({ did: 'run', findings: 0 });
  });

  it('does nothing while another invocation is at work, and goes on after one that died', async () => {
    world.heldBy = { owner: 'another', untilMs: world.site.clock.now() + 6 * MINUTE };
    expect(await turn()).toEqual({ did: 'busy', vanished: 0 });
    expect(world.site.requests).toBe(0);
    world.site.clock.pass(7 * MINUTE);
    expect((await turn()).did).toBe('run');
    expect(world.heldBy).toBeUndefined();
  });

  it('waits an hour after an invocation that died in the middle of a run, and takes no session for vanished', async () => {
    await turn();
    const ports = portsOf(world);
    world.deploys = { isBusy: false, deployedAtMs: world.site.clock.now() + 1 };
    let opened = 0;
    const dying = scheduledTurn({
      ...ports,
      openSite: async () => {
        if (++opened === 4) throw new Error('the process ended');
        return world.site.open(world.recipe);
      },
    });
    await expect(dying).rejects.toThrow('the process ended');
    const { logins } = world.site;
    expect(did(await turnsFor(50 * MINUTE), 'failed')).toBe(10);
    expect(world.site.logins).toBe(logins);
    expect(world.record?.failed?.what).toBe('the last run of all checks did not come to its end');
    const replies = await turnsFor(20 * MINUTE);
    expect({ runs: did(replies, 'run'), vanished: vanished(replies) }).toEqual({ runs: 1, vanished: 0 });
    expect(world.record?.failed).toBeUndefined();
  });

  it('writes no id and no password on record', async () => {
    await turn();
    world.site.sessions.clear();
    await turnsFor(HOUR);
    world.site.state = 'down';
    await turnsFor(HOUR);
    const finder = createFinder([
      ...world.site.ids.map((value) => ({ kind: 'id', value })),
      ...[...PASSWORDS.values()].map((value) => ({ kind: 'password', value })),
    ]);
    expect(world.written.length).toBeGreaterThan(20);
    expect(finder.find(world.written.join('\n'))).toEqual([]);
    // The finder would have found them.
    expect(finder.find(JSON.stringify(world.kept)).length).toBeGreaterThan(0);
  });

  it('keeps a finding about a time-out until kept sessions show something else', async () => {
    world.recipe = memoryRecipe({ idleSeconds: 1_800, absoluteSeconds: 3_600 });
    await turn();
    await turnsFor(26 * HOUR);
    const open = () => openFindings(world.record as CanaryRecord).map(({ finding }) => finding);
    expect(open()).toEqual(['no-absolute-end']);
    world.recipe = memoryRecipe();
    await turnsFor(13 * HOUR);
    expect(open()).toEqual([]);
  });
});
