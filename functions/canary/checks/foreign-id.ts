/** Ids that the site did not issue: an altered one is refused, a planted one is never adopted, and none is made of a user's name. */
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { shownName } from '../http/cookie-jar.ts';
import { type Id, jarFor } from '../ids/find-ids.ts';
import { alterId, inventLike, renamed, SHORTEST_RUN } from '../ids/foreign-values.ts';
import { type Check, logInAgain, type Run } from '../run.ts';
import type { Who } from '../site/read-who.ts';
import type { Visitor } from '../site/visitor.ts';

const FINDINGS = {
  altered: ['altered-id-accepted', 'with one character changed is still logged in'],
  planted: ['planted-id-adopted', 'that was invented before the login is logged in afterwards'],
  renamed: ['user-taken-from-cookie', "of one user with the other one's name in it is logged in as the other one"],
} as const;
const HOLDS = 'an altered, an invented and a planted id are logged out, each next to the other cookies of a user';

/** @param name of the cookie */
export function judgeForeignId(how: keyof typeof FINDINGS, name: string, who: Who): Outcome {
  const [finding, what] = FINDINGS[how];
  if (who === 'unclear') return unclear('foreign-id', `the site could not answer with an id that was ${how}`);
  return who === 'a' ? found(finding, `cookie ${shownName(name)} ${what}`, name) : holds('foreign-id', HOLDS);
}

export const foreignId: Check = {
  name: 'foreign-id',
  isOfCookies: true,
  logins: ({ recipe }) => (recipe.login === undefined ? 0 : 1),
  async run(run) {
    const outcomes: Outcome[] = [];
    for (const id of run.ids) outcomes.push(...(await alter(run, id)));
    if (run.recipe.login !== undefined) outcomes.push(...(await plant(run)));
    const [first] = outcomes;
    const others = outcomes.filter(({ is }) => is !== 'holds');
    return others.length > 0 || first === undefined ? others : [first];
  },
};

/** One cookie at a time, next to good ones: a second one that fails would hide what the site makes of the first. */
const whoWith = (visitor: Visitor, id: Id, run: Run, change: (value: string) => string | undefined): Promise<Who> | undefined => {
  const value = valueOf(visitor, id);
  const other = value && change(value);
  if (!other) return undefined;
  return visitor.replay(jarFor(id, visitor, run.ids).withValues(new Map([[id.name, other]]))).who({ page: id.page });
};
const valueOf = ({ jar }: Visitor, { name }: Id): string | undefined => jar.list().find((cookie) => cookie.name === name)?.value;

/**
 * Whom the site shows, asked once more with a new session where the first is gone: some sites end a session whose id comes altered, and a
 * page that shows nobody can also be an outage.
 */
async function whoWithEither(run: Run, visitor: Visitor, id: Id, change: (value: string) => string | undefined): Promise<Who | undefined> {
  const who = await whoWith(visitor, id, run, change);
  if (who !== 'nobody' || (await visitor.isShown())) return who;
  const again = await whoWith(await run.freshA(), id, run, change);
  await run.freshA();
  return again;
}

async function alter(run: Run, id: Id): Promise<readonly Outcome[]> {
  const { a: one, b: other } = run.recipe.users;
  const swapped = run.b && other && (await whoWith(run.b, id, run, (value) => renamed(value, other.name, one.name)));
  const ofName = swapped === undefined ? [] : [judgeForeignId('renamed', id.name, swapped)];
  const altered = await whoWithEither(run, await run.freshA(), id, alterId);
  if (altered === undefined)
    return [...ofName, notAsked('foreign-id', `cookie ${shownName(id.name)} has no ${SHORTEST_RUN} letters or digits in a row`)];
  return [...ofName, judgeForeignId('altered', id.name, altered)];
}

/** A browser that has invented ids when it logs in: afterwards each is tried next to what the login gave. */
async function plant(run: Run): Promise<readonly Outcome[]> {
  const { a } = run;
  const invented = new Map(run.ids.flatMap((id) => [[id.name, inventLike(valueOf(a, id) ?? '')] as const]).filter(isGiven));
  const planted = a.jar.filter(({ name }) => invented.has(name)).withValues(invented);
  const visitor = await logInAgain(run, (fresh) => {
    fresh.jar = planted.copy();
  });
  const outcomes: Outcome[] = [];
  for (const id of run.ids) {
    const who = await whoWithEither(run, visitor, id, () => invented.get(id.name));
    if (who !== undefined) outcomes.push(judgeForeignId('planted', id.name, who));
  }
  return outcomes;
}

const isGiven = (pair: readonly [string, string | undefined]): pair is readonly [string, string] => pair[1] !== undefined;
