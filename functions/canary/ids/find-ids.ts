/** Which cookies authenticate, and which of them are ids, found by leaving them out, by changing them, and by comparing logins. */

import { RecipeFailed } from '../errors.ts';
import { isLoadBalancers } from '../http/cookie-jar.ts';
import type { Visitor } from '../site/visitor.ts';
import { inventLike } from './foreign-values.ts';

/** A site with more would take too many requests. */
const MOST_COOKIES = 20;

/** A cookie that authenticates. */
export interface Id {
  readonly name: string;
  /** The page where it does: 0 is `who`, and `pages` follow. */
  readonly page: number;
  /** Others authenticate as well, each by itself: it is examined without them. */
  readonly isEnough: boolean;
}

/** A browser of A that is logged in; another one where a probe ended its session. */
export interface LoggedIn {
  readonly current: Visitor;
  /** Logs in once more: where a site ends a session that comes without one of its cookies, that is no end of its own. */
  renew(): Promise<Visitor>;
}

/** @param b the other user's browser, where there is one @throws RecipeFailed where no cookie authenticates */
export async function findIds(a: LoggedIn, b: Visitor | undefined): Promise<readonly Id[]> {
  const found: Id[] = [];
  for (const page of a.current.site.pages.keys())
    for (const id of await idsOfPage(a, page)) if (!found.some(({ name }) => name === id.name)) found.push(id);
  if (found.length < 2) return found;
  const values = [a.current, await a.renew(), ...(b ? [b] : [])].map(
    ({ jar }) => new Map(jar.list().map(({ name, value }) => [name, value])),
  );
  const isIndividual = ({ name }: Id) => new Set(values.map((one) => one.get(name))).size === values.length;
  const ids: Id[] = [];
  for (const id of found) if (isIndividual(id) && (await isCompared(a, id, found))) ids.push(id);
  return ids.length > 0 ? ids : found;
}

/** The browser's cookies without those that would authenticate in the place of this one. */
export const jarFor = ({ name, isEnough }: Id, { jar }: Visitor, all: readonly Id[]) =>
  isEnough ? jar.filter((one) => one.name === name || !all.some((other) => other.name === one.name)) : jar;

/** Whether the site looks at the value at all: some cookies only have to be there. */
async function isCompared(a: LoggedIn, id: Id, all: readonly Id[]): Promise<boolean> {
  const value = a.current.jar.list().find(({ name }) => name === id.name)?.value ?? '';
  const invented = inventLike(value);
  if (invented === undefined) return true;
  const jar = jarFor(id, a.current, all).withValues(new Map([[id.name, invented]]));
  return (await probe(a, jar, id.page)) !== 'a';
}

/** Whom the site shows to these cookies; A is logged in anew where that has ended its session. */
async function probe(a: LoggedIn, jar: Visitor['jar'], page: number) {
  const who = await a.current.replay(jar).who({ page });
  if (who === 'nobody' && (await a.current.who({ page })) === 'nobody') await a.renew();
  return who;
}

/** Without one that is needed the user is gone. Where none is needed alone, each authenticates by itself. */
async function idsOfPage(a: LoggedIn, page: number): Promise<readonly Id[]> {
  const names = [...new Set(a.current.jar.list().map(({ name }) => name))].filter((name) => !isLoadBalancers(name));
  if (names.length > MOST_COOKIES)
    throw new RecipeFailed(`the site sets ${names.length} cookies, and at most ${MOST_COOKIES} can be examined`);
  const whoWith = (keep: (name: string) => boolean) =>
    probe(
      a,
      a.current.jar.filter(({ name }) => keep(name)),
      page,
    );
  if (page > 0 && (await whoWith(() => true)) !== 'a')
    throw new RecipeFailed(`"pages" has ${a.current.site.pages[page]?.get}, which does not show a user who is logged in`);
  if ((await whoWith(() => false)) !== 'nobody') throw new RecipeFailed('the user is shown without any cookie: no cookie authenticates');
  const needed: Id[] = [];
  for (const name of names) if ((await whoWith((one) => one !== name)) === 'nobody') needed.push({ name, page, isEnough: false });
  if (needed.length > 0) return needed;
  const enough: Id[] = [];
  for (const name of names) if ((await whoWith((one) => one === name)) === 'a') enough.push({ name, page, isEnough: true });
  if (enough.length === 0) throw new RecipeFailed('no single cookie authenticates: without any one of them the user is still shown');
  return enough;
}
