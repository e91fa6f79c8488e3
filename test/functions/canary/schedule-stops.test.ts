/** Runs of the schedule that a site stops, or that cannot keep their sessions: none counts as complete. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type CanaryRecord, openFindings } from '../../../functions/canary/contract/canary-records.ts';
import type { HttpAnswer, HttpRequest } from '../../../functions/canary/http/send.ts';
import { memoryRecipe } from './memory-site.ts';
import { createWorld, did, EVERY_MS, HOUR, MINUTE, turnsOf, type World } from './memory-world.ts';

const answer = (status: number): HttpAnswer => ({ status, headers: {}, setCookies: [], body: '' });
const isLogin = ({ method, url }: HttpRequest) => method === 'POST' && url.pathname === '/login';
const isLogout = ({ url }: HttpRequest) => url.pathname === '/logout';

let world: World;
beforeEach(() => {
  world = createWorld();
});
const turnsFor = (ms: number) => turnsOf(world, ms);
const deploy = () => {
  world.deploys = { isBusy: false, deployedAtMs: world.site.clock.now() };
};

describe('sessions that cannot be kept', () => {
  it('cost no result of a run, are logged out, and wait for an hour', async () => {
    world.site.isCacheable = true;
    world.hasRoom = false;
    expect(await turnsFor(EVERY_MS)).toEqual([{ did: 'failed', findings: 1, vanished: 0, why: 'there is no room' }]);
    expect(world.record?.ranAtMs).toBeDefined();
    expect(world.kept).toBeUndefined();
    expect(world.site.sessions.size).toBe(0);
    expect(did(await turnsFor(50 * MINUTE), 'failed')).toBe(10);
    world.hasRoom = true;
    expect(did(await turnsFor(20 * MINUTE), 'run')).toBe(1);
  });

  it('once they have grown, are given up with what the turn showed', async () => {
    await turnsFor(EVERY_MS);
    world.site.sessions.clear();
    world.hasRoom = false;
    expect(await turnsFor(EVERY_MS)).toMatchObject([{ did: 'failed', vanished: 1, why: 'there is no room' }]);
    expect(world.site.sessions.size).toBe(0);
    expect(world.kept).toBeUndefined();
    expect(world.record?.sessions).toBe(0);
  });
});

describe('a run of a site that limits logins', () => {
  it('spreads them as the policy says, those of the kept sessions too', async () => {
    world.recipe = memoryRecipe({ loginsPerMinute: 4 });
    const times: number[] = [];
    world.site.instead = (request) => {
      if (isLogin(request)) times.push(world.site.clock.now());
      return undefined;
    };
    expect(await turnsFor(EVERY_MS)).toMatchObject([{ did: 'run', findings: 0 }]);
    expect(times.length).toBeGreaterThan(10);
    // A request waits for its own turn after its login's: half a second.
    expect(Math.min(...times.slice(1).map((atMs, before) => atMs - (times[before] as number)))).toBeGreaterThanOrEqual(14_500);
  });
});

describe('a run that the site stops', () => {
  it('does not count as one: its results are kept, no login follows, and the next comes after an hour', async () => {
    await turnsFor(EVERY_MS);
    const ranAtMs = world.record?.ranAtMs;
    expect(ranAtMs).toBeDefined();
    world.site.isCacheable = true;
    let logins = 0;
    world.site.instead = (request) => (isLogin(request) && ++logins > 6 ? answer(429) : undefined);
    deploy();
    const [stopped] = await turnsFor(EVERY_MS);
    expect(stopped).toEqual({
      did: 'failed',
      findings: 1,
      vanished: 0,
      why: 'the run was stopped, because the site answered 429, too many requests: set "policy.requestsPerMinute" or "policy.loginsPerMinute" to its limit',
    });
    expect(world.record).toMatchObject({
      ranAtMs,
      sessions: 0,
      failed: {
        what: expect.stringContaining(
          'the site answered 429, too many requests: set "policy.requestsPerMinute" or "policy.loginsPerMinute" to its limit',
        ),
      },
    });
    expect(openFindings(world.record as CanaryRecord)).toMatchObject([{ finding: 'page-cacheable' }]);
    expect(world.kept).toBeUndefined();
    expect(logins).toBe(7);
    const { requests } = world.site;
    expect(did(await turnsFor(50 * MINUTE), 'failed')).toBe(10);
    expect(world.site.requests).toBe(requests);
    world.site.instead = undefined;
    expect(did(await turnsFor(20 * MINUTE), 'run')).toBe(1);
    expect(world.record?.failed).toBeUndefined();
  });

  it('counts what the first one found, although it was stopped', async () => {
    world.site.isCacheable = true;
    let logins = 0;
    world.site.instead = (request) => (isLogin(request) && ++logins > 6 ? answer(429) : undefined);
    expect(await turnsFor(EVERY_MS)).toMatchObject([{ did: 'failed', findings: 1 }]);
    expect(world.record?.ranAtMs).toBeUndefined();
  });

  it('does not begin where the site refuses more requests at the log-out of the kept sessions', async () => {
    await turnsFor(EVERY_MS);
    world.site.instead = (request) => (isLogout(request) ? answer(429) : undefined);
    deploy();
    const { logins } = world.site;
    expect(await turnsFor(EVERY_MS)).toMatchObject([
      {
        did: 'failed',
        why: 'the site answered 429, too many requests: set "policy.requestsPerMinute" or "policy.loginsPerMinute" to its limit',
      },
    ]);
    expect(world.site.logins).toBe(logins);
    expect(did(await turnsFor(HOUR - 2 * EVERY_MS), 'run')).toBe(0);
  });
});
