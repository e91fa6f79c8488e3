/** How many sessions a user can have: in turn, and with ten logins at once. */

import type { Policy } from '../contract/recipe.ts';
import { found, holds, notice, type Outcome, unclear } from '../findings/result.ts';
import { isRefusal, refusalOf } from '../http/pace.ts';
import { type Check, logInAgain, noLoginSteps, type Run } from '../run.ts';
import type { Who } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';

/** More would need more logins than a run may make. */
const HIGHEST_LIMIT = 8;
const AT_ONCE = 10;
/** The part of a time-out after which it can have ended a session. */
const SAFE_REST = 0.9;

export interface LimitFacts {
  readonly limit: number;
  readonly surplus: NonNullable<Policy['surplus']>;
  /** One more than the limit, in the order of their logins. */
  readonly who: readonly Who[];
}

export function judgeLimit({ limit, surplus, who }: LimitFacts): Outcome {
  const check = 'session-limit';
  if (who.includes('unclear')) return unclear(check, 'the site could not answer with one of the sessions');
  const alive = who.filter((one) => one === 'a').length;
  if (alive > limit) return found('sessions-not-limited', `${alive} sessions of one user are logged in, and the policy allows ${limit}`);
  // An overlapping run, or a person with the same account, ends sessions, and begins none of these.
  if (alive < limit)
    return unclear(check, `only ${alive} of ${who.length} sessions are logged in: another login of this user may have ended one`);
  const ended = who.findIndex((one) => one !== 'a');
  const promised = surplus === 'refuses' ? who.length - 1 : 0;
  const did = `one login more than ${limit} ${ended === 0 ? 'ends the oldest session' : ended === who.length - 1 ? 'is refused' : 'ends a session that is not the oldest'}`;
  return ended === promised ? holds(check, did) : found('surplus-login-not-as-promised', did);
}

export const sessionLimit: Check = {
  name: 'session-limit',
  whyNot(plan) {
    const limit = plan.recipe.policy?.sessionsPerUser;
    if (limit === undefined) return 'the policy has no sessionsPerUser';
    return limit > HIGHEST_LIMIT ? `the limit is ${limit}, and those above ${HIGHEST_LIMIT} take too many logins` : noLoginSteps(plan);
  },
  logins: ({ recipe }) => (recipe.policy?.sessionsPerUser ?? 0) + (recipe.policy?.surplus === 'refuses' ? 2 : 1),
  async run(run) {
    const { sessionsPerUser: limit = 1, surplus = 'ends-oldest' } = run.recipe.policy ?? {};
    // Its session counts too, and where a login too many is refused there must be room.
    if (surplus === 'refuses') await run.endOthers();
    const visitors: Visitor[] = [];
    let refused = 0;
    for (let times = 0; times <= limit; times += 1) {
      const visitor = run.visit('a');
      const isSurplus = times === limit && surplus === 'refuses';
      await visitor.logIn({ mayBeRefused: isSurplus });
      if (isSurplus && isRefusal(visitor.lastStatus)) refused = visitor.lastStatus;
      visitors.push(visitor);
    }
    const who = await usersOf(visitors);
    if (refused > 0) await takeOneBack(run, visitors[0] as Visitor, refused);
    return [judgeLimit({ limit, surplus, who })];
  },
};

/**
 * A login that is refused with 429 can be one too many in a minute, too: after a log-out there is room for a session, and a site that counts
 * logins refuses the next one as well. @throws RunStopped
 */
async function takeOneBack(run: Run, oldest: Visitor, status: number): Promise<void> {
  if (run.recipe.logout === undefined) throw run.site.pace.stop(refusalOf(status));
  await oldest.logOut();
  await logInAgain(run);
}

export function judgeAtOnce(limit: number, who: readonly Who[]): Outcome {
  const alive = who.filter((one) => one === 'a').length;
  if (alive > limit)
    return notice('logins-at-once', `of ${who.length} logins at once ${alive} are logged in, and the policy allows ${limit}`);
  if (who.includes('unclear') || alive === 0) return unclear('logins-at-once', `of ${who.length} logins at once ${alive} are logged in`);
  return holds('logins-at-once', `of ${who.length} logins at once ${alive} are logged in`);
}

