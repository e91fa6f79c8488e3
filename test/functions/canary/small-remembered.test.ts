/** Sites with a remember-me cookie, which begins a session where none comes: each by its smallest site. */
import { describe, expect, it } from 'vitest';
import type { CanaryReport } from '../../../functions/canary/contract/findings.ts';
import { drawn, examine, findingsOf, HARD, type Handler, saidOf, userOf } from './small-site.ts';

interface Kind {
  /** A remember-me is worth something only next to the cookie that names the user. @default false */
  readonly isNamed?: boolean;
  /** Whether a log-out gives the user another remember-me. @default false */
  readonly endsAtLogout?: boolean;
  /** Whether a login does. @default false */
  readonly endsAtLogin?: boolean;
}

/** The remember-me of a user is the same at each login. */
const remembering = ({ isNamed = false, endsAtLogout = false, endsAtLogin = false }: Kind = {}): Handler => {
  const sessions = new Map<string, string>();
  const tokens = new Map<string, string>();
  const begin = (user: string) => {
    const id = drawn();
    sessions.set(id, user);
    return `__Host-session=${id}; ${HARD}`;
  };
  const tokenOf = (user: string) => {
    if (!tokens.has(user)) tokens.set(user, drawn());
    return tokens.get(user) as string;
  };
  return (asked) => {
    const { '__Host-session': id = '', '__Host-token': token, '__Host-user': name } = asked.cookies;
    if (asked.what === 'GET /login') return {};
    if (asked.what === 'POST /login') {
      const user = userOf(asked);
      if (user === undefined) return { status: 401 };
      sessions.delete(id);
      if (endsAtLogin) tokens.delete(user);
      const cookies = [begin(user), `__Host-token=${tokenOf(user)}; ${HARD}`];
      return { cookies: isNamed ? [...cookies, `__Host-user=${user}; ${HARD}`] : cookies };
    }
    const [remembered] = [...tokens].find(([user, one]) => one === token && (!isNamed || user === name)) ?? [];
    const user = sessions.get(id) ?? remembered;
    if (user === undefined) return { status: 401 };
    if (asked.what === 'POST /logout') {
      sessions.delete(id);
      if (endsAtLogout) tokens.delete(user);
      return { cookies: ['session', 'token', 'user'].map((one) => `__Host-${one}=; Path=/; Secure; Max-Age=0`) };
    }
    return { body: `you are ${user}`, ...(!sessions.has(id) && { cookies: [begin(user)] }) };
  };
};

const textsOf = ({ lines }: CanaryReport, check: string): readonly string[] =>
  lines.filter((line) => line.check === check).map(({ what }) => what);

describe('a remember-me that stays the same', () => {
  it('is found at a re-login, by its name, next to a session that ends', async () => {
    const report = await examine(remembering());
    expect(findingsOf(report)).toEqual(['alive-after-logout', 'id-kept-at-re-login: __Host-token']);
    expect(textsOf(report, 'new-id-at-re-login')).toEqual(['cookie __Host-token: the id is the same before and after the re-login']);
  });

  it('is found where it logs in only together with another cookie', async () => {
    const report = await examine(remembering({ isNamed: true }));
    expect(saidOf(report, 'new-id-at-re-login')).toEqual(['id-kept-at-re-login']);
    expect(textsOf(report, 'new-id-at-re-login').join()).toContain('cookies __Host-token and __Host-user');
  });

  it('is none where a login changes it', async () => {
    expect(saidOf(await examine(remembering({ endsAtLogin: true })), 'new-id-at-re-login')).toEqual(['holds']);
  });

  it('survives a log-out, which the finding says of it alone', async () => {
    const report = await examine(remembering());
    expect(textsOf(report, 'replay-after-logout')).toContain(
      'the copied cookie __Host-token alone is logged in 2 seconds after the log-out',
    );
    expect(saidOf(await examine(remembering({ endsAtLogout: true })), 'replay-after-logout')).toEqual(['holds']);
  });

  it('has no part in the strength of the session’s ids, which are begun anew where it comes alone', async () => {
    expect(saidOf(await examine(remembering()), 'id-strength')).toEqual(['holds']);
  });
});
