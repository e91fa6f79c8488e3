import { found, type Outcome } from '../findings/result.ts';
import type { HttpAnswer } from '../http/send.ts';
import type { Who } from './site.ts';
import { Visitor } from './visitor.ts';

/** Whether a cache says that it gave the answer. @see https://datatracker.ietf.org/doc/html/rfc9211 */
export const isOfCache = ({ headers }: Pick<HttpAnswer, 'headers'>): boolean =>
  Number(headers['age']) > 0 || Object.entries(headers).some(([name, value]) => name.includes('cache') && /\bhit\b/i.test(value));

/**
 * Judges what a browser was shown that another user's page came before. From here on pages are asked for past the cache; where that cannot
 * be, the run ends. @param expected whom the browser has to be shown @param user one who is logged in @returns nothing where no cache is the reason
 */
export async function judgeShared(browser: Visitor, expected: Who, user: Visitor, page = 0): Promise<readonly Outcome[]> {
  const { site } = browser;
  const { answer } = await browser.replay().askWho({ page });
  const name = page === 0 ? 'the page of "who"' : `the page of "pages, ${page}"`;
  const found = (what: string) => [sharedPage(`a cache gives ${name}, as it was made for one user, to ${what}`)];
  const whom = expected === 'nobody' ? 'a browser without cookies' : 'another user who is logged in';
  site.isPastCaches = true;
  // A site that knows no such address shows nobody there, also to a user.
  if ((await browser.replay().who({ page })) === expected && (await user.isShown({ page }))) return found(whom);
  site.isPastCaches = false;
  if (!isOfCache(answer)) return [];
  site.pace.stop('the pages of users come from a cache, and the site itself cannot be asked');
  return found(whom);
}
const sharedPage = (what: string): Outcome => found('page-of-another-user', what);

/** Asks for each page as a user, and then without cookies. @param a logged in, and the last to be shown the page of `who` */
export async function findSharedPages(a: Visitor): Promise<readonly Outcome[]> {
  const { site, user } = a;
  for (const page of site.pages.keys()) {
    if (page > 0) await a.who({ page });
    const stranger = new Visitor(site, user);
    if ((await stranger.who({ page, mayFail: true })) !== 'a') continue;
    const outcomes = await judgeShared(new Visitor(site, user), 'nobody', a, page);
    if (outcomes.length > 0) return outcomes;
  }
  return [];
}

/**
 * Whom the cookies of a session that should have ended show, with the reason where that is a cache by cookie: what it keeps is shown for a
 * while after the end, and says nothing of the session. @param user one who is logged in
 */
export async function userOfOldId(
  browser: Visitor,
  page: number,
  user: Visitor,
): Promise<{ readonly who: Who; readonly outcomes: readonly Outcome[] }> {
  const { site } = browser;
  const who = await browser.who({ page });
  if (who !== 'a' || site.isPastCaches) return { who, outcomes: [] };
  site.isPastCaches = true;
  const past = await browser.who({ page });
  if (past === 'nobody' && (await user.isShown({ page })))
    return {
      who: past,
      outcomes: [found('page-cacheable', 'a cache keeps the page of a user by its cookie: it is shown after its session has ended')],
    };
  site.isPastCaches = false;
  return { who, outcomes: [] };
}
