/** A login begins with a new id, and the one before it is worth nothing. */
import { RecipeFailed } from '../contract/errors.ts';
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { type CookieJar, cookiesText, shownName } from '../http/cookie-jar.ts';
import { type Id, jarFor, unitsOf, valueIn, withUnits } from '../ids/find-ids.ts';
import { type Check, ifWitnessed, logInAgain, noLoginSteps, type Run, wrongPassword } from '../run.ts';
import { userOfOldId } from '../site/shared-caches.ts';
import type { Who } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';

export interface NewIdFacts {
  readonly when: 'login' | 're-login';
  /** Names of the authenticating cookies that there were, and of those among them that have the same value afterwards. */
  readonly before: readonly string[];
  readonly kept: readonly string[];
  /** Whom the cookies from before show afterwards. */
  readonly whoBefore: Who;
  /** Whether there are others: messages name these. @default false */
  readonly isNamed?: boolean;
  /** The cookie of the finding, where it is one that logs in without an id. */
  readonly cookie?: string;
}

export function judgeNewId({ when, before, kept, whoBefore, isNamed = false, cookie }: NewIdFacts): Outcome {
  const check = when === 'login' ? 'new-id-at-login' : 'new-id-at-re-login';
  const id = isNamed ? `${cookiesText(before)}: the id` : 'the id';
  if (before.length === 0) return notAsked(check, 'the site gives no id before the login');
  if (whoBefore === 'unclear') return unclear(check, 'the site could not answer with the cookies from before');
  // If the login needs a second cookie too, such as a ticket, the first one alone shows nobody. It can still be the id of a session that
  // somebody else has planted.
  if (whoBefore === 'nobody' && when === 'login' && kept.length > 0)
    return unclear(
      check,
      `${kept.map(shownName).join(', ')} keeps its value over the login, which needs another cookie too: whether the session behind it is a new one is not shown`,
    );
  if (whoBefore === 'nobody') return holds(check, `${id} from before the ${when} is logged out`);
  if (kept.length === before.length)
    return found(when === 'login' ? 'id-kept-at-login' : 'id-kept-at-re-login', `${id} is the same before and after the ${when}`, cookie);
  return found(
    when === 'login' ? 'old-id-alive-after-login' : 'old-id-alive-after-re-login',
    `${isNamed ? `${cookiesText(before)}: ` : ''}the ${when} gives a new id, and the one from before is logged in too`,
    cookie,
  );
}

/** Cookies from before a login, on a page that they authenticate on, with those that decide there. */
interface Before {
  readonly page: number;
  readonly jar: CookieJar;
  readonly ids: readonly Id[];
}

/** Cookies that are no ids, and log in without one, such as a remember-me that is the same at each login. */
const standIns = ({ ids, authenticating: { all } }: Run): readonly Id[] =>
  all.filter(({ key, isEnough }) => isEnough && !ids.some((id) => id.key === key));

/** Each cookie on its own page, without others that would stand in for it; ids that are needed together are one. */
function idsBefore(run: Run, visitor: Visitor, jar: CookieJar): readonly Before[] {
  const old = visitor.replay(jar);
  const all = [...run.ids, ...standIns(run)].map(
    (id): Before => ({ page: id.page, jar: jarFor(id, old, run.authenticating.all), ids: [id] }),
  );
  return [...Map.groupBy(all, (one) => JSON.stringify([one.page, one.jar.list()])).values()]
    .map((same) => ({ ...(same[0] as Before), ids: same.flatMap((one) => one.ids).filter(({ key }) => valueIn(jar, key) !== undefined) }))
    .filter((one) => one.ids.length > 0);
}

const isKeptBy = ({ jar }: Visitor, before: CookieJar, { key }: Id): boolean => valueIn(before, key) === valueIn(jar, key);
const isSame = (one: CookieJar, other: CookieJar): boolean => JSON.stringify(one.list()) === JSON.stringify(other.list());

interface Login {
  readonly when: NewIdFacts['when'];
  readonly visitor: Visitor;
  /** Its cookies from before, whole and by themselves. */
  readonly whole: CookieJar;
  readonly before: readonly Before[];
}

/** @returns the weaknesses, or what stands for all ids */
async function judgeAll(run: Run, login: Login): Promise<readonly Outcome[]> {
  const { when, visitor, whole, before } = login;
  const outcomes: Outcome[] = [];
  for (const { page, jar, ids } of before) {
    const kept = ids.filter((id) => isKeptBy(visitor, jar, id)).map(({ name }) => name);
    const { who: whoBefore, outcomes: ofCaches } = await userOfOldId(visitor.replay(jar), page, visitor);
    const facts = { when, before: ids.map(({ name }) => name), kept, whoBefore, isNamed: run.authenticating.all.length > 1 };
    const standIn = ids.find((id) => !run.ids.includes(id));
    const staying = whoBefore === 'a' && kept.length === 0 && isSame(jar, whole) ? await judgeStaying(run, login, page) : undefined;
    outcomes.push(staying ?? judgeNewId({ ...facts, ...(standIn && { cookie: standIn.name }) }), ...ofCaches);
  }
  if (outcomes.every(({ is }) => is !== 'finding')) outcomes.push(...(await judgeWhole(run, login)));
  const others = outcomes.filter(({ is }) => is !== 'holds');
  if (others.length > 0) return others;
  return outcomes.length > 0 ? outcomes : [judgeNewId({ when, before: [], kept: [], whoBefore: 'nobody' })];
}

