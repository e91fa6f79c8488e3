/** What was concluded wrongly of applications that nobody had in mind, each by its smallest site. */
import { describe, expect, it } from 'vitest';
import { type Answer, drawn, examine, findingsOf, HARD, type Handler, saidOf, sessionsIn, userOf } from './small-site.ts';

describe('what browsers drop', () => {
  it.each([
    ['SameSite=None without Secure', (id: string) => `SID=${id}; Path=/; HttpOnly; SameSite=None`, 'which has SameSite=None and no Secure'],
    ['a prefix without Secure', (id: string) => `__Secure-SID=${id}; Path=/; HttpOnly`, 'which has the prefix __Secure- and no Secure'],
    ['__Host- at another path', (id: string) => `__Host-SID=${id}; Path=/app; Secure`, 'which has the prefix __Host- and not Path=/'],
    ['the Domain of a public suffix', (id: string) => `SID=${id}; Path=/; Secure; Domain=example`, 'under which anybody can have a host'],
    ['the Domain of another host', (id: string) => `SID=${id}; Path=/; Secure; Domain=www.shop.example`, 'that is not that of its host'],
    ['more than 4,096 bytes', (id: string) => `SID=${id}${'x'.repeat(4_096)}; Path=/; Secure`, '4096 are the most'],
    ['Partitioned without Secure', (id: string) => `SID=${id}; Path=/; Partitioned`, 'which has Partitioned and no Secure'],
  ])('is why a login does not hold: %s', async (_, line, why) => {
    const handle = sessionsIn(
      (id) => [line(id)],
      ({ cookies }) => cookies['SID'] ?? cookies['__Secure-SID'] ?? cookies['__Host-SID'],
    );
    await expect(examine(handle)).rejects.toThrow(new RegExp(`browsers drop cookie .*${why}`));
  });

  it('is a finding where the login holds without it', async () => {
    const handle = sessionsIn(
      (id) => [`__Host-SID=${id}; ${HARD}`, 'tracking=yes; Path=/; SameSite=None'],
      ({ cookies }) => cookies['__Host-SID'],
    );
    const report = await examine(handle);
    expect(report.lines.filter(({ result }) => result === 'finding').map(({ what }) => what)).toEqual([
      'browsers drop cookie tracking, which has SameSite=None and no Secure',
    ]);
  });

  it('is not what browsers keep: a value without a name, Secure with a value, the last of two Domains', async () => {
    const handle = sessionsIn(
      (id) => [`__Host-SID=${id}; Domain=shop.example; Domain=; Secure=true; Path=/; HttpOnly; SameSite=Lax`],
      ({ cookies }) => cookies['__Host-SID'],
    );
    expect(saidOf(await examine(handle), 'cookie-attributes')).toEqual(['holds']);
  });
});

