/** Sites on which an attacker was somebody else, and a canary saw nothing, each by its smallest form. */
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Traced } from '../../../functions/canary/site/site.ts';
import { type Asked, drawn, examine, findingsOf, HARD, type Handler, saidOf, sessionsIn, userOf } from './small-site.ts';

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (text = ''): Record<string, string> => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, string>;
  } catch {
    return {};
  }
};

/** A token with a list of those that are logged in. @param isValid of its three parts */
const tokens = (isValid: (head: string, payload: string, signature: string) => boolean): Handler => {
  const listed = new Set<string>();
  const sign = (text: string) => createHmac('sha256', 'key').update(text).digest('base64url');
  return (asked) => {
    if (asked.what === 'POST /login') {
      const user = userOf(asked);
      if (user === undefined) return { status: 401 };
      const [head, payload] = [base64({ alg: 'HS256' }), base64({ jti: drawn(), sub: user, shop: 'eu' })];
      listed.add(decoded(payload)['jti'] ?? '');
      return { cookies: [`__Host-T=${head}.${payload}.${sign(`${head}.${payload}`)}; ${HARD}`] };
    }
    const [head = '', payload = '', signature = ''] = (asked.cookies['__Host-T'] ?? '').split('.');
    const { jti = '', sub } = decoded(payload);
    if (!isValid(head, payload, signature) || !listed.has(jti) || asked.what === 'GET /login')
      return { status: asked.what === 'GET /login' ? 200 : 401 };
    if (asked.what === 'POST /logout') listed.delete(jti);
    return { body: `you are ${sub}` };
  };
};
const isSigned = (head: string, payload: string, signature: string) =>
  signature === createHmac('sha256', 'key').update(`${head}.${payload}`).digest('base64url');

describe('a token with a list of those that are logged in', () => {
  it.each([
    ['whose signature nobody looks at', () => true, ['altered-id-accepted: __Host-T', 'old-id-alive-after-re-login']],
    [
      'that may have no algorithm',
      (head: string, payload: string, signature: string) => decoded(head)['alg'] === 'none' || isSigned(head, payload, signature),
      ['altered-id-accepted: __Host-T', 'old-id-alive-after-re-login'],
    ],
    ['that is verified', isSigned, ['old-id-alive-after-re-login']],
  ])('%s', async (_, isValid, findings) => {
    expect(findingsOf(await examine(tokens(isValid)))).toEqual(findings);
  });
});

describe('which cookies are examined', () => {
  const remembered = new Map<string, string>();
  const withRemember = (isNeeded: (asked: Asked) => boolean): Handler => {
    const inner = sessionsIn(
      (id) => [`SID=${id}; ${HARD}`],
      ({ cookies }) => cookies['SID'],
    );
    return (asked) => {
      const answer = inner(asked);
      const user = userOf(asked);
      if (asked.what === 'POST /login' && user !== undefined) {
        const remember = createHmac('sha256', 'key').update(user).digest('hex');
        remembered.set(remember, user);
        return { cookies: [...(answer.cookies ?? []), `remember=${remember}; Path=/`, 'consent=yes-to-all-of-it; Path=/'] };
      }
      if (asked.what === 'GET /login') return answer;
      if (!isNeeded(asked)) return { status: 401 };
      const known = remembered.get(asked.cookies['remember'] ?? '');
      return answer.status === 401 && known !== undefined && asked.what !== 'POST /logout' ? { body: `you are ${known}` } : answer;
    };
  };

  it('a session next to a remember-me that is the same each time: nothing is said of the session that is the other one’s', async () => {
    const found = findingsOf(await examine(withRemember(() => true)));
    expect(found.filter((one) => one.endsWith(': SID'))).toEqual(['cookie-without-prefix: SID']);
    expect(found).toContain('cookie-readable-by-scripts: remember');
  });

  it('those behind one that only has to be there', async () => {
    const found = findingsOf(await examine(withRemember(({ cookies }) => cookies['consent'] !== undefined)));
    expect(found).toContain('cookie-without-prefix: SID');
    expect(found.filter((one) => one.endsWith(': consent'))).toEqual([]);
  });

  it('one without which the site answers with an error', async () => {
    const inner = sessionsIn(
      (id) => [`SID=${id}; Path=/`, `ticket=${drawn()}; ${HARD}`],
      ({ cookies }) => (cookies['ticket'] === undefined ? undefined : cookies['SID']),
    );
    const handle: Handler = (asked) =>
      asked.what === 'GET /account' && asked.cookies['ticket'] !== undefined && asked.cookies['SID'] === undefined
        ? { status: 500 }
        : inner(asked);
    expect(findingsOf(await examine(handle))).toContain('cookie-not-secure: SID');
  });

  it('those of a site whose page also wants a token in a header', async () => {
    const inner = sessionsIn(
      (id) => [`SID=${id}; Path=/`],
      ({ cookies }) => cookies['SID'],
    );
    const handle: Handler = (asked) => (asked.what === 'GET /account' && asked.headers['x-csrf'] !== 'c5' ? { status: 403 } : inner(asked));
    const login = [{ post: '/login', form: { user: '{name}', password: '{password}' }, take: { c: { header: 'x-token' } } }];
    const withToken: Handler = (asked) => ({ ...handle(asked), headers: { 'x-token': 'c5' } });
    expect(findingsOf(await examine(withToken, { login, who: { get: '/account', headers: { 'x-csrf': '{c}' } } }))).toContain(
      'cookie-not-secure: SID',
    );
  });
});

