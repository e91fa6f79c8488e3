import { describe, expect, it } from 'vitest';
import { judgePattern } from '../../../../functions/sweep/keys/key-pattern.ts';
import { applicationPrefixOf, dialectOf, learnFrom, shapeOf } from '../../../../functions/sweep/keys/key-shape.ts';
import { addShapes, familiesOf, MOST_SHAPES, OTHER_SHAPES } from '../../../../functions/sweep/report/learned-shapes.ts';
import { startStore } from '../real-store.ts';
import { runSweep } from '../run-sweep.ts';

const UUID = '11111111-2222-4333-8444-555555555555';
const HEX = '0123456789abcdef'.repeat(2);

describe('the shape of a name', () => {
  it.each([
    [`app:${UUID}`, 'app:{uuid}'],
    [UUID, '{uuid}'],
    [`shop:cart:${HEX}:items`, 'shop:cart:{id:32}:items'],
    [`${HEX.toUpperCase()}.node1`, '{id:32}{route}'],
    ['Session:userId:4711', 'Session:userId:*'],
    ['Session:userId:ann', 'Session:userId:*'],
    ['cart:ann@example.com', 'cart:*'],
    [`ci_session:${'a1'.repeat(16)}`, 'ci_session:{id:32}'],
    [`session_${'AB2'.repeat(17)}Z`, 'session_{id:52}'],
    [`tower.sid:${'aZ_-3'.repeat(4)}`, 'tower.sid:{id:20}'],
    // vapor/redis and async-session of Rust; oauth2-proxy; fastapi-users; lua-resty-session.
    ['vrs-O6+/CIgqLRATMJOhuEM/UFY7k8FKzQW3kCjrHRJ5kCc=', 'vrs-{id:44}'],
    ['MbygIJTreBJqUXsgaojHPPqexvcExwMNGCEsrOgg8CU=', '{id:44}'],
    [`_oauth2_proxy-${HEX}`, '_oauth2_proxy-{id:32}'],
    ['fastapi_users_token:O6-_CIgqLRATMJOhuEM_UFY7k8FKzQW3kCjrHRJ5kCc', 'fastapi_users_token:{id:43}'],
    ['sessions:gYIipoo9Ydrk-qXbsvFKPQ..', 'sessions:{id:22}..'],
    [`Session-${UUID}`, 'Session-{uuid}'],
    [`shop/cart/${HEX}`, 'shop/cart/{id:32}'],
    ['page:/shop/Products/2024/SummerDresses', 'page:/*'],
    [`cart:alice_${HEX}`, 'cart:*'],
    [`cart:alice-${UUID}`, 'cart:*'],
    [`session_alice_${HEX}`, '*'],
    ['cart:alice:items', 'cart:*:items'],
    ['counter', '*'],
    ['', '*'],
  ])('of %s is %s', (key, shape) => expect(shapeOf(key)).toBe(shape));

  it('has nothing of a name that is one user’s alone', () => {
    for (const secret of [UUID, HEX, 'Zm9vYmFyYmF6cXV4MTIzNDU2', '4711', 'ann17'])
      for (const name of [`a:${secret}`, `${secret}:a`, `a:${secret}:b`, `a_${secret}`]) expect(shapeOf(name)).not.toContain(secret);
  });
});

it.each([
  ['arq:job:{id:32}', false],
  ['shop:cart:{uuid}', false],
  ['task:{uuid}', false],
  ['shop:cart_session:{uuid}', true],
  ['fiber:{uuid}', true],
])('a pickle below %s can be a session’s: %s', (shape, isOwn) =>
  expect(dialectOf({ shape, type: 'string', firstBytes: '800495', keys: 2, recent: 0 }) !== undefined).toBe(isOwn),
);

it('shapes are counted together beyond a hundred', () => {
  const found = Array.from({ length: 150 }, (_, at) => ({ shape: `a${at}:*`, type: 'string', keys: 1, recent: 0 }));
  const shapes = addShapes({}, found);
  expect(Object.keys(shapes).length).toBeLessThanOrEqual(MOST_SHAPES + 1);
  expect(shapes[OTHER_SHAPES]?.keys).toBe(50);
});

it.each([
  ['sess:web:{id:32}', 'connect-redis', { prefix: 'sess:web:', framework: 'connect-redis' }],
  ['sess:web:*', 'connect-redis', { prefix: 'sess:web:', framework: 'connect-redis' }],
  ['shop:sessions:{uuid}', 'spring-session', { prefix: 'shop:', framework: 'spring-session' }],
  ['shop:{uuid}', 'spring-session', undefined],
  ['gate:{id:32}', 'micronaut', undefined],
  ['*:web:{id:32}', 'connect-redis', undefined],
  ['{id:32}', 'connect-redis', undefined],
])('%s of %s is below the prefix of an application', (shape, resembles, prefix) =>
  expect(applicationPrefixOf({ shape, resembles })).toEqual(prefix),
);

