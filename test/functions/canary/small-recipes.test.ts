/** What a recipe can say of an application that nobody had in mind, each by its smallest site. */
import { describe, expect, it } from 'vitest';
import type { Traced } from '../../../functions/canary/site/site.ts';
import { drawn, examine, findingsOf, HARD, type Handler, RECIPE, saidOf, sessionsIn, USERS, userOf } from './small-site.ts';

describe('an application whose session is no cookie', () => {
  const tokens = (): Handler => {
    const sessions = new Map<string, string>();
    return (asked) => {
      const id = (asked.headers['authorization'] ?? '').replace('Bearer ', '') || (/sid=([^&]+)/.exec(asked.what)?.[1] ?? '');
      const what = asked.what.replace(/\?.*/, '');
      if (what === 'POST /login') {
        const user = userOf(asked);
        const next = drawn();
        if (user !== undefined) sessions.set(next, user);
        return user === undefined ? { body: '{"error":"no"}' } : { body: JSON.stringify({ session: { token: next } }) };
      }
      if (what === 'POST /logout') sessions.delete(id);
      const user = sessions.get(id);
      return user === undefined ? { status: 401 } : { body: `you are ${user}` };
    };
  };
  const login = [{ post: '/login', form: { user: '{name}', password: '{password}' }, take: { t: { json: 'session.token' } } }];
  const OF_COOKIES = ['new-id-at-login', 'foreign-id', 'cookie-attributes', 'id-strength', 'id-exposure'];

  it.each([
    [
      'a bearer token',
      {
        login,
        who: { get: '/account', headers: { authorization: 'Bearer {t}' } },
        logout: [{ post: '/logout', headers: { Authorization: 'Bearer {t}' } }],
      },
    ],
    ['an id in the address', { login, who: { get: '/account?sid={t}' }, logout: [{ post: '/logout?sid={t}' }] }],
  ])('is examined as far as it can be: %s', async (_, recipe) => {
    const report = await examine(tokens(), recipe);
    for (const check of OF_COOKIES) expect(saidOf(report, check), check).toEqual(['not-checked']);
    for (const check of ['replay-after-logout', 'caching', 'other-user']) expect(saidOf(report, check), check).toEqual(['holds']);
    expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
  });
});

describe('a recipe can say', () => {
  const hard = () =>
    sessionsIn(
      (id) => [`__Host-SID=${id}; ${HARD}`],
      ({ cookies }) => cookies['__Host-SID'],
    );

  it('that there is no second user: what needs one is not checked, and the rest is', async () => {
    const [a] = [{ name: 'canary-anna', password: { environment: 'A' } }];
    const report = await examine(hard(), { users: { a } });
    expect(saidOf(report, 'other-user')).toEqual(['not-checked']);
    expect(saidOf(report, 'foreign-id')).toEqual(['holds']);
    expect(saidOf(report, 'replay-after-logout')).toEqual(['holds']);
    expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
  });

  it.each([
    ['HTTP Basic', { user: 'staging', password: { environment: 'F' } }, `Basic ${Buffer.from('staging:of-the-front').toString('base64')}`],
    ['a bearer token', { password: { environment: 'F' } }, 'Bearer of-the-front'],
  ])('what a front asks for: %s', async (_, front, authorization) => {
    const inner = hard();
    const handle: Handler = (asked) => (asked.headers['authorization'] === authorization ? inner(asked) : { status: 401 });
    expect(findingsOf(await examine(handle, { front }))).toEqual([]);
    await expect(examine(handle)).rejects.toThrow('shows nobody');
  });

  it('what each request accepts, and how many a minute are asked', async () => {
    const times: number[] = [];
    const inner = hard();
    const handle: Handler = (asked) => {
      times.push(asked.nowMs);
      return asked.headers['accept'] === 'application/vnd.shop+json' ? inner(asked) : { status: 406 };
    };
    const report = await examine(handle, { headers: { Accept: 'application/vnd.shop+json' }, policy: { requestsPerMinute: 30 } });
    expect(findingsOf(report)).toEqual([]);
    expect(Math.min(...times.slice(1).map((ms, at) => ms - (times[at] as number)))).toBe(2_000);
  });

  it('that a page comes later, and ends where it does not', async () => {
    let asked = 0;
    const inner = hard();
    const handle: Handler = (one) => (one.what === 'GET /starting' ? { body: asked++ % 4 === 3 ? 'ready' : 'please wait' } : inner(one));
    const wait = (text: string) => [
      { get: '/login' },
      { post: '/login', form: { user: '{name}', password: '{password}' } },
      { get: '/starting', wait: { for: text, seconds: 10 } },
    ];
    expect(findingsOf(await examine(handle, { login: wait('ready') }))).toEqual([]);
    await expect(examine(handle, { login: wait('never') })).rejects.toThrow('login, step 3: no answer had the text of "wait" within 10 s');
  });
});

