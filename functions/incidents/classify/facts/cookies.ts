/** The session cookie's attributes, and whether it comes back. Pure. */
import { leastOf, sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { CookieFacts, ServerFacts } from '../../contract/server-facts.ts';
import { allLogsRead, knownTraces, type MergedTrace, mergedTraces } from '../../trouble/traces.ts';
import { firmIf, type Judge, judgeSource, no, open, shaky, yes } from '../judged.ts';
import { everyCookieRead } from './session-life.ts';

const FEWEST = 5;
/**
 * A session whose age at its end is between these shares of the cookie's Max-Age ended with its cookie: an active user's last request comes
 * a little before that, and clocks differ a little.
 */
const EARLIEST_SHARE = 0.7;
const LATEST_SHARE = 1.1;
const SLACK_MS = 15_000;
/** One who is there makes a request at least so often: after a longer pause than this before the log's end, a session has ended. */
const PAUSE_SHARE = 0.3;

const cookiesOf = (servers: readonly ServerFacts[]) => servers.flatMap(({ cookie }) => cookie ?? []);

/** What every server's cookie says alike; servers of two releases can differ. @param what a cookie that is so, in a sentence */
const cookieIs = (what: string, isSo: (cookie: CookieFacts) => boolean | null): Judge =>
  judgeSource('servers', ({ servers }, { complete, evidence }) => {
    const answers = cookiesOf(servers).map(isSo);
    if (answers.includes(true)) return yes('servers', `the session cookie is ${what}`);
    return answers.length === 0 || answers.includes(null)
      ? open('servers', "the session cookie's attributes (`session.page` of the app contract)")
      : firmIf(complete && everyCookieRead(evidence), no('servers', `the session cookie is not ${what}`));
  });

export const cookieStays = cookieIs('one with a Max-Age that later answers do not renew', ({ maxAgeSeconds, slides }) =>
  maxAgeSeconds === null || slides === true ? false : slides === null ? null : true,
);
export const isStrict = cookieIs('SameSite=Strict', ({ sameSite }) => sameSite === 'Strict');
export const isLax = cookieIs('SameSite=Lax, or without SameSite', ({ sameSite }) => sameSite === 'Lax' || sameSite === null);
export const isSecure = cookieIs('Secure', ({ secure }) => secure);

/** Sessions that began in the log and were used often, by how long, against the cookie's Max-Age. */
function lifetimes(servers: readonly ServerFacts[], { firstSignMs, fromMs }: Evidence) {
  const maxAgeSeconds = leastOf(cookiesOf(servers).flatMap((cookie) => (cookie.slides !== true && cookie.maxAgeSeconds) || []));
  if (maxAgeSeconds === undefined) return undefined;
  const maxAgeMs = maxAgeSeconds * 1_000;
  const endMs = Math.max(...servers.flatMap(({ access }) => access?.toMs ?? []));
  const startMs = Math.max(fromMs, ...servers.flatMap(({ access }) => access?.fromMs ?? []));
  const age = ({ firstMs, lastMs }: MergedTrace) => lastMs - firstMs;
  const ended = knownTraces(servers, firstSignMs - maxAgeMs).filter(
    ({ firstMs, lastMs, requests }) =>
      // A session that was there before the log began is older than it looks.
      firstMs > startMs + SLACK_MS && requests >= 3 && lastMs < endMs - Math.max(SLACK_MS, maxAgeMs * PAUSE_SHARE),
  );
  const isOlder = (one: MergedTrace) => age(one) > maxAgeMs * LATEST_SHARE + SLACK_MS;
  // One who is there makes the next request about as soon as the ones before: a visit that was over has no reason to end just then.
  const wasActive = (one: MergedTrace) => age(one) >= maxAgeMs - Math.max(SLACK_MS, (3 * age(one)) / (one.requests - 1));
  return {
    ...{ maxAgeSeconds, ended: ended.length },
    cutOff: ended.filter((one) => wasActive(one) && !isOlder(one)).length,
    atMaxAge: ended.filter((one) => age(one) >= maxAgeMs * EARLIEST_SHARE && !isOlder(one)).length,
    older: mergedTraces(servers, firstSignMs).filter(isOlder).length,
  };
}

export const endedAtMaxAge = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const lives = lifetimes(servers, evidence);
  const whole = allLogsRead(servers, complete) && everyCookieRead(evidence);
  if (!lives || lives.ended < FEWEST) return open('servers', 'access logs: sessions of active users that began and ended in them');
  const text = `${lives.atMaxAge} of ${lives.ended} sessions of active users ended at the age of ${lives.maxAgeSeconds} s, the cookie's Max-Age`;
  if (lives.older >= FEWEST) return firmIf(whole, no('servers', `${text}; ${lives.older} were used for longer`));
  if (lives.atMaxAge < FEWEST || lives.atMaxAge * 2 < lives.ended) return firmIf(whole, no('servers', text));
  return firmIf(whole && lives.cutOff * 2 >= lives.ended, yes('servers', text));
});

