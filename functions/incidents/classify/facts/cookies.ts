/** The session cookie's attributes, and whether it comes back. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { allLogsRead, knownTraces, type MergedTrace, mergedTraces, requestsWithSession } from '../../trouble/traces.ts';
import { firmIf, type Judge, type Judged, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';

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

const cookiesOf = (servers: readonly ServerFacts[]) => servers.flatMap(({ cookie }) => (cookie ? [cookie] : []));
const allCookies = (servers: readonly ServerFacts[], complete: boolean) =>
  complete && servers.length > 0 && servers.every(({ cookie }) => cookie !== undefined);

type Cookie = NonNullable<ServerFacts['cookie']>;

/** What every server's cookie says alike; servers of two releases can differ. @param what a cookie that is so, in a sentence */
const cookieIs = (what: string, isSo: (cookie: Cookie) => boolean | null): Judge =>
  judgeSource('servers', ({ servers }, { complete }) => {
    const answers = cookiesOf(servers).map(isSo);
    if (answers.includes(true)) return yes('servers', `the session cookie is ${what}`);
    return answers.length === 0 || answers.includes(null)
      ? open('servers', "the session cookie's attributes (`session.page` of the app contract)")
      : firmIf(allCookies(servers, complete), no('servers', `the session cookie is not ${what}`));
  });

export const cookieStays = cookieIs('one with a Max-Age that later answers do not renew', ({ maxAgeSeconds, slides }) =>
  maxAgeSeconds === null || slides === true ? false : slides === null ? null : true,
);
export const isStrict = cookieIs('SameSite=Strict', ({ sameSite }) => sameSite === 'Strict');
export const isLax = cookieIs('SameSite=Lax, or without SameSite', ({ sameSite }) => sameSite === 'Lax' || sameSite === null);
export const isSecure = cookieIs('Secure', ({ secure }) => secure);

/** Sessions that began in the log and were used often, by how long, against the cookie's Max-Age. */
function lifetimes(servers: readonly ServerFacts[], { firstSignMs, fromMs }: Evidence) {
  const maxAges = cookiesOf(servers).flatMap(({ maxAgeSeconds, slides }) =>
    maxAgeSeconds && slides !== true ? [maxAgeSeconds * 1_000] : [],
  );
  if (maxAges.length === 0) return undefined;
  const maxAgeMs = Math.min(...maxAges);
  const endMs = Math.max(...servers.flatMap(({ access }) => (access ? [access.toMs] : [])));
  const startMs = Math.max(fromMs, ...servers.flatMap(({ access }) => (access ? [access.fromMs] : [])));
  // A session that was there before the log began is older than it looks.
  const whole = knownTraces(servers, firstSignMs - maxAgeMs).filter(
    ({ firstMs, requests }) => firstMs > startMs + SLACK_MS && requests >= 3,
  );
  const age = ({ firstMs, lastMs }: { firstMs: number; lastMs: number }) => lastMs - firstMs;
  const ended = whole.filter(({ lastMs }) => lastMs < endMs - Math.max(SLACK_MS, maxAgeMs * PAUSE_SHARE));
  // One who is there makes the next request about as soon as the ones before: a visit that was over has no reason to end just then.
  const wasActive = (one: MergedTrace) => age(one) >= maxAgeMs - Math.max(SLACK_MS, (3 * age(one)) / (one.requests - 1));
  return {
    maxAgeSeconds: maxAgeMs / 1_000,
    ended: ended.length,
    cutOff: ended.filter((one) => wasActive(one) && age(one) <= maxAgeMs * LATEST_SHARE + SLACK_MS).length,
    atMaxAge: ended.filter((one) => age(one) >= maxAgeMs * EARLIEST_SHARE && age(one) <= maxAgeMs * LATEST_SHARE + SLACK_MS).length,
    older: mergedTraces(servers, firstSignMs).filter((one) => age(one) > maxAgeMs * LATEST_SHARE + SLACK_MS).length,
  };
}

export const endedAtMaxAge = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const lives = lifetimes(servers, evidence);
  const whole = allLogsRead(servers, complete) && allCookies(servers, complete);
  if (!lives || lives.ended < FEWEST) return open('servers', 'access logs: sessions of active users that began and ended in them');
  const text = `${lives.atMaxAge} of ${lives.ended} sessions of active users ended at the age of ${lives.maxAgeSeconds} s, the cookie's Max-Age`;
  if (lives.older >= FEWEST) return firmIf(whole, no('servers', `${text}; ${lives.older} were used for longer`));
  if (lives.atMaxAge < FEWEST || lives.atMaxAge * 2 < lives.ended) return firmIf(whole, no('servers', text));
  return firmIf(whole && lives.cutOff * 2 >= lives.ended, yes('servers', text));
});

