/** One turn of the kept sessions: uses A's, and B's when it is due. */
import { RecipeFailed } from '../errors.ts';
import type { Outcome } from '../findings/result.ts';
import { CookieJar } from '../http/cookie-jar.ts';
import type { Site } from '../site/site.ts';
import { Visitor } from '../site/visitor.ts';
import { isDue, type Judged, judgeActive, judgeIdle, type Turn } from './judge-kept.ts';
import type { Kept, KeptSession } from './kept-sessions.ts';

export interface Turned {
  readonly kept: Kept;
  readonly outcomes: readonly Outcome[];
  /** Sessions that ended without an explanation. */
  readonly vanished: number;
}

/** Logs both users in. @param names of the cookies that authenticate @throws RecipeFailed */
export async function beginKept(site: Site, names: readonly string[]): Promise<Kept> {
  return { names, a: await logIn(site, 'a'), b: { ...(await logIn(site, 'b')), next: 'before' } };
}

/** @throws RunStopped, NoAnswer, RecipeFailed: the sessions are then as they were */
export async function takeTurn(site: Site, kept: Kept, { everyMs }: Pick<Turn, 'everyMs'>): Promise<Turned> {
  const turn: Turn = { nowMs: site.clock.now(), everyMs, policy: site.recipe.policy ?? {} };
  const active = await use(site, 'a', kept.a);
  const ofA = judgeActive({ ...kept, a: active.session }, active.who, turn);
  const a = ofA.over ? await logIn(site, 'a') : active.session;
  if (!isDue(kept, turn)) return { kept: { ...kept, a }, outcomes: ofA.outcomes, vanished: count(ofA) };
  const idle = await use(site, 'b', kept.b);
  const ofB = judgeIdle(kept, idle.who, turn);
  const next = kept.b.next === 'before' && !ofB.over ? 'after' : 'before';
  const b = { ...(ofB.over ? await logIn(site, 'b') : idle.session), next } as const;
  return { kept: { ...kept, a, b }, outcomes: [...ofA.outcomes, ...ofB.outcomes], vanished: count(ofA) };
}

const count = ({ vanished }: Judged): number => (vanished ? 1 : 0);

async function use(site: Site, user: 'a' | 'b', session: KeptSession) {
  const visitor = new Visitor(site, site.recipe.users[user], new CookieJar(session.cookies));
  const who = await visitor.who();
  return { who, session: { ...session, cookies: visitor.jar.list(), lastUsedAtMs: site.clock.now() } };
}

async function logIn(site: Site, user: 'a' | 'b'): Promise<KeptSession> {
  const visitor = new Visitor(site, site.recipe.users[user]);
  await visitor.logIn();
  if ((await visitor.who()) !== user) throw new RecipeFailed(`the login of user ${user} was refused`);
  const nowMs = site.clock.now();
  return { cookies: visitor.jar.list(), startedAtMs: nowMs, lastUsedAtMs: nowMs };
}
