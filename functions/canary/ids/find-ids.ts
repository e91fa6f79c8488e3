/** Which cookies authenticate, and which of them are ids, found by leaving them out, by changing them, and by comparing logins. */
import { RecipeFailed } from '../contract/errors.ts';
import { type Cookie, CookieJar } from '../http/cookie-jar.ts';
import type { Visitor } from '../site/visitor.ts';
import { inventLike } from './foreign-values.ts';

/** A site with more would take too many requests. */
const MOST_COOKIES = 20;

/** A cookie that authenticates, or several that are one. */
export interface Id {
  /** By which it is found in every browser's jar. */
  readonly key: string;
  /** The cookie's, or that of the first chunk. */
  readonly name: string;
  /** The page where it does: 0 is `who`, and `pages` follow. */
  readonly page: number;
  /** Others of its kind authenticate as well: it is examined without them. */
  readonly isEnough: boolean;
}

export interface Authenticating {
  /** Of one login. */
  readonly ids: readonly Id[];
  /** Of one user, at each login the same. */
  readonly ofUser: readonly Id[];
  readonly all: readonly Id[];
}

/** A browser of A that is logged in; another one where a probe ended its session. */
export interface LoggedIn {
  readonly current: Visitor;
  /** Logs in once more: where a site ends a session that comes without one of its cookies, that is no end of its own. */
  renew(): Promise<Visitor>;
}

/** @param b the other user's browser, where there is one @throws RecipeFailed where no cookie authenticates */
export async function findIds(a: LoggedIn, b: Visitor | undefined): Promise<Authenticating> {
  const all: Id[] = [];
  for (const page of a.current.site.pages.keys())
    for (const id of await idsOfPage(a, page)) if (!all.some(({ key }) => key === id.key)) all.push(id);
  if (all.length < 2) return { ids: all, ofUser: [], all };
  const [before, again, other] = [a.current.jar, (await a.renew()).jar, b?.jar];
  const of = (jar: CookieJar | undefined, { key }: Id) => jar && valueIn(jar, key);
  const isNew = (id: Id) => of(before, id) !== of(again, id) && of(other, id) !== of(again, id);
  const isOfUser = (id: Id) => of(before, id) === of(again, id) && other !== undefined && of(other, id) !== of(again, id);
  const ids: Id[] = [];
  for (const id of all) if (isNew(id) && (await isCompared(a, id, all))) ids.push(id);
  return { ids: ids.length > 0 ? ids : all, ofUser: all.filter(isOfUser), all };
}

/** The browser's cookies without those that would authenticate in the place of this one. @param all that authenticate */
export const jarFor = ({ key, isEnough }: Id, { jar }: Visitor, all: readonly Id[]): CookieJar =>
  isEnough ? withUnits(jar, (one) => one === key || !all.some((other) => other.isEnough && other.key === one)) : jar;

export const namesOf = (ids: readonly Id[], visitors: readonly Visitor[]): readonly string[] => [
  ...new Set(
    visitors.flatMap(({ jar }) =>
      unitsOf(jar).flatMap(({ key, cookies }) => (ids.some((id) => id.key === key) ? cookies.map(({ name }) => name) : [])),
    ),
  ),
];

/** Whether the site looks at the value at all: some cookies only have to be there. */
async function isCompared(a: LoggedIn, id: Id, all: readonly Id[]): Promise<boolean> {
  const invented = inventLike(valueIn(a.current.jar, id.key) ?? '');
  if (invented === undefined) return true;
  const jar = withValue(jarFor(id, a.current, all), id.key, invented);
  return (await probe(a, jar, id.page)) !== 'a';
}

/** Whom the site shows to these cookies; A is logged in anew where that has ended its session. */
async function probe(a: LoggedIn, jar: Visitor['jar'], page: number) {
  const who = await a.current.replay(jar).who({ page, mayFail: true });
  if (who === 'nobody' && (await a.current.who({ page })) === 'nobody') await a.renew();
  return who;
}

/**
 * Without one that is needed the user is gone. Where those that are needed are not enough, or none is needed, each of the others
 * authenticates in the place of the rest.
 */
