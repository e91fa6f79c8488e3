/** What the application's user can publish and subscribe to, with the exact commands of its frameworks, on a real store. */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessions } from '../../infra/config/sessions.ts';
import { applicationAccess, channelPatterns, sweepAccess } from '../../infra/constructs/store/access-strings.ts';
import { STORE_ENGINES } from '../store-engines.ts';
import { until } from '../until.ts';
import { startTemplateStore, type TemplateStore } from './template-store.ts';

const ID = '33fdd1b6-b496-4b33-9f7d-df96679d32fe';
const CREATED = `shop:spring:session:event:0:created:${ID}`;
const UPDATES = 'shop:redisson:tomcat_session_updates:/cart';

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: TemplateStore;
  let client: Redis;
  beforeAll(async () => {
    const channels = ['spring-session-indexed', 'redisson-tomcat', 'shop:prices:*'];
    store = await startTemplateStore(engine, {}, { web: { keyPrefix: 'shop:', channels } });
    client = await store.withPassword('app-web');
  });
  afterAll(() => store?.stop());

  /** Subscribes as a framework does, and returns the messages that arrive. */
  async function listen(command: 'subscribe' | 'psubscribe', ...channels: string[]): Promise<string[]> {
    const listener = await store.withPassword('app-web');
    const messages: string[] = [];
    listener.on('message', (channel, message) => messages.push(`${channel} ${message}`));
    listener.on('pmessage', (_pattern, channel, message) => messages.push(`${channel} ${message}`));
    await listener[command](...channels);
    return messages;
  }

  it('Spring’s indexed repository receives created, deleted and expired sessions', async () => {
    // RedisMessageListenerContainer: two channels, and one pattern.
    const ended = await listen('subscribe', '__keyevent@0__:del', '__keyevent@0__:expired');
    const created = await listen('psubscribe', 'shop:spring:session:event:0:created:*');
    await client.hset(`shop:spring:session:sessions:${ID}`, { lastAccessedTime: '1' });
    await client.publish(CREATED, 'delta');
    await client.psetex(`shop:spring:session:sessions:expires:${ID}`, 1, '');
    await client.del(`shop:spring:session:sessions:${ID}`);
    await until(() => created.length === 1 && ended.length === 2);
    expect(created).toEqual([`${CREATED} delta`]);
    expect(ended.toSorted()).toEqual([
      `__keyevent@0__:del shop:spring:session:sessions:${ID}`,
      `__keyevent@0__:expired shop:spring:session:sessions:expires:${ID}`,
    ]);
  });

  it('Redisson’s Tomcat manager receives updates of its context', async () => {
    const updates = await listen('subscribe', UPDATES);
    expect(await client.publish(UPDATES, 'update')).toBe(1);
    await until(() => updates.length === 1);
  });

  it('a configured pattern is allowed', async () => {
    const prices = await listen('psubscribe', 'shop:prices:*');
    await client.publish('shop:prices:shoes', '1');
    await until(() => prices.length === 1);
  });

  it.each([
    ['subscribe', '__keyevent@0__:set'],
    ['subscribe', '__keyevent@1__:expired'],
    ['subscribe', 'other:redisson:tomcat_session_updates:/cart'],
    ['psubscribe', '*'],
    ['psubscribe', '__keyevent@*__:*'],
    ['psubscribe', '__keyspace@0__:*'],
    ['psubscribe', 'shop:spring:session:event:*'],
    ['publish', 'other:spring:session:event:0:created:1', 'x'],
    ['spublish', CREATED, 'x'],
    ['ssubscribe', CREATED],
    ['pubsub', 'channels'],
    // Spring sends these unless ConfigureRedisAction.NO_OP is its bean.
    ['config', 'get', 'notify-keyspace-events'],
    ['config', 'set', 'notify-keyspace-events', 'gxE'],
  ])('%s %s is refused', async (command, ...words) => {
    const other = await store.withPassword('app-web');
    await expect(other.call(command, ...words)).rejects.toThrow(/^NOPERM/);
  });
});

it.each(['*', '?*_*', '*:*', '[*-z]*', '__key*', 'shop events:*', 'allchannels', '~*', 'a:b &*'])(
  'the pattern %s, which is in effect every channel or no pattern, is refused by the configuration',
  (pattern) => {
    expect(sessions.safeParse({ channels: [pattern] }).success).toBe(false);
  },
);

it.each(['shop:events:*', '__keyevent@0__:expired', '__keyspace@0__:sess:*', 'a.b:*'])('the pattern %s is accepted', (pattern) => {
  expect(sessions.safeParse({ channels: [pattern] }).success).toBe(true);
});

it('without configured channels the application neither publishes nor subscribes', () => {
  const access = applicationAccess({ keyPrefix: 'sess:', channels: [] }, [0]);
  expect(access).not.toMatch(/&|publish|subscribe/);
});

it.each([
  ['sess:', ['spring-session-indexed'], [0], ['sess:spring:session:event:0:created:*', '__keyevent@0__:del', '__keyevent@0__:expired']],
  [
    'spring:session:',
    ['spring-session-indexed'],
    [2],
    ['spring:session:event:2:created:*', '__keyevent@2__:del', '__keyevent@2__:expired'],
  ],
  [
    'spring:session:shop:',
    ['spring-session-indexed'],
    [0],
    ['spring:session:shop:event:0:created:*', '__keyevent@0__:del', '__keyevent@0__:expired'],
  ],
  ['redisson:tomcat_session', ['redisson-tomcat'], [0], ['redisson:tomcat_session_updates:*']],
  ['shop:', ['redisson-tomcat', 'shop:news'], [0, 1], ['shop:redisson:tomcat_session_updates:*', 'shop:news']],
] as const)('with the prefix %s, %s has the channels of the framework', (keyPrefix, channels, databases, patterns) => {
  expect(channelPatterns({ keyPrefix, channels: [...channels] }, databases)).toEqual(patterns);
});

it.each([
  ['valkey', '7.2', [0], ['+client|no-touch'], ['+select']],
  ['valkey', '8.0', [0, 3], ['+client|no-touch', '+select'], []],
  ['redis', '7.2', [3], ['+client|no-touch', '+select'], []],
  // The commands of Redis 7.0.
  ['redis', '7.1', [0], [], ['+client|no-touch', '+select']],
] as const)('the sweep’s access on %s %s with databases %s', (engine, engineVersion, databases, granted, missing) => {
  const words = sweepAccess({ engine, engineVersion, databases: [...databases] }, [{ keyPrefix: 'sess:' }]).split(' ');
  for (const word of granted) expect(words).toContain(word);
  for (const word of missing) expect(words).not.toContain(word);
});
