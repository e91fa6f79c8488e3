/** A hardened site in memory, whose sessions a test can end, and whose weaknesses it can switch on. */
import { randomBytes } from 'node:crypto';
import { NoAnswer } from '../../../functions/canary/contract/errors.ts';
import { type Recipe, recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { type Clock, createPace } from '../../../functions/canary/http/pace.ts';
import type { HttpAnswer, HttpRequest, Send } from '../../../functions/canary/http/send.ts';
import { parseSetCookie } from '../../../functions/canary/http/set-cookie.ts';
import { Site } from '../../../functions/canary/site/site.ts';

export const PASSWORDS = new Map([
  ['canary-anna', 'correct-horse-battery-1'],
  ['canary-ben', 'correct-horse-battery-2'],
]);

/** A recipe without a policy, as a file has it. */
export const SHOP = {
  users: {
    a: { name: 'canary-anna', password: { secret: 'shop/anna' } },
    b: { name: 'canary-ben', password: { secret: 'shop/ben' } },
  },
  login: [{ post: '/login', json: { user: '{name}', password: '{password}' } }],
  who: { get: '/account' },
  logout: [{ post: '/logout' }],
};

export const memoryRecipe = (policy: Recipe['policy'] = { idleSeconds: 1_800, absoluteSeconds: 43_200 }): Recipe =>
  recipeSchema.parse({ ...SHOP, policy });

export interface MemorySite {
  readonly clock: Clock & { pass(ms: number): void };
  readonly sessions: Map<string, { user: string; startedAtMs: number; usedAtMs: number }>;
  /** Values of every cookie that it gave. */
  readonly ids: string[];
  requests: number;
  logins: number;
  /** For how long a session can rest. */
  idleMs: number;
  /** It answers nothing, or an outage's page. */
  state: 'up' | 'down' | 'outage';
  /** Refuses every login. */
  isLocked: boolean;
  /** What it answers instead; undefined for what it answers itself. */
  instead: ((request: HttpRequest) => HttpAnswer | undefined) | undefined;
  /** Lets browsers keep the page of a user. */
  isCacheable: boolean;
  open(recipe: Recipe, passwords?: ReadonlyMap<string, string>): Site;
}

export function memorySite(): MemorySite {
  let nowMs = Date.parse('2026-11-22T00:00:00Z');
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
  const absolute = 43_200_000;
  const send: Send = async (request) => {
    site.requests += 1;
    if (site.state === 'down') throw new NoAnswer(`GET ${request.url.pathname}`, 'ECONNREFUSED', 'refused');
    if (site.state === 'outage') return answerOf(503, 'Please wait a moment');
    if (request.url.protocol === 'http:') return { ...answerOf(301), headers: { location: 'https://shop/' } };
    return site.instead?.(request) ?? serve(request);
  };
  const answerOf = (status: number, body = '', cookie?: string): HttpAnswer => ({
    status,
    headers: {
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'cache-control': site.isCacheable ? 'max-age=60' : 'no-store',
    },
    setCookies:
      cookie === undefined ? [] : [parseSetCookie(`${cookie}; Path=/; Secure; HttpOnly; SameSite=Strict`)].flatMap((one) => one ?? []),
    body,
  });
  const serve = ({ method, url, headers, body = '' }: HttpRequest): HttpAnswer => {
    const id = /__Host-SID=([^;]+)/.exec(headers['cookie'] ?? '')?.[1] ?? '';
    const session = site.sessions.get(id);
    const isAlive = session && nowMs - session.usedAtMs < site.idleMs && nowMs - session.startedAtMs < absolute;
    if (session && !isAlive) site.sessions.delete(id);
    if (method === 'POST' && url.pathname === '/login') {
      const { user, password } = JSON.parse(body) as { user: string; password: string };
      site.logins += 1;
      if (site.isLocked || PASSWORDS.get(user) !== password) return answerOf(401, 'refused');
      site.sessions.delete(id);
      const next = randomBytes(32).toString('base64url');
      site.sessions.set(next, { user, startedAtMs: nowMs, usedAtMs: nowMs });
      site.ids.push(next);
      return answerOf(200, 'welcome', `__Host-SID=${next}`);
    }
    if (!isAlive) return answerOf(401, 'log in');
    if (url.pathname === '/logout') {
      site.sessions.delete(id);
      return answerOf(204, '', '__Host-SID=gone; Max-Age=0');
    }
    session.usedAtMs = nowMs;
    return answerOf(200, `you are ${session.user}`);
  };
  const site: MemorySite = {
    clock,
    sessions: new Map(),
    ids: [],
    requests: 0,
    logins: 0,
    idleMs: 1_800_000,
    state: 'up',
    isLocked: false,
    instead: undefined,
    isCacheable: false,
    open: (recipe, passwords = PASSWORDS) =>
      new Site(new URL('https://shop/'), recipe, {
        pace: createPace(send, clock, { loginsPerMinute: recipe.policy?.loginsPerMinute }),
        ...{ clock, passwords, jarOf: async () => [] },
      }),
  };
  return site;
}
