/**
 * What the servers of one fleet can do to the sessions of another, with the templates' users on a real store; and a sweep that
 * repairs the sessions of both.
 */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runSweep } from '../functions/sweep/run-sweep.ts';
import { STORE_ENGINES } from '../store-engines.ts';
import { until } from '../until.ts';
import { startTemplateStore, type TemplateStore } from './template-store.ts';
import { keylessCommands } from './watch-commands.ts';

const SESSION = 'sess:web:victim';
const HASH = 'sess:web:spring:session:sessions:0b9d9f5e-7c1a-4a53-9d2e-1f0a6c1f2b3c';
const CREATED = 'sess:web:spring:session:event:0:created:1';
const FLEETS = {
  web: { channels: ['spring-session-indexed'] },
  shop: { channels: ['spring-session-indexed'] },
  php: { keyPrefix: 'php-sessions:', framework: 'phpredis' },
  one: { group: 'both' },
  two: { group: 'both' },
} satisfies Parameters<typeof startTemplateStore>[2];

/** Commands without a key that an application's user can run: none returns names, data or settings of other fleets. */
const KEYLESS = [
  ...['client|capa', 'client|getname', 'client|getredir', 'client|help', 'client|id', 'client|info', 'client|no-touch', 'client|reply'],
  ...['client|setinfo', 'client|setname', 'client|trackinginfo'],
  ...['command', 'command|count', 'command|docs', 'command|getkeys', 'command|getkeysandflags', 'command|help', 'command|info'],
  ...['command|list', 'asking', 'discard', 'echo', 'exec', 'info', 'lolwut', 'multi', 'ping', 'readonly', 'readwrite', 'role'],
  ...['script|exists', 'script|load', 'select', 'unwatch', 'wait', 'waitaof'],
];
/** Commands that only users of a fleet with channels have. */
const OF_CHANNELS = ['subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe', 'publish'];

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: TemplateStore;
  /** A server of the fleet shop has been taken over: this is its connection. */
  let attacker: Redis;
  beforeAll(async () => {
    store = await startTemplateStore(engine, {}, FLEETS);
    attacker = await store.withPassword('app-shop');
  });
  afterAll(() => store?.stop());
  const snapshot = async () =>
    JSON.stringify(await Promise.all([SESSION, HASH].flatMap((key) => [store.admin('DUMP', key), store.admin('TTL', key)])));

  describe('a server of another fleet', () => {
    beforeEach(async () => {
      await store.admin('SET', SESSION, '{"cookie":{"originalMaxAge":null},"user":"ann"}', 'EX', '1800');
      await store.admin('HSET', HASH, 'lastAccessedTime', '1700000000000', 'maxInactiveInterval', '1800');
      await store.admin('SET', 'sess:shop:own', '{}');
    });

    it.each([
      ['reads a session', ['GET', SESSION]],
      ['reads the fields of a session', ['HGETALL', HASH]],
      ['dumps a session', ['DUMP', SESSION]],
      ['asks whether a session exists', ['EXISTS', SESSION]],
      ['asks for the life of a session', ['PTTL', SESSION]],
      ['asks when a session was used', ['OBJECT', 'IDLETIME', SESSION]],
      ['watches a session', ['WATCH', SESSION]],
      ['deletes a session', ['DEL', SESSION]],
      ['unlinks a session next to its own', ['UNLINK', 'sess:shop:own', SESSION]],
      ['ends a session by a TTL', ['EXPIRE', SESSION, '1']],
      ['makes a session permanent', ['PERSIST', SESSION]],
      ['logs a victim in as somebody else', ['SET', SESSION, '{"user":"mallory"}']],
      ['changes a field of a session', ['HSET', HASH, 'sessionAttr:user', 'mallory']],
      ['copies a session under its own name', ['COPY', SESSION, 'sess:shop:copy']],
      ['renames a session to its own', ['RENAME', SESSION, 'sess:shop:copy']],
      ['sorts by the values of other keys', ['SORT', 'sess:shop:own', 'GET', 'sess:web:*']],
      ['reads a session in a script that declares it', ['EVAL', "return redis.call('GET', KEYS[1])", '1', SESSION]],
      ['reads a session in a script that declares nothing', ['EVAL', `return redis.call('GET', '${SESSION}')`, '0']],
      ['lists keys', ['SCAN', '0', 'MATCH', 'sess:web:*']],
      ['lists keys at once', ['KEYS', '*']],
      ['draws a key', ['RANDOMKEY']],
      ['counts all keys', ['DBSIZE']],
      ['has the names of changed keys sent', ['CLIENT', 'TRACKING', 'ON', 'BCAST']],
      ['reads along', ['MONITOR']],
      ['reads slow commands', ['SLOWLOG', 'GET']],
      ['lists other clients', ['CLIENT', 'LIST']],
      ['ends the connections of other clients', ['CLIENT', 'KILL', 'TYPE', 'normal']],
      ['replaces code that another fleet runs', ['FUNCTION', 'LOAD', 'REPLACE', '#!lua name=a\nredis.register_function("f", print)']],
      ['removes the scripts of other fleets', ['SCRIPT', 'FLUSH']],
      ['ends the script of another fleet', ['SCRIPT', 'KILL']],
      ['empties the store', ['FLUSHALL']],
      ['exchanges databases', ['SWAPDB', '0', '1']],
      ['gives itself another pattern', ['ACL', 'SETUSER', 'app-shop', '~*']],
      ['subscribes to the sessions that another fleet creates', ['SUBSCRIBE', CREATED]],
      ['subscribes to the pattern of another fleet', ['PSUBSCRIBE', 'sess:web:spring:session:event:0:created:*']],
      ['subscribes to every channel', ['PSUBSCRIBE', '*']],
      ['subscribes to what happens to keys of another fleet', ['PSUBSCRIBE', '__keyspace@0__:sess:web:*']],
      ['publishes a session of another fleet', ['PUBLISH', CREATED, 'x']],
      ['lists channels', ['PUBSUB', 'CHANNELS']],
    ] satisfies [string, [string, ...string[]]][])('%s: refused, and nothing has changed', async (_, [command, ...words]) => {
      const before = await snapshot();
      await expect(attacker.call(command, ...words)).rejects.toThrow(/NOPERM|permissions|can't access at least one of the keys/);
      expect(await snapshot()).toBe(before);
    });

    it('is refused the same in another database', async () => {
      const other = await store.withPassword('app-shop');
      await other.select(1);
      await expect(other.get(SESSION)).rejects.toThrow(/NOPERM/);
      await other.set('sess:shop:1', 'x');
    });

    it('cannot run a command without a key but these', async () => {
      for (const [name, allowed] of [
        ['app-shop', [...KEYLESS, ...OF_CHANNELS]],
        ['app-php', KEYLESS],
      ] as const) {
        const runnable = await keylessCommands(store.admin, name);
        expect(runnable.filter((command) => !allowed.includes(command))).toEqual([]);
      }
    });

    it('learns the names of ended sessions alone, where both fleets have Spring’s indexed sessions', async () => {
      // The engine has one such channel for a database, and no pattern can divide it (docs/configuration.md).
      const listener = await store.withPassword('app-shop');
      const names: string[] = [];
      listener.on('message', (_channel, name) => names.push(name));
      await listener.subscribe('__keyevent@0__:del');
      await store.admin('DEL', SESSION);
      await until(() => names.length > 0);
      expect(names).toEqual([SESSION]);
      await expect((await store.withPassword('app-php')).subscribe('__keyevent@0__:del')).rejects.toThrow(/NOPERM/);
    });
  });

  it('fleets of one group share sessions, and no other has access to them', async () => {
    const both = await store.withPassword('app-both');
    await both.setex('sess:both:1', 60, 'x');
    expect(await both.get('sess:both:1')).toBe('x');
    await expect(attacker.get('sess:both:1')).rejects.toThrow(/NOPERM/);
    expect(store.users.filter(({ UserName }) => /^app-(one|two)$/.test(UserName))).toEqual([]);
  });

  it('each group of fleets has a secret of its own', () => {
    const secrets = store.users
      .filter(({ UserName }) => UserName.startsWith('app-'))
      .map(({ AuthenticationMode }) => JSON.stringify(AuthenticationMode));
    expect(new Set(secrets).size).toBe(4);
  });

  it('a sweep repairs the sessions of every fleet, and changes no key of another application', async () => {
    await store.admin('FLUSHALL');
    const sessionFor = (key: string) =>
      key.startsWith('php-') ? 'user|s:3:"ann";' : key.includes('session:') ? '{"user":1}' : '{"cookie":{"originalMaxAge":null}}';
    const life = ['lastAccessedTime', String(Date.now() - 60_000), 'maxInactiveInterval', '1800'];
    const repaired = [
      'sess:web:a',
      'sess:shop:a',
      'sess:both:a',
      `sess:shop:session:${'a'.repeat(32)}`,
      'php-sessions:a',
      'php-sessions:PHPREDIS_SESSION:b',
    ];
    for (const key of repaired) await store.admin('SET', key, sessionFor(key));
    const hashes = ['sess:web:spring:session:sessions:a', 'sess:shop:spring:session:sessions:a'];
    for (const key of hashes) await store.admin('HSET', key, ...life);
    const users = ['sess:web:user:email:ann@example.com', 'sess:web:user:0b9d9f5e-7c1a-4a53-9d2e-1f0a6c1f2b3c'];
    const others = ['sess:other:a', 'sess:webshop:a', 'php:a', 'cart:1'];
    for (const key of users) await store.admin('SET', key, '{}');
    for (const key of others) await store.admin('SET', key, sessionFor(key));
    await store.admin('HSET', 'other:spring:session:sessions:a', ...life);

    const { tally } = await runSweep(store.connectorOf('holdfast-sweep'), {
      settings: { ...store.sweepSettings, pace: 'fast', policy: 'delete' },
    });
    const ttls = (keys: string[]) => Promise.all(keys.map(async (key) => Number(await store.admin('TTL', key)) > 0));
    expect(await ttls([...repaired, ...hashes])).toEqual([...repaired, ...hashes].map(() => true));
    expect(await ttls([...users, ...others, 'other:spring:session:sessions:a'])).toEqual(Array(7).fill(false));
    expect(tally.byDialect['flask-session']?.repaired).toBe(1);
    expect(tally.byDialect['phpredis']?.repaired).toBe(2);
    expect(tally.byDialect['connect-redis']).toMatchObject({ repaired: 3, unrepaired: { 'not-permitted': 2 } });
  });
});
