/** Ids that cannot be guessed, as far as samples show: they contradict, and never prove. */
import { found, holds, notAsked, notice, type Outcome } from '../findings/result.ts';
import { shownName } from '../http/cookie-jar.ts';
import { MOST_REQUESTS } from '../http/pace.ts';
import { type Id, valueIn } from '../ids/find-ids.ts';
import { type Check, logInAgain, type Run } from '../run.ts';
import type { Visitor } from '../site/visitor.ts';
import { idOf, idsSeen } from './exposure.ts';

/** Below this a constant character or an order can be chance: 10 ids in order are one case in 3.6 million. */
const FEWEST = 10;
const SAMPLES = 100;
/** Requests that are left for the last checks, and for logging users out. */
const RESERVED = 40;
/** ASVS 5.0, 7.2.3. */
const LEAST_BITS = 128;
/** Next to a time or a counter, as few can be tried. */
const FEW_BITS = 64;
/** Characters of a time or a counter, in any form. */
const LONGEST_ORDER = 32;
const UUID = /[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/i;
/** Random bits of a version 4 UUID; the other six are fixed. */
const UUID_BITS = 122;
/** Three parts that can be read: the session is in the cookie, and there is no id. */
const TOKEN = /^ey[\w-]+\.[\w-]+\.[\w-]*$/;
const COLLATOR = new Intl.Collator('en', { numeric: true });
const ALPHABETS: readonly (readonly [RegExp, number])[] = [
  [/^\d*$/, 10],
  [/^[\da-f]*$/i, 16],
  [/^[\da-z]*$/, 36],
  [/^[\dA-Z]*$/, 36],
  [/^[\dA-Za-z]*$/, 62],
];

/** @param values of one cookie, in the order in which the site gave them */
export function judgeStrength(values: readonly string[], name = 'SID'): readonly Outcome[] {
  const check = 'id-strength';
  const cookie = `cookie ${shownName(name)}`;
  if (values.some((value) => TOKEN.test(value))) return [notAsked(check, `${cookie} holds the session itself, as a signed token`)];
  const ids = [...new Set(values.map(idOf))];
  if (ids.length < FEWEST)
    return [notAsked(check, `${cookie}: the site gave ${ids.length} ids, and ${FEWEST} are the fewest that show anything`)];
  const rest = withoutOrder(ids);
  const bits = bitsOf(rest);
  const uuids = new Set(ids.flatMap((id) => UUID.exec(id)?.[0] ?? []));
  const outcomes: Outcome[] = [];
  if (bits < LEAST_BITS && uuids.size === ids.length)
    outcomes.push(notice(check, `${cookie}: the ids are random UUIDs, whose ${UUID_BITS} bits are 6 less than the clause asks for`));
  else if (bits < LEAST_BITS)
    outcomes.push(
      found(
        'id-too-short',
        `${cookie}: what differs between ${ids.length} ids, without what is in order, can have at most ${Math.floor(bits)} bits`,
        name,
      ),
    );
  if (bits < FEW_BITS && isSorted(ids))
    outcomes.push(
      found('id-predictable', `${cookie}: ${ids.length} ids are in the order in which they were given: a counter or a clock`, name),
    );
  return outcomes.some(({ is }) => is === 'finding')
    ? outcomes
    : [...outcomes, holds(check, `${cookie}: not contradicted by ${ids.length} ids: length, constant parts, order`)];
}

/** The most that the characters which differ can carry. Numbers are without their leading zeros, and what is repeated carries nothing. */
function bitsOf(ids: readonly string[]): number {
  const isNumber = [/^\d+$/, /^[\da-f]+$/i].some((digits) => ids.every((id) => digits.test(id)));
  const lengths = ids.map((id) => id.length);
  const length = isNumber ? Math.max(...lengths) : Math.min(...lengths);
  const padded = isNumber ? ids.map((id) => id.padStart(length, '0')) : ids;
  const columns = new Set(
    Array.from({ length }, (_, at) => padded.map((id) => id[at] as string).join('')).filter((column) => new Set(column).size > 1),
  );
  const size = ALPHABETS.find(([pattern]) => pattern.test([...columns].join('').replace(/[^\w]/g, '')))?.[1] ?? 64;
  return columns.size * Math.log2(size);
}

/** What is left without the beginnings that are constant, and those that are in order, such as a time. */
function withoutOrder(ids: readonly string[]): readonly string[] {
  const [first = ''] = ids;
  const differs = Array.from(first).findIndex((character, at) => ids.some((id) => id[at] !== character));
  let rest = ids.map((id) => id.slice(Math.max(0, differs)));
  for (let at = 0; at < LONGEST_ORDER && isSorted(rest); at += 1) rest = rest.map((id) => id.slice(1));
  return rest;
}

/** Numbers as numbers: "9" is before "10". */
function isSorted(ids: readonly string[]): boolean {
  const inOrder = (isBefore: (one: string, next: string) => boolean) =>
    ids.every((id, at) => at === 0 || isBefore(ids[at - 1] as string, id));
  return inOrder((one, next) => one <= next) || inOrder((one, next) => COLLATOR.compare(one, next) <= 0);
}

/** Runs after the other logins, whose ids it judges. If these are too few, it logs in more often. */
export const idStrength: Check = {
  name: 'id-strength',
  isOfCookies: true,
  // B's login and the one with a wrong password give A no id.
  loginsOfRun: ({ recipe }) => (recipe.login === undefined ? 0 : FEWEST + 2),
  async run(run) {
    const { extras, site, visit } = run;
    // A dead id next to a cookie that logs in alone is given another value, too.
    const isChanging = ({ name }: Id) => site.changing.has(name) && !site.staying.has(name);
    const ids = run.ids.filter((id) => !isChanging(id));
    const others = run.ids
      .filter(isChanging)
      .map(({ name }) => notAsked('id-strength', `cookie ${shownName(name)}: each answer has another value of it: it is no id`));
    if (ids.length === 0) return others.length > 0 ? others : [notAsked('id-strength', 'no cookie is known to authenticate')];
    const ofVisitors: Visitor[] = [];
    if (extras.includes('samples')) {
      for (let times = 0; times < SAMPLES && site.pace.sent.requests < MOST_REQUESTS - 3 * RESERVED; times += 1) {
        const visitor = visit();
        await visitor.askWho();
        ofVisitors.push(visitor);
        // A site that gives visitors no id gives none later either.
        if (ids.every(({ key }) => valueIn(visitor.jar, key) === undefined)) break;
      }
    }
    if (run.recipe.login !== undefined) await logInForMore(run, ids);
    const groupsOf = (id: Id) => [valuesGiven(run, id), ofVisitors.flatMap(({ jar }) => valueIn(jar, id.key) ?? [])];
    // Keygrip, of Koa and cookie-session: the other cookie is what nobody can make.
    const isSigned = ({ name }: Id) => ids.some((other) => other.name === `${name}.sig`);
    const judge = (id: Id) =>
      isSigned(id)
        ? [notAsked('id-strength', `cookie ${shownName(id.name)} holds the session itself, signed by cookie ${shownName(id.name)}.sig`)]
        : judgeGroups(id.name, groupsOf(id));
    return [...ids.flatMap(judge), ...others];
  },
};

/** Ids of users can be made otherwise than those of visitors: the weaker ones count. */
function judgeGroups(name: string, groups: readonly (readonly string[])[]): readonly Outcome[] {
  const [first = [], ...others] = groups.filter((values, at) => at === 0 || values.length > 0).map((values) => judgeStrength(values, name));
  return others.find((outcomes) => outcomes.some(({ is }) => is === 'finding')) ?? first;
}

/** What logins of A gave, in their order; without steps of a login, what the site gave to anybody. */
const valuesGiven = ({ site, recipe }: Run, { key, name }: Id): readonly string[] =>
  recipe.login === undefined ? idsSeen(site.seen, [name]) : site.given.flatMap((jar) => valueIn(jar, key) ?? []);

/** Logs in and out again: a site with a limit of its own may refuse a login too many. */
async function logInForMore(run: Run, ids: readonly Id[]): Promise<void> {
  const isEnough = () => ids.every((id) => hasEnough(valuesGiven(run, id)));
  if (isEnough()) return;
  await run.endOthers();
  const isRoom = () => run.site.pace.sent.logins < run.site.pace.mostLogins && run.site.pace.sent.requests < MOST_REQUESTS - RESERVED;
  while (!isEnough() && isRoom()) {
    const known = countIds(run, ids);
    const visitor = await logInAgain(run);
    if (run.recipe.logout !== undefined) await visitor.logOut();
    // A user whose id is always the same gets no other by another login.
    if (countIds(run, ids) === known) return;
  }
}

const countIds = (run: Run, ids: readonly Id[]): number =>
  new Set(ids.flatMap((id) => valuesGiven(run, id).map((value) => `${id.key}=${idOf(value)}`))).size;
const hasEnough = (values: readonly string[]): boolean =>
  new Set(values.map(idOf)).size >= FEWEST || values.some((value) => TOKEN.test(value));
