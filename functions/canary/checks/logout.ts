/** After a log-out the id is worth nothing: at once, later, and whatever request was still running. */
import { RecipeFailed } from '../contract/errors.ts';
import { found, holds, notice, type Outcome, unclear } from '../findings/result.ts';
import { type CookieJar, cookiesText } from '../http/cookie-jar.ts';
import { jarFor } from '../ids/find-ids.ts';
import { type Check, ifWitnessed, logInAgain, type Run } from '../run.ts';
import { userOfOldId } from '../site/shared-caches.ts';
import type { Who } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';

/** A server may forget a session this long after it has answered the log-out. */
const SOON_MS = 2_000;
/** Above the minute for which some stores and caches keep what has ended. */
const LATE_MS = 65_000;
/** So that the request reaches more than one server where there are several. */
const REPEATS = 2;

export interface ReplayFacts {
  /** Whom the id shows after the log-out: at once, and after 2 s. */
  readonly atOnce: readonly Who[];
  readonly soon: readonly Who[];
  /** An answer after the log-out showed the user and gave the session another id. @default false */
  readonly isRenewed?: boolean;
  /** What was copied, for messages. @default the id */
  readonly what?: string;
}

/** Judges the browser that has logged out, with its own cookies: the control of the recipe's log-out. */
const judgeOwn = (who: Who): Outcome =>
  unclear(
    'replay-after-logout',
    who === 'unclear'
      ? 'the site could not answer to the browser that logged out'
      : 'the steps of "logout" log nobody out: the browser that took them is still logged in, with its own cookies',
  );

export function judgeReplay({ atOnce, soon, isRenewed = false, what = 'the id' }: ReplayFacts): Outcome {
  if (soon.includes('a')) return found('alive-after-logout', `${what} is logged in 2 seconds after the log-out`);
  if (soon.includes('unclear')) return unclear('replay-after-logout', 'the site could not answer with an id that was logged out');
  if (atOnce.includes('a') && isRenewed)
    return unclear(
      'replay-after-logout',
      'the site gives the id that was logged out a new one, which shows nobody: that may be the end of both',
    );
  if (atOnce.includes('a'))
    return notice('replay-after-logout', `${what} is logged in for a moment after the log-out, for less than 2 seconds`);
  return holds('replay-after-logout', `${what} is logged out with the log-out`);
}

export function judgeLateReplay(who: readonly Who[], what = 'the id'): Outcome {
  if (who.includes('a')) return found('alive-after-logout', `${what} is logged in 65 seconds after the log-out`);
  if (who.includes('unclear')) return unclear('replay-after-logout', 'the site could not answer 65 seconds after a log-out');
  return holds('replay-after-logout', `${what} is logged out 65 seconds later`);
}

/** Someone who has copied the cookies of a browser. */
interface Copy {
  /** It goes on with the ids that it is given as long as it is logged in: a site can change them with each answer. */
  readonly browser: Visitor;
  isRenewed: boolean;
  ofCaches: readonly Outcome[];
}

/** Where the load balancer's cookies always led to the server that was asked to log out, others can still know the session. */
async function ask(run: Run, copy: Copy, page: number): Promise<Who[]> {
  const { site } = copy.browser;
  const isLed = copy.browser.jar.list().some(({ name }) => site.isLoadBalancers(name));
  const seen: Who[] = [];
  for (let times = 0; times < REPEATS * (isLed ? 2 : 1); times += 1) {
    const { jar } = copy.browser;
    const one = copy.browser.replay(times < REPEATS ? jar : jar.filter(({ name }) => !site.isLoadBalancers(name)));
    // Once it is seen to be logged in, further requests need no second look.
    const { who, outcomes } = seen.includes('a')
      ? { who: await one.who({ page }), outcomes: [] }
      : await userOfOldId(one, page, await run.witness());
    copy.ofCaches = [...copy.ofCaches, ...outcomes];
    // What comes with nobody is the id of a visitor, and would hide a server that knows the copied one.
    if (who === 'a') copy.browser.jar = one.jar;
    seen.push(who);
  }
  return seen;
}

/** Repeats the request with every cookie of the browser, on each page: a cookie can matter there alone. */
async function repeat(run: Run, copies: readonly Copy[]): Promise<Who[]> {
  const seen: Who[] = [];
  for (const copy of copies) {
    const before = textOf(copy.browser, run.names);
    for (const page of run.site.pages.keys()) seen.push(...(await ask(run, copy, page)));
    copy.isRenewed ||= textOf(copy.browser, run.names) !== before;
  }
  return seen;
}

