/** What the readers of Set-Cookie make of the recorded headers, compared with what Chromium has after each answer. */
import { CookieJar } from '../../../functions/canary/http/cookie-jar.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { evaluate } from '../../../test/server/documents/run-python.ts';
import { type CookieAnswer, type CookieRecording, type KeptCookie, RULES, SITE } from '../cookies/recorded-cookies.ts';

export interface CookiesCheck {
  /** Cookies that answers set or remove, by their names; a page whose cookie is read with the next answer is one more. */
  readonly cases: number;
  readonly wrong: readonly string[];
}

/** Chromium keeps nothing for longer than 400 days. */
const LONGEST_SECONDS = 399 * 86_400;
/** An answer's time and Chromium's clock are rounded. */
const SAME_SECONDS = 2;
const pathOf = ({ request }: Pick<CookieAnswer, 'request'>): string => request.split(' ')[1] as string;
const nameOf = (header: string): string => /^[^;=]*/.exec(header)?.[0]?.trim() ?? '';
const valueIn = (header: string): string => /^[^;=]*=([^;]*)/.exec(header)?.[1]?.trim() ?? '';
const namesOf = ({ setCookie }: CookieAnswer): readonly string[] => [...new Set(setCookie.map(nameOf))];
const isSame = (one: number | null, other: number | null): boolean =>
  one === null || other === null
    ? one === other
    : Math.abs(Math.min(one, LONGEST_SECONDS) - Math.min(other, LONGEST_SECONDS)) <= SAME_SECONDS;

/** What Chromium has of what the answer sets, in the order in which it would send it to the page. An empty value names no session. */
function keptOf(answer: CookieAnswer, name: string): readonly KeptCookie[] {
  const values = answer.setCookie.filter((header) => nameOf(header) === name).map(valueIn);
  const page = pathOf(answer).split('?')[0] as string;
  const reach = ({ path }: KeptCookie) => (page === path || page.startsWith(path.replace(/\/?$/, '/')) ? path.length : -1);
  return answer.has
    .filter((one) => one.name === name && one.value !== '' && values.includes(one.value))
    .toSorted((one, other) => reach(other) - reach(one));
}

interface Read {
  readonly value: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly maxAge: number | null;
}
interface ReadPage {
  readonly maxAgeSeconds: number | null;
  readonly sameSite: string | null;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly slides: boolean | null;
}

/** The answers' headers are those of Python's own client. */
const HEADERS = `
def headers_of(answer):
    made = http.client.HTTPMessage()
    for header in answer["setCookie"]:
        made.add_header("Set-Cookie", header)
    made.add_header("Date", answer["date"])
    return made


def read_answer_of(answer, name, page):
    headers = headers_of(answer)
    found = cookie_attributes(headers, name, page)
    return found and dict(value=found[0], attributes=found[1], maxAge=max_age(found[1], headers))


def read_page_of(first, again, name, page):
    time.sleep = lambda seconds: None
    globals()["ask_page"] = lambda port, path, protocol, cookie, most=0: (type("Answer", (), dict(headers=headers_of(again if cookie else first))), "")
    return cookie_view(dict(port=8080, session=dict(cookie=name, page=page)), [])
`;

interface Case {
  readonly of: string;
  readonly answer: CookieAnswer;
  readonly name: string;
}
interface Page {
  readonly of: string;
  readonly first: CookieAnswer;
  readonly again: CookieAnswer;
  readonly name: string;
}

function casesOf(recordings: ReadonlyMap<string, CookieRecording>): Case[] {
  return [...recordings].flatMap(([recording, { variants }]) =>
    variants.flatMap(({ variant, answers }) =>
      answers.flatMap((answer) =>
        namesOf(answer).map((name) => ({ of: `${recording}, ${variant}: ${answer.request}: ${name}`, answer, name })),
      ),
    ),
  );
}