type Returns = Partial<Readonly<Record<'withCookie' | 'withoutCookie' | 'refused', number>>>;
const sumOfReturns = (some: readonly Returns[]) => ({
  withCookie: sumOf(some, ({ withCookie = 0 }) => withCookie),
  withoutCookie: sumOf(some, ({ withoutCookie = 0 }) => withoutCookie),
  refused: sumOf(some, ({ refused = 0 }) => refused),
});

/**
 * What came from pages of other sites without a cookie, and was turned away: visitors who were never logged in have none either. Anybody can
 * send such requests: never firm.
 */
const turnedAway = (what: 'requests' | 'POSTs'): Judge =>
  judgeSource('servers', ({ servers }, { complete }) => {
    const logs = servers.flatMap(({ access }) => access?.fromOtherSite ?? []);
    if (logs.length === 0 || logs.some(({ refused }) => refused === undefined))
      return open('servers', `access logs: ${what} from pages of other sites, and how they were answered`);
    const posts = sumOfReturns(logs.flatMap((log) => log.posts ?? []));
    const { withCookie, withoutCookie, refused } = what === 'POSTs' ? posts : sumOfReturns(logs);
    // Lax keeps the cookie from POSTs alone: those say nothing of Strict.
    const also = `, and ${posts.withoutCookie} of ${posts.withCookie + posts.withoutCookie} POSTs from there had none, as with SameSite=Lax`;
    const isOfPosts = what === 'requests' && posts.withoutCookie > 0;
    if (isOfPosts && withCookie + withoutCookie === 0)
      return open('servers', `access logs: links from other sites: only POSTs came from there${also}`);
    const text = `${refused} of ${withoutCookie} ${what} that came from other sites without a cookie were turned away; ${withCookie} had one${isOfPosts ? also : ''}`;
    // A page of the same site that reloads itself shows its last address as another site in some browsers: a few come with the cookie.
    const isSo = refused >= FEWEST && refused * 2 >= withoutCookie && withCookie * 10 <= withoutCookie;
    return isSo
      ? shaky(yes('servers', text))
      : firmIf(allLogsRead(servers, complete) && logs.length === servers.length, no('servers', text));
  });

export const comesBackWithout = turnedAway('requests');
export const postsWithout = turnedAway('POSTs');

export const plainHttp = judgeSource('balancer', ({ listeners }, { complete }) => {
  const plain = listeners.filter(({ protocol, redirectsToHttps }) => protocol === 'HTTP' && !redirectsToHttps);
  return plain.length > 0
    ? yes('balancer', `the listener at port ${plain[0]?.port} serves plain HTTP`)
    : firmIf(complete, no('balancer', 'every listener is HTTPS, or redirects to it'));
});

export const cookieReturns = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const returning = knownTraces(servers, evidence.firstSignMs).filter(({ requests }) => requests >= 3).length;
  const text = `${returning} sampled sessions came back with later requests`;
  if (returning >= FEWEST) return yes('servers', text);
  // No browser sends such a cookie back: a few that do can be those of another listener, or show that something else is wrong.
  return returning > 0 ? open('servers', text) : firmIf(allLogsRead(servers, complete), no('servers', text));
});
