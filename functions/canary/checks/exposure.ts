/** Ids are in Set-Cookie and nowhere else. */
import { foreignLine } from '../../shared/foreign-text.ts';
import { decodeUri } from '../../shared/urls.ts';
import { found, holds, type Outcome, unclear } from '../findings/result.ts';
import { type Cookie, shownName } from '../http/cookie-jar.ts';
import { dropReason, type SetCookie } from '../http/set-cookie.ts';
import type { Check, Run } from '../run.ts';
import { readWho, type Seen } from '../site/site.ts';
import { judgeCookie } from './cookies.ts';

/** Shorter values could be in a page by chance. */
const SHORTEST_ID = 12;
const FIRST_YEAR_MS = 365 * 86_400_000;
/**
 * Characters times forms that are searched at most, in seconds of a processor. A run with a hundred ids and pages of 10 KB needs a tenth;
 * a site that gives thousands and long pages would be searched for hours.
 */
export const MOST_SEARCHED = 2_000_000_000;
/** What stands before an id that is part of an address: `;jsessionid=`, `?sid=`. */
const IN_ADDRESS = /[;?&][\w.-]{1,40}=$/;

/** The forms in which the whole value could be somewhere: as sent, decoded, without express-session's signature, out of base64. */
export function formsOfId(value: string): readonly string[] {
  return [...new Set([value, decodeUri(value), idOf(value)])].filter((form) => form.length >= SHORTEST_ID);
}

/** What the server drew: without express-session's signature, and out of base64 where that is readable, as with Spring Session. */
export function idOf(value: string): string {
  const decoded = decodeUri(value);
  const signed = /^s:(.+)\.[^.]+$/.exec(decoded)?.[1];
  const text = /^[A-Za-z0-9+/_-]{8,}=*$/.test(decoded) ? Buffer.from(decoded, 'base64').toString('latin1') : '';
  return signed ?? (/^[\w.:-]+$/.test(text) ? text : decoded);
}

