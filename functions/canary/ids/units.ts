/** What is examined as one: a cookie of one name, path and host, or the chunks of a session that is too large for one cookie. */
import { type Cookie, CookieJar } from '../http/cookie-jar.ts';

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
