/** The session cookie's attributes, and whether it comes back. Pure. */
import { sumOf } from '../../../shared/arithmetic.ts';
import { minuteText } from '../../../shared/times.ts';
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import type { CookieFacts, ServerFacts } from '../../contract/server-facts.ts';
import { areCutOff, cookieLives, endWithCookie, FEWEST_ENDED } from '../../trouble/cookie-lives.ts';
import { deployTookCookie } from '../../trouble/sessions.ts';
import { allLogsRead, firstAfter, knownTraces, SAME_MS } from '../../trouble/traces.ts';
import { onsetOf } from '../../trouble/trouble.ts';
import { firmIf, type Judge, judgeSource, no, open, shaky, whether, yes } from '../judged.ts';
import { everyCookieRead } from './session-life.ts';

const FEWEST = 5;
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

export const endedAtMaxAge = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const lives = cookieLives(evidence);
  const whole = allLogsRead(servers, complete) && everyCookieRead(evidence);
  if (!lives || lives.ended.length < FEWEST_ENDED)
    return open('servers', 'access logs: sessions of active users that began and ended in them');
  const { atMaxAge, ended, older, maxAgeSeconds, sinceMs } = lives;
  const since = sinceMs === undefined ? '' : ` that began after ${minuteText(sinceMs)}`;
  const text = `${atMaxAge.length} of ${ended.length} sessions of active users${since} ended at the age of ${maxAgeSeconds} s, the cookie's Max-Age`;
  if (older.length >= FEWEST_ENDED) return firmIf(whole, no('servers', `${text}; ${older.length} were used for longer`));
  if (!endWithCookie(lives)) return firmIf(whole, no('servers', text));
  const cutOff = (atMs?: number) => firmIf(whole && areCutOff(lives), yes('servers', text, atMs));
  if (sinceMs === undefined) return cutOff();
  const deploy = deploySince(sinceMs, evidence);
  return deploy ? cutOff(Math.max(sinceMs, deploy.startedAtMs)) : open('servers', `what changed the cookie: ${text}`);
});

/** The sessions of before have the cookie of another release, or of before a restart. */
const deploySince = (atMs: number, evidence: Evidence) =>
  factsOf(evidence, 'deploys')?.deploys.find(({ finishedAtMs = evidence.toMs }) => finishedAtMs >= atMs - SAME_MS);

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
  judgeSource('servers', ({ servers }, { complete, evidence }) => {
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
    const areTurnedAway = refused >= FEWEST && refused * 2 >= withoutCookie;
    // A page of the same site that reloads itself shows its last address as another site in some browsers: a few come with the cookie.
    if (areTurnedAway && withCookie * 10 <= withoutCookie) return shaky(yes('servers', text));
    const deploy = areTurnedAway ? deployTookCookie({ withCookie, withoutCookie }, evidence) : undefined;
    const before = deploy && `, as many as came before the deploy at ${minuteText(deploy.startedAtMs)}`;
    return deploy
      ? shaky(yes('servers', `${text}${before}`, deploy.startedAtMs))
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

/** Those of before have another cookie, where people are sent to the login since then. */
const begunSince = (servers: readonly ServerFacts[], evidence: Evidence) => {
  const sinceMs = onsetOf(evidence, 'redirects');
  const known = knownTraces(servers, evidence.firstSignMs);
  return sinceMs === undefined ? known : known.filter((one) => firstAfter(one, sinceMs));
};

export const cookieReturns = judgeSource('servers', ({ servers }, { complete, evidence }) => {
  const returning = begunSince(servers, evidence).filter(({ requests }) => requests >= 3).length;
  const text = `${returning} sampled sessions came back with later requests`;
  if (returning >= FEWEST) return yes('servers', text);
  // No browser sends such a cookie back: a few that do can be those of another listener, or show that something else is wrong.
  return returning > 0 ? open('servers', text) : firmIf(allLogsRead(servers, complete), no('servers', text));
});

const FEWEST_BEGUN = 20;
const NEARLY_ALL = 0.9;

/** Of the sessions that begin since a deploy, with which people are sent to the login, nearly none is ever named. Never firm. */
export const noneReturnsSince = judgeSource('servers', ({ servers }, { evidence }) => {
  const sinceMs = onsetOf(evidence, 'redirects');
  // What was Secure before was never named before either.
  const deploy = sinceMs === undefined ? undefined : deploySince(sinceMs, evidence);
  if (sinceMs === undefined || deploy === undefined || deploy.startedAtMs > sinceMs + SAME_MS)
    return no('deploys', 'no deploy ran when people began to be sent to the login');
  const begun = begunSince(servers, evidence).filter(({ begins, firstMs }) => begins && firstMs < evidence.toMs - RETURN_MS);
  const vain = begun.filter(({ requests }) => requests === 0).length;
  const text = `${vain} of ${begun.length} sampled sessions that began since people are sent to the login were never named`;
  return shaky(whether('servers', begun.length >= FEWEST_BEGUN && vain >= begun.length * NEARLY_ALL, text));
});
/** A browser names a session within this time, if it keeps it. */
const RETURN_MS = 2 * 60_000;