describe('several cookies', () => {
  /** Both are needed, and of one user. @param adopts whether the first one can be chosen before the login */
  const sessionAndTicket = (adopts: boolean): Handler => {
    const [sessions, tickets] = [new Map<string, string>(), new Map<string, string>()];
    return (asked) => {
      const { SID: id = '', ticket = '' } = asked.cookies;
      if (asked.what === 'POST /login') {
        const user = userOf(asked);
        if (user === undefined) return { status: 401 };
        const [next, one] = [adopts && id !== '' ? id : drawn(), drawn()];
        sessions.set(next, user);
        tickets.set(one, user);
        return { cookies: [`SID=${next}; ${HARD}`, `ticket=${one}; ${HARD}`] };
      }
      if (asked.what === 'POST /logout') for (const map of [sessions, tickets]) map.delete(map === sessions ? id : ticket);
      const user = sessions.get(id);
      return user !== undefined && user === tickets.get(ticket)
        ? { body: `you are ${user}` }
        : { status: asked.what === 'GET /login' ? 200 : 401 };
    };
  };

  it('are planted one by one: the second, which fails, hides nothing of the first', async () => {
    expect(findingsOf(await examine(sessionAndTicket(true)))).toContain('planted-id-adopted: SID');
    expect(saidOf(await examine(sessionAndTicket(false)), 'foreign-id')).toEqual(['holds']);
  });

  it('that authenticate each by itself are examined each without the other', async () => {
    const handle = sessionsIn(
      (id) => [`SID=${id}; ${HARD}`, `copy=${id}; ${HARD}`],
      ({ cookies }) => cookies['SID'] ?? cookies['copy'],
    );
    expect(saidOf(await examine(handle), 'foreign-id')).toEqual(['holds']);
  });

  it('of which one is the same for everybody: it gets no finding of an id', async () => {
    const inner = sessionsIn(
      (id) => [`__Host-SID=${id}; ${HARD}`],
      ({ cookies }) => (cookies['consent'] === undefined ? undefined : cookies['__Host-SID']),
    );
    const handle: Handler = (asked) => {
      const answer = inner(asked);
      return asked.what === 'GET /login' ? { cookies: ['consent=everything-is-fine-with-me; Path=/'] } : answer;
    };
    const report = await examine(handle);
    expect(findingsOf(report)).toEqual([]);
    expect(saidOf(report, 'id-strength')).toEqual(['holds']);
  });

  it('of which one only has to be there: it is no id', async () => {
    const inner = sessionsIn(
      (id) => [`__Host-SID=${id}; ${HARD}`, `device=${drawn()}; Path=/`],
      ({ cookies }) => (cookies['device'] === undefined ? undefined : cookies['__Host-SID']),
    );
    expect(findingsOf(await examine(inner))).toEqual([]);
  });

  it('have ids of their own: a counter next to what is drawn is found', async () => {
    let last = 1_000;
    const inner = sessionsIn(
      (id) => [`SID=${id}; ${HARD}`],
      ({ cookies }) => (cookies['N'] === undefined ? undefined : cookies['SID']),
    );
    const numbers = new Map<string, string>();
    const handle: Handler = (asked) => {
      const answer = inner(asked);
      if (answer.cookies !== undefined) {
        last += 7;
        const [, id = ''] = /SID=([^;]+)/.exec(answer.cookies[0] ?? '') ?? [];
        numbers.set(id, `${last}`);
        return { cookies: [...answer.cookies, `N=${last}; ${HARD}`] };
      }
      return answer.body?.startsWith('you') && numbers.get(asked.cookies['SID'] ?? '') !== asked.cookies['N'] ? { status: 401 } : answer;
    };
    const report = await examine(handle);
    expect(findingsOf(report)).toContain('id-predictable: N');
    expect(findingsOf(report)).not.toContain('id-too-short: SID');
  });

  it('that matter on another page alone are found there, and need that page in the recipe', async () => {
    const admins = new Map<string, string>();
    const inner = sessionsIn(
      (id) => [`SID=${id}; ${HARD}`],
      ({ cookies }) => cookies['SID'],
    );
    const handle: Handler = (asked) => {
      if (asked.what === 'GET /admin') {
        const user = admins.get(asked.cookies['admin'] ?? '');
        return user === undefined ? { status: 403 } : { body: `administration of ${user}` };
      }
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      const answer = inner(asked);
      if (user === undefined) return answer;
      const id = drawn();
      admins.set(id, user);
      return { ...answer, cookies: [...(answer.cookies ?? []), `admin=${id}; Path=/admin`] };
    };
    expect(findingsOf(await examine(handle))).not.toContain('cookie-not-secure: admin');
    const report = await examine(handle, { pages: [{ get: '/admin' }] });
    expect(findingsOf(report)).toContain('cookie-not-secure: admin');
    // Its log-out ends the one session alone.
    expect(findingsOf(report)).toContain('alive-after-logout');
  });

  it('of a site that ends a session which comes without one of them: that end is not the site’s own', async () => {
    const sessions = new Map<string, { user: string; token: string }>();
    const handle: Handler = (asked) => {
      const { SID: id = '', token } = asked.cookies;
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (user !== undefined) {
        const [next, one] = [drawn(), drawn()];
        sessions.set(next, { user, token: one });
        return { cookies: [`SID=${next}; ${HARD}`, `token=${one}; ${HARD}`] };
      }
      const session = sessions.get(id);
      if (asked.what === 'POST /logout' || session?.token !== token) sessions.delete(id);
      return sessions.has(id) ? { body: `you are ${session?.user}` } : { status: asked.what === 'GET /login' ? 200 : 401 };
    };
    const report = await examine(handle);
    expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
    expect(saidOf(report, 'foreign-id')).toEqual(['holds']);
    expect(findingsOf(report)).toEqual(['cookie-without-prefix: SID', 'cookie-without-prefix: token']);
  });
});