async function idsOfPage(a: LoggedIn, page: number): Promise<readonly Id[]> {
  const { site, jar } = a.current;
  const sent = new Set(jar.sentTo(a.current.addressOf(page)));
  const units = unitsOf(jar).filter(({ cookies }) => cookies.some((one) => sent.has(one) && !site.isLoadBalancers(one.name)));
  if (units.length > MOST_COOKIES)
    throw new RecipeFailed(`the site sets ${units.length} cookies, and at most ${MOST_COOKIES} can be examined`);
  const userShown = (keep: (key: string) => boolean) => probe(a, withUnits(a.current.jar, keep), page);
  if (page > 0 && (await userShown(() => true)) !== 'a')
    throw new RecipeFailed(`"pages" has ${a.current.site.pages[page]?.get}, which does not show a user who is logged in`);
  if ((await userShown(() => false)) === 'a')
    throw new RecipeFailed('the user is shown without any cookie: no cookie authenticates, or a cache keeps the page');
  const needed: Id[] = [];
  // A site can answer with an error where one is missing.
  for (const { key, name } of units) if ((await userShown((one) => one !== key)) !== 'a') needed.push({ key, name, page, isEnough: false });
  const isNeeded = (key: string) => needed.some((one) => one.key === key);
  if (needed.length > 0 && (await userShown(isNeeded)) === 'a') return needed;
  const enough: Id[] = [];
  for (const { key, name } of units)
    if (!isNeeded(key) && (await userShown((one) => one === key || isNeeded(one))) === 'a')
      enough.push({ key, name, page, isEnough: true });
  if (needed.length + enough.length === 0)
    throw new RecipeFailed('no single cookie authenticates: without any one of them the user is still shown');
  return [...needed, ...enough];
}

/** What is examined as one: a cookie of one name, path and host, or the chunks of a session that is too large for one cookie. */

export interface Unit {
  /** The same in every browser of a site. */
  readonly key: string;
  /** Of its first cookie, for messages. */
  readonly name: string;
  /** In the order in which their values are one. */
  readonly cookies: readonly Cookie[];
}

/** `name.0`, `name-0`, `name_0`, and ASP.NET's `nameC1`. */
const CHUNK = /^(.+(?:[._-]|[^C]C))(\d{1,2})$/;

export function unitsOf(jar: CookieJar): readonly Unit[] {
  const all = Map.groupBy(jar.list(), (cookie) => keyOf(CHUNK.exec(cookie.name)?.[1] ?? cookie.name, cookie));
  return [...all].flatMap(([key, cookies]): readonly Unit[] => {
    const chunks = cookies.toSorted((one, next) => numberOf(one) - numberOf(next));
    const first = numberOf(chunks[0] as Cookie);
    const isWhole = cookies.length > 1 && first <= 1 && chunks.every((chunk, at) => numberOf(chunk) === first + at);
    return isWhole
      ? [{ key, name: (chunks[0] as Cookie).name, cookies: chunks }]
      : cookies.map((cookie) => ({ key: keyOf(cookie.name, cookie), name: cookie.name, cookies: [cookie] }));
  });
}

const numberOf = ({ name }: Cookie): number => Number(CHUNK.exec(name)?.[2] ?? Number.NaN);
const keyOf = (name: string, { path = '/', domain, host, partitioned }: Cookie): string =>
  JSON.stringify([name, path, domain === undefined ? host : `.${domain}`, ...(partitioned ? ['partitioned'] : [])]);

/** A copy with the units that `keep` chooses by their keys. */
export function withUnits(jar: CookieJar, keep: (key: string) => boolean): CookieJar {
  const kept = new Set(unitsOf(jar).flatMap(({ key, cookies }) => (keep(key) ? cookies : [])));
  return jar.filter((cookie) => kept.has(cookie));
}

export const valueIn = (jar: CookieJar, key: string): string | undefined =>
  unitsOf(jar)
    .find((unit) => unit.key === key)
    ?.cookies.map(({ value }) => value)
    .join('');

/** A copy in which the unit has another value: each chunk has as much of it as before, and the last one the rest. */
export function withValue(jar: CookieJar, key: string, value: string): CookieJar {
  const cookies = unitsOf(jar).find((unit) => unit.key === key)?.cookies ?? [];
  const values = new Map<Cookie, string>();
  let from = 0;
  for (const cookie of cookies) {
    const to = cookie === cookies.at(-1) ? value.length : from + cookie.value.length;
    values.set(cookie, value.slice(from, to));
    from = to;
  }
  return new CookieJar(jar.list().map((cookie) => ({ ...cookie, value: values.get(cookie) ?? cookie.value })));
}