describe('ids are judged by user', () => {
  it.each([
    [
      'a hash of the user and a counter',
      (user: string, at: number) => `${createHash('sha256').update(user).digest('hex')}${1_000 + at * 3}`,
    ],
    ['what is repeated', (_user: string, at: number) => (0x1a2b + at * 7_919).toString(16).slice(-4).repeat(8)],
  ])('%s', async (_, idOf) => {
    let at = 0;
    const users = new Map<string, string>();
    const handle: Handler = (asked) => {
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (user !== undefined) {
        const id = idOf(user, ++at);
        users.set(id, user);
        return { cookies: [`SID=${id}; ${HARD}`] };
      }
      const id = asked.cookies['SID'] ?? '';
      if (asked.what === 'POST /logout') users.delete(id);
      const known = users.get(id);
      // A visitor's ids are drawn.
      if (asked.what === 'GET /login') return { cookies: known === undefined ? [`SID=${drawn()}; ${HARD}`] : [] };
      return known === undefined ? { status: 401 } : { body: `you are ${known}` };
    };
    expect(findingsOf(await examine(handle))).toContain('id-too-short: SID');
  });
});

it('a site that refuses a login with an unknown id locks no account', async () => {
  const inner = sessionsIn(
    (id) => [`__Host-SID=${id}; ${HARD}`],
    ({ cookies }) => cookies['__Host-SID'],
  );
  const given = new Set<string>();
  const handle: Handler = (asked) => {
    const id = asked.cookies['__Host-SID'];
    if (id !== undefined && !given.has(id)) return { status: 401 };
    const answer = inner(asked);
    for (const line of answer.cookies ?? []) given.add(/=([^;]+)/.exec(line)?.[1] ?? '');
    return answer;
  };
  const report = await examine(handle);
  expect(saidOf(report, 'foreign-id')).toEqual(['holds']);
  expect(report.lines.filter(({ severity }) => severity === 'unknown')).toEqual([]);
});

it('the trace and the report have nothing of paths and names that can be drawn', async () => {
  const inner = sessionsIn(
    (id) => [`__Host-SID=${id}; ${HARD}`, 's-k3j9x8w2-p0q1z7y6=1; SameSite=None'],
    ({ cookies }) => cookies['__Host-SID'],
  );
  const handle: Handler = (asked) =>
    asked.what === 'GET /login'
      ? { status: 302, headers: { location: '/u/Xy7kQ2mNp4-Rt8wZ1vBc6_Lh311/magic/a1b2c3d4e5f60718/account' } }
      : asked.what.startsWith('GET /u/')
        ? {}
        : inner(asked);
  const traced: Traced[] = [];
  const report = await examine(handle, {}, (one) => traced.push(one));
  expect(JSON.stringify([traced, report])).not.toMatch(/Xy7k|Lh311|e5f60718|k3j9x8w2|p0q1z7y6/);
});

it('a browser that is logged out already needs no log-out before further logins', async () => {
  const inner = sessionsIn(
    (id) => [`__Host-SID=${id}; ${HARD}`],
    ({ cookies }) => cookies['__Host-SID'],
  );
  // Its form to log out is on the page of a user alone.
  const handle: Handler = (asked) => {
    const answer = inner(asked);
    return asked.what === 'GET /account'
      ? { ...answer, status: 200, body: `${answer.body ?? ''}${answer.body ? '<input name=t value=7>' : 'log in'}` }
      : answer;
  };
  const logout = [
    { get: '/account', take: { t: { input: 't' } } },
    { post: '/logout', form: { t: '{t}' } },
  ];
  expect(saidOf(await examine(handle, { logout }), 'id-strength')).toEqual(['holds']);
});