/** All cookies from before together, as somebody has them who has copied them: several can log in that do not by themselves. */
async function judgeWhole(run: Run, login: Login): Promise<readonly Outcome[]> {
  const { when, visitor, whole, before } = login;
  for (const page of new Set(before.map((one) => one.page))) {
    if (before.some((one) => one.page === page && isSame(one.jar, whole))) continue;
    const { who } = await userOfOldId(visitor.replay(whole), page, visitor);
    if (who === 'a') {
      const names = before.flatMap(({ ids }) => ids.map(({ name }) => name));
      return [(await judgeStaying(run, login, page)) ?? judgeNewId({ when, before: names, kept: [], whoBefore: who, isNamed: true })];
    }
  }
  return [];
}

/** Cookies of the user that the login leaves as they are, where these log in; undefined where they do not. */
async function judgeStaying({ b, site }: Run, { when, visitor, whole }: Login, page: number): Promise<Outcome | undefined> {
  const stay = unitsOf(whole).filter(({ key, name }) => {
    const value = valueIn(whole, key);
    return !site.isLoadBalancers(name) && value === valueIn(visitor.jar, key) && value !== (b && valueIn(b.jar, key));
  });
  const jar = withUnits(whole, (key) => stay.some((one) => one.key === key));
  if (stay.length === 0 || (await visitor.replay(jar).who({ page })) !== 'a') return undefined;
  const names = stay.map(({ name }) => name);
  return judgeNewId({ when, before: names, kept: names, whoBefore: 'a', isNamed: true });
}

export const newIdAtLogin: Check = {
  name: 'new-id-at-login',
  isOfCookies: true,
  whyNot: noLoginSteps,
  async run(run) {
    const { a } = run;
    const whole = a.beforePassword;
    const before = idsBefore(run, a, whole);
    const outcomes = await judgeAll(run, { when: 'login', visitor: a, whole, before });
    // Some sites end a session whose old cookies come.
    const alive = before.length > 0 && outcomes.every(({ is }) => is !== 'finding') ? await run.freshA() : a;
    return Promise.all(outcomes.map((outcome) => ifWitnessed(outcome, alive)));
  },
};

export const newIdAtReLogin: Check = {
  name: 'new-id-at-re-login',
  isOfCookies: true,
  whyNot: noLoginSteps,
  logins: ({ recipe }) => (recipe.users.b === undefined ? 3 : 5),
  async run(run) {
    const visitor = await logInAgain(run);
    const whole = visitor.jar.copy();
    const before = idsBefore(run, visitor, whole);
    let accepted: boolean;
    try {
      accepted = await visitor.logIn();
    } catch (error) {
      if (!(error instanceof RecipeFailed)) throw error;
      return [notAsked('new-id-at-re-login', `the login's steps do not work for a user who is logged in (${error.message})`)];
    }
    if ((await visitor.who()) !== 'a') return [unclear('new-id-at-re-login', 'the second login of a user who is logged in was refused')];
    // Tomcat's FORM login, for one, has no page for a user who is logged in: then nobody has logged in again.
    if (!accepted && before.every(({ jar, ids }) => ids.every((id) => isKeptBy(visitor, jar, id))))
      return [notAsked('new-id-at-re-login', 'a step of the login is refused to a user who is logged in, and the id stays')];
    const outcomes = await judgeAll(run, { when: 're-login', visitor, whole, before });
    if (outcomes.some(({ is }) => is === 'finding')) {
      if (run.isRefusalSeen && (await isIgnored(visitor)))
        return [notAsked('new-id-at-re-login', 'the site leads a user who is logged in past the login, with a wrong password too')];
      if (await isForeignIdIgnored(run, visitor))
        return [notAsked('new-id-at-re-login', 'the site ignores the login of a user who is logged in: that of another user, too')];
    }
    return Promise.all(outcomes.map((outcome) => ifWitnessed(outcome, visitor)));
  },
};

/** Whether a user who is logged in is led the same way with a wrong password: then nobody has logged in again. */
async function isIgnored(visitor: Visitor): Promise<boolean> {
  const before = visitor.loginTrail;
  try {
    await visitor.logIn({ password: wrongPassword() });
  } catch (error) {
    if (!(error instanceof RecipeFailed)) throw error;
    return false;
  }
  return visitor.loginTrail === before;
}

/** Whether a browser of A still shows A after a login of B that was answered with success. */
async function isForeignIdIgnored({ b, visit }: Run, visitor: Visitor): Promise<boolean> {
  if (b === undefined) return false;
  const wasShown = await b.isShown();
  const other = visit('b');
  other.jar = visitor.jar.copy();
  const accepted = await other.logIn().catch((error: unknown) => {
    if (!(error instanceof RecipeFailed)) throw error;
    return false;
  });
  const isIgnoredToo = accepted && (await other.who()) === 'a';
  // Where a user has one session, that login has ended B's own, which a later check would take for an end by A.
  if (wasShown && !(await b.isShown())) await b.logIn();
  return isIgnoredToo;
}
