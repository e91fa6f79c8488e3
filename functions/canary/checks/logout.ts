/** After a log-out the id is worth nothing: at once, later, and whatever request was still running. */
import { RecipeFailed } from '../errors.ts';
import { found, holds, notice, type Outcome, unclear } from '../findings/result.ts';
import { type Check, logInAgain, type Run, whileShown } from '../run.ts';
import type { Who } from '../site/read-who.ts';
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
}

/** Judges the browser that has logged out, with its own cookies: the control of the recipe's log-out. */
const judgeOwn = (who: Who): Outcome =>
  unclear(
    'replay-after-logout',
    who === 'unclear'
      ? 'the site could not answer to the browser that logged out'
      : 'the steps of "logout" log nobody out: the browser that took them is still logged in, with its own cookies',
  );

/** Judges the first seconds. */
export function judgeReplay({ atOnce, soon }: ReplayFacts): Outcome {
  if (soon.includes('a')) return found('alive-after-logout', 'the id is logged in 2 seconds after the log-out');
  if (soon.includes('unclear')) return unclear('replay-after-logout', 'the site could not answer with an id that was logged out');
  if (atOnce.includes('a'))
    return notice('replay-after-logout', 'the id is logged in for a moment after the log-out, for less than 2 seconds');
  return holds('replay-after-logout', 'the id is logged out with the log-out');
}

/** Judges the id after 65 s. */
export function judgeLateReplay(who: readonly Who[]): Outcome {
  if (who.includes('a')) return found('alive-after-logout', 'the id is logged in 65 seconds after the log-out');
  if (who.includes('unclear')) return unclear('replay-after-logout', 'the site could not answer 65 seconds after a log-out');
  return holds('replay-after-logout', 'the id is logged out 65 seconds later');
}

/** On each page: a cookie can matter there alone. */
async function whoOnPages(copy: Visitor): Promise<Who[]> {
  const seen: Who[] = [];
  for (const page of copy.site.pages.keys()) seen.push(await copy.replay().who({ page }));
  return seen;
}

/** Repeats the request with every cookie of the browser, as an attacker would who has copied them. */
async function repeat(copies: readonly Visitor[]): Promise<Who[]> {
  const seen: Who[] = [];
  for (let times = 0; times < REPEATS; times += 1) for (const copy of copies) seen.push(...(await whoOnPages(copy)));
  return seen;
}

/**
 * Follows the redirects of the page of `who`: where they lead, a single sign-on that the log-out has not ended can log the user in again
 * without a password.
 */
async function signInAgain(copies: readonly Visitor[]): Promise<readonly Outcome[]> {
  for (const copy of copies) {
    try {
      if ((await copy.replay().whoAfterRedirects()) === 'a')
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

/** The cookies as a browser sends them, by name and value. */
const textOf = ({ jar }: Visitor): string =>
  jar
    .list()
    .map(({ name, value }) => `${name}=${value}`)
    .sort()
    .join('; ');

/** Whether another site's page can have a browser send the log-out: by a GET, without a token, and with the cookie. */
function isLoggedOutByImage({ recipe, names }: Run, { beforeStep }: Visitor): boolean {
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
    // Where its last step leads can be refused to a user who is logged out: the page decides whether it was a log-out.
    await visitor.logOut();
    const endedMs = clock.now();
    // A step before the last one may have given the session another id, which is the one that the log-out ends.
    const atLast = visitor.replay(visitor.beforeStep);
    const copies = textOf(atLast) === textOf(before) ? [before] : [atLast, before];
    const atOnce = await repeat(copies);
    const waitMs = endedMs + SOON_MS - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs);
    const soon = await repeat(copies);
    const whoOwn = await visitor.who();
    if (whoOwn !== 'nobody') return [judgeOwn(whoOwn)];
    run.isLogOutProven = true;
    run.later(endedMs + LATE_MS, async () => [await whileShown(judgeLateReplay(await repeat(copies)), await run.witness())]);
    return [
      await whileShown(judgeReplay({ atOnce, soon }), await run.witness()),
      ...(soon.every((who) => who === 'nobody') ? await signInAgain(copies) : []),
      ...(isLoggedOutByImage(run, visitor)
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