/** Of each name that an answer sets and a next one is asked with. */
function pagesOf(recordings: ReadonlyMap<string, CookieRecording>): Page[] {
  return [...recordings].flatMap(([recording, { variants }]) =>
    variants.flatMap(({ variant, answers }) =>
      answers.slice(0, -2).flatMap((first, at) =>
        namesOf(first)
          .filter((name) => keptOf(first, name).length > 0)
          .map((name) => ({
            of: `${recording}, ${variant}: the page of ${first.request}: ${name}`,
            first,
            again: answers[at + 1] as CookieAnswer,
            name,
          })),
      ),
    ),
  );
}

const LOGS = ['a comma and a space', 'a comma', 'a list'] as const;
const joined = (headers: readonly string[], by: (typeof LOGS)[number]): string => headers.join(by === 'a comma' ? ',' : ', ');
const secondsOf = (date: string): number => Date.parse(date) / 1_000;

function readAttributes({ answer, name }: Case, read: Read | null): string | undefined {
  const [kept] = keptOf(answer, name);
  if (kept === undefined || read === null)
    return kept === undefined && read === null ? undefined : `session.page: ${read ? 'set' : 'not set'}`;
  const { attributes } = read;
  const sameSite = attributes['samesite']?.toLowerCase();
  const given = {
    value: read.value,
    secure: 'secure' in attributes,
    httpOnly: 'httponly' in attributes,
    sameSite: sameSite && ['strict', 'lax', 'none'].includes(sameSite) ? sameSite : undefined,
    domain: attributes['domain']?.replace(/^\./, '') || undefined,
  };
  const { value, secure, httpOnly, domain } = kept;
  const wanted = { value, secure, httpOnly, sameSite: kept.sameSite?.toLowerCase(), domain };
  const wrong = Object.entries(wanted).filter(([key, one]) => given[key as keyof typeof given] !== one);
  if (!isSame(read.maxAge, kept.lifetimeSeconds)) wrong.push(['lifetime', `${kept.lifetimeSeconds}, not ${read.maxAge}`]);
  return wrong.length > 0
    ? `session.page: ${wrong.map(([key, one]) => (key === 'value' ? 'value' : `${key} ${one}`)).join(', ')}`
    : undefined;
}

function readLog({ answer, name }: Case, by: string, read: string | null): string | undefined {
  const kept = keptOf(answer, name).map(({ value }) => value.replace(/^"|"$/g, ''));
  const isRight = kept.length === 0 ? read === '' : kept.includes(read ?? '');
  return isRight ? undefined : `in a log, joined by ${by}: ${read === null ? 'not seen' : read === '' ? 'removed' : 'another value'}`;
}

function readPage({ first, again, name }: Page, read: ReadPage | null): string | undefined {
  const [kept] = keptOf(first, name);
  if (kept === undefined || read === null) return 'session.page: nothing';
  const later = again.has.find((one) => one.name === name && one.path === kept.path && one.domain === kept.domain);
  const wrong: string[] = [];
  if (!isSame(read.maxAgeSeconds, kept.lifetimeSeconds)) wrong.push(`lifetime ${read.maxAgeSeconds}, not ${kept.lifetimeSeconds}`);
  if (read.sameSite !== kept.sameSite) wrong.push(`SameSite ${read.sameSite}, not ${kept.sameSite}`);
  if (read.secure !== kept.secure) wrong.push(`Secure ${read.secure}`);
  if (read.httpOnly !== kept.httpOnly) wrong.push(`HttpOnly ${read.httpOnly}`);
  // Another id is another session, which says nothing.
  if (later?.lifetimeSeconds != null && kept.lifetimeSeconds !== null && read.slides !== null) {
    const moved = secondsOf(again.date) + later.lifetimeSeconds - secondsOf(first.date) - kept.lifetimeSeconds;
    if (moved >= SAME_SECONDS !== read.slides) wrong.push(`slides ${read.slides}, its end moved by ${moved} s`);
  }
  return wrong.length > 0 ? wrong.join(', ') : undefined;
}

