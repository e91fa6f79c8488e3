/** A user who comes back from another site by a POST is still logged in, although the browser keeps a Lax or Strict cookie back. */
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { type Check, logInAgain, whileShown } from '../run.ts';
import type { Who } from '../site/read-who.ts';

export interface ReturnFacts {
  /** Whom the browser shows after the return with all of its cookies, and after one from another site. */
  readonly own: Who;
  readonly other: Who;
}

export function judgeReturn({ own, other }: ReturnFacts): Outcome {
  const check = 'return-from-other-site';
  if (own !== 'a') return notAsked(check, 'the steps of "returns" log the user out, wherever they come from');
  if (other === 'unclear') return unclear(check, 'the site could not answer after a return from another site');
  return other === 'a'
    ? holds(check, 'a user who comes back by a POST of another site is still logged in')
    : found('logged-out-by-return', 'after a POST of another site, which comes without the cookie, the site shows nobody');
}

export const returnFromOtherSite: Check = {
  name: 'return-from-other-site',
  isOfCookies: true,
  whyNot: ({ recipe }) => (recipe.returns === undefined ? 'the recipe has no returns' : undefined),
  logins: () => 1,
  async run(run) {
    const visitor = await logInAgain(run);
    const who: Who[] = [];
    for (const fromOtherSite of [false, true]) {
      const copy = visitor.replay();
      await copy.comeBack({ fromOtherSite });
      who.push(await copy.who());
    }
    const [own = 'unclear', other = 'unclear'] = who;
    return [await whileShown(judgeReturn({ own, other }), await run.witness())];
  },
};
