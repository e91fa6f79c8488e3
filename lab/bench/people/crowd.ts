/** People who use a shop, each with a browser's cookies, and what they meet. Neither retries nor waits that hide anything. */
import { readFileSync } from 'node:fs';
import type * as http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { CookieJar } from '../../demo/traffic/cookie-jar.ts';

export interface Crowd {
  /** Logged-in users, who ask once in `everyMs`. */
  readonly users: number;
  readonly everyMs: number;
  /** Every request has another user agent. */
  readonly changesAgents?: true;
  /** Who is sent to the log-in leaves, but for the third who log in again. Otherwise they go on asking for their pages. */
  readonly leaves?: true;
  /** A CDN is in front: one address, its own agent, scripts from its cache, and public pages are asked for again by their ETag. */
  readonly behindCdn?: true;
  /** From the first answer of the new release on, so many a second. */
  readonly logins?: number;
  readonly visitors?: number;
  readonly scans?: number;
  /** All the time, so many a second. */
  readonly monitors?: number;
  /** Crawlers, which have no session, all the time, so many requests a second. */
  readonly bots?: number;
}

export interface Met {
  readonly users: number;
  readonly requests: number;
  /** Users who were sent away, refused, or did not get a page or its script, since the mark. */
  readonly hurt: number;
  /** When a server with the new release first answered each user whom one has, in milliseconds since the epoch. */
  readonly metNewAtMs: readonly number[];
  readonly byKind: Readonly<Record<string, number>>;
}

export interface RunningCrowd {
  /** From now on `version` is the new release, and what people meet is counted. */
  mark(version: string): void;
  /** Answers a minute by the first digit of their status, since all users are logged in. */
  perMinute(): readonly number[];
  stop(): Promise<Met>;
}

const PAGES = ['/account', '/orders', '/account', '/cart', '/', '/catalog'] as const;
const SCANS = ['/wp-login.php', '/.env', '/admin/config.php', '/api/stock', '/phpmyadmin/index.php', '/orders', '/account'] as const;
const CRAWLED = ['/', '/account', '/catalog', '/orders', '/login', '/cart'] as const;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' } as const;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const CONNECTIONS = 120;
const TIMEOUT_MS = 15_000;
/** Who was sent away reads the page before they enter anything. */
const THINKS_MS = 5_000;
const HOPS = 4;

/** Log-ins are spread over this time, so that users do not ask all at once. */
const ENTER_MS = 5_000;

