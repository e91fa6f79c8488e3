/** Pages of users and the way to them: never by plain HTTP. */
import { parseUrl } from '../../shared/urls.ts';
import { NoAnswer } from '../contract/errors.ts';
import { found, holds, type Outcome, unclear } from '../findings/result.ts';
import { shownName } from '../http/cookie-jar.ts';
import { ANSWER_MS } from '../http/pace.ts';
import type { HttpAnswer } from '../http/send.ts';
import { dropReason } from '../http/set-cookie.ts';
import type { Check, Run } from '../run.ts';
import { placeOf, readWho } from '../site/site.ts';

/** ASVS 5.0, 3.4.1: one year. */
const LEAST_HSTS_SECONDS = 31_536_000;

type Page = Pick<HttpAnswer, 'headers'>;

/** The page of `who`, and the further ones as the search for ids has seen them with a user. @returns the worst of them */
export function worst({ page, site }: Run, judge: (page: Page, name?: string) => Outcome): Outcome {
  const outcomes = [
    judge(page),
    ...site.seen
      .filter(({ place, answer }) => place.startsWith('pages, ') && readWho(answer, site.shows) === 'a')
      .map(({ place, answer }) => judge(answer, `the page of a user in "${place}"`)),
  ];
  return outcomes.find(({ is }) => is === 'finding') ?? (outcomes[0] as Outcome);
}

export function judgeHsts({ headers }: Page, name = 'the page of a user'): Outcome {
  const seconds = /(?:^|;)\s{0,9}max-age="?(\d{1,15})/i.exec(headers['strict-transport-security'] ?? '')?.[1];
  if (seconds === undefined) return found('no-hsts', `${name} has no Strict-Transport-Security`);
  if (Number(seconds) < LEAST_HSTS_SECONDS)
    return found('no-hsts', `${name} has Strict-Transport-Security with max-age=${seconds}, less than a year`);
  return holds('transport', `Strict-Transport-Security has max-age=${seconds}`);
}

/** @param problemOf why an address is none of the site's; undefined for one that is */
export function judgePlainHttp(
  { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>,
  problemOf: (url: URL) => string | undefined = () => undefined,
): Outcome {
  if (status >= 300 && status < 400) {
    const url = parseUrl(headers['location'] ?? '');
    if (url?.protocol !== 'https:') return found('plain-http-served', 'plain HTTP redirects to an address that is not HTTPS');
    const problem = problemOf(url);
    return problem === undefined
      ? holds('transport', 'plain HTTP is redirected to HTTPS')
      : unclear('transport', `plain HTTP is redirected to ${placeOf(url)}, which ${problem}`);
  }
  if (status >= 500) return unclear('transport', `plain HTTP was answered with ${status}`);
  // Whether a page needs a login is decided by an answer too, and the request had the cookies of a browser.
  return status === 400 || status === 403 || status === 426
    ? holds('transport', `plain HTTP is refused with ${status}`)
    : found('plain-http-served', `plain HTTP is answered with ${status}, not redirected`);
}

/** What is set by plain HTTP without Secure, a browser keeps, and it was readable on the way. @param names of the cookies that have ids */
export const judgePlainCookies = ({ setCookies }: Pick<HttpAnswer, 'setCookies'>, url: URL, names: readonly string[]): readonly Outcome[] =>
  setCookies
    .filter((cookie) => names.includes(cookie.name) && cookie.value !== '' && !cookie.secure && dropReason(cookie, url) === undefined)
    .map(({ name }) => found('cookie-not-secure', `plain HTTP gives cookie ${shownName(name)}, without Secure`, name));

/** A port that refuses connections, or lets none through, is the best there is. */
export const judgeSilence = (host: string, code: string): Outcome =>
  code === 'ECONNREFUSED' || code === 'ETIMEDOUT'
    ? holds('transport', `${host} does not answer plain HTTP (${code})`)
    : unclear('transport', `${host} could not be asked by plain HTTP (${code})`);

export const transport: Check = {
  name: 'transport',
  async run(run) {
    const { base, recipe, site } = run;
    if (base.protocol !== 'https:') return [found('plain-http-served', 'users log in by plain HTTP')];
    const url = new URL(recipe.http ?? `http://${base.hostname}/`);
    // Set, not resolved: a path that begins with two slashes would be the address of another site.
    url.pathname = new URL(recipe.who.get, base).pathname;
    try {
      // The request has no session: over plain HTTP, its id would be readable on the way.
      const answer = await site.pace.ask(
        { method: 'GET', url, headers: site.headersFor(url) },
        { timeoutMs: ANSWER_MS / 2, mayFail: true },
      );
      return [worst(run, judgeHsts), judgePlainHttp(answer, (to) => site.problemOf(to)), ...judgePlainCookies(answer, url, run.names)];
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return [worst(run, judgeHsts), judgeSilence(url.host, error.code)];
    }
  },
};
