import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UNREAD } from '../../../../functions/sweep/keys/unread.ts';
import { openSweepStore } from '../../../../functions/sweep/store/open-sweep-store.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { type RealStore, startStoreOn } from '../real-store.ts';

describe.each(STORE_ENGINES)('the beginnings of texts on $name', (engine) => {
  let store: RealStore;
  let redis: Redis;
  const keys = ['short', 'bytes', 'exact', 'long', 'set', 'absent', 'refused'].map((name) => Buffer.from(name));
  beforeAll(async () => {
    store = await startStoreOn(engine);
    redis = store.redis;
    await redis.set('short', '{}');
    await redis.set('bytes', Buffer.from([0xff, 0, 0xfe]));
    await redis.set('exact', 'x'.repeat(512));
    await redis.set('long', 'x'.repeat(513));
    await redis.sadd('set', 'member');
    await redis.set('refused', '{}');
    await redis.call('ACL', 'SETUSER', 'partly', 'on', 'nopass', '~[^r]*', '+@all');
    await redis.call('ACL', 'SETUSER', 'without-scripts', 'on', 'nopass', '~[^r]*', '+@all', '-@scripting');
  });
  afterAll(() => store?.stop());

  const readAs = async (user: string, together: boolean) => {
    const client = await store.connect();
    try {
      await client.call('AUTH', user, '');
      const opened = await openSweepStore(client);
      const texts = await opened.readTexts(keys, together);
      return texts.map((text) => (text === UNREAD ? UNREAD : [text.start.toString('hex'), text.isWhole]));
    } finally {
      client.disconnect();
    }
  };
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const expected = [
    [hex('{}'), true],
    ['ff00fe', true],
    [hex('x'.repeat(512)), true],
    [hex('x'.repeat(512)), false],
    UNREAD,
    ['', true],
    UNREAD,
  ];

  it.each([true, false])('are the same one by one and together (%s)', async (together) => {
    expect(await readAs('partly', together)).toEqual(expected);
  });

  it('are read one by one by a user who may run no scripts', async () => {
    expect(await readAs('without-scripts', true)).toEqual(expected);
  });
});
