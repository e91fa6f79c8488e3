/** What is made for one browser is in no cache that others share. */
import { foreignLine } from '../../shared/foreign-text.ts';
import { found, holds, type Outcome } from '../findings/result.ts';
import { shownName } from '../http/cookie-jar.ts';
import { type HttpAnswer, pastCaches } from '../http/send.ts';
import { type Id, unitsOf, valueIn } from '../ids/find-ids.ts';
import type { Check, Run } from '../run.ts';
import { isOfCache } from '../site/shared-caches.ts';
import type { Seen } from '../site/site.ts';
import { worst } from './transport.ts';

export function judgeCaching({ headers }: Pick<HttpAnswer, 'headers'>, name = 'the page of a user'): Outcome {
  const given = headers['cache-control'];
  const directives = given?.split(',').map((one) => one.trim().toLowerCase());
  if (directives?.includes('no-store')) return holds('caching', `${name} has Cache-Control: no-store`);
  return found('page-cacheable', given ? `${name} has Cache-Control: ${foreignLine(given, 100)}` : `${name} has no Cache-Control`);
}

/** An answer that gives an id, and says that any cache may keep it. */
function judgeGiving({ recipe, site, names }: Run): readonly Outcome[] {
  const isKept = ({ answer: { headers } }: Seen) =>
    /\b(?:public|s-maxage=0*[1-9])/i.test(headers['cache-control'] ?? '') &&
    !/no-store|private|no-cache/i.test(headers['cache-control'] ?? '');
  const isGet = ({ place }: Seen) => {
    const step = /^login, step (\d)$/.exec(place)?.[1];
    return step === undefined || recipe.login?.[Number(step) - 1]?.get !== undefined;
  };
  const gives = ({ answer }: Seen) => answer.setCookies.find(({ name, value }) => value !== '' && names.includes(name));
  const one = site.seen.find((seen) => gives(seen) !== undefined && isGet(seen) && isKept(seen));
  if (one === undefined) return [];
  const given = foreignLine(one.answer.headers['cache-control'] ?? '', 100);
  return [found('page-cacheable', `${one.place} gives cookie ${shownName(gives(one)?.name ?? '')}, and has Cache-Control: ${given}`)];
}

/** Two browsers that were given one id before they logged in, by an answer that is another one past the cache. */
async function judgeGivenTwice(run: Run): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const id of run.ids) if (await isGivenTwice(run, id)) outcomes.push(givenTwice(id));
  return outcomes;
}
const givenTwice = ({ name }: Id): Outcome =>
  found('id-given-twice', `two browsers were given the same cookie ${shownName(name)}: a cache keeps the answer that sets it`, name);

async function isGivenTwice({ a, b, site }: Run, { key, name }: Id): Promise<boolean> {
  const value = valueIn(a.beforePassword, key);
  const isOne = unitsOf(a.beforePassword).some((unit) => unit.key === key && unit.cookies.length === 1);
  if (value === undefined || !isOne || b === undefined || valueIn(b.beforePassword, key) !== value) return false;
  const giving = site.seen.find(({ answer }) => answer.setCookies.some((cookie) => cookie.name === name && cookie.value === value));
  if (giving === undefined) return false;
  const ask = async (url: URL) => {
    const answer = await site.pace.ask({ method: 'GET', url, headers: site.headersFor(url) }, { mayFail: true });
    return { value: answer.setCookies.find((cookie) => cookie.name === name)?.value, isKept: isOfCache(answer) };
  };
  const again = await ask(giving.url);
  const [one, other] = [await ask(pastCaches(giving.url)), await ask(pastCaches(giving.url))];
  // What is the same for everybody, past the cache too, is no id yet.
  return again.value === value && ((one.value !== undefined && one.value !== other.value) || again.isKept);
}

export const caching: Check = {
  name: 'caching',
  async run(run) {
    const ofCookies = [...judgeGiving(run), ...(await judgeGivenTwice(run))];
    const ofPages = worst(run, judgeCaching);
    return ofPages.is === 'finding' || ofCookies.length === 0 ? [ofPages, ...ofCookies] : ofCookies;
  },
};
