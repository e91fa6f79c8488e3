import { describe, expect, it } from 'vitest';
import type { AdminConnection } from '#local-aws/elasticache/nodes/admin-connection.ts';
import { maxMemoryChanger } from '../../incident-faults/changes/max-memory.ts';
import { readLogin, type StoreAdmin } from '../../incident-faults/changes/store-admin.ts';
import { deleteIdleSessions, sessionsChanger, storeKeysChanger } from '../../incident-faults/changes/store-keys.ts';

interface Key {
  readonly bytes: number;
  ttl: number;
  readonly idle?: number;
  /** The value's first character. @default that of JSON */
  readonly first?: string;
}

/** A group of nodes with one set of keys, and each node's own limit of memory. */
function createStore(keys: Record<string, Key> = {}) {
  const all = new Map(Object.entries(keys));
  const memory: Record<string, number> = { a: 96, b: 96 };
  const commands = (node: string): Record<string, (...words: string[]) => unknown> => ({
    SET: (key = '', value = '') => all.set(key, { bytes: value.length, ttl: -1 }),
    SADD: (key = '', ...members) => all.set(key, { bytes: members.join('').length, ttl: -1 }),
    UNLINK: (key = '') => all.delete(key),
    TTL: (key = '') => all.get(key)?.ttl ?? -2,
    STRLEN: (key = '') => all.get(key)?.bytes ?? 0,
    GETRANGE: (key = '') => all.get(key)?.first ?? '{',
    OBJECT: (_what, key = '') => all.get(key)?.idle ?? 0,
    EXPIRE: (key = '', seconds = '') => Object.assign(all.get(key) ?? {}, { ttl: Number(seconds) }),
    SCAN: (_cursor, _match, pattern = '') => ['0', [...all.keys()].filter((key) => key.startsWith(pattern.slice(0, -1)))],
    INFO: () => `used_memory:${[...all.values()].reduce((sum, { bytes }) => sum + bytes, 3_000_000)}\r\nmaxmemory:96000000\r\n`,
    CONFIG: (verb, name = '', value) => {
      if (verb === 'SET') memory[node] = Number(value);
      return [name, String(memory[node])];
    },
  });
  const admin: StoreAdmin = {
    primary: async () => 'a',
    on: async (node, work) =>
      work({
        command: async (name, ...words) => commands(node)[String(name)]?.(...words.map(String)),
        close: () => {},
      } satisfies AdminConnection),
  };
  return { all, memory, admin };
}

describe('keys that a fault brings', () => {
  it.each(['index', 'other'] as const)('%s keys have no expiry, fill most of a node, and are gone with the fault', async (keys) => {
    const { all, admin } = createStore({ 'sess:one': { bytes: 300, ttl: 1_800 } });
    const changer = storeKeysChanger(admin);
    const before = await changer.apply({ kind: 'storeKeys', keys }, await changer.prepare({ kind: 'storeKeys', keys }), 'example');
    const planted = [...all].filter(([key]) => key !== 'sess:one');
    expect(planted.every(([, { ttl }]) => ttl === -1)).toBe(true);
    const used = 3_000_000 + planted.reduce((sum, [, one]) => sum + one.bytes, 0);
    expect(used / 96_000_000).toBeGreaterThan(0.79);
    expect(used / 96_000_000).toBeLessThan(0.85);
    await changer.restore(before, 'example');
    expect([...all.keys()]).toEqual(['sess:one']);
  });

  it('sessions in use get an expiry; those that nobody uses, large ones, and those of another format are deleted', async () => {
    const { all, admin } = createStore({
      'sess:usual': { bytes: 300, ttl: 900 },
      'sess:for-ever': { bytes: 300, ttl: -1 },
      'sess:nobody': { bytes: 300, ttl: -1, idle: 20 },
      'sess:large': { bytes: 200_300, ttl: 1_700 },
      'sess:other-format': { bytes: 300, ttl: 1_700, first: '2' },
      'cart:1': { bytes: 200_300, ttl: -1 },
    });
    await sessionsChanger(admin).restore({}, 'example');
    expect(Object.fromEntries([...all].map(([key, { ttl }]) => [key, ttl]))).toEqual({
      'sess:usual': 900,
      'sess:for-ever': 1_790,
      'cart:1': -1,
    });
  });

  it('a session without an expiry that only a look has touched is gone before the next case, one that a request has renewed is not', async () => {
    const { all, admin } = createStore({ 'sess:looked-at': { bytes: 300, ttl: -1 }, 'sess:used': { bytes: 300, ttl: -1 } });
    await sessionsChanger(admin).restore({}, 'example');
    all.set('sess:used', { bytes: 300, ttl: 1_800 });
    await deleteIdleSessions(admin);
    expect([...all.keys()]).toEqual(['sess:used']);
  });
});

it('the limit of memory is the primary’s alone, and every node has the old one afterwards', async () => {
  const { memory, admin } = createStore();
  const changer = maxMemoryChanger(admin, async () => ['a', 'b']);
  const before = await changer.apply({ kind: 'maxMemory', bytes: 24 }, await changer.prepare({ kind: 'maxMemory', bytes: 24 }), 'example');
  expect(memory).toEqual({ a: 24, b: 96 });
  await changer.restore(before, 'example');
  expect(memory).toEqual({ a: 96, b: 96 });
});

it('a node’s login is read from its configuration, which no error quotes', () => {
  expect(readLogin('bind 127.0.0.1\nport 6380\nmasterauth abc\nuser x on >abc\n')).toEqual({ port: 6_380, password: 'abc' });
  // As the node rewrites it at a failover.
  expect(readLogin('port 6380\nprimaryauth "abc"\nuser x on #6ca13d\n')).toEqual({ port: 6_380, password: 'abc' });
  expect(() => readLogin('port x\nmasterauth abc\n')).toThrow(/^the node's configuration has no port or no administrator$/);
});
