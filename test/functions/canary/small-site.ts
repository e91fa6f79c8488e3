/** The smallest site in memory that has what a test is about: a handler of requests, and the run of the canary on it. */
import { randomBytes } from 'node:crypto';
import type { CanaryReport } from '../../../functions/canary/contract/findings.ts';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { makeReport } from '../../../functions/canary/findings/make-report.ts';
import { type Clock, createPace } from '../../../functions/canary/http/pace.ts';
import type { HttpAnswer, HttpRequest, Send } from '../../../functions/canary/http/send.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import type { Plan } from '../../../functions/canary/run.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { Site, type Traced } from '../../../functions/canary/site/site.ts';
import { virtualClock } from './virtual-clock.ts';

export const USERS: Readonly<Record<string, string>> = { 'canary-anna': 'correct-horse-1', 'canary-ben': 'correct-horse-2' };

export interface Asked {
  /** `POST /login` */
  readonly what: string;
  /** What of the address is for caches alone, and that sites ignore; empty where there is none. */
  readonly past: string;
  /** By their names; of several the one that is sent first. */
  readonly cookies: Readonly<Record<string, string>>;
  /** The header itself. */
  readonly sent: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly nowMs: number;
}
export interface Answer {
  readonly status?: number;
  readonly body?: string;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}
export type Handler = (asked: Asked) => Answer;

export const RECIPE = {
  users: {
    a: { name: 'canary-anna', password: { environment: 'A' } },
    b: { name: 'canary-ben', password: { environment: 'B' } },
  },
  login: [{ get: '/login' }, { post: '/login', form: { user: '{name}', password: '{password}' } }],
  who: { get: '/account' },
  logout: [{ post: '/logout' }],
};

/** The user whose password was given; undefined for a wrong one. */
export const userOf = ({ fields: { user = '', password } }: Asked): string | undefined => (USERS[user] === password ? user : undefined);

const cookiesOf = (header = ''): Asked['cookies'] =>
  Object.fromEntries(
    header
      .split('; ')
      .filter((pair) => pair !== '')
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const)
      .toReversed(),
  );

function askedOf({ method, url, headers, body = '' }: HttpRequest, nowMs: number): Asked {
  const fields = Object.fromEntries(new URLSearchParams(body));
  const sent = headers['cookie'] ?? '';
  const past = /[?&]canary=\w+$/.exec(url.search)?.[0] ?? '';
  return {
    what: `${method} ${url.pathname}${url.search.slice(0, url.search.length - past.length)}`,
    past,
    cookies: cookiesOf(sent),
    sent,
    fields,
    headers,
    nowMs,
  };
}

/** What answers in memory, as the network does. */
export const sendTo =
  (handle: (asked: Asked & { readonly host: string; readonly isPlain: boolean }) => Answer, clock: Clock): Send =>
  async (request) => {
    const { host, protocol } = request.url;
    const asked = { ...askedOf(request, clock.now()), host, isPlain: protocol === 'http:' };
    const { status = 200, body = '', cookies = [], headers = {} } = handle(asked);
    const secure = { 'strict-transport-security': 'max-age=31536000', 'cache-control': 'no-store', ...headers };
    return { status, headers: secure, setCookies: cookies.flatMap((line) => parseSetCookie(line) ?? []), body } satisfies HttpAnswer;
  };

const toHttps: Handler = () => ({ status: 301, headers: { location: 'https://shop.example/' } });

/** @param more of the recipe, and checks that are asked for @param plain what answers plain HTTP */
export async function examine(
  handle: Handler,
  { extras = [], ...more }: { readonly extras?: Plan['extras'] } & Readonly<Record<string, unknown>> = {},
  trace?: (traced: Traced) => void,
  plain: Handler = toHttps,
): Promise<CanaryReport> {
  const clock = virtualClock();
  const send = sendTo((asked) => (asked.isPlain ? plain : handle)(asked), clock);
  const recipe = recipeSchema.parse({ ...RECIPE, ...more });
  const base = new URL('https://shop.example/');
  const pace = createPace(send, clock, recipe.policy);
  const site = new Site(base, recipe, {
    pace,
    clock,
    passwords: new Map([...Object.entries(USERS), ['', 'of-the-front']]),
    jarOf: async () => [],
    ...(trace && { trace }),
  });
  return makeReport({ url: base.href, recipe, sent: pace.sent }, await runCanary({ base, recipe, extras }, site));
}

/** What the report says of one check: `holds`, `notice`, `not-checked` or the name of the finding. */
export const saidOf = ({ lines }: CanaryReport, check: string): readonly string[] => [
  ...new Set(lines.filter((line) => line.check === check).map(({ result, finding }) => finding ?? result)),
];

export const drawn = (): string => randomBytes(32).toString('base64url');

/** A site with sessions in memory. @param lines what a login sets for an id @param idOf the id that a request has */
export function sessionsIn(lines: (id: string) => readonly string[], idOf: (asked: Asked) => string | undefined): Handler {
  const sessions = new Map<string, string>();
  return (asked) => {
    const id = idOf(asked) ?? '';
    if (asked.what === 'POST /login') {
      const user = userOf(asked);
      if (user === undefined) return { status: 401 };
      sessions.delete(id);
      const next = drawn();
      sessions.set(next, user);
      return { cookies: lines(next) };
    }
    if (asked.what === 'POST /logout') sessions.delete(id);
    const user = sessions.get(id);
    return asked.what === 'GET /login' ? {} : user === undefined ? { status: 401 } : { body: `you are ${user}` };
  };
}
export const HARD = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** Names of the findings, with their cookies. */
export const findingsOf = ({ lines }: CanaryReport) =>
  lines.flatMap(({ finding, cookie }) => (finding === undefined ? [] : [cookie === undefined ? finding : `${finding}: ${cookie}`])).sort();