/** Requests that followed a link or a redirect from another site, over all servers whose log shows it. */
function fromOtherSites(servers: readonly ServerFacts[]) {
  const logs = servers.flatMap(({ access }) => (access?.fromOtherSite ? [{ access, ...access.fromOtherSite }] : []));
  const sum = (of: (one: (typeof logs)[number]) => number) => sumOf(logs, (one) => of(one));
  return {
    isWhole: logs.length === servers.length && logs.every(({ access }) => !access.partial),
    showsRefused: logs.length > 0 && logs.every(({ refused }) => refused !== undefined),
    withCookie: sum(({ withCookie }) => withCookie),
    withoutCookie: sum(({ withoutCookie }) => withoutCookie),
    refused: sum(({ refused }) => refused ?? 0),
    posts: {
      withCookie: sum(({ posts }) => posts?.withCookie ?? 0),
      withoutCookie: sum(({ posts }) => posts?.withoutCookie ?? 0),
      refused: sum(({ posts }) => posts?.refused ?? 0),
    },
  };
}

/** Lax keeps the cookie from POSTs alone: those say nothing of Strict. */
const postsOf = ({ posts }: ReturnType<typeof fromOtherSites>): string =>
  posts.withoutCookie === 0
    ? ''
    : `, and ${posts.withoutCookie} of ${posts.withCookie + posts.withoutCookie} POSTs from there had none, as with SameSite=Lax`;

/** Visitors who were never logged in come without a cookie too: only those who are turned away count. Anybody can send such requests: never firm. */
export const comesBackWithout = judgeSource('servers', ({ servers }, { complete }) => {
  const returns = fromOtherSites(servers);
  const { withCookie, withoutCookie, showsRefused, posts } = returns;
  if (!showsRefused) return open('servers', 'access logs: requests from pages of other sites, and how they were answered');
  if (withCookie + withoutCookie === 0 && posts.withoutCookie > 0)
    return open('servers', `access logs: links from other sites: only POSTs came from there${postsOf(returns)}`);
  return turnedAway(returns, 'requests', complete && returns.isWhole, postsOf(returns));
});

/** POSTs from there that came without a cookie and were turned away. Anybody can send them: never firm. */
export const postsWithout = judgeSource('servers', ({ servers }, { complete }) => {
  const { posts, isWhole, showsRefused } = fromOtherSites(servers);
  if (!showsRefused) return open('servers', 'access logs: POSTs from pages of other sites, and how they were answered');
  return turnedAway(posts, 'POSTs', complete && isWhole);
});

type Counts = Readonly<Record<'withCookie' | 'withoutCookie' | 'refused', number>>;

/** A page of the same site that reloads itself shows its last address as another site in some browsers: a few come with the cookie. */
function turnedAway({ withCookie, withoutCookie, refused }: Counts, what: string, isWhole: boolean, also = ''): Judged {
  const text = `${refused} of ${withoutCookie} ${what} that came from other sites without a cookie were turned away; ${withCookie} had one${also}`;
  const isSo = refused >= FEWEST && refused * 2 >= withoutCookie && withCookie * 10 <= withoutCookie;
  return isSo ? shaky(yes('servers', text)) : firmIf(isWhole, no('servers', text));
}

export const plainHttp = judgeSource('balancer', ({ listeners }, { complete }) => {
  const plain = listeners.filter(({ protocol, redirectsToHttps }) => protocol === 'HTTP' && !redirectsToHttps);
  return plain.length > 0
    ? yes('balancer', `the listener at port ${plain[0]?.port} serves plain HTTP`)
    : firmIf(complete, no('balancer', 'every listener is HTTPS, or redirects to it'));
});

const created = (servers: readonly ServerFacts[]) => sumOf(servers, ({ access }) => sumOf(Object.values(access?.created?.byAgent ?? {})));
const showsCreated = (servers: readonly ServerFacts[], complete: boolean) =>
  allLogsRead(servers, complete) && servers.every(({ access }) => access?.created && typeof access.withSession === 'number');

/** Fewer requests name a session than sessions are created: almost none comes back. */
export const sessionsMadeInVain = judgeSource('servers', ({ servers }, { complete }) => {
  const [made, { withSession }] = [created(servers), requestsWithSession(servers)];
  const text = `${made} sessions were created, and ${withSession} requests named one`;
  if (!showsCreated(servers, complete)) return open('servers', 'access logs: the sessions that requests created, of every server');
  return whether('servers', made >= 10 && withSession < made, text);
});

export const cookieReturns = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const returning = knownTraces(servers, evidence.firstSignMs).filter(({ requests }) => requests >= 3).length;
  const text = `${returning} sampled sessions came back with later requests`;
  if (returning >= FEWEST) return yes('servers', text);
  // No browser sends such a cookie back: a few that do can be those of another listener, or show that something else is wrong.
  return returning > 0 ? open('servers', text) : firmIf(allLogsRead(servers, complete), no('servers', text));
});
