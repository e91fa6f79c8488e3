/** Sessions in several cookies, values of several parts, and cookies of one name at two paths, each by its smallest site. */
import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Answer, type Asked, drawn, examine, findingsOf, HARD, type Handler, saidOf, sessionsIn, userOf } from './small-site.ts';

const sign = (text: string) => createHmac('sha256', 'key').update(text).digest('base64url');
const nobody = ({ what }: Asked): Answer => ({ status: what === 'GET /login' ? 200 : 401 });

/** A session that is in the cookies itself, and on a list until its log-out. */
interface Chunked {
  /** Names of its parts, and what comes before them. */
  readonly namesOf: (count: number) => readonly string[];
  readonly before?: (count: number) => readonly string[];
  readonly isVerified?: boolean;
  readonly attributes?: readonly string[];
}
const chunked = ({ namesOf, before = () => [], isVerified = true, attributes = [HARD, HARD, HARD, HARD] }: Chunked): Handler => {
  const listed = new Set<string>();
  return (asked) => {
    if (asked.what === 'POST /login') {
      const user = userOf(asked);
      if (user === undefined) return { status: 401 };
      const id = drawn();
      listed.add(id);
      const payload = Buffer.from(JSON.stringify({ sub: user, roles: 'a'.repeat(60), id })).toString('base64url');
      const parts = `${payload}.${sign(payload)}`.match(/.{1,64}/g) ?? [];
      const names = namesOf(parts.length);
      return {
        cookies: [
          ...before(parts.length).map((pair) => `${pair}; ${HARD}`),
          ...parts.map((part, at) => `${names[at]}=${part}; ${attributes[at]}`),
        ],
      };
    }
    if (asked.what === 'GET /login') return {};
    const whole = namesOf(9)
      .map((name) => asked.cookies[name] ?? '')
      .join('');
    const [payload = '', signature] = whole.split('.');
    if (isVerified && signature !== sign(payload)) return { status: 401 };
    if (!before(4).every((pair) => asked.sent.includes(pair.split('=')[0] as string))) return { status: 401 };
    try {
      const { sub, id } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string; id: string };
      if (!listed.has(id)) return { status: 401 };
      if (asked.what === 'POST /logout') listed.delete(id);
      return { body: `you are ${sub}` };
    } catch {
      return { status: 401 };
    }
  };
};
const upTo = (count: number, nameOf: (at: number) => string) => Array.from({ length: count }, (_, at) => nameOf(at));

describe('a session in several cookies', () => {
  const SITES: readonly (readonly [string, Chunked])[] = [
    ['name.0 and name.1', { namesOf: (count) => upTo(count, (at) => `__Host-s.${at}`) }],
    ['name-0 and name-1', { namesOf: (count) => upTo(count, (at) => `__Host-s-${at}`) }],
    [
      'ASP.NET’s, behind its count',
      {
        namesOf: (count) => upTo(count, (at) => `__Host-auth.C${at + 1}`.replace('.C', 'C')),
        before: (count) => [`__Host-auth=chunks-${count}`],
      },
    ],
  ];

  it.each(SITES)('is one: %s', async (_, site) => {
    const report = await examine(chunked(site));
    expect(findingsOf(report)).toEqual(['old-id-alive-after-re-login']);
    expect(saidOf(report, 'foreign-id')).toEqual(['holds']);
    expect(saidOf(report, 'id-strength')).not.toContain('id-too-short');
  });

  it.each(SITES)('whose signature nobody looks at: %s', async (_, site) => {
    const found = findingsOf(await examine(chunked({ ...site, isVerified: false })));
    expect(found.some((one) => one.startsWith('altered-id-accepted'))).toBe(true);
  });

  it('of which one has weaker attributes', async () => {
    const [, site] = SITES[0] as (typeof SITES)[number];
    const attributes = ['Path=/; Secure; SameSite=Lax', HARD, HARD, HARD];
    expect(findingsOf(await examine(chunked({ ...site, attributes })))).toContain('cookie-readable-by-scripts: __Host-s.0');
  });

  it('next to one that remembers the user', async () => {
    const [, site] = SITES[0] as (typeof SITES)[number];
    const inner = chunked({ ...site, attributes: ['Path=/; Secure; SameSite=Lax', HARD, HARD, HARD] });
    const remembered = new Map<string, string>();
    const handle: Handler = (asked) => {
      const answer = inner(asked);
      const token = asked.cookies['__Host-remember'] ?? '';
      const user = asked.what === 'POST /login' ? userOf(asked) : remembered.get(token);
      if (asked.what === 'POST /logout') remembered.delete(token);
      if (user === undefined || asked.what === 'GET /login') return answer;
      if (asked.what !== 'POST /login') return { body: `you are ${user}` };
      const next = drawn();
      remembered.set(next, user);
      return { cookies: [...(answer.cookies ?? []), `__Host-remember=${next}; ${HARD}`] };
    };
    expect(findingsOf(await examine(handle))).toContain('cookie-readable-by-scripts: __Host-s.0');
  });
});

