/** Ids that cannot be guessed, as far as samples show: they contradict, and never prove. */
import { found, holds, notAsked, notice, type Outcome } from '../findings/result.ts';
import { MOST_LOGINS } from '../http/pace.ts';
import { type Check, logInAgain, type Run } from '../run.ts';
import type { Site } from '../site/site.ts';
import { idOf, idsSeen } from './exposure.ts';

/** Below this a constant character or an order can be chance: 10 ids in order are one case in 3.6 million. */
const FEWEST = 10;
const SAMPLES = 100;
/** ASVS 5.0, 7.2.3. */
const LEAST_BITS = 128;
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;
/** Random bits of a version 4 UUID; the other six are fixed. */
const UUID_BITS = 122;
/** Three parts that can be read: the session is in the cookie, and there is no id. */
const TOKEN = /^ey[\w-]+\.[\w-]+\.[\w-]*$/;
const ALPHABETS: readonly (readonly [RegExp, number])[] = [
  [/^\d*$/, 10],
  [/^[\da-f]*$/i, 16],
  [/^[\da-z]*$/, 36],
  [/^[\dA-Z]*$/, 36],
  [/^[\dA-Za-z]*$/, 62],
];

/** @param values in the order in which the site gave them */
export function judgeStrength(values: readonly string[]): readonly Outcome[] {
  const check = 'id-strength';
  if (values.some((value) => TOKEN.test(value))) return [notAsked(check, 'the cookie holds the session itself, as a signed token')];
  const ids = [...new Set(values.map(idOf))];
  if (ids.length < FEWEST) return [notAsked(check, `the site gave ${ids.length} ids, and ${FEWEST} are the fewest that show anything`)];
  const outcomes: Outcome[] = [];
  const bits = ids.every((id) => UUID.test(id)) ? UUID_BITS : bitsOf(ids);
  if (bits === UUID_BITS)
    outcomes.push(notice(check, `the ids are random UUIDs, whose ${UUID_BITS} bits are 6 less than the clause asks for`));
  else if (bits < LEAST_BITS)
    outcomes.push(found('id-too-short', `what differs between ${ids.length} ids can have at most ${Math.floor(bits)} bits`));
  if (isSorted(ids))
    outcomes.push(found('id-predictable', `${ids.length} ids are in the order in which they were given: a counter or a clock`));
  return outcomes.some(({ is }) => is === 'finding')
    ? outcomes
    : [...outcomes, holds(check, `not contradicted by ${ids.length} ids: length, constant parts, order`)];
}

/** The most that the characters which differ can carry. */
function bitsOf(ids: readonly string[]): number {
  const length = Math.min(...ids.map((id) => id.length));
  const columns = Array.from({ length }, (_, at) => ids.map((id) => id[at] as string).join('')).filter(
    (column) => new Set(column).size > 1,
  );
  const size = ALPHABETS.find(([pattern]) => pattern.test(columns.join('').replace(/[^\w]/g, '')))?.[1] ?? 64;
  return columns.length * Math.log2(size);
}

/** Numbers as numbers: "9" is before "10". */
function isSorted(ids: readonly string[]): boolean {
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  const inOrder = (isBefore: (one: string, next: string) => boolean) =>
    ids.every((id, at) => at === 0 || isBefore(ids[at - 1] as string, id));
  return inOrder((one, next) => one < next) || inOrder((one, next) => compare(one, next) < 0);
}

/** Runs after the other logins, whose ids it judges. If these are too few, it logs in more often. */
export const idStrength: Check = {
  name: 'id-strength',
  // One of the controls' logins has a wrong password, and gets no id.
  loginsOfRun: ({ recipe }) => (recipe.login === undefined ? 0 : FEWEST + 1),
  async run(run) {
    const { extras, names, site, visit } = run;
    if (extras.includes('samples')) {
      const known = idsSeen(site.seen, names).length;
      for (let times = 0; times < SAMPLES - known; times += 1) {
        await visit().askWho();
        // A site that gives visitors no id gives none later either.
        if (times === 2 && idsSeen(site.seen, names).length === known) break;
      }
    }
    if (run.recipe.login !== undefined) await logInForMore(run);
    return judgeStrength(idsSeen(site.seen, names));
  },
};

/** Logs in and out again: a site with a limit of its own may refuse a login too many. */
async function logInForMore(run: Run): Promise<void> {
  const { site, names } = run;
  if (isEnough(site, names)) return;
  await run.endOthers();
  while (!isEnough(site, names) && site.pace.sent.logins < MOST_LOGINS) {
    const known = countIds(site, names);
    const visitor = await logInAgain(run);
    if (run.recipe.logout !== undefined) await visitor.logOut();
    // A user whose id is always the same gets no other by another login.
    if (countIds(site, names) === known) return;
  }
}

const countIds = ({ seen }: Site, names: readonly string[]): number => new Set(idsSeen(seen, names).map(idOf)).size;
const isEnough = (site: Site, names: readonly string[]): boolean =>
  countIds(site, names) >= FEWEST || idsSeen(site.seen, names).some((value) => TOKEN.test(value));
