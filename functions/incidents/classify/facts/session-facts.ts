/** What the servers' access logs say of sessions: whether they move, whose they are, how long they live, and whether their cookie comes back. Pure. */
import { leastOf, mostOf, percentOf, sumOf } from '../../../shared/arithmetic.ts';
import { minuteText } from '../../../shared/texts.ts';
import type { Evidence } from '../../contract/evidence.ts';
import type { CookieFacts, ServerFacts } from '../../contract/server-facts.ts';
import type { DialectFacts } from '../../contract/store-facts.ts';
import { beganMs } from '../../trouble/changes.ts';
import { machinesBecomeMore } from '../../trouble/people.ts';
import { briefSessions, declaredOf, deployTookCookie, SHORTEST_LIFE_SECONDS } from '../../trouble/sessions.ts';
import {
  allLogsRead,
  FEWEST_SESSIONS,
  followedTraces,
  hasMoved,
  laterOnesStay,
  logsShowAnswered,
  type MergedTrace,
  newSessions,
  requestsWithSession,
  serversOf,
} from '../../trouble/traces.ts';
import { fact, type Judge, type Said } from '../judged.ts';

/** A share of sessions that moves is no accident from here on. */
const MOVE_PERCENT = 5;

const areMany = (some: readonly MergedTrace[], seen: readonly MergedTrace[]): boolean =>
  some.length >= FEWEST_SESSIONS && some.length * 100 >= seen.length * MOVE_PERCENT;

const movesOf = (what: string, isSo: (trace: MergedTrace) => boolean): Judge =>
  fact('servers', 'access logs: whether sessions change servers', ({ servers }, { complete, evidence }) => {
    const seen = followedTraces(servers, evidence.firstSignMs);
    const found = seen.filter(isSo);
    const isWhole = allLogsRead(servers, complete);
    const text = `${found.length} of ${seen.length} sampled sessions ${what}`;
    if (areMany(found, seen))
      return { is: true, text, sure: isWhole && logsShowAnswered(servers), sinceMs: leastOf(found.map(({ lastMs }) => lastMs)) };
    // Other visitors, who need not be users, make a share as small as they like.
    return found.length < FEWEST_SESSIONS && isWhole && seen.length >= FEWEST_SESSIONS ? { is: false, text } : undefined;
  });

export const sessionsMove = movesOf('were served by more than one server', hasMoved);

/** Where a server was away for a moment, its sessions come to others, and later ones stay. What goes on can be rare. */
export const sessionsGoOnMoving: Judge = (evidence) => {
  const moves = sessionsMove(evidence);
  if (moves.truth !== true || !laterOnesStay(serversOf(evidence), beganMs(evidence))) return moves;
  return { ...moves, truth: false, firm: false, text: `${moves.text}, and none of those that began last` };
};

/** Sessions that one server knew, and that came to another one which did not: there they are lost. */
export const sessionsStray = movesOf('came to a server that did not know them', ({ servers, knownBy }) => servers.length > knownBy.length);

/** Percent of a server's requests whose session names another server, and percent of those after which another session was in its place. */
const FOREIGN_PERCENT = 20;
const REPLACED_PERCENT = 20;
const FEWEST_REQUESTS = 10;

const isForeign = ({ access }: ServerFacts): boolean => {
  const { withSession, foreignRoute, replaced } = access ?? {};
  if (typeof withSession !== 'number' || typeof foreignRoute !== 'number' || typeof replaced !== 'number') return false;
  const isShare = foreignRoute >= FEWEST_REQUESTS && foreignRoute * 100 >= withSession * FOREIGN_PERCENT;
  return isShare && replaced * 100 >= foreignRoute * REPLACED_PERCENT;
};

/** A server gets its own users' cookies with the route (jvmRoute) of another, and replaces their sessions. */
export const foreignRoutes = fact('servers', 'access logs: the routes in session ids', ({ servers }) => {
  const found = servers.find(isForeign);
  if (found === undefined)
    return servers.every(({ access }) => access) ? { is: false, text: 'no server gets the routes of others' } : undefined;
  const { foreignRoute, withSession, partial } = found.access ?? {};
  const text = `${foreignRoute} of ${withSession} requests to ${found.instanceId} named a session with the route of another server`;
  return { is: true, text, sure: !partial && logsShowAnswered(servers) };
});

