/** How sessions end, and what becomes of ids, at applications that nobody had in mind, each by its smallest site. */
import { describe, expect, it } from 'vitest';
import { NoAnswer } from '../../../functions/canary/contract/errors.ts';
import { type Answer, type Asked, drawn, examine, findingsOf, HARD, type Handler, saidOf, sessionsIn, userOf } from './small-site.ts';

const nobody = ({ what }: Asked): Answer => ({ status: what === 'GET /login' ? 200 : 401 });
/** The site, with what it answers differently. @param instead of an answer */
const hardWith = (instead: (asked: Asked, inner: Handler) => Answer | undefined): Handler => {
  const inner = sessionsIn(
    (id) => [`__Host-SID=${id}; ${HARD}`],
    ({ cookies }) => cookies['__Host-SID'],
  );
  return (asked) => instead(asked, inner) ?? inner(asked);
};

/** Each answer with a user changes the id, and the one before it ends. @param endsAtLogout or the cookie alone goes */
const rotating = (endsAtLogout: boolean, graceMs: number): Handler => {
  const sessions = new Map<string, { readonly user: string; untilMs: number }>();
  const begin = (user: string) => {
    const id = drawn();
    sessions.set(id, { user, untilMs: Number.POSITIVE_INFINITY });
    return [`__Host-SID=${id}; ${HARD}`];
  };
  return (asked) => {
    const id = asked.cookies['__Host-SID'] ?? '';
    const user = userOf(asked);
    if (asked.what === 'POST /login' && user !== undefined) return { cookies: begin(user) };
    const session = sessions.get(id);
    if (session === undefined || session.untilMs < asked.nowMs || asked.what === 'GET /login') return nobody(asked);
    if (asked.what === 'POST /logout') {
      if (endsAtLogout) sessions.delete(id);
      return { cookies: ['__Host-SID=; Path=/; Secure; Max-Age=0'] };
    }
    const isLast = session.untilMs === Number.POSITIVE_INFINITY;
    if (isLast) session.untilMs = asked.nowMs + graceMs;
    const headers = { 'x-served-by': asked.nowMs % 1_000 === 0 ? 'one' : 'two' };
    return { body: `you are ${session.user}`, headers, ...(isLast && { cookies: begin(session.user) }) };
  };
};

describe('a log-out that ends nothing is found', () => {
  it.each([
    ['at once', -1],
    ['a second later', 1_000],
  ])('where each answer changes the id, and the one before ends %s', async (_, graceMs) => {
    expect(saidOf(await examine(rotating(false, graceMs)), 'replay-after-logout')).toContain('alive-after-logout');
    expect(saidOf(await examine(rotating(true, graceMs)), 'replay-after-logout')).toEqual(['holds']);
  });

  it('where it reached one of two servers, to which the load balancer leads', async () => {
    const servers = [new Map<string, string>(), new Map<string, string>()] as const;
    let requests = 0;
    const handle: Handler = (asked) => {
      const { AWSALB: led, '__Host-SID': id = '' } = asked.cookies;
      const at = led === undefined ? requests++ % 2 : Number(led);
      const cookies = [`AWSALB=${at}; Path=/`];
      const user = userOf(asked);
      if (asked.what === 'POST /login' && user !== undefined) {
        const next = drawn();
        for (const each of servers) {
          each.delete(id);
          each.set(next, user);
        }
        return { cookies: [...cookies, `__Host-SID=${next}; ${HARD}`] };
      }
      const known = servers[at as 0 | 1];
      if (asked.what === 'POST /logout') known.delete(id);
      return known.has(id) && asked.what !== 'GET /login' ? { body: `you are ${known.get(id)}`, cookies } : { ...nobody(asked), cookies };
    };
    expect(findingsOf(await examine(handle))).toEqual(['alive-after-logout']);
  });

  it.each(['"cookies"', '"cache", "*"'])('where it has the browser forget the cookies by Clear-Site-Data: %s', async (data) => {
    const handle = hardWith(({ what }) => (what === 'POST /logout' ? { headers: { 'clear-site-data': data } } : undefined));
    expect([...new Set(findingsOf(await examine(handle)))]).toEqual(['alive-after-logout']);
  });

  it('and is the fault of the recipe where Clear-Site-Data leaves the cookies', async () => {
    const handle = hardWith(({ what }) => (what === 'POST /logout' ? { headers: { 'clear-site-data': '"cache"' } } : undefined));
    expect(findingsOf(await examine(handle))).toEqual([]);
  });
});

