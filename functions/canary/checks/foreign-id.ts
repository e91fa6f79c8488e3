/** Ids that the site did not issue: an altered one is refused, and a planted one is never adopted. */

import { found, holds, notAsked, notice, type Outcome, unclear } from '../findings/result.ts';
import { shownName } from '../http/cookie-jar.ts';
import { type Id, jarFor, unitsOf, valueIn, withUnits, withValue } from '../ids/find-ids.ts';
import { type Alteration, alterations, inventLike, SHORTEST_RUN } from '../ids/foreign-values.ts';
import { type Check, logInAgain, type Run } from '../run.ts';
import type { Who } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';
import { idsSeen } from './exposure.ts';

const FINDINGS = {
  altered: ['altered-id-accepted', 'with one character changed is still logged in'],
  planted: ['planted-id-adopted', 'that was invented before the login is logged in afterwards'],
} as const;
const HOLDS = {
  altered: 'an altered id is logged out, next to the other cookies of its user',
  planted: 'an id that was invented before the login is not adopted by it',
} as const;

export function judgeForeignId(how: keyof typeof FINDINGS, name: string, who: Who): Outcome {
  const [finding, what] = FINDINGS[how];
  if (who === 'unclear') return unclear('foreign-id', `the site could not answer with an id that was ${how}`);
  return who === 'a' ? found(finding, `cookie ${shownName(name)} ${what}`, name) : holds('foreign-id', HOLDS[how]);
}

export const foreignId: Check = {
  name: 'foreign-id',
  isOfCookies: true,
  logins: ({ recipe }) => (recipe.login === undefined ? 0 : 1),
  async run(run) {
    const outcomes: Outcome[] = [];
    for (const id of run.ids) outcomes.push(...(await alter(run, id)));
    if (run.recipe.login !== undefined) outcomes.push(...(await plant(run)));
    const others = outcomes.filter(({ is }) => is !== 'holds');
    const kinds = [...new Set(outcomes.map(({ what }) => what))];
    return others.length > 0 ? others : [holds('foreign-id', kinds.join('; '))];
  },
};

/** One cookie at a time, next to good ones: a second one that fails would hide what the site makes of the first. */
const userShown = (visitor: Visitor, id: Id, run: Run, value: string): Promise<Who> =>
  visitor.replay(withValue(jarFor(id, visitor, run.authenticating.all), id.key, value)).who({ page: id.page, mayFail: true });
const ownValue = ({ jar }: Visitor, { key }: Id): string | undefined => valueIn(jar, key);

/**
 * Whom the site shows, asked once more with a new session where the first is gone: some sites end a session whose id comes altered, and a
 * page that shows nobody can also be an outage.
 */
async function userShownByEither(run: Run, visitor: Visitor, id: Id, value: string): Promise<Who> {
  const who = await userShown(visitor, id, run, value);
  if (who !== 'nobody' || (await visitor.isShown())) return who;
  const again = await userShown(await run.freshA(), id, run, value);
  await run.freshA();
  return again;
}

async function alter(run: Run, id: Id): Promise<readonly Outcome[]> {
  const tried: { readonly who: Who; readonly part: Alteration['part'] }[] = [];
  // A session that ends because of one alteration is followed by a new one, whose value is altered in the same way.
  for (let at = 0, count = 1; at < count; at += 1) {
    const current = await run.freshA();
    const value = ownValue(current, id) ?? '';
    const another = valuesSeen(run, id).find((one) => one !== value);
    const all = alterations(value, another);
    count = all.length;
    const altered = all[at];
    if (altered !== undefined) tried.push({ who: await userShownByEither(run, current, id, altered.value), part: altered.part });
  }
  const who = tried.map((one) => one.who);
  const seen = who.find((one) => one === 'a') ?? who.find((one) => one === 'unclear') ?? who[0];
  if (seen === undefined) return [notAsked('foreign-id', `cookie ${shownName(id.name)} has no ${SHORTEST_RUN} letters or digits in a row`)];
  // Nobody guesses what was drawn: a tail that the site does not read opens nothing.
  const isTail = tried.every((one) => one.who !== 'a' || one.part === 'other');
  if (seen === 'a' && isTail && tried.some((one) => one.part === 'drawn' && one.who === 'nobody'))
    return [notice('foreign-id', `a part of cookie ${shownName(id.name)} can be changed, next to one that is drawn and compared`)];
  return [judgeForeignId('altered', id.name, seen)];
}

/** What the site has given to it: of each login, and where it is one cookie, anywhere. */
const valuesSeen = ({ a, b, site }: Run, id: Id): readonly string[] => {
  const isOne = unitsOf(a.jar).some(({ key, cookies }) => key === id.key && cookies.length === 1);
  const ofLogins = [...site.given, ...(b ? [b.jar] : [])].flatMap((jar) => valueIn(jar, id.key) ?? []);
  return [...ofLogins, ...(isOne ? idsSeen(site.seen, [id.name]) : [])];
};

/** A browser that has invented ids when it logs in: afterwards each is tried next to what the login gave. */
async function plant(run: Run): Promise<readonly Outcome[]> {
  const a = await run.freshA();
  const invented = new Map(run.ids.map((id) => [id, inventLike(ownValue(a, id) ?? '')] as const).filter(isGiven));
  await run.makeRoom();
  const visitor = run.visit();
  visitor.jar = withUnits(a.jar, (key) => [...invented.keys()].some((id) => id.key === key));
  for (const [id, value] of invented) visitor.jar = withValue(visitor.jar, id.key, value);
  await visitor.logIn();
  // Where the login itself is refused because of them, one without shows that the account is not locked.
  if ((await visitor.who()) !== 'a') {
    await logInAgain(run);
    return [holds('foreign-id', HOLDS.planted)];
  }
  const outcomes: Outcome[] = [];
  for (const [id, value] of invented) outcomes.push(judgeForeignId('planted', id.name, await userShownByEither(run, visitor, id, value)));
  return outcomes;
}

const isGiven = (pair: readonly [Id, string | undefined]): pair is readonly [Id, string] => pair[1] !== undefined;