it('shapes of one family are one dialect: ids of other lengths, and texts that are whole numbers', () => {
  const one = (shape: string, type = 'string') => ({ shape, type, keys: 9, recent: 0, firstBytes: '800495' });
  const all = [one('a:{id:31}'), one('a:{id:32}'), { ...one('b:{id:32}'), firstBytes: '8003' }, one('token:{id:43}', 'integer')];
  expect(familiesOf([...all, one('token:{id:43}')]).flatMap((family) => dialectOf(family) ?? [])).toEqual([
    { name: 'a', pattern: 'a:{id}', type: 'string', firstBytes: '800495' },
    { name: 'b', pattern: 'b:{id:32}', type: 'string', firstBytes: '8003' },
    { name: 'token', pattern: 'token:{id:43}', type: 'string', firstBytes: '800495' },
  ]);
});

it('a field that all hashes of a shape have is enough for a dialect, one that a framework writes first', () => {
  const learn = (...names: string[]) => ({
    shape: 'gate:{id:32}',
    type: 'hash',
    keys: 1,
    recent: 0,
    ...learnFrom('', 'hash', { fields: {}, names }),
  });
  const fieldOf = (...all: ReturnType<typeof learn>[]) => Object.values(addShapes({}, all)).map((one) => dialectOf(one))[0];
  expect(fieldOf(learn('user', 'cart-4711', 'csrf'), learn('csrf', 'user', 'ann17'))).toMatchObject({ field: 'csrf' });
  expect(fieldOf(learn('a', 'Last-Accessed'), learn('Last-Accessed', 'a'))).toMatchObject({ field: 'Last-Accessed' });
  expect(fieldOf(learn('a'), learn('b'))).toBeUndefined();
});

it('a sweep that learns groups keys with a TTL below no configured prefix, and shows of them no more', async () => {
  const store = await startStore();
  try {
    for (let at = 0; at < 30; at += 1)
      await store.redis.set(
        `sess:web:${at.toString(16).padStart(32, '0')}`,
        '{"cookie":{"originalMaxAge":60000,"expires":null}}',
        'EX',
        600,
      );
    const settings = { keyPrefixes: [{ prefix: 'shop:', framework: 'connect-redis' as const }], onlyKeyPrefixes: true };
    const { tally } = await runSweep(store.connect, { settings, learn: true, dryRun: true });
    const shape = { shape: 'sess:web:{id:32}', type: 'string', keys: 30, resembles: 'connect-redis' };
    expect(Object.values(tally.shapesWithTtl ?? {})).toMatchObject([shape]);
    expect((await runSweep(store.connect, { settings, dryRun: true })).tally.shapesWithTtl).toBeUndefined();
  } finally {
    await store.stop();
  }
});

it('a sweep that learns changes nothing, and its dialect then works', async () => {
  const store = await startStore();
  try {
    const { redis } = store;
    for (let at = 0; at < 30; at += 1) {
      const id = at.toString(16).padStart(32, '0');
      await redis.set(`fiber:${id}`, Buffer.concat([Buffer.from('0dff8104', 'hex'), Buffer.from(`user-${at}`)]));
      await redis.hset(`gate:${id}`, { 'Last-Accessed': String(Date.now()), 'Max-Inactive-Interval': '1800' });
      await redis.set(`Session:userId:${at}`, `${at + 100}`);
      await redis.set(`shop:${id}`, '{"cookie":{"originalMaxAge":60000,"expires":null}}');
      await redis.hset(`visit:${id}`, { user: String(at), [`seen-${at}`]: '1' });
      // fastapi-users keeps the user's number there.
      await redis.set(`site_users_token:${id}`, String(at + 20_000));
    }
    const { tally } = await runSweep(store.connect, { learn: true, dryRun: true });
    expect(await redis.dbsize()).toBe(180);
    const shapes = Object.values(tally.shapes ?? {});
    expect(shapes.map(({ shape, type, keys, resembles = '' }) => [shape, type, keys, resembles])).toEqual(
      expect.arrayContaining([
        ['fiber:{id:32}', 'string', 30, ''],
        ['gate:{id:32}', 'hash', 30, 'micronaut'],
        ['Session:userId:*', 'integer', 30, ''],
        ['shop:{id:32}', 'string', 30, 'connect-redis'],
        ['visit:{id:32}', 'hash', 30, ''],
        ['site_users_token:{id:32}', 'integer', 30, ''],
      ]),
    );
    expect(JSON.stringify(tally.shapes)).not.toMatch(/user-\d|seen-\d|0{20}/);
    const learned = familiesOf(shapes).flatMap((one) => dialectOf(one) ?? []) as Omit<
      Parameters<typeof judgePattern>[0],
      'structural' | 'idleSeconds'
    >[];
    expect(learned).toHaveLength(5);
    expect(learned.map((one) => judgePattern({ ...one, structural: false, idleSeconds: 1_800 }))).toEqual(Array(5).fill(undefined));
    const dialects = learned.map((one) => ({ ...one, structural: false, idleSeconds: 1_800 }));
    const repaired = await runSweep(store.connect, { settings: { dialects } });
    expect(repaired.tally.unknown).toBe(30);
    expect(await redis.ttl(`fiber:${'0'.repeat(32)}`)).toBeGreaterThan(1_700);
    expect(await redis.ttl(`site_users_token:${'0'.repeat(32)}`)).toBeGreaterThan(1_700);
  } finally {
    await store.stop();
  }
});