/** A canary's browser, which keeps cookies from one answer to the next. */
function jarsOf(recordings: ReadonlyMap<string, CookieRecording>): string[] {
  return [...recordings].flatMap(([recording, { variants }]) =>
    variants.flatMap(({ variant, answers }) => {
      const jar = new CookieJar();
      return answers.flatMap((answer) => {
        const nowMs = Date.parse(answer.date);
        const url = new URL(pathOf(answer), SITE);
        const isSentAlike = answer.sent === undefined || answer.sent === (jar.header(url) ?? '');
        jar.store(
          answer.setCookie.flatMap((header) => parseSetCookie(header) ?? []),
          url,
          nowMs,
        );
        const text = (
          one: Omit<KeptCookie, 'lifetimeSeconds' | 'sameSite' | 'partitioned'> & { sameSite?: string | null; partitioned?: boolean },
        ) => [one.name, one.value, one.path, one.domain, one.secure, one.httpOnly, one.sameSite?.toLowerCase(), one.partitioned].join(' ');
        const has = jar.list().map((one) => ({ text: text({ ...one, path: one.path ?? '/' }), seconds: lifetimeOf(one, nowMs) }));
        const wanted = answer.has.map((one) => ({ text: text(one), seconds: one.lifetimeSeconds }));
        const isThere = (list: typeof has, { text: one, seconds }: (typeof has)[number]) =>
          list.some((other) => other.text === one && isSame(other.seconds, seconds));
        const missing = wanted.filter((one) => !isThere(has, one));
        const more = has.filter((one) => !isThere(wanted, one));
        const names = [...missing, ...more].map(({ text: one }) => one.split(' ')[0] || 'a cookie without a name');
        if (!isSentAlike) names.push('what is sent');
        return names.length > 0 ? [`${recording}, ${variant}: ${answer.request}: the canary's jar: ${[...new Set(names)].join(', ')}`] : [];
      });
    }),
  );
}

function lifetimeOf({ maxAgeSeconds, expiresMs, setAtMs = 0 }: ReturnType<CookieJar['list']>[number], nowMs: number): number | null {
  if (maxAgeSeconds !== undefined) return maxAgeSeconds - (nowMs - setAtMs) / 1_000;
  return expiresMs === undefined ? null : (expiresMs - nowMs) / 1_000;
}

export async function checkCookies(recordings: ReadonlyMap<string, CookieRecording>): Promise<CookiesCheck> {
  // Browsers' rules are for what acts as one: a session's own cookie, on its page and in a log, keeps them.
  const ofSessions = new Map([...recordings].filter(([name]) => name !== RULES));
  const [cases, pages] = [casesOf(ofSessions), pagesOf(ofSessions)];
  const inLogs = LOGS.flatMap((by) => cases.map((one) => ({ one, by })));
  const [attributes, views, logs] = await Promise.all([
    evaluate<readonly (Read | null)[]>(
      '[read_answer_of(*each) for each in given]',
      cases.map(({ answer, name }) => [answer, name, pathOf(answer)]),
      'own_view',
      HEADERS,
    ),
    evaluate<readonly (ReadPage | null)[]>(
      '[read_page_of(*each) for each in given]',
      pages.map(({ first, again, name }) => [first, again, name, pathOf(first)]),
      'own_view',
      HEADERS,
    ),
    evaluate<readonly (string | null)[]>(
      '[cookie_in(*each) for each in given]',
      inLogs.map(({ one: { answer, name }, by }) => [joined(answer.setCookie, by), name, secondsOf(answer.date)]),
      'log_values',
      'import json\n',
    ),
  ]);
  const wrong = [
    ...cases.map((one, at) => [one.of, readAttributes(one, attributes[at] ?? null)] as const),
    ...pages.map((one, at) => [one.of, readPage(one, views[at] ?? null)] as const),
    ...inLogs.map(({ one, by }, at) => [one.of, readLog(one, by, logs[at] ?? null)] as const),
  ].flatMap(([of, text]) => (text === undefined ? [] : [`${of}: ${text}`]));
  return { cases: cases.length + pages.length, wrong: [...wrong, ...jarsOf(recordings)] };
}
