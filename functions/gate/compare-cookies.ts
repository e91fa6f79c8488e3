/** The cookies of two releases, as a browser meets them that has those of one when it logs in at the other. Pure. */
import { type Cookie, CookieJar, shownName } from '../canary/http/cookie-jar.ts';
import type { Site } from '../canary/site/site.ts';

/** `twice`: names of which a browser could send two. */
type Compared = { readonly twice: readonly string[]; readonly notes: readonly string[] };

const words = (cookie: Cookie): readonly string[] => [
  `Path=${cookie.path ?? '/'}`,
  cookie.domain === undefined ? 'no Domain' : `Domain=${cookie.domain}`,
  cookie.secure ? 'Secure' : 'not Secure',
  cookie.httpOnly ? 'HttpOnly' : 'not HttpOnly',
  cookie.sameSite === undefined ? 'no SameSite' : `SameSite=${cookie.sameSite}`,
];

/** @param ofOld of a browser that has logged in at the old release, and of one at the new release */
export function compareCookies(ofOld: CookieJar, old: Site, ofNew: CookieJar, next: Site): Compared {
  const page = (site: Site) => site.urlOf(site.recipe.who.get.replace(/\{\w+\}/g, ''));
  const isOneHost = old.base.hostname === next.base.hostname;
  const of = (jar: CookieJar, site: Site) => jar.sentTo(page(site)).filter(({ name }) => !site.isLoadBalancers(name));
  const [before, after] = [of(ofOld, old), of(ofNew, next)];
  const namesOf = (cookies: readonly Cookie[]) => [...new Set(cookies.map(({ name }) => name))];
  // Addresses with other hosts stand for one that users know: a Domain of either is none of the other's.
  const both = new CookieJar([
    ...before,
    ...after.map((one) =>
      isOneHost ? one : { ...one, host: old.base.hostname, domain: before.find(({ name }) => name === one.name)?.domain },
    ),
  ] as Cookie[]);
  const sent = both.sentTo(page(old));
  const twice = namesOf(sent).filter(
    (name) => sent.filter((one) => one.name === name).length > Math.max(1, before.filter((one) => one.name === name).length),
  );
  const notes = namesOf(before).flatMap((name) => {
    const [one, other] = [before, after].map((cookies) => cookies.find((cookie) => cookie.name === name));
    if (one === undefined || other === undefined) return [`the new release sets no cookie ${shownName(name)}`];
    const [was, is] = [words(one), words(other)];
    const changed = was.flatMap((word, at) => (word === is[at] || (!isOneHost && at === 1) ? [] : [`${word} before, ${is[at]} now`]));
    return changed.length === 0 ? [] : [`cookie ${shownName(name)}: ${changed.join('; ')}`];
  });
  const added = namesOf(after).filter((name) => !before.some((one) => one.name === name));
  return {
    twice,
    notes: [...notes, ...added.map((name) => `the new release sets a cookie ${shownName(name)}, which the old one does not`)],
  };
}