describe('a re-login', () => {
  /** A cookie of the administration, with what a re-login makes of it. */
  const withAdmin = (isRenewed: boolean): Handler => {
    const admins = new Map<string, string>();
    return hardWith((asked, inner) => {
      const admin = asked.cookies['__Host-admin'] ?? '';
      if (asked.what === 'GET /admin') return admins.has(admin) ? { body: `admin ${admins.get(admin)}` } : { status: 403 };
      const answer = inner(asked);
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (asked.what === 'POST /logout' || (isRenewed && user !== undefined)) admins.delete(admin);
      if (user === undefined) return answer;
      const id = admins.has(admin) ? admin : drawn();
      admins.set(id, user);
      return { cookies: [...(answer.cookies ?? []), `__Host-admin=${id}; ${HARD}`] };
    });
  };
  it('is judged by each id on its own page: that of the administration stays', async () => {
    const pages = [{ get: '/admin' }];
    expect(findingsOf(await examine(withAdmin(false), { pages }))).toEqual(['id-kept-at-re-login']);
    expect(saidOf(await examine(withAdmin(true), { pages }), 'new-id-at-re-login')).toEqual(['holds']);
  });

  /** A login that answers everybody with 200. @param ignores users who are logged in */
  const withJson = (ignores: boolean, isOneSessionEach = false): Handler => {
    const sessions = new Map<string, string>();
    return (asked) => {
      const id = asked.cookies['__Host-SID'] ?? '';
      if (asked.what === 'POST /login') {
        const user = userOf(asked);
        if (user === undefined || (ignores && sessions.has(id))) return { body: '{"ok":true}' };
        if (isOneSessionEach) for (const [other, one] of sessions) if (one === user && other !== id) sessions.delete(other);
        const next = drawn();
        sessions.set(sessions.has(id) ? id : next, user);
        return { body: '{"ok":true}', cookies: [`__Host-SID=${sessions.has(next) ? next : id}; ${HARD}`] };
      }
      if (asked.what === 'POST /logout') sessions.delete(id);
      return sessions.has(id) && asked.what !== 'GET /login' ? { body: `you are ${sessions.get(id)}` } : nobody(asked);
    };
  };
  it('is none where a login of the other user leaves the first one, too', async () => {
    const report = await examine(withJson(true));
    expect(findingsOf(report)).toEqual([]);
    expect(saidOf(report, 'new-id-at-re-login')).toEqual(['not-checked']);
  });

  it('keeps the id where a login of the other user shows that one, whose own session is begun anew where it ended', async () => {
    expect(findingsOf(await examine(withJson(false)))).toEqual(['id-kept-at-re-login']);
    expect(findingsOf(await examine(withJson(false, true)))).toEqual(['id-kept-at-re-login']);
  });
});

describe('a site', () => {
  const server = { header: 'x-served-by' };
  it('that changes the id with each answer is known to each server', async () => {
    expect(saidOf(await examine(rotating(true, -1), { server }), 'other-servers')).toEqual(['holds']);
  });

  it('may end the session of the other user after its absolute time-out', async () => {
    const born = new Map<string, number>();
    const handle = hardWith((asked, inner) => {
      const bornMs = born.get(asked.cookies['__Host-SID'] ?? '') ?? asked.nowMs;
      const answer = inner(asked.nowMs - bornMs > 60_000 ? { ...asked, cookies: {} } : asked);
      const [, id] = /SID=([^;]+)/.exec(answer.cookies?.[0] ?? '') ?? [];
      if (id !== undefined) born.set(id, asked.nowMs);
      return answer;
    });
    expect(saidOf(await examine(handle, { policy: { absoluteSeconds: 60 } }), 'other-user')).toEqual(['not-checked']);
    expect(saidOf(await examine(handle), 'other-user')).toEqual(['other-user-logged-out']);
  });

  it('has to keep caches and plain HTTP away from each of its pages', async () => {
    const pages = [{ get: '/orders' }];
    const handle = hardWith((asked, inner) => {
      const headers = { 'cache-control': 'private, max-age=600', 'strict-transport-security': 'max-age=60' };
      return asked.what === 'GET /orders' ? { ...inner(asked), headers } : undefined;
    });
    expect(findingsOf(await examine(handle, { pages }))).toEqual(['no-hsts', 'page-cacheable']);
  });
});