describe('a value of several parts', () => {
  const site = (valueFor: (id: string) => string, idOf: (value: string) => string): Handler =>
    sessionsIn(
      (id) => [`__Host-SID=${valueFor(id)}; ${HARD}`],
      ({ cookies }) => idOf(cookies['__Host-SID'] ?? ''),
    );

  const DRAWN: readonly (readonly [string, (id: string, login: number) => string])[] = [
    ['', (id) => id],
    [', with -- in every second id', (id, login) => (login % 2 === 0 ? id : `${id.slice(0, 20)}--${id.slice(22)}`)],
  ];
  it.each(DRAWN)('of which the site reads the drawn one alone%s: a tail that changes nothing is said, and no finding', async (_, idFor) => {
    let login = 1_000;
    const given = new Map<string, string>();
    const report = await examine(
      site(
        (id) => {
          login += 1;
          given.set(idFor(id, login), id);
          return `${idFor(id, login)}|landingpage${login}`;
        },
        (value) => given.get(value.split('|')[0] ?? '') ?? '',
      ),
    );
    expect(findingsOf(report)).toEqual([]);
    expect(report.lines.map(({ what }) => what).join('\n')).toContain('a part of cookie __Host-SID can be changed');
  });

  it('of which one is a UUID', async () => {
    const uuids = new Map<string, string>();
    const report = await examine(
      site(
        (id) => `${uuids.set(id, randomUUID()).get(id)}|en`,
        (value) => [...uuids].find(([, uuid]) => value.startsWith(uuid))?.[0] ?? '',
      ),
    );
    expect(findingsOf(report)).toEqual([]);
    expect(report.lines.map(({ what }) => what).join('\n')).toContain('122 bits');
  });

  it('of which the signature is not looked at, before what can be read', async () => {
    const listed = new Set<string>();
    const handle: Handler = (asked) => {
      const user = asked.what === 'POST /login' ? userOf(asked) : undefined;
      if (user !== undefined) {
        const payload = Buffer.from(JSON.stringify({ uid: user.length, at: asked.nowMs })).toString('base64url');
        listed.add(payload);
        return { cookies: [`__Host-SID=${payload}.${sign(payload)}; ${HARD}`] };
      }
      const payload = (asked.cookies['__Host-SID'] ?? '').split('.')[0] ?? '';
      if (!listed.has(payload) || asked.what === 'GET /login') return nobody(asked);
      if (asked.what === 'POST /logout') listed.delete(payload);
      const { uid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { uid: number };
      return { body: `you are ${uid === 11 ? 'canary-anna' : 'canary-ben'}` };
    };
    expect(findingsOf(await examine(handle))).toContain('altered-id-accepted: __Host-SID');
  });
});

describe('one name at two paths', () => {
  it('is two cookies: one that is altered is not hidden by the other', async () => {
    const inner = sessionsIn(
      (id) => [`SID=${id}; ${HARD}`, `SID=${id}; Path=/account; ${HARD.replace('Path=/; ', '')}`],
      ({ sent }) => /(?:^|; )SID=([^;]+)/.exec(sent)?.[1],
    );
    const report = await examine(inner);
    expect(saidOf(report, 'foreign-id')).toEqual(['holds']);
  });
});

describe('what is the canary’s own', () => {
  it('a cookie that the recipe names as that of the server is not sent to the others, and is no id', async () => {
    const servers = [new Map<string, string>(), new Map<string, string>()] as const;
    let turn = 0;
    const handle: Handler = (asked) => {
      const led = /^node-[01]$/.test(asked.cookies['route'] ?? '') ? Number((asked.cookies['route'] as string).slice(-1)) : undefined;
      turn += 1;
      const at = led ?? turn % 2;
      const cookies = [`route=node-${at}; Path=/`];
      const [sessions, id] = [servers[at as 0 | 1], asked.cookies['__Host-SID'] ?? ''];
      const user = userOf(asked);
      if (asked.what === 'POST /login' && user !== undefined) {
        sessions.delete(id);
        const next = drawn();
        sessions.set(next, user);
        return { cookies: [...cookies, `__Host-SID=${next}; ${HARD}`] };
      }
      if (asked.what === 'POST /logout') sessions.delete(id);
      const known = sessions.get(id);
      return { ...(known === undefined || asked.what === 'GET /login' ? nobody(asked) : { body: `you are ${known}` }), cookies };
    };
    expect(findingsOf(await examine(handle, { server: { cookie: 'route' } }))).toEqual(['not-on-every-server']);
  });

  it.each([
    [true, ['holds']],
    [false, ['not-checked']],
  ])('a login too many that is answered with 429 is refused by the limit of sessions: %s', async (isLimit, said) => {
    const sessions = new Map<string, string>();
    let isBusy = false;
    const handle: Handler = (asked) => {
      const id = asked.cookies['__Host-SID'] ?? '';
      if (asked.what === 'POST /login') {
        const user = userOf(asked);
        if (user === undefined) return { status: 401 };
        const count = [...sessions.values()].filter((one) => one === user).length - (sessions.get(id) === user ? 1 : 0);
        // The other one counts logins, and the user who logs out has to wait too.
        isBusy ||= !isLimit && count >= 2;
        if (isBusy || count >= 2) return { status: 429 };
        sessions.delete(id);
        const next = drawn();
        sessions.set(next, user);
        return { cookies: [`__Host-SID=${next}; ${HARD}`] };
      }
      if (asked.what === 'POST /logout') sessions.delete(id);
      const user = sessions.get(id);
      return user === undefined || asked.what === 'GET /login' ? nobody(asked) : { body: `you are ${user}` };
    };
    const report = await examine(handle, { policy: { sessionsPerUser: 2, surplus: 'refuses' } });
    expect(saidOf(report, 'session-limit')).toEqual(said);
    if (isLimit) expect(saidOf(report, 'id-strength')).toEqual(['holds']);
  });
});

describe('plain HTTP', () => {
  const handle = () =>
    sessionsIn(
      (id) => [`SID=${id}; ${HARD}`],
      ({ cookies }) => cookies['SID'],
    );
  const redirect =
    (line: string): Handler =>
    () => ({ status: 301, headers: { location: 'https://shop.example/' }, cookies: [line] });

  it.each([
    ['SID=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6; Path=/; HttpOnly', ['cookie-not-secure: SID']],
    ['SID=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6; Path=/; HttpOnly; Secure', []],
    ['lang=en; Path=/', []],
    ['SID=; Path=/; Max-Age=0', []],
  ])('that gives %s', async (line, expected) => {
    const found = findingsOf(await examine(handle(), {}, undefined, redirect(line)));
    expect(found.filter((one) => one !== 'cookie-without-prefix: SID')).toEqual(expected);
  });
});
