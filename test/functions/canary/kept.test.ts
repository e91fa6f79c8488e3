import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import type { Cookie } from '../../../functions/canary/http/cookie-jar.ts';
import { isDue, judgeActive, judgeIdle, type Kept, type Turn } from '../../../functions/canary/kept/judge-kept.ts';
import { beginKept } from '../../../functions/canary/kept/use-kept.ts';
import type { Who } from '../../../functions/canary/site/site.ts';
import { memorySite, SHOP } from './memory-site.ts';

const MINUTE = 60_000;
const policy = { idleSeconds: 1_800, absoluteSeconds: 43_200 };
const cookie: Cookie = { name: 'SID', value: 'x', host: 'shop', secure: true, httpOnly: true };
const kept = (more: { next?: 'before' | 'after'; cookies?: readonly Cookie[]; usedAt?: number } = {}): Kept => ({
  names: ['SID'],
  a: { cookies: more.cookies ?? [cookie], startedAtMs: 0, lastUsedAtMs: (more.usedAt ?? 0) * MINUTE },
  b: { cookies: [cookie], startedAtMs: 0, lastUsedAtMs: 0, next: more.next ?? 'before' },
});
const at = (minutes: number, more: Partial<Turn> = {}): Turn => ({ nowMs: minutes * MINUTE, everyMs: 5 * MINUTE, policy, ...more });
const named = ({ outcomes, vanished }: ReturnType<typeof judgeActive>) =>
  vanished ? 'vanished' : outcomes.map((one) => (one.is === 'finding' ? one.finding : one.is)).join();

describe('a session that is used every turn', () => {
  it.each<[number, Who, string]>([
    [30, 'a', ''],
    [719, 'a', ''],
    [790, 'a', ''],
    [800, 'a', 'no-absolute-end'],
    [650, 'nobody', 'holds'],
    [720, 'nobody', 'holds'],
    [40, 'nobody', 'vanished'],
    [40, 'unclear', ''],
  ])('after %s minutes shows %s: %j', (minutes, who, expected) => {
    expect(named(judgeActive(kept({ usedAt: minutes - 5 }), who, at(minutes)))).toBe(expected);
  });

  it.each<[string, number, Partial<Turn>, boolean]>([
    ['turns were left out until the idle time-out', 25, {}, false],
    ['turns were left out for less', 24, {}, true],
    ['three turns were left out, and no time-out is declared', 16, { policy: {} }, false],
    ['two turns were left out, and no time-out is declared', 15, { policy: {} }, true],
  ])('that is over when %s (%s minutes): vanished %s', (_title, minutes, more, vanished) => {
    expect(judgeActive(kept({ usedAt: 100 }), 'nobody', at(100 + minutes, more))).toMatchObject({ over: true, vanished });
  });

  it('is dropped by the browser when its cookie runs out and is not renewed', () => {
    const aged = (more: Partial<Cookie>) => kept({ cookies: [{ ...cookie, ...more }] });
    expect(named(judgeActive(aged({ maxAgeSeconds: 1_800, setAtMs: 0 }), 'a', at(35)))).toBe('ends-while-active');
    expect(named(judgeActive(aged({ maxAgeSeconds: 1_800, setAtMs: 30 * MINUTE }), 'a', at(35)))).toBe('');
    expect(named(judgeActive(aged({ expiresMs: 30 * MINUTE }), 'a', at(35)))).toBe('ends-while-active');
    // As long as the absolute time-out: meant so.
    expect(named(judgeActive(aged({ maxAgeSeconds: 43_200, setAtMs: 0 }), 'a', at(725)))).toBe('');
  });

  it.each<[number, number | undefined, string]>([
    [480, undefined, 'vanished'],
    [480, 478, 'ends-while-active'],
    [480, 460, 'vanished'],
    [720, 718, 'holds'],
  ])('ended after %s minutes, and the one before it after %s: %s', (minutes, before, expected) => {
    const { a, ...rest } = kept({ usedAt: minutes - 5 });
    const judged = judgeActive(
      { ...rest, a: { ...a, ...(before !== undefined && { endedAgeMs: before * MINUTE }) } },
      'nobody',
      at(minutes),
    );
    expect(named(judged)).toBe(expected);
  });

  it('says nothing of a time-out above a day', () => {
    expect(named(judgeActive(kept(), 'a', at(5_000, { policy: { absoluteSeconds: 172_800 } })))).toBe('');
  });
});

describe('the cookies of a kept session', () => {
  it('are those that authenticate, and all of them where those are not enough', async () => {
    const site = memorySite();
    const prefs = { name: 'prefs', value: 'x'.repeat(4_000), secure: true, httpOnly: true, path: '/' };
    site.instead = ({ url }) => (url.pathname === '/welcome' ? { status: 200, headers: {}, setCookies: [prefs], body: '' } : undefined);
    const recipe = recipeSchema.parse({ ...SHOP, login: [{ get: '/welcome' }, ...SHOP.login] });
    const kept = async (name: string) => (await beginKept(site.open(recipe), [name])).b.cookies.map((cookie) => cookie.name);
    expect(await kept('__Host-SID')).toEqual(['__Host-SID']);
    expect(await kept('prefs')).toEqual(['prefs', '__Host-SID']);
  });
});

describe('a session that is left alone', () => {
  it.each<['before' | 'after', number, boolean]>([
    ['before', 24, false],
    ['before', 25, true],
    ['after', 30, false],
    ['after', 34, false],
    ['after', 35, true],
  ])('is used %s the idle time-out: after %s minutes %s', (next, minutes, due) => {
    expect(isDue(kept({ next }), at(minutes))).toBe(due);
  });

  it.each<['before' | 'after', number, Who, string]>([
    ['before', 25, 'b', 'holds'],
    ['before', 25, 'nobody', 'ends-too-early'],
    // The turn came late: the time-out may have passed.
    ['before', 31, 'nobody', ''],
    ['after', 35, 'nobody', 'holds'],
    ['after', 35, 'b', 'no-idle-end'],
    ['after', 35, 'unclear', ''],
  ])('%s, after %s minutes shows %s: %j', (next, minutes, who, expected) => {
    expect(named(judgeIdle(kept({ next }), who, at(minutes)))).toBe(expected);
  });

  it('is not used where the policy has no idle time-out', () => {
    expect(isDue(kept(), at(5_000, { policy: {} }))).toBe(false);
  });
});
