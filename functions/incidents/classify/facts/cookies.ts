/** The session cookie's attributes, and whether it comes back. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { allLogsRead, knownTraces, type MergedTrace, mergedTraces, requestsWithSession } from '../../trouble/traces.ts';
import { firmIf, type Judged, judgeSource, no, open, shaky, yes } from '../judged.ts';

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

/** What every server's cookie says alike; servers of two releases can differ. */
function cookieIs(
  evidence: Evidence,
  isSo: (cookie: NonNullable<ServerFacts['cookie']>) => boolean | null,
  so: string,
  notSo: string,
): Judged {
  return judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const answers = cookiesOf(servers).map(isSo);
    if (answers.includes(true)) return yes('servers', so);
    return answers.length === 0 || answers.includes(null)
      ? open('servers', "the session cookie's attributes (`session.page` of the app contract)")
      : firmIf(allCookies(servers, complete), no('servers', notSo));
  });
}

export const cookieStays = (evidence: Evidence): Judged =>
  cookieIs(
    evidence,
    ({ maxAgeSeconds, slides }) => (maxAgeSeconds === null || slides === true ? false : slides === null ? null : true),
    'the session cookie has a Max-Age that later answers do not renew',
    'the session cookie ends with the browser, or each answer renews it',
  );
export const isStrict = (evidence: Evidence): Judged =>
  cookieIs(
    evidence,
    ({ sameSite }) => sameSite === 'Strict',
    'the session cookie is SameSite=Strict',
    'the session cookie is not SameSite=Strict',
  );
export const isLax = (evidence: Evidence): Judged =>
  cookieIs(
    evidence,
    ({ sameSite }) => sameSite === 'Lax' || sameSite === null,
    'the session cookie is SameSite=Lax, or has none',
    'the session cookie is Strict or None',
  );
export const isSecure = (evidence: Evidence): Judged =>
  cookieIs(evidence, ({ secure }) => secure, 'the session cookie is Secure', 'the session cookie is not Secure');

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

export const endedAtMaxAge = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const lives = lifetimes(servers, evidence);
    const whole = allLogsRead(servers, complete) && allCookies(servers, complete);
    if (!lives || lives.ended < FEWEST) return open('servers', 'access logs: sessions of active users that began and ended in them');
    const text = `${lives.atMaxAge} of ${lives.ended} sessions of active users ended at the age of ${lives.maxAgeSeconds} s, the cookie's Max-Age`;
    if (lives.atMaxAge < FEWEST || lives.atMaxAge * 2 < lives.ended) return firmIf(whole, no('servers', text));
    return firmIf(whole && lives.cutOff * 2 >= lives.ended, yes('servers', text));
  });

export const outlivedMaxAge = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const lives = lifetimes(servers, evidence);
    if (!lives) return open('servers', "the cookie's Max-Age");
    const text = `${lives.older} sessions were used for longer than the Max-Age of ${lives.maxAgeSeconds} s`;
    const whole = allLogsRead(servers, complete) && allCookies(servers, complete);
    return firmIf(whole, lives.older >= FEWEST ? yes('servers', text) : no('servers', text));
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
      with: sum(({ posts }) => posts?.withCookie ?? 0),
      without: sum(({ posts }) => posts?.withoutCookie ?? 0),
      refused: sum(({ posts }) => posts?.refused ?? 0),
    },
  };
}

/** Lax keeps the cookie from POSTs alone: those say nothing of Strict. */
const postsOf = ({ posts }: ReturnType<typeof fromOtherSites>): string =>
  posts.without === 0 ? '' : `, and ${posts.without} of ${posts.with + posts.without} POSTs from there had none, as with SameSite=Lax`;

/** Visitors who were never logged in come without a cookie too: only those who are turned away count. Anybody can send such requests: never firm. */
export const comesBackWithout = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const returns = fromOtherSites(servers);
    const { withCookie, withoutCookie, refused, showsRefused, isWhole, posts } = returns;
    if (!showsRefused) return open('servers', 'access logs: requests from pages of other sites, and how they were answered');
    if (withCookie + withoutCookie === 0 && posts.without > 0)
      return open('servers', `access logs: links from other sites: only POSTs came from there${postsOf(returns)}`);
    const text = `${refused} of ${withoutCookie} requests that came from other sites without a cookie were turned away${postsOf(returns)}`;
    if (refused >= FEWEST && refused * 2 >= withoutCookie) return shaky(yes('servers', text));
    return firmIf(complete && isWhole, no('servers', text));
  });

/** POSTs from there that came without a cookie and were turned away. Anybody can send them: never firm. */
export const postsWithout = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const { posts, isWhole, showsRefused } = fromOtherSites(servers);
    if (!showsRefused) return open('servers', 'access logs: POSTs from pages of other sites, and how they were answered');
    const text = `${posts.refused} of ${posts.without} POSTs that came from other sites without a cookie were turned away`;
    if (posts.refused >= FEWEST && posts.refused * 2 >= posts.without) return shaky(yes('servers', text));
    return firmIf(complete && isWhole, no('servers', text));
  });

export const postsWithCookie = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const { posts, isWhole } = fromOtherSites(servers);
    const text = `${posts.with} of ${posts.with + posts.without} POSTs from other sites had a session cookie`;
    return firmIf(complete && isWhole, posts.with * 10 > posts.without ? yes('servers', text) : no('servers', text));
  });

export const comesBackWithCookie = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const returns = fromOtherSites(servers);
    const { withCookie, withoutCookie, isWhole, showsRefused } = returns;
    if (!showsRefused) return open('servers', 'access logs: requests from pages of other sites');
    const text = `${withCookie} of ${withCookie + withoutCookie} requests from other sites had a session cookie${postsOf(returns)}`;
    // A page of the same site that reloads itself shows its last address as another site in some browsers.
    const judged = withCookie * 10 > withoutCookie ? yes('servers', text) : no('servers', text);
    return firmIf(complete && isWhole, judged);
  });

export const plainHttp = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'balancer', ({ listeners }, complete) => {
    const plain = listeners.filter(({ protocol, redirectsToHttps }) => protocol === 'HTTP' && !redirectsToHttps);
    return plain.length > 0
      ? yes('balancer', `the listener at port ${plain[0]?.port} serves plain HTTP`)
      : firmIf(complete, no('balancer', 'every listener is HTTPS, or redirects to it'));
  });

const created = (servers: readonly ServerFacts[]) => sumOf(servers, ({ access }) => sumOf(Object.values(access?.created?.byAgent ?? {})));
const showsCreated = (servers: readonly ServerFacts[], complete: boolean) =>
  allLogsRead(servers, complete) && servers.every(({ access }) => access?.created && typeof access.withSession === 'number');

/** Fewer requests name a session than sessions are created: almost none comes back. */
export const sessionsMadeInVain = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const [made, { withSession }] = [created(servers), requestsWithSession(servers)];
    const text = `${made} sessions were created, and ${withSession} requests named one`;
    if (!showsCreated(servers, complete)) return open('servers', 'access logs: the sessions that requests created, of every server');
    return made >= 10 && withSession < made ? yes('servers', text) : no('servers', text);
  });

export const cookieReturns = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'servers', ({ servers }, complete) => {
    const returning = knownTraces(servers, evidence.firstSignMs).filter(({ requests }) => requests >= 3).length;
    const text = `${returning} sampled sessions came back with later requests`;
    if (returning >= FEWEST) return yes('servers', text);
    // No browser sends such a cookie back: a few that do can be those of another listener, or show that something else is wrong.
    return returning > 0 ? open('servers', text) : firmIf(allLogsRead(servers, complete), no('servers', text));
  });
