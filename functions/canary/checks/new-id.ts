/** A login begins with a new id, and the one before it is worth nothing. */
import { RecipeFailed } from '../errors.ts';
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import type { Who } from '../site/read-who.ts';
import { type Check, idsIn, logInAgain, noLoginSteps, whileShown } from './run.ts';

export interface NewIdFacts {
  readonly when: 'login' | 're-login';
  /** Values of the authenticating cookies. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Whom the cookies from before show afterwards. */
  readonly whoBefore: Who;
}

export function judgeNewId({ when, before, after, whoBefore }: NewIdFacts): Outcome {
  const check = when === 'login' ? 'new-id-at-login' : 'new-id-at-re-login';
  if (before.length === 0) return notAsked(check, 'the site gives no id before the login');
  if (whoBefore === 'unclear') return unclear(check, 'the site could not answer with the cookies from before');
  if (whoBefore === 'nobody') return holds(check, `the id from before the ${when} is logged out`);
  if (before.every((value) => after.includes(value)))
    return found(when === 'login' ? 'id-kept-at-login' : 'id-kept-at-re-login', `the id is the same before and after the ${when}`);
  return found(
    when === 'login' ? 'old-id-alive-after-login' : 'old-id-alive-after-re-login',
    `the ${when} gives a new id, and the one from before is logged in too`,
  );
}

/** Judges the login of the controls. */
export const newIdAtLogin: Check = {
  name: 'new-id-at-login',
  whyNot: noLoginSteps,
  async run({ a, names }) {
    const before = idsIn(a.beforePassword, names);
    const whoBefore = before.length === 0 ? 'nobody' : await a.replay(a.beforePassword).who();
    return [await whileShown(judgeNewId({ when: 'login', before, after: idsIn(a.jar, names), whoBefore }), a)];
  },
};

export const newIdAtReLogin: Check = {
  name: 'new-id-at-re-login',
  whyNot: noLoginSteps,
  logins: () => 2,
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
    const [before, after] = [idsIn(jar, run.names), idsIn(visitor.jar, run.names)];
    // Tomcat's FORM login, for one, has no page for a user who is logged in: then nobody has logged in again.
    if (!accepted && before.every((value) => after.includes(value)))
      return [notAsked('new-id-at-re-login', 'a step of the login is refused to a user who is logged in, and the id stays')];
    return [await whileShown(judgeNewId({ when: 're-login', before, after, whoBefore: await visitor.replay(jar).who() }), visitor)];
  },
};