const FEWEST_SAMPLED = 5;

export const isUnknown = ({ dialect }: DialectFacts): boolean => dialect === 'unknown';

type WithTtl = DialectFacts & { readonly ttlSeconds: NonNullable<DialectFacts['ttlSeconds']> };
const withTtl = (dialects: readonly DialectFacts[] = []) =>
  dialects.filter((one): one is WithTtl => !isUnknown(one) && one.sampled >= FEWEST_SAMPLED && Boolean(one.ttlSeconds));

/** Sessions end sooner than a user can pause, or much sooner than the cookie and the session itself promise. */
export const lifeIsShort = fact('store', 'session store: the TTL of a sample of sessions', ({ dialects }, { complete, evidence }) => {
  const known = withTtl(dialects);
  const cookie = mostOf(serversOf(evidence).flatMap(({ cookie: one }) => one?.maxAgeSeconds || [])) ?? 0;
  const all = sumOf(known, ({ keys }) => keys);
  // Another application of the same store can have short lives on purpose: what hardly any session has explains no trouble.
  const many = known.filter(({ keys }) => keys * 10 >= all);
  for (const { dialect, keys, ttlSeconds, declaredLifeSeconds } of many) {
    const promised = Math.max(cookie, declaredLifeSeconds ?? 0);
    // Half of them have been idle for more than half of their life at the most.
    const most = Math.min(ttlSeconds.max, 2 * ttlSeconds.median, declaredOf({ declaredLifeSeconds }));
    const text = `sessions (${dialect}) live for ${most} s without use at the most${promised > 0 ? `; cookie or session promise ${promised} s` : ''}`;
    const isBelowPromise = most * 4 < promised && ttlSeconds.max * 2 < promised;
    if (most < SHORTEST_LIFE_SECONDS || isBelowPromise) return { is: true, text, sure: keys * 2 >= all };
  }
  // Those from before a change keep the life that they have. What begins can be of machines.
  const brief = many.flatMap((one) => briefSessions(one) ?? [])[0];
  if (brief && brief.count >= FEWEST_SAMPLED) return { is: true, text: brief.text, sure: false };
  if (many.length === 0 || brief) return undefined;
  const longest = Math.max(...many.map(({ ttlSeconds }) => ttlSeconds.max));
  return {
    is: false,
    text: `sessions have up to ${longest} s left in the store, as long as promised`,
    sure: complete && everyCookieRead(evidence),
  };
});

const FEWEST_NEW = 30;
const FEWEST_OF_SAMPLE = 10;
/** Percent of the new sessions from which machines, not people, explain their number. */
const MACHINES_PERCENT = 60;
/** Percent of requests that begin a session: a browser logs in once and clicks for a while, so this many are no users. */
const PER_REQUEST_PERCENT = 50;
const NONE_BACK_PERCENT = 20;

function countsOf(servers: readonly ServerFacts[]) {
  const { byPeople, byMachines, withoutAgent, sampled, usedAgain } = newSessions(servers);
  const [all, { lines, replaced }] = [byPeople + byMachines, requestsWithSession(servers)];
  const perRequestPercent = percentOf(all, lines);
  return {
    ...{ all, byPeople, byMachines, withoutAgent, replaced, perRequestPercent },
    /** Of people's sessions, as machines name none a second time; undefined where the sample is too small to say. */
    backPercent: sampled < FEWEST_OF_SAMPLE ? undefined : percentOf(usedAgain * all, sampled * byPeople),
    text: `${perRequestPercent} % of requests created a session; ${usedAgain} of ${sampled} sampled new ones were used again`,
  };
}
type Counts = ReturnType<typeof countsOf>;

const ofNew = (judge: (counts: Counts, evidence: Evidence) => Said | undefined): Judge =>
  fact('servers', 'access logs: who creates sessions, of every server', ({ servers }, { complete, evidence }) =>
    allLogsRead(servers, complete) && servers.every(({ access }) => access?.created) ? judge(countsOf(servers), evidence) : undefined,
  );

/** By their own names; or nearly every request creates one, or next to none is used again: never certain, as it can be people. */
export const madeByMachines = ofNew((counts, evidence) => {
  const { all, byMachines } = counts;
  const by = makerOf(counts);
  const is = all >= FEWEST_NEW && by !== 'users';
  const text = `${percentOf(byMachines, all)} % of ${all} new sessions are of bots, health checks or scripts; ${counts.text}`;
  return { is, text, sure: !is || (by === 'machines' && machinesBecomeMore(evidence)) };
});

