/** How sessions end, and what becomes of ids, at applications that nobody had in mind, each by its smallest site. */
import { describe, expect, it } from 'vitest';
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

describe('a log-out that ends nothing is found', () => {
  /** Each answer with a user changes the id, and the one before it ends. @param endsAt whether the log-out ends the session too */
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
      return { body: `you are ${session.user}`, ...(isLast && { cookies: begin(session.user) }) };
    };
  };
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