it('a value that is new with each answer is no id', async () => {
  const sealed = new Map<string, string>();
  const seal = (user: string) => {
    const value = drawn();
    sealed.set(value, user);
    return `laravel_session=${value}; ${HARD}`;
  };
  const handle: Handler = (asked) => {
    const user = asked.what === 'POST /login' ? userOf(asked) : sealed.get(asked.cookies['laravel_session'] ?? '');
    if (user === undefined || asked.what === 'GET /login') return { status: asked.what === 'GET /login' ? 200 : 401 };
    return asked.what === 'POST /logout'
      ? { cookies: ['laravel_session=; Path=/; Max-Age=0'] }
      : { body: `you are ${user}`, cookies: [seal(user)] };
  };
  expect(saidOf(await examine(handle), 'id-strength')).toEqual(['not-checked']);
});

describe('a log-out', () => {
  const site = (line: (id: string) => string, answer: Answer = { status: 204 }): Handler => {
    const inner = sessionsIn(
      (id) => [line(id)],
      ({ cookies }) => cookies['__Host-SID'],
    );
    return (asked) => {
      if (!asked.what.endsWith(' /logout')) return inner(asked);
      inner({ ...asked, what: 'POST /logout' });
      return answer;
    };
  };
  const strict = (id: string) => `__Host-SID=${id}; ${HARD}`;

  it('that leads to another origin has happened', async () => {
    const elsewhere = site(strict, { status: 302, headers: { location: 'https://sso.example/goodbye' } });
    expect(saidOf(await examine(elsewhere), 'replay-after-logout')).toEqual(['holds']);
  });

  it.each([
    ['SameSite=None', '/logout', true],
    ['SameSite=Lax', '/logout', false],
    ['SameSite=None', '/logout?token={csrf}', false],
  ])('by GET, %s, %s: by an image of any page: %s', async (sameSite, get, isSaid) => {
    const handle = site((id) => `__Host-SID=${id}; Path=/; Secure; HttpOnly; ${sameSite}`);
    const logout = [{ get: '/login', take: { csrf: { header: 'cache-control' } } }, { get }];
    const said = (await examine((asked) => handle({ ...asked, what: asked.what.replace(/\?.*/, '') }), { logout })).lines;
    expect(said.some(({ what }) => what.includes('by an image'))).toBe(isSaid);
  });
});

describe('a return from another site', () => {
  const returning = (keeps: boolean, sameSite: string): Handler => {
    const inner = sessionsIn(
      (id) => [`SID=${id}; Path=/; Secure; HttpOnly; SameSite=${sameSite}`],
      ({ cookies }) => cookies['SID'],
    );
    return (asked) => {
      if (asked.what !== 'POST /paid') return inner(asked);
      const isNew = !keeps && asked.cookies['SID'] === undefined;
      return { status: 303, headers: { location: '/account' }, cookies: isNew ? [`SID=${drawn()}; ${HARD}`] : [] };
    };
  };
  const returns = [{ post: '/paid', form: { result: 'ok' } }];

  it.each([
    [false, 'Lax', 'logged-out-by-return'],
    [false, 'Strict', 'logged-out-by-return'],
    [false, 'None', 'holds'],
    [true, 'Lax', 'holds'],
    [true, 'Strict', 'holds'],
  ])('that keeps the session: %s, with SameSite=%s: %s', async (keeps, sameSite, said) => {
    expect(saidOf(await examine(returning(keeps, sameSite), { returns }), 'return-from-other-site')).toEqual([said]);
  });
});

it('a finding can be accepted for one cookie, and is one for the other', async () => {
  const handle = sessionsIn(
    (id) => [`SID=${id}; ${HARD}`, `copy=${id}; ${HARD}`],
    ({ cookies }) => cookies['SID'] ?? cookies['copy'],
  );
  const accept = [{ finding: 'cookie-without-prefix', cookie: 'copy', reason: 'an old client has this name in its code' }];
  const { lines, findings } = await examine(handle, { accept });
  expect(lines.filter(({ accepted }) => accepted !== undefined).map(({ cookie }) => cookie)).toEqual(['copy']);
  expect(findings).toBe(1);
});

it('a cookie for other hosts is found', async () => {
  const handle = sessionsIn(
    (id) => [`__Secure-SID=${id}; ${HARD}; Domain=.shop.example`],
    ({ cookies }) => cookies['__Secure-SID'],
  );
  expect(findingsOf(await examine(handle))).toEqual(['cookie-for-other-hosts: __Secure-SID']);
});