it('the trace has each request of the controls, and nothing that is secret', async () => {
  const ids: string[] = [];
  const inner = sessionsIn(
    (id) => {
      ids.push(id);
      return [`__Host-SID=${id}; ${HARD}`, 'theme=dark; SameSite=None'];
    },
    ({ cookies }) => cookies['__Host-SID'],
  );
  const handle: Handler = (asked) => {
    const answer = inner(asked);
    return asked.what === 'POST /login' && answer.cookies !== undefined
      ? { ...answer, status: 302, headers: { location: `/welcome;jsessionid=${ids.at(-1)}?token=${ids.at(-1)}` } }
      : answer;
  };
  const traced: Traced[] = [];
  await examine(handle, {}, (one) => traced.push(one));
  const line = { method: 'GET', status: 200, sent: [], set: [], dropped: [] };
  expect(traced.slice(0, 4)).toEqual([
    { ...line, place: 'who', address: 'https://shop.example/account', status: 401 },
    { ...line, place: 'login, step 1', address: 'https://shop.example/login' },
    {
      ...{ place: 'login, step 2', method: 'POST', address: 'https://shop.example/login', status: 302, sent: [] },
      location: 'https://shop.example/welcome',
      set: ['__Host-SID', 'theme'],
      dropped: [{ name: 'theme', why: 'has SameSite=None and no Secure' }],
    },
    { ...line, place: 'login, step 2 (redirect 1)', address: 'https://shop.example/welcome', sent: ['__Host-SID'] },
  ]);
  const text = JSON.stringify(traced);
  for (const secret of [...ids, ...Object.values(USERS)]) expect(text).not.toContain(secret);
  // The checks come after the controls.
  expect(text).not.toContain('logout');
});

it('a page that shows no user says what was searched for, and where the page has it in another case', async () => {
  const inner = sessionsIn(
    (id) => [`__Host-SID=${id}; ${HARD}`],
    ({ cookies }) => cookies['__Host-SID'],
  );
  const handle: Handler = (asked) => ({ ...inner(asked), body: (inner(asked).body ?? '').replace('canary-', 'Canary-') });
  await expect(examine(handle)).rejects.toThrow('the page has "Canary-anna" in place of "canary-anna": set users.a.shows to "Canary-anna"');
  const { a, b } = RECIPE.users;
  const users = { a: { ...a, shows: 'Anna (1.5' }, b };
  await expect(examine(inner, { users })).rejects.toThrow(
    '"Anna (1.5" was searched for: check the steps of "login", and set users.a.shows',
  );
});

it('a trace shows the parts of paths that stand in the recipe, and no others', async () => {
  const traced: Traced[] = [];
  const inner = sessionsIn(
    (id) => [`__Host-SID=${id}; ${HARD}`],
    ({ cookies }) => cookies['__Host-SID'],
  );
  const handle: Handler = (asked) =>
    asked.what === 'GET /api/v2/start' ? { status: 302, headers: { location: '/api/v2/k3x91a' } } : inner(asked);
  const login = [{ get: '/api/v2/start' }, ...RECIPE.login];
  await examine(handle, { login }, (one) => traced.push(one)).catch(() => {});
  expect(traced[1]).toMatchObject({ address: 'https://shop.example/api/v2/start', location: 'https://shop.example/api/v2/…' });
});