/** A body without the escapes of JSON and HTML for what ids have next to letters and digits: `\/`, `\u002b`, `&#43;`, `&#x2b;`. */
export const unescaped = (body: string): string =>
  body
    .replace(/\\u00([2-7][\da-f])|&#x([2-7][\da-f]);/gi, (_, json: string, html: string) =>
      String.fromCharCode(Number.parseInt(json ?? html, 16)),
    )
    .replace(/&#(\d{2,3});/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\\\/|&(?:plus|sol|equals|colon|amp);/g, (escaped) => ESCAPES[escaped] ?? '/');
const ESCAPES: Readonly<Record<string, string>> = { '&plus;': '+', '&equals;': '=', '&colon;': ':', '&amp;': '&' };

interface Exposed {
  readonly inUrls: readonly string[];
  readonly inBodies: readonly string[];
  /** Names of further cookies that scripts can read, and that have an id. @default none */
  readonly inCookies?: readonly string[];
  readonly inHeaders?: readonly string[];
  /** Bodies that were left out. @default 0 */
  readonly notSearched?: number;
}

/**
 * Where ids were seen: places of the recipe. A requested path could have an id of another user, or one in a form that nobody thought of.
 * @param names of the cookies that have the ids
 */
export function findExposed(seen: readonly Seen[], ids: readonly string[], names: readonly string[] = []): Exposed {
  // Longer ones first: what is found is taken out, so that a form within another is not counted again.
  const forms = [...new Set(ids.flatMap(formsOfId))].sort((one, next) => next.length - one.length);
  const [inUrls, inBodies, inCookies, inHeaders] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  let [room, notSearched] = [MOST_SEARCHED, 0];
  for (const { place, url, answer } of seen) {
    let body = unescaped(answer.body);
    const copies = answer.setCookies.filter(({ name, httpOnly }) => !httpOnly && !names.includes(name));
    const others = Object.entries(answer.headers).filter(([name]) => !['location', 'set-cookie'].includes(name));
    const work = body.length * forms.length;
    if (work > room) {
      notSearched += 1;
      body = '';
    } else room -= work;
    for (const form of forms) {
      if (url.href.includes(form) || (answer.headers['location'] ?? '').includes(form)) inUrls.add(place);
      for (const { name, value } of copies) if (value.includes(form)) inCookies.add(name);
      for (const [name, value] of others) if (value.includes(form)) inHeaders.add(`${foreignLine(name, 40)} in ${place}`);
      for (let at = body.indexOf(form); at >= 0; at = body.indexOf(form, at + form.length))
        (IN_ADDRESS.test(body.slice(Math.max(0, at - 50), at)) ? inUrls : inBodies).add(place);
      body = body.replaceAll(form, '');
    }
  }
  return {
    ...{ inUrls: [...inUrls], inBodies: [...inBodies] },
    ...(inCookies.size > 0 && { inCookies: [...inCookies] }),
    ...(inHeaders.size > 0 && { inHeaders: [...inHeaders] }),
    ...(notSearched > 0 && { notSearched }),
  };
}

/** @param notKept answers whose bodies were not kept */
export function judgeExposure(
  { inUrls, inBodies, inCookies = [], inHeaders = [], notSearched = 0 }: Exposed,
  notKept = 0,
): readonly Outcome[] {
  const leftOut = notSearched + notKept;
  const outcomes = [
    ...(inUrls.length > 0 ? [found('id-in-url', `an id is part of an address in the answer of ${inUrls.join('; ')}`)] : []),
    ...(inBodies.length > 0 ? [found('id-in-body', `an id is in the body of ${inBodies.join('; ')}`)] : []),
    ...(inHeaders.length > 0 ? [found('id-in-body', `an id is in the header ${inHeaders.join('; ')}`)] : []),
    ...inCookies.map((name) =>
      found('cookie-readable-by-scripts', `cookie ${shownName(name)} has the id of another cookie, and no HttpOnly`, name),
    ),
  ];
  if (outcomes.length > 0) return outcomes;
  if (leftOut > 0)
    return [
      unclear('id-exposure', `the site answered more than can be searched: ${leftOut} bodies were left out, and no id is in the others`),
    ];
  return [holds('id-exposure', 'no id is in an address, a redirect or a body')];
}

export const idsSeen = (seen: readonly Seen[], names: readonly string[]): readonly string[] => [
  ...new Set(
    seen.flatMap(({ answer }) =>
      answer.setCookies
        .filter((cookie) => names.includes(cookie.name) && cookie.value !== '' && !clears(cookie, answer.headers['date']))
        .map(({ value }) => value),
    ),
  ),
];

/** A browser forgets the cookie: its value, such as PHP's `deleted`, is no id. @param date of the answer, as a header */
function clears({ maxAgeSeconds, expiresMs }: SetCookie, date = ''): boolean {
  if (maxAgeSeconds !== undefined) return maxAgeSeconds <= 0;
  const answeredMs = Date.parse(date);
  // If the answer has no date, only a time in the first year of the epoch counts: no session ends then.
  return expiresMs !== undefined && expiresMs <= (Number.isNaN(answeredMs) ? FIRST_YEAR_MS : answeredMs);
}

/** Values of ids with which a page has shown a user, or that a login before that has given. */
function idsOfUsers({ site, names }: Run): ReadonlySet<string> {
  const ofUsers = new Set<string>();
  // A visitor's id from before the password is not the one that the login ends with.
  const given = new Map<string, string>();
  for (const one of site.seen) {
    const isPage = one.place === 'who' || one.place.startsWith('pages, ');
    for (const name of isPage || one.place.startsWith('login, ') ? names : [])
      for (const value of idsSeen([one], [name])) given.set(name, value);
    if (!isPage) continue;
    if (['a', 'b'].includes(readWho(one.answer, site.shows))) for (const value of given.values()) ofUsers.add(value);
    given.clear();
  }
  return ofUsers;
}

/** What is set of a user's id anywhere, also where the login itself sets it with each attribute: a browser keeps the last. */
export function judgeWeaker(run: Run): readonly Outcome[] {
  if (run.base.protocol !== 'https:') return [];
  const { a, found: known, names, recipe, site } = run;
  const ofUsers = idsOfUsers(run);
  const judge = (cookie: Cookie) => judgeCookie(cookie, recipe.policy?.sameSite).filter((one) => one.is === 'finding');
  const keyOf = ({ finding, cookie }: Found) => `${finding} ${cookie}`;
  const weaker = new Map<string, Outcome>();
  for (const { place, url, answer } of site.seen)
    for (const cookie of answer.setCookies)
      if (ofUsers.has(cookie.value) && names.includes(cookie.name) && dropReason(cookie, url) === undefined)
        for (const one of judge({ ...cookie, host: url.hostname }))
          weaker.set(keyOf(one), found(one.finding, `${one.what}, as ${place} sets it`, cookie.name));
  // What the browser has was judged before.
  for (const one of a.jar.list().flatMap(judge)) if (known.has(one.finding)) weaker.delete(keyOf(one));
  return [...weaker.values()];
}
type Found = Extract<Outcome, { is: 'finding' }>;

/** Runs last, because it searches everything that the site has sent. */
export const idExposure: Check = {
  name: 'id-exposure',
  isOfCookies: true,
  async run(run) {
    const { a, b, names, site } = run;
    const kept = [...a.jar.list(), ...(b?.jar.list() ?? [])].filter(({ name }) => names.includes(name)).map(({ value }) => value);
    return [...judgeExposure(findExposed(site.seen, [...idsSeen(site.seen, names), ...kept], names), site.notKept), ...judgeWeaker(run)];
  },
};
