/** A login begins with a new id, and the one before it is worth nothing. */
import { RecipeFailed } from '../errors.ts';
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { type CookieJar, shownName } from '../http/cookie-jar.ts';
import { type Check, logInAgain, noLoginSteps, whileShown, wrongPassword } from '../run.ts';
import type { Who } from '../site/read-who.ts';
import type { Visitor } from '../site/visitor.ts';

export interface NewIdFacts {
  readonly when: 'login' | 're-login';
  /** Names of the authenticating cookies that there were, and of those among them that have the same value afterwards. */
  readonly before: readonly string[];
  readonly kept: readonly string[];
  /** Whom the cookies from before show afterwards. */
  readonly whoBefore: Who;
}

export function judgeNewId({ when, before, kept, whoBefore }: NewIdFacts): Outcome {
  const check = when === 'login' ? 'new-id-at-login' : 'new-id-at-re-login';
  if (before.length === 0) return notAsked(check, 'the site gives no id before the login');
  if (whoBefore === 'unclear') return unclear(check, 'the site could not answer with the cookies from before');
  // If the login needs a second cookie too, such as a ticket, the first one alone shows nobody. It can still be the id of a session that
  // somebody else has planted.
  if (whoBefore === 'nobody' && when === 'login' && kept.length > 0)
    return unclear(
      check,
      `${kept.map(shownName).join(', ')} keeps its value over the login, which needs another cookie too: whether the session behind it is a new one is not shown`,
    );
  if (whoBefore === 'nobody') return holds(check, `the id from before the ${when} is logged out`);
  if (kept.length === before.length)
    return found(when === 'login' ? 'id-kept-at-login' : 'id-kept-at-re-login', `the id is the same before and after the ${when}`);
  return found(
    when === 'login' ? 'old-id-alive-after-login' : 'old-id-alive-after-re-login',
    `the ${when} gives a new id, and the one from before is logged in too`,
  );
}

function compare(before: CookieJar, after: CookieJar, names: readonly string[]): Pick<NewIdFacts, 'before' | 'kept'> {
  const valueIn = (jar: CookieJar, name: string) => jar.list().find((cookie) => cookie.name === name)?.value;
  const there = names.filter((name) => valueIn(before, name) !== undefined);
  return { before: there, kept: there.filter((name) => valueIn(before, name) === valueIn(after, name)) };
}

/** Judges the login of the controls. */
export const newIdAtLogin: Check = {
  name: 'new-id-at-login',
  isOfCookies: true,
  whyNot: noLoginSteps,
  async run(run) {
    const { a, names } = run;
    const ids = compare(a.beforePassword, a.jar, names);
    const whoBefore = ids.before.length === 0 ? 'nobody' : await a.replay(a.beforePassword).who();
    // Some sites end a session whose old cookies come.
    const alive = whoBefore === 'nobody' && ids.before.length > 0 ? await run.freshA() : a;
    return [await whileShown(judgeNewId({ when: 'login', ...ids, whoBefore }), alive)];
  },
};

export const newIdAtReLogin: Check = {
  name: 'new-id-at-re-login',
  isOfCookies: true,
  whyNot: noLoginSteps,
  logins: () => 3,
  async run(run) {
    const visitor = await logInAgain(run);
    const jar = visitor.jar.copy();
    let accepted: boolean;
    try {
      accepted = await visitor.logIn();
    } catch (error) {
      if (!(error instanceof RecipeFailed)) throw error;
      return [notAsked('new-id-at-re-login', `the login's steps do not work for a user who is logged in (${error.message})`)];
    }
    if ((await visitor.who()) !== 'a') return [unclear('new-id-at-re-login', 'the second login of a user who is logged in was refused')];
    const ids = compare(jar, visitor.jar, run.names);
    // Tomcat's FORM login, for one, has no page for a user who is logged in: then nobody has logged in again.
    if (!accepted && ids.kept.length === ids.before.length)
      return [notAsked('new-id-at-re-login', 'a step of the login is refused to a user who is logged in, and the id stays')];
    const outcome = judgeNewId({ when: 're-login', ...ids, whoBefore: await visitor.replay(jar).who() });
    if (outcome.is === 'finding' && run.isRefusalSeen && (await isIgnored(visitor)))
      return [notAsked('new-id-at-re-login', 'the site leads a user who is logged in past the login, with a wrong password too')];
    return [await whileShown(outcome, visitor)];
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
