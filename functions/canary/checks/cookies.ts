/** Attributes of the cookies that authenticate. */
import { foreignLine } from '../../shared/foreign-text.ts';
import type { Policy } from '../contract/recipe.ts';
import { found, holds, notice, type Outcome } from '../findings/result.ts';
import { type Cookie, shownName } from '../http/cookie-jar.ts';
import { namesOf } from '../ids/find-ids.ts';
import type { Check } from '../run.ts';

const FRAMEWORK_NAME = /^(JSESSIONID|PHPSESSID|connect\.sid|ASP\.NET_SessionId|\.AspNetCore\.\w+|laravel_session|sessionid|SESSION)$/;

export function judgeCookie(cookie: Cookie, promised: Policy['sameSite']): readonly Outcome[] {
  const { secure, httpOnly, sameSite, domain } = cookie;
  const name = shownName(cookie.name);
  const outcomes: Outcome[] = [];
  if (!secure) outcomes.push(found('cookie-not-secure', `cookie ${name} has no Secure`, cookie.name));
  if (!httpOnly) outcomes.push(found('cookie-readable-by-scripts', `cookie ${name} has no HttpOnly`, cookie.name));
  if (domain !== undefined)
    outcomes.push(found('cookie-for-other-hosts', `cookie ${name} has Domain=${foreignLine(domain, 100)}`, cookie.name));
  else if (name.startsWith('__Secure-')) outcomes.push(notice('cookie-attributes', `cookie ${name} has the prefix __Secure-, not __Host-`));
  else if (!name.startsWith('__Host-'))
    outcomes.push(found('cookie-without-prefix', `cookie ${name} has neither the prefix __Host- nor __Secure-`, cookie.name));
  const expected = promised === undefined ? ['strict', 'lax'] : promised === 'Lax' ? ['strict', 'lax'] : [promised.toLowerCase()];
  if (!expected.includes(sameSite ?? '') && promised !== 'None')
    outcomes.push(
      found(
        'cookie-sent-cross-site',
        `cookie ${name} has ${sameSite ? `SameSite=${foreignLine(sameSite, 20)}` : 'no SameSite'}, not ${promised ?? 'Strict or Lax'}`,
        cookie.name,
      ),
    );
  if (FRAMEWORK_NAME.test(name)) outcomes.push(notice('cookie-attributes', `the name ${name} shows which framework the site runs on`));
  return outcomes;
}

export const cookieAttributes: Check = {
  name: 'cookie-attributes',
  isOfCookies: true,
  whyNot: ({ base }) => (base.protocol === 'https:' ? undefined : 'the site is examined by plain HTTP'),
  async run({ a, ids, authenticating, recipe, site }) {
    // One that only names its user next to an id opens nothing.
    const ofUser = authenticating.ofUser.filter(({ isEnough }) => isEnough);
    const names = namesOf([...ids, ...ofUser], [a]);
    const outcomes = [
      ...[...site.dropped].map(([name, why]) => found('cookie-dropped', `browsers drop cookie ${shownName(name)}, which ${why}`, name)),
      ...a.jar
        .list()
        .filter(({ name }) => names.includes(name))
        .flatMap((cookie) => judgeCookie(cookie, recipe.policy?.sameSite)),
    ];
    if (outcomes.some(({ is }) => is === 'finding')) return outcomes;
    return [
      ...outcomes,
      holds('cookie-attributes', `${names.map(shownName).join(', ')}: prefix, Secure, HttpOnly, SameSite, scope and size`),
    ];
  },
};