export const loginsAtOnce: Check = {
  name: 'logins-at-once',
  whyNot(plan) {
    if (!plan.extras.includes('race')) return 'it was not asked for (--with race)';
    const limit = plan.recipe.policy?.sessionsPerUser ?? AT_ONCE;
    return limit >= AT_ONCE ? `the policy has no sessionsPerUser below ${AT_ONCE}` : noLoginSteps(plan);
  },
  async run(run) {
    const visitors = Array.from({ length: AT_ONCE }, () => run.visit('a'));
    const logins = await Promise.allSettled(visitors.map((visitor) => visitor.logIn({ atOnce: true, mayFail: true })));
    for (const login of logins) if (login.status === 'rejected') throw login.reason;
    return [judgeAtOnce(run.recipe.policy?.sessionsPerUser ?? AT_ONCE, await usersOf(visitors))];
  },
};

async function usersOf(visitors: readonly Visitor[]): Promise<Who[]> {
  const who: Who[] = [];
  for (const visitor of visitors) who.push(await visitor.who());
  return who;
}

export interface OtherUserFacts {
  readonly who: Who;
  readonly restedMs: number;
  /** How long ago the user logged in. @default 0 */
  readonly ageMs?: number;
  /** Whom a new login of that user shows, where the session shows nobody; undefined without one. */
  readonly whoAnew?: Who | undefined;
}

export function judgeOtherUser(
  { who, restedMs, ageMs = 0, whoAnew }: OtherUserFacts,
  { idleSeconds, absoluteSeconds }: Pick<Policy, 'idleSeconds' | 'absoluteSeconds'> = {},
): Outcome {
  const check = 'other-user';
  if (who === 'b') return holds(check, "the other user's session is still logged in");
  if (who === 'unclear') return unclear(check, "the site could not answer with the other user's session");
  if (who === 'nobody') {
    if (absoluteSeconds !== undefined && ageMs >= SAFE_REST * absoluteSeconds * 1_000)
      return unclear(
        check,
        `the other user's session was ${Math.round(ageMs / 1_000)} seconds old: its absolute time-out may have ended it`,
      );
    if (idleSeconds !== undefined && restedMs >= SAFE_REST * idleSeconds * 1_000)
      return unclear(
        check,
        `the other user's session had rested for ${Math.round(restedMs / 1_000)} seconds: its idle time-out may have ended it`,
      );
    if (whoAnew === undefined)
      return unclear(check, 'the site shows nobody, and no login is left to find out whether it shows that user at all');
    if (whoAnew !== 'b')
      return unclear(check, 'the site shows nobody, not even after a new login of that user: it may be unable to answer');
  }
  return found('other-user-logged-out', "the other user's session has ended, though that user neither logged out nor in again");
}

/** What happens to A's sessions concerns no other user. It runs after everything that logs A in. */
export const otherUser: Check = {
  name: 'other-user',
  whyNot: ({ recipe }) => (recipe.users.b === undefined ? 'the recipe has no second user' : undefined),
  logins: () => 1,
  async run({ b, recipe, site, visit }) {
    if (b === undefined) return [];
    const [restedMs, ageMs] = [site.clock.now() - b.usedAtMs, site.clock.now() - b.loggedInAtMs];
    let who = await b.replay().who();
    // One request that a firewall refuses is no end of a session.
    if (who === 'nobody') who = await b.replay().who();
    let whoAnew: Who | undefined;
    if (who === 'nobody' && site.pace.sent.logins < site.pace.mostLogins) {
      const anew = visit('b');
      await anew.logIn();
      whoAnew = await anew.who();
    }
    return [judgeOtherUser({ who, restedMs, ageMs, whoAnew }, recipe.policy)];
  },
};
