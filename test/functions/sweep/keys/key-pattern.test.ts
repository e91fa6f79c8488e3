import { describe, expect, it } from 'vitest';
import type { ConfiguredDialect } from '../../../../functions/sweep/contract/settings.ts';
import { judgePattern, keyPattern } from '../../../../functions/sweep/keys/key-pattern.ts';
import { configuredSweepSettings } from '../../../../functions/sweep/settings-schema.ts';
import { startStore } from '../real-store.ts';
import { runSweep } from '../run-sweep.ts';

const HEX = '0123456789abcdef'.repeat(2);
const UUID = '11111111-1111-4111-8111-111111111111';
const dialect = (pattern: string, more: Partial<ConfiguredDialect> = {}): ConfiguredDialect => ({
  ...{ name: 'own', type: 'string', structural: false, idleSeconds: 60 },
  ...more,
  pattern,
});

describe('a pattern with the form of an id', () => {
  it.each([
    ['shop:{hex:32}', `shop:${HEX}`, true],
    ['shop:{hex:32}', `shop:${HEX}0`, false],
    ['shop:{hex:32}', `shop:${HEX.toUpperCase()}`, false],
    ['shop:{HEX:32}{route}', `shop:${HEX.toUpperCase()}.node1`, true],
    ['shop:{HEX:32}{route}', `shop:${HEX.toUpperCase()}`, true],
    ['*:{uuid}', `a:b\n:${UUID}`, true],
    ['{tag}:{base64url:43}', `{tag}:${'a_-'.repeat(14)}Z`, true],
    ['vrs-{base64:44}', 'vrs-O6+/CIgqLRATMJOhuEM/UFY7k8FKzQW3kCjrHRJ5kCc=', true],
    ['vrs-{id:44}', 'vrs-O6+/CIgqLRATMJOhuEM/UFY7k8FKzQW3kCjrHRJ5kCc=', true],
    ['vrs-{id}', `vrs-${HEX}`, true],
    ['vrs-{id}', 'vrs-too-short', false],
    ['a.b:{hex:32}', `aXb:${HEX}`, false],
    ['session:*', 'session:anything', true],
  ])('%s, %s: %s', (pattern, key, expected) => expect(keyPattern(pattern).test(key)).toBe(expected));

  it.each<[string, Partial<ConfiguredDialect>, string | undefined]>([
    ['shop:{hex:32}', {}, undefined],
    ['{uuid}', { firstBytes: '0dff81' }, undefined],
    ['{uuid}', { type: 'hash', field: 'sessionData' }, undefined],
    ['settings:*', { structural: true }, undefined],
    ['session:*', {}, 'has no id of 16 characters or more'],
    ['user:{hex:8}', {}, 'has no id of 16 characters or more'],
    ['shop:{hex32}', {}, 'has {hex32}, which is no form of id'],
    ['shop:{uuid:4}', {}, 'has {uuid:4}, which is no form of id'],
    ['shop:{id}', {}, undefined],
    ['shop:{id:8}', {}, 'has no id of 16 characters or more'],
    ['shop:{id32}', {}, 'has {id32}, which is no form of id'],
    ['shop:*:{id}', {}, 'has more than one * next to an id, or {id} without its length next to a *'],
    ['shop:{id}:{id}', {}, 'has more than one * next to an id, or {id}'],
    ['shop?{hex:32}', {}, 'has ? or […]'],
    ['shop[ab]:{hex:32}', { structural: true }, 'has ? or […]'],
    ['*:{uuid}', {}, 'has no name of its own'],
    ['*a*:{uuid}', {}, 'has more than one *'],
    ['*job:{uuid}', {}, 'takes keys of other programs too, such as rq:job:'],
    ['shop:{uuid}', { type: 'hash', firstBytes: '80' }, 'has firstBytes, which only a string has'],
    ['shop:{uuid}', { field: 'a' }, 'has a field, which only a hash has'],
  ])('%s %o is judged', (pattern, more, expected) => {
    const found = judgePattern(dialect(pattern, more));
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(expected);
  });

  it('is refused in the configuration, at its place', () => {
    const { error } = configuredSweepSettings.safeParse({ dialects: [{ name: 'own', pattern: 'session:*', type: 'string' }] });
    expect(error?.issues).toMatchObject([{ path: ['dialects', 0, 'pattern'], message: expect.stringContaining('has no id of 16') }]);
  });
});

it('a sweep takes what has the form and the first bytes, or the field, and nothing else', async () => {
  const store = await startStore();
  try {
    await store.redis.set(`app:${UUID}`, Buffer.from('0dff8104', 'hex'));
    await store.redis.set(`app:${UUID.replace('1', '2')}`, 'a cart');
    await store.redis.hset(`cart:${UUID}`, { sessionData: 'x' });
    await store.redis.hset(`cart:${UUID.replace('1', '2')}`, { items: 'x' });
    const dialects = [
      dialect('app:{uuid}', { firstBytes: '0dff81', idleSeconds: 5_000 }),
      dialect('cart:{uuid}', { type: 'hash', field: 'sessionData', idleSeconds: 5_000 }),
    ];
    const { tally } = await runSweep(store.connect, { settings: { dialects } });
    expect([tally.byDialect['own']?.repaired, tally.unknown]).toEqual([2, 2]);
    expect(await store.redis.ttl(`app:${UUID}`)).toBeGreaterThan(4_900);
    expect(await store.redis.ttl(`cart:${UUID.replace('1', '2')}`)).toBe(-1);
  } finally {
    await store.stop();
  }
});
