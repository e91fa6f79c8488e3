import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UNREAD } from '../../../../functions/sweep/keys/read-expiry.ts';
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
      const texts = await opened.readValues(
        keys.map((key) => ({ key, text: true })),
        together,
      );
      return texts.map(({ text }) =>
        text === UNREAD || text === undefined ? text : [text.start.toString('hex'), text.isWhole, text.end?.length],
      );
    } finally {
      client.disconnect();
    }
  };
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const expected = [
    [hex('{}'), true, undefined],
    ['ff00fe', true, undefined],
    [hex('x'.repeat(512)), true, undefined],
    [hex('x'.repeat(512)), false, 512],
    UNREAD,
    ['', true, undefined],
    UNREAD,
  ];

  it.each([true, false])('are the same one by one and together (%s)', async (together) => {
    expect(await readAs('partly', together)).toEqual(expected);
  });

  it.each([true, false])('of hashes are their fields, and the beginnings of longer ones (%s)', async (together) => {
    await redis.hset('hash', {
      life: '1800',
      long: 'x'.repeat(129),
      empty: '',
      data: Buffer.alloc(65_536, 2),
      huge: Buffer.alloc(65_537, 2),
      job: 'x',
      there: 'x',
      void: '',
    });
    const opened = await openSweepStore(redis);
    const [found, other] = await opened.readValues(
      [
        {
          key: Buffer.from('hash'),
          fields: ['life', 'long', 'empty', 'absent'],
          longFields: [
            ...[{ name: 'data', after: 'life' }, { name: 'data' }, { name: 'huge', after: 'life' }, { name: 'none', after: 'life' }],
            ...[{ name: 'job', after: 'absent' }, { name: 'there' }, { name: 'void' }, { name: 'gone' }],
          ],
        },
        { key: Buffer.from('short'), fields: ['life'], text: true },
      ],
      together,
    );
    expect(found).toEqual({
      fields: {
        ...{ life: Buffer.from('1800'), long: UNREAD, empty: Buffer.from(''), data: Buffer.alloc(128, 2), huge: UNREAD },
        ...{ there: UNREAD, void: Buffer.from('') },
      },
    });
    expect(other).toEqual({ fields: { life: UNREAD }, text: { start: Buffer.from('{}'), isWhole: true } });
    await redis.del('hash');
  });

  it('are read one by one by a user who may run no scripts', async () => {
    expect(await readAs('without-scripts', true)).toEqual(expected);
  });
});
