/** Ids that the site did not issue: an altered one is refused, a planted one is never adopted. */
import { randomInt } from 'node:crypto';
import { found, holds, notAsked, type Outcome, unclear } from '../findings/result.ts';
import { CookieJar, isLoadBalancers } from '../http/cookie-jar.ts';
import { type Check, logInAgain, whileShown } from '../run.ts';
import type { Who } from '../site/read-who.ts';

/** Shorter runs of letters and digits are prefixes and suffixes, not ids. */
const SHORTEST_RUN = 8;
const CLASSES = ['0123456789', 'abcdef', 'ghijklmnopqrstuvwxyz', 'ABCDEF', 'GHIJKLMNOPQRSTUVWXYZ'];

/** Another character of the same class, `step` further. */
function another(character: string, step: number): string {
  const letters = CLASSES.find((one) => one.includes(character));
  return letters === undefined ? character : (letters[(letters.indexOf(character) + step) % letters.length] as string);
}

/** What of a value may be an id: runs of letters and digits, without percent escapes. */
const runsOf = (value: string) =>
  [...value.matchAll(/%[\dA-Fa-f]{2}|[A-Za-z0-9]+/g)].filter(([run]) => !run.startsWith('%') && run.length >= SHORTEST_RUN);

/** The value with one character changed, in the middle of its longest run; undefined for a value that is too short. */
export function alterId(value: string): string | undefined {
  const longest = runsOf(value).reduce<RegExpExecArray | undefined>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    undefined,
  );
  if (longest === undefined) return undefined;
  const at = longest.index + Math.floor(longest[0].length / 2);
  return value.slice(0, at) + another(value[at] as string, 1) + value.slice(at + 1);
}

/** An invented value of the same form; undefined for a value that is too short. @param random a whole number below its argument */
export function inventLike(value: string, random: (below: number) => number): string | undefined {
  const runs = runsOf(value);
  if (runs.length === 0) return undefined;
  const places = new Set(runs.flatMap(({ index, 0: run }) => Array.from(run, (_, at) => index + at)));
  return Array.from(value, (character, at) => (places.has(at) ? another(character, random(36)) : character)).join('');
}

export function judgeForeignId(how: 'altered' | 'planted', who: Who): Outcome {
  if (who === 'unclear')
    return unclear('foreign-id', `the site could not answer with ${how === 'altered' ? 'an altered' : 'a planted'} id`);
  if (how === 'altered')
    return who === 'nobody'
      ? holds('foreign-id', 'an id with one character changed is logged out')
      : found('altered-id-accepted', 'an id with one character changed is still logged in');
  return who === 'nobody'
    ? holds('foreign-id', 'an id that the site did not issue is not adopted at a login')
    : found('planted-id-adopted', 'an invented id that the browser had before the login is logged in afterwards');
}

export const foreignId: Check = {
  name: 'foreign-id',
  logins: ({ recipe }) => (recipe.login === undefined ? 0 : 1),
  async run(run) {
    const { a, names } = run;
    const ids = a.jar.list().filter(({ name }) => names.includes(name));
    const changed = (change: (value: string) => string | undefined) =>
      new Map(
        ids
          .flatMap(({ name, value }) => [[name, change(value)] as const])
          .filter((pair): pair is [string, string] => pair[1] !== undefined),
      );
    const altered = changed(alterId);
    if (altered.size === 0) return [notAsked('foreign-id', `no authenticating cookie has ${SHORTEST_RUN} letters or digits in a row`)];
    const who = await a.replay(a.jar.withValues(altered)).who();
    // Had the session itself ended, its altered id would be refused for that reason.
    if (who === 'nobody' && (await a.replay().who()) !== 'a') return [unclear('foreign-id', 'the session ended meanwhile')];
    const outcomes = [judgeForeignId('altered', who)];
    if (run.recipe.login === undefined) return outcomes;
    const planted = new CookieJar(ids).withValues(changed((value) => inventLike(value, (below) => randomInt(below))));
    const visitor = await logInAgain(run, (fresh) => {
      fresh.jar = planted.copy();
    });
    const sticky = visitor.jar.list().filter(({ name }) => isLoadBalancers(name));
    const whoPlanted = await visitor.replay(new CookieJar([...planted.list(), ...sticky])).who();
    return [...outcomes, await whileShown(judgeForeignId('planted', whoPlanted), visitor)];
  },
};
