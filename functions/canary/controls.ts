/** The experiments without which no result means anything: the recipe logs the users in, and nobody else. */

import { NoAnswer, RecipeFailed, RunStopped } from './errors.ts';
import type { FindingName } from './findings/catalogue.ts';
import type { Outcome } from './findings/result.ts';
import { isLoadBalancers, shownName } from './http/cookie-jar.ts';
import type { HttpAnswer } from './http/send.ts';
import { type Plan, type Run, wrongPassword } from './run.ts';
import { readWho, type Who } from './site/read-who.ts';
import type { Site } from './site/site.ts';
import { Visitor } from './site/visitor.ts';

/** Logins of the controls: A, B, and A with a wrong password. */
export const CONTROL_LOGINS = 3;
/** A site with more would take too many requests. */
const MOST_COOKIES = 20;

/** What the checks asked for during the run. */
export interface Begun {
  readonly run: Run;
  readonly visitors: readonly Visitor[];
  /** What the run has found so far; later checks add to it. */
  readonly found: Set<FindingName>;
  readonly laters: readonly { readonly atMs: number; probe(): Promise<readonly Outcome[]> }[];
}

/** Runs the controls. @throws RecipeFailed */
export async function begin(plan: Plan, site: Site): Promise<Begun> {
  try {
    return await control(plan, site);
  } catch (error) {
    if (error instanceof NoAnswer || error instanceof RunStopped) throw new RecipeFailed(error.message, { cause: error });
    throw error;
  }
}

async function control(plan: Plan, site: Site): Promise<Begun> {
  const visitors: Visitor[] = [];
  const laters: Begun['laters'][number][] = [];
  const found = new Set<FindingName>();
  const visit = (user: 'a' | 'b' = 'a') => {
    const visitor = new Visitor(site, plan.recipe.users[user]);
    visitors.push(visitor);
    return visitor;
  };
  const a = visit();
  expectWho(await a.who(), 'nobody', 'a visitor without a login is shown', 'name a page in "who" that shows a user only to that user');
  const page = await logIn(a, 'a');
  const b = visit('b');
  await logIn(b, 'b');
  const stranger = visit();
  if (plan.recipe.login !== undefined) {
    await stranger.logIn({ password: wrongPassword() });
    expectWho(await stranger.who(), 'nobody', 'a login of user a with a wrong password is', 'give a login that checks the password');
  }
  const run: Run = {
    ...plan,
    site,
    a,
    b,
    page,
    names: await findNames(a),
    isRefusalSeen: stranger.loginTrail !== a.loginTrail,
    found,
    isLogOutProven: false,
    visit,
    endOthers: async () => {
      for (const visitor of visitors) if (visitor.user === a.user && visitor.jar.list().length > 0) await visitor.logOut();
    },
    later: (atMs, probe) => void laters.push({ atMs, probe }),
  };
  return { run, visitors, found, laters };
}

async function logIn(visitor: Visitor, user: 'a' | 'b'): Promise<HttpAnswer> {
  const accepted = await visitor.logIn();
  const { answer } = await visitor.askWho();
  const who = readWho(answer, visitor.site.shows);
  const refused = accepted ? '' : ' (a step of the login was refused)';
  const dropped = [...visitor.site.dropped].map(([name, why]) => `cookie ${shownName(name)}, which ${why}`);
  expectWho(
    who,
    user,
    `after the login of user ${user}${refused} the page of "who" answers ${answer.status} and shows`,
    dropped.length > 0 ? `browsers drop ${dropped.join(', and ')}` : `check the steps of "login" and what "who" shows of user ${user}`,
  );
  return answer;
}

function expectWho(who: Who, expected: Who, what: string, fix: string): void {
  if (who === expected) return;
  const seen = { a: 'user a', b: 'user b', nobody: 'nobody', unclear: 'an error, or both users' }[who];
  throw new RecipeFailed(`${what} ${seen}, not ${expected === 'nobody' ? 'nobody' : `user ${expected}`}: ${fix}`);
}

/**
 * Names of the cookies that authenticate, found by removal: without one of them the user is gone. Where none is needed alone,
 * each authenticates by itself.
 */
async function findNames(visitor: Visitor): Promise<readonly string[]> {
  const names = [...new Set(visitor.jar.list().map(({ name }) => name))].filter((name) => !isLoadBalancers(name));
  if (names.length > MOST_COOKIES)
    throw new RecipeFailed(`the site sets ${names.length} cookies, and at most ${MOST_COOKIES} can be examined`);
  const whoWith = (keep: (name: string) => boolean) => visitor.replay(visitor.jar.filter(({ name }) => keep(name))).who();
  if ((await whoWith(() => false)) !== 'nobody') throw new RecipeFailed('the user is shown without any cookie: no cookie authenticates');
  const needed: string[] = [];
  for (const name of names) if ((await whoWith((one) => one !== name)) === 'nobody') needed.push(name);
  if (needed.length > 0) return needed;
  const enough: string[] = [];
  for (const name of names) if ((await whoWith((one) => one === name)) === 'a') enough.push(name);
  if (enough.length === 0) throw new RecipeFailed('no single cookie authenticates: without any one of them the user is still shown');
  return enough;
}
