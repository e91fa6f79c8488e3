/** A page that shows nobody is the end of a session only while another session is shown: outages and firewalls show nobody too. */
import { beforeEach, describe, expect, it } from 'vitest';
import { judgeOtherUser, type OtherUserFacts } from '../../../functions/canary/checks/limit.ts';
import type { CheckName } from '../../../functions/canary/contract/findings.ts';
import type { Recipe } from '../../../functions/canary/contract/recipe.ts';
import type { HttpAnswer } from '../../../functions/canary/http/send.ts';
import { beginKept, takeTurn } from '../../../functions/canary/kept/use-kept.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { type MemorySite, memoryRecipe, memorySite } from './memory-site.ts';
import { briefly, findingsIn, ofCheck } from './outcomes.ts';

const MINUTE = 60_000;
const NAMES = ['__Host-SID'];
const refused: HttpAnswer = { status: 403, headers: {}, setCookies: [], body: 'request blocked' };

let site: MemorySite;
beforeEach(() => {
  site = memorySite();
});
const run = (recipe: Recipe = memoryRecipe({})) => {
  const opened = site.open(recipe);
  return runCanary({ recipe, base: opened.base, extras: [] }, opened);
};

describe('a firewall that refuses requests', () => {
  it('while the run waits makes the late replay and the other user unclear, and no check holds by it', async () => {
    let loggedOutMs = Number.POSITIVE_INFINITY;
    site.instead = ({ url }) => {
      if (url.pathname === '/logout') loggedOutMs = Math.min(loggedOutMs, site.clock.now());
      return url.pathname === '/account' && site.clock.now() - loggedOutMs > MINUTE ? refused : undefined;
    };
    const outcomes = await run();
    expect(findingsIn(outcomes)).toEqual([]);
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['holds', 'unclear']);
    expect(ofCheck(outcomes, 'other-user')).toEqual(['unclear']);
  });

  it.each<[CheckName, number, boolean]>([
    ['new-id-at-re-login', 6, false],
    // A new login, which the next one is, would show that the site answers.
    ['foreign-id', 4, true],
  ])('after a login makes %s unclear', async (check, login, isLasting) => {
    let logins = 0;
    let asked = 0;
    site.instead = ({ url }) => {
      if (url.pathname === '/login') logins += 1;
      const isTime = isLasting ? logins >= login : logins === login;
      // The page after the login works: it is the one before the cookies of before are tried.
      return url.pathname === '/account' && isTime && ++asked > 1 ? refused : undefined;
    };
    expect(ofCheck(await run(), check)).toContain('unclear');
  });
});

describe('the other user', () => {
  it('stays logged in where sessions end after a minute of rest, which the policy does not declare', async () => {
    site.idleMs = 60_000;
    const outcomes = await run();
    expect(ofCheck(outcomes, 'other-user')).toEqual(['holds']);
    expect(findingsIn(outcomes)).toEqual([]);
  });

  it.each<[string, Partial<OtherUserFacts>, number | undefined, string]>([
    ['shown', { who: 'b' }, undefined, 'holds'],
    ['an error', { who: 'unclear' }, undefined, 'unclear'],
    ['nobody, and shown after a new login', { who: 'nobody', whoAnew: 'b' }, undefined, 'other-user-logged-out'],
    ['nobody, and shown after a new login, long before the idle time-out', { who: 'nobody', whoAnew: 'b' }, 600, 'other-user-logged-out'],
    ['nobody, also after a new login', { who: 'nobody', whoAnew: 'nobody' }, undefined, 'unclear'],
    ['nobody, and no login is left', { who: 'nobody' }, undefined, 'unclear'],
    ['nobody, after a rest as long as the idle time-out', { who: 'nobody', whoAnew: 'b' }, 65, 'unclear'],
  ])('is %s', (_, facts, idleSeconds, expected) => {
    const outcome = judgeOtherUser({ who: 'b', restedMs: MINUTE, ...facts }, idleSeconds === undefined ? undefined : { idleSeconds });
    expect(briefly(outcome)).toBe(expected);
  });
});

describe('kept sessions', () => {
  const recipe = memoryRecipe();
  const turn = async (kept: Parameters<typeof takeTurn>[1]) => takeTurn(site.open(recipe), kept, { everyMs: 5 * MINUTE });
  /** B's is due before the idle time-out of 30 minutes. */
  const begun = async (minutes: number) => {
    const kept = await beginKept(site.open(recipe), NAMES);
    site.clock.pass(minutes * MINUTE);
    return kept;
  };

  it('show nothing while the site refuses everything, logins too', async () => {
    const kept = await begun(26);
    site.instead = () => refused;
    expect(await turn(kept)).toMatchObject({ kept: undefined, outcomes: [], vanished: 0, refused: { name: 'RecipeFailed' } });
  });

  it('are not taken for vanished while the site refuses everything', async () => {
    const kept = await begun(10);
    site.instead = () => refused;
    expect(await turn(kept)).toMatchObject({ kept: undefined, outcomes: [], vanished: 0 });
  });

  it("leave B's for the next turn where A is not shown", async () => {
    const kept = await begun(26);
    const ofB = kept.b.cookies.map(({ value }) => value).join();
    site.instead = ({ headers }) => (headers['cookie']?.includes(ofB) ? refused : { ...refused, status: 503 });
    const turned = await turn(kept);
    expect(turned).toMatchObject({ outcomes: [], vanished: 0 });
    expect(turned.kept?.b).toEqual(kept.b);
  });
});