/** Status 0: there was no answer, and `text` is why. */
interface Reply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export function startCrowd({ url, caFile }: { readonly url: string; readonly caFile: string }, crowd: Crowd): RunningCrowd {
  const agent = new https.Agent({ keepAlive: true, maxSockets: CONNECTIONS, ca: readFileSync(caFile) });
  const send = (path: string, headers: http.OutgoingHttpHeaders, body?: string): Promise<Reply> =>
    new Promise((resolve) => {
      const none = ({ code, message }: NodeJS.ErrnoException) => resolve({ status: 0, headers: {}, text: code ?? message });
      const method = body === undefined ? 'GET' : 'POST';
      const request = https.request(new URL(path, url), { agent, method, headers, timeout: TIMEOUT_MS }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('error', none).on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      request.on('timeout', () => request.destroy(new Error(`nothing for ${TIMEOUT_MS / 1000} s`))).on('error', none);
      request.end(body);
    });
  const hurt = new Map<string, Set<number>>();
  const tags = new Map<string, string>();
  const met = new Map<number, number>();
  const enteredAtMs = Date.now() + ENTER_MS;
  const classes = Array<number>(6).fill(0);
  let [version, isOver, isNewThere, requests] = ['', false, false, 0] as [string, boolean, boolean, number];

  const ask = async (jar: CookieJar, path: string, more: { user?: number; body?: string; agent?: string } = {}): Promise<Reply> => {
    const { user, body, agent = BROWSER } = more;
    const cookie = jar.header(Date.now());
    const known = crowd.behindCdn && cookie === undefined ? tags.get(path) : undefined;
    const headers = {
      ...{ accept: 'text/html', 'user-agent': crowd.behindCdn ? 'cdn/1.0' : agent },
      ...(known !== undefined && { 'if-none-match': known }),
      ...(body !== undefined && FORM),
      ...(cookie !== undefined && { cookie }),
    };
    const reply = await send(path, headers, body);
    requests += 1;
    if (Date.now() > enteredAtMs) classes[Math.floor(reply.status / 100)] = (classes[Math.floor(reply.status / 100)] ?? 0) + 1;
    const { etag } = reply.headers;
    if (etag !== undefined) tags.set(path, etag);
    jar.store(reply.headers['set-cookie'] ?? [], Date.now());
    if (version !== '' && reply.headers['x-release'] === version) {
      isNewThere = true;
      if (user !== undefined && !met.has(user)) met.set(user, Date.now());
    }
    return reply;
  };
  const note = (user: number | undefined, kind: string) => {
    if (user === undefined || version === '') return;
    const users = hurt.get(kind) ?? new Set();
    hurt.set(kind, users.add(user));
  };
  /** A page with its script, over its redirects. @returns whether they are at the log-in */
  const open = async (jar: CookieJar, page: string, who: { user?: number; agent?: string } = {}): Promise<boolean> => {
    const { user } = who;
    let path: string = page;
    for (let hop = 0; ; hop++) {
      const { status, headers, text } = await ask(jar, path, who);
      const { location } = headers;
      if (status >= 300 && status < 400 && location !== undefined) {
        path = new URL(location, url).pathname;
        if (path === '/login') note(user, 'sent away');
        if (hop < HOPS) continue;
        return false;
      }
      if (status === 401 || status === 403) note(user, 'refused');
      else if (status !== 200) note(user, status === 0 ? `no answer: ${text}` : `status ${status}`);
      const script = /<script src="([^"]+)"/.exec(text)?.[1];
      if (script !== undefined && !(crowd.behindCdn && tags.has(script)) && (await ask(jar, script, who)).status !== 200)
        note(user, 'script');
      return path === '/login' && page !== '/login';
    }
  };
  const enter = (jar: CookieJar, name: string, user?: number) =>
    ask(jar, '/login', { body: `user=${name}`, ...(user !== undefined && { user }) });

  const live = async (user: number) => {
    const jar = new CookieJar(true);
    await sleep((ENTER_MS * user) / crowd.users);
    await open(jar, '/login');
    await enter(jar, `user${user}`, user);
    let awayMs = 0;
    for (let step = user; !isOver; step++) {
      const browser = crowd.changesAgents ? `${BROWSER} v${Math.floor(Math.random() * 1e6)}` : BROWSER;
      const isAway = await open(jar, PAGES[step % PAGES.length] as string, { user, agent: browser });
      if (isAway && crowd.leaves && user % 3 !== 0) return;
      if (!isAway) awayMs = 0;
      // A third of those who are sent away log in again; others try their pages again.
      else if (awayMs === 0) awayMs = Date.now();
      else if (user % 3 === 0 && Date.now() - awayMs > THINKS_MS) await enter(jar, `user${user}`, user);
      if (!isAway && step % 12 === 0) await ask(jar, '/cart', { body: 'item=1', user });
      // At first for a part of it, so that those who have entered together do not go on together.
      const share = step === user ? Math.random() : 0.75 + Math.random() / 2;
      for (let left = crowd.everyMs * share; left > 0 && !isOver; left -= 500) await sleep(Math.min(left, 500));
    }
  };
  const repeat = async (perSecond: number, waitsForNew: boolean, act: (turn: number) => Promise<unknown>) => {
    const open = new Set<Promise<unknown>>();
    for (let turn = 0; !isOver && perSecond > 0; turn++) {
      await sleep(1000 / perSecond);
      if (waitsForNew && !isNewThere) continue;
      const one: Promise<unknown> = act(turn).finally(() => open.delete(one));
      open.add(one);
    }
    await Promise.all(open);
  };
  const stranger = () => new CookieJar(true);
  const all = [
    ...Array.from({ length: crowd.users }, (_, user) => live(user)),
    repeat(crowd.logins ?? 0, true, async (turn) => {
      const jar = stranger();
      // From a link of the campaign to a page for users.
      await open(jar, '/account');
      await enter(jar, `new${turn}`);
      for (const page of ['/account', '/orders', '/cart']) {
        await sleep(1_000);
        await open(jar, page);
      }
    }),
    repeat(crowd.visitors ?? 0, true, async () => {
      const jar = stranger();
      for (const page of ['/', '/catalog', '/account']) {
        await open(jar, page);
        await sleep(1_500);
      }
    }),
    repeat(crowd.scans ?? 0, true, (turn) => ask(stranger(), SCANS[turn % SCANS.length] as string, { agent: 'scanner/1.0' })),
    repeat(crowd.monitors ?? 0, false, () => ask(stranger(), '/api/stock', { agent: 'uptime-monitor/2.1' })),
    repeat(crowd.bots ?? 0, false, (turn) => ask(stranger(), CRAWLED[turn % CRAWLED.length] as string, { agent: `crawler${turn}` })),
  ];
  return {
    mark(release) {
      version = release;
    },
    perMinute: () => classes.map((count) => (count * 60_000) / (Date.now() - enteredAtMs)),
    async stop() {
      isOver = true;
      await Promise.all(all);
      agent.destroy();
      const byKind = Object.fromEntries([...hurt].map(([kind, users]) => [kind, users.size]));
      return {
        users: crowd.users,
        requests,
        hurt: new Set([...hurt.values()].flatMap((users) => [...users])).size,
        metNewAtMs: [...met.values()],
        byKind,
      };
    },
  };
}