/** The copied cookies for messages: those that log in alone, or else all that authenticate. @param jar as it was copied */
async function liveCredentials(run: Run, visitor: Visitor, jar: CookieJar): Promise<string> {
  const { all } = run.authenticating;
  const alone: string[] = [];
  for (const id of all.filter(({ isEnough }) => isEnough))
    if ((await visitor.replay(jarFor(id, visitor.replay(jar), all)).who({ page: id.page })) === 'a') alone.push(id.name);
  if (alone.length > 0) return alone.length === 1 ? `the copied ${cookiesText(alone)} alone` : `each of the copied ${cookiesText(alone)}`;
  return run.names.length > 0 ? `the id (${cookiesText(run.names)})` : 'the id';
}

/**
 * Follows the redirects of the page of `who`: where they lead, a single sign-on that the log-out has not ended can log the user in again
 * without a password.
 */
async function signInAgain(copies: readonly Copy[]): Promise<readonly Outcome[]> {
  for (const { browser } of copies) {
    try {
      if ((await browser.replay().whoAfterRedirects()) === 'a')
        return [
          found('alive-after-logout', 'the cookies from before the log-out are logged in again where the page of "who" redirects to'),
        ];
    } catch (error) {
      if (!(error instanceof RecipeFailed)) throw error;
      return [unclear('replay-after-logout', `${error.message}: whether a sign-in there logs in again is not known`)];
    }
  }
  return [];
}

/** The cookies as a browser sends them, by name and value. @param names @default all */
const textOf = ({ jar }: Visitor, names?: readonly string[]): string =>
  jar
    .list()
    .filter(({ name }) => names?.includes(name) ?? true)
    .map(({ name, value }) => `${name}=${value}`)
    .sort()
    .join('; ');

/** Whether another site's page can have a browser send the log-out: by a GET, without a token, and with the cookie. */
function isImageLogout({ recipe, names }: Run, { beforeStep }: Visitor): boolean {
  const last = recipe.logout?.at(-1);
  const hasToken = /\{\w+\}/.test(JSON.stringify([last?.get, last?.headers]));
  const cookies = beforeStep.list().filter(({ name }) => names.includes(name));
  return last?.get !== undefined && !hasToken && cookies.length > 0 && cookies.every(({ sameSite }) => sameSite === 'none');
}

export const replayAfterLogout: Check = {
  name: 'replay-after-logout',
  whyNot: ({ recipe }) => (recipe.logout === undefined ? 'the recipe has no logout' : undefined),
  logins: () => 1,
  async run(run) {
    const { clock } = run.site;
    const visitor = await logInAgain(run);
    const before = visitor.replay();
    const copied = before.jar.copy();
    // Where its last step leads can be refused to a user who is logged out: the page decides whether it was a log-out.
    await visitor.logOut();
    const endedMs = clock.now();
    // A step before the last one may have given the session another id, which is the one that the log-out ends.
    const atLast = visitor.replay(visitor.beforeStep);
    const copies = (textOf(atLast) === textOf(before) ? [before] : [atLast, before]).map(
      (browser): Copy => ({ browser, isRenewed: false, ofCaches: [] }),
    );
    const atOnce = await repeat(run, copies);
    const waitMs = endedMs + SOON_MS - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs);
    const soon = await repeat(run, copies);
    const isRenewed = copies.some((copy) => copy.isRenewed);
    const whoOwn = await visitor.who();
    if (whoOwn !== 'nobody') return [judgeOwn(whoOwn)];
    run.isLogOutProven = true;
    const whatOf = async (who: readonly Who[]) => {
      if (who.includes('a')) return liveCredentials(run, before, copied);
      return run.names.length > 1 ? `the session (${cookiesText(run.names)})` : 'the id';
    };
    run.later(endedMs + LATE_MS, async () => {
      const who = await repeat(run, copies);
      return [await ifWitnessed(judgeLateReplay(who, await whatOf(who)), await run.witness())];
    });
    return [
      await ifWitnessed(judgeReplay({ atOnce, soon, isRenewed, what: await whatOf(soon) }), await run.witness()),
      ...(soon.every((who) => who === 'nobody') ? await signInAgain(copies) : []),
      ...copies.flatMap(({ ofCaches }) => ofCaches),
      ...(isImageLogout(run, visitor)
        ? [
            notice(
              'replay-after-logout',
              'any page can log a user out by an image: a GET without a token logs out, and its cookie has SameSite=None',
            ),
          ]
        : []),
    ];
  },
};