/** Who creates most of the new sessions: `replaced` are browsers that name another one, and `browsers` those whose session does not come back. */
function makerOf({ all, byMachines, replaced, perRequestPercent, backPercent = NONE_BACK_PERCENT }: Counts) {
  if (percentOf(byMachines, all) >= MACHINES_PERCENT) return 'machines';
  if (perRequestPercent < PER_REQUEST_PERCENT && backPercent >= NONE_BACK_PERCENT) return 'users';
  return replaced * 2 >= all ? 'replaced' : 'browsers';
}

export function madeBy(evidence: Evidence): 'machines' | 'replaced' | 'browsers' {
  const by = makerOf(countsOf(serversOf(evidence)));
  return by === 'users' ? 'browsers' : by;
}

const FEWEST = 5;

export const everyCookieRead = (evidence: Evidence): boolean => {
  const servers = serversOf(evidence);
  return servers.length > 0 && servers.every(({ cookie }) => cookie !== undefined);
};

/** What every server's cookie says alike; servers of two releases can differ. @param what a cookie that is so, in a sentence */
const cookieIs = (what: string, isSo: (cookie: CookieFacts) => boolean | null): Judge =>
  fact('servers', "the session cookie's attributes (`session.page` of the app contract)", ({ servers }, { complete, evidence }) => {
    const answers = servers.flatMap(({ cookie }) => (cookie ? [isSo(cookie)] : []));
    if (answers.includes(true)) return { is: true, text: `the session cookie is ${what}` };
    if (answers.length === 0 || answers.includes(null)) return undefined;
    return { is: false, text: `the session cookie is not ${what}`, sure: complete && everyCookieRead(evidence) };
  });

export const isStrict = cookieIs('SameSite=Strict', ({ sameSite }) => sameSite === 'Strict');
export const isLax = cookieIs('SameSite=Lax, or without SameSite', ({ sameSite }) => sameSite === 'Lax' || sameSite === null);

type Returns = Partial<Readonly<Record<'withCookie' | 'withoutCookie' | 'refused', number>>>;
const sumOfReturns = (some: readonly Returns[]) => ({
  withCookie: sumOf(some, ({ withCookie = 0 }) => withCookie),
  withoutCookie: sumOf(some, ({ withoutCookie = 0 }) => withoutCookie),
  refused: sumOf(some, ({ refused = 0 }) => refused),
});

/** What came from pages of other sites without a cookie, and was turned away: visitors have none either, and anybody can send such requests. */
const turnedAway = (what: 'requests' | 'POSTs'): Judge =>
  fact('servers', `access logs: ${what} from pages of other sites`, ({ servers }, { evidence }) => {
    const logs = servers.flatMap(({ access }) => access?.fromOtherSite ?? []);
    if (logs.length === 0) return undefined;
    const posts = sumOfReturns(logs.flatMap((log) => log.posts ?? []));
    const { withCookie, withoutCookie, refused } = what === 'POSTs' ? posts : sumOfReturns(logs);
    // Lax keeps the cookie from POSTs alone: those say nothing of Strict.
    if (what === 'requests' && posts.withoutCookie > 0 && withCookie + withoutCookie === 0) return undefined;
    const text = `${refused} of ${withoutCookie} ${what} that came from other sites without a cookie were turned away; ${withCookie} had one`;
    const areTurnedAway = refused >= FEWEST && refused * 2 >= withoutCookie;
    // A page of the same site that reloads itself shows its last address as another site in some browsers: a few come with the cookie.
    if (areTurnedAway && withCookie * 10 <= withoutCookie) return { is: true, text, sure: false };
    const deploy = areTurnedAway ? deployTookCookie({ withCookie, withoutCookie }, evidence) : undefined;
    if (deploy === undefined) return { is: false, text, sure: logs.length === servers.length };
    return {
      is: true,
      text: `${text}, as many as came before the deploy at ${minuteText(deploy.startedAtMs)}`,
      sure: false,
      sinceMs: deploy.startedAtMs,
    };
  });

export const comesBackWithout = turnedAway('requests');
export const postsWithout = turnedAway('POSTs');