it('logins at once that a slow site does not answer stop no run, and come after all else', async () => {
  let [lastMs, outMs] = [0, 0];
  const handle = hardWith(({ what, nowMs }) => {
    if (what === 'POST /logout') outMs = nowMs;
    if (what !== 'POST /login') return undefined;
    const isAtOnce = nowMs === lastMs;
    lastMs = nowMs;
    if (isAtOnce) throw new NoAnswer('POST https://shop.example', 'ETIMEDOUT', 'none within 10 s');
    return undefined;
  });
  const report = await examine(handle, { extras: ['race'], policy: { sessionsPerUser: 9 } });
  expect(report.lines.filter(({ severity }) => severity === 'unknown').map(({ check }) => check)).toEqual(['logins-at-once']);
  expect(report.lines.at(-1)?.what).toContain('none within 10 s');
  expect(outMs).toBeGreaterThan(lastMs);
});

describe('the id of a user', () => {
  it('is set again by another page without its attributes', async () => {
    const inner = sessionsIn(
      (id) => [`SID=${id}; ${HARD}`],
      ({ cookies }) => cookies['SID'],
    );
    const handle: Handler = (asked) =>
      asked.what === 'GET /settings' ? { cookies: [`SID=${asked.cookies['SID']}; Path=/`] } : inner(asked);
    const logout = [{ get: '/settings' }, { post: '/logout' }];
    expect(findingsOf(await examine(handle, { logout }))).toEqual([
      'cookie-not-secure: SID',
      'cookie-readable-by-scripts: SID',
      'cookie-sent-cross-site: SID',
      'cookie-without-prefix: SID',
    ]);
    expect(findingsOf(await examine(inner))).toEqual(['cookie-without-prefix: SID']);
  });

  it('is another one than that of a visitor, which may have fewer attributes', async () => {
    const handle = hardWith((asked, inner) => {
      const isVisitor = asked.cookies['__Host-SID'] === undefined && asked.what === 'GET /login';
      return isVisitor ? { cookies: [`__Host-SID=${drawn()}; Path=/; Secure`] } : inner(asked);
    });
    expect(findingsOf(await examine(handle))).toEqual([]);
  });

  it('is in a cookie that scripts can read', async () => {
    const handle = hardWith((asked, inner) => {
      const { cookies = [] } = inner(asked);
      const [, id] = /SID=([^;]+)/.exec(cookies[0] ?? '') ?? [];
      return id === undefined ? inner(asked) : { cookies: [...cookies, `copy=${id}; Path=/; Secure; SameSite=Lax`] };
    });
    expect(findingsOf(await examine(handle))).toEqual(['cookie-readable-by-scripts: copy']);
  });

  it.each<[string, (id: string) => Answer]>([
    ['a header', (id) => ({ headers: { 'x-session': id } })],
    ['JSON', (id) => ({ body: JSON.stringify({ id }).replaceAll('/', '\\/') })],
    ['JSON, escaped by its codes', (id) => ({ body: `"${id.replaceAll('/', '\\u002F').replaceAll('+', '\\u002b')}"` })],
    ['HTML', (id) => ({ body: `<i data-id="${id.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;')}">` })],
    ['HTML, escaped by names', (id) => ({ body: `<i data-id="${id.replaceAll('+', '&plus;').replaceAll('/', '&sol;')}">` })],
  ])('is in a page of it: %s', async (_, show) => {
    const sessions = new Map<string, string>();
    const handle: Handler = (asked) => {
      const id = asked.cookies['__Host-SID'] ?? '';
      const user = asked.what === 'POST /login' ? userOf(asked) : sessions.get(id);
      if (user === undefined || asked.what === 'GET /login') return nobody(asked);
      if (asked.what !== 'GET /account') sessions.delete(id);
      if (asked.what === 'GET /account') return { ...show(id), body: `you are ${user} ${show(id).body ?? ''}` };
      const next = `${drawn().slice(0, 20)}+/${drawn().slice(0, 20)}`;
      if (asked.what === 'POST /login') sessions.set(next, user);
      return asked.what === 'POST /login' ? { cookies: [`__Host-SID=${next}; ${HARD}`] } : {};
    };
    expect(findingsOf(await examine(handle))).toEqual(['id-in-body']);
  });
});
