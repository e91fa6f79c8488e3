/** One turn of the kept sessions: uses A's, and B's when it is due. */
import { NoAnswer, RecipeFailed, RunStopped } from '../contract/errors.ts';
import type { Outcome } from '../findings/result.ts';
import { type Cookie, CookieJar } from '../http/cookie-jar.ts';
import type { Site, Who } from '../site/site.ts';
import { Visitor } from '../site/visitor.ts';
import { isDue, type Judged, judgeActive, judgeIdle, type Kept, type KeptSession, type Turn } from './judge-kept.ts';

export interface Turned {
  /** Undefined when a session is over and a new login was refused: see `refused`. */
  readonly kept: Kept | undefined;
  readonly refused?: RecipeFailed;
  readonly outcomes: readonly Outcome[];
  readonly vanished: number;
}

/** Logs both users in. @param names of the cookies that authenticate @param before what was kept until now @throws RecipeFailed */
export async function beginKept(site: Site, names: readonly string[], before?: Kept): Promise<Kept> {
  return {
    names,
    a: withEnd(await logIn(site, 'a', names), before?.a.endedAgeMs),
    b: { ...(await logIn(site, 'b', names)), next: 'before' },
  };
}

/** @throws RunStopped, NoAnswer: the sessions are then as they were */
export async function takeTurn(site: Site, kept: Kept, { everyMs }: Pick<Turn, 'everyMs'>): Promise<Turned> {
  const turn: Turn = { nowMs: site.clock.now(), everyMs, policy: site.recipe.policy ?? {} };
  const active = await use(site, 'a', kept.a);
  const ofA = judgeActive({ ...kept, a: { ...active.session, lastUsedAtMs: kept.a.lastUsedAtMs } }, active.who, turn);
  const asked = isDue(kept, turn) ? await use(site, 'b', kept.b) : undefined;
  // Where A is not shown, the site may be unable to show anybody: the next turn asks again, with a session of A that is shown.
  const idle = active.who !== 'a' && asked?.who === 'nobody' ? undefined : asked;
  const ofB = idle && judgeIdle(kept, idle.who, turn);
  const seen = { outcomes: [...ofA.outcomes, ...(ofB?.outcomes ?? [])], vanished: count(ofA) };
  const isShowing = active.who === 'a' || idle?.who === 'b';
  try {
    const a = ofA.over ? withEnd(await logIn(site, 'a', kept.names), ofA.endedAgeMs ?? kept.a.endedAgeMs) : active.session;
    if (!idle || !ofB) return { kept: { ...kept, a }, ...seen };
    const next = kept.b.next === 'before' && !ofB.over ? 'after' : 'before';
    const b = { ...(ofB.over ? await logIn(site, 'b', kept.names) : idle.session), next } as const;
    return { kept: { ...kept, a, b }, ...seen };
  } catch (error) {
    if (!isOfSite(error)) throw error;
    const refused = error instanceof RecipeFailed ? error : new RecipeFailed(error.message);
    // What was seen is not lost with the login that comes after it, as long as the site shows a session at all.
    const isSeen = isShowing || (asked === undefined && (await isShown(site, kept)));
    return { kept: undefined, ...(isSeen ? seen : { outcomes: [], vanished: 0 }), refused };
  }
}

const isOfSite = (error: unknown): error is RecipeFailed | RunStopped | NoAnswer =>
  error instanceof RecipeFailed || error instanceof RunStopped || error instanceof NoAnswer;

/** Whether B's session is alive: it is begun anew in any case. */
async function isShown(site: Site, { b }: Kept): Promise<boolean> {
  try {
    return (await use(site, 'b', b)).who === 'b';
  } catch (error) {
    if (!isOfSite(error)) throw error;
    return false;
  }
}

const withEnd = (session: KeptSession, endedAgeMs: number | undefined): Kept['a'] => ({
  ...session,
  ...(endedAgeMs !== undefined && { endedAgeMs }),
});

const count = ({ vanished }: Judged): number => (vanished ? 1 : 0);

async function use<S extends KeptSession>(site: Site, user: 'a' | 'b', session: S): Promise<{ who: Who; session: S }> {
  const visitor = new Visitor(site, site.userOf(user), new CookieJar(session.cookies));
  const who = await visitor.who();
  const known = new Set(session.cookies.map(({ name }) => name));
  const cookies = visitor.jar.list().filter(({ name }) => known.has(name) || site.isLoadBalancers(name));
  return { who, session: { ...session, cookies, lastUsedAtMs: site.clock.now() } };
}

/** Keeps the cookies that authenticate, which are stored where there is little room; all, where those are not enough. */
async function logIn(site: Site, user: 'a' | 'b', names: readonly string[]): Promise<KeptSession> {
  const visitor = new Visitor(site, site.userOf(user));
  await visitor.logIn();
  const all = visitor.jar;
  const isNeeded = ({ name }: Cookie) => names.includes(name) || site.isLoadBalancers(name);
  visitor.jar = all.filter(isNeeded);
  const isEnough = (await visitor.who()) === user;
  if (!isEnough) {
    visitor.jar = all;
    if ((await visitor.who()) !== user) throw new RecipeFailed(`the login of user ${user} was refused`);
  }
  const nowMs = site.clock.now();
  return { cookies: visitor.jar.list().filter((cookie) => !isEnough || isNeeded(cookie)), startedAtMs: nowMs, lastUsedAtMs: nowMs };
}

/** Logs the kept sessions out, as far as the site lets it: all checks begin without them. */
export async function endKept(site: Site, { a, b }: Kept): Promise<void> {
  for (const [user, { cookies }] of [
    ['a', a],
    ['b', b],
  ] as const)
    await new Visitor(site, site.userOf(user), new CookieJar(cookies)).logOut().catch((error: unknown) => {
      if (!isOfSite(error)) throw error;
    });
}
