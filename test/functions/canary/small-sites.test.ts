/** What was concluded wrongly of applications that nobody had in mind, each by its smallest site. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Answer, type Asked, examine, type Handler, saidOf, userOf } from './small-site.ts';

const drawn = (): string => randomBytes(32).toString('base64url');

/** A site with sessions in memory. @param lines what a login sets for an id @param idOf the id that a request has */
function sessionsIn(lines: (id: string) => readonly string[], idOf: (asked: Asked) => string | undefined): Handler {
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
const HARD = 'Path=/; Secure; HttpOnly; SameSite=Lax';

describe('what browsers drop', () => {
  it.each([
    ['SameSite=None without Secure', (id: string) => `SID=${id}; Path=/; HttpOnly; SameSite=None`, 'which has SameSite=None and no Secure'],
    ['a prefix without Secure', (id: string) => `__Secure-SID=${id}; Path=/; HttpOnly`, 'which has the prefix __secure- and no Secure'],
    ['__Host- at another path', (id: string) => `__Host-SID=${id}; Path=/app; Secure`, 'which has the prefix __host- and not Path=/'],
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
