import { describe, expect, it } from 'vitest';
import { judgePattern } from '../../../../functions/sweep/keys/key-pattern.ts';
import { applicationPrefixOf, dialectOf, shapeOf, withoutCovered } from '../../../../functions/sweep/keys/key-shape.ts';
import { addShapes, MOST_SHAPES, OTHER_SHAPES } from '../../../../functions/sweep/report/learned-shapes.ts';
import { startStore } from '../real-store.ts';
import { runSweep } from '../run-sweep.ts';

const UUID = '11111111-2222-4333-8444-555555555555';
const HEX = '0123456789abcdef'.repeat(2);

describe('the shape of a name', () => {
  it.each([
    [`app:${UUID}`, 'app:{uuid}'],
    [UUID, '{uuid}'],
    [`shop:cart:${HEX}:items`, 'shop:cart:{hex:32}:items'],
    [`${HEX.toUpperCase()}.node1`, '{HEX:32}{route}'],
    ['Session:userId:4711', 'Session:userId:*'],
    ['Session:userId:ann', 'Session:userId:*'],
    ['cart:ann@example.com', 'cart:*'],
    [`ci_session:${'a1'.repeat(16)}`, 'ci_session:{hex:32}'],
    [`session_${'AB2'.repeat(17)}Z`, 'session_{base32:52}'],
    [`tower.sid:${'aZ_-3'.repeat(4)}`, 'tower.sid:{base64url:20}'],
    [`cart:alice_${HEX}`, 'cart:*'],
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
  ['arq:job:{hex:32}', false],
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
  ['sess:web:{base64url:32}', 'connect-redis', { prefix: 'sess:web:', framework: 'connect-redis' }],
  ['sess:web:*', 'connect-redis', { prefix: 'sess:web:', framework: 'connect-redis' }],
  ['shop:sessions:{uuid}', 'spring-session', { prefix: 'shop:', framework: 'spring-session' }],
  ['shop:{uuid}', 'spring-session', undefined],
  ['gate:{hex:32}', 'micronaut', undefined],
  ['*:web:{hex:32}', 'connect-redis', undefined],
  ['{hex:32}', 'connect-redis', undefined],
])('%s of %s is below the prefix of an application', (shape, resembles, prefix) =>
  expect(applicationPrefixOf({ shape, resembles })).toEqual(prefix),
);

it('ids of one form are one dialect, though some of them lack the characters of the others', () => {
  const shapes = ['a:{base62:32}', 'a:{base64url:32}', 'b:{hex:32}'].map((shape) => ({ shape, type: 'string', keys: 9, recent: 0 }));
  expect(withoutCovered(shapes).map(({ shape }) => shape)).toEqual(['a:{base64url:32}', 'b:{hex:32}']);
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
    const shape = { shape: 'sess:web:{hex:32}', type: 'string', keys: 30, resembles: 'connect-redis' };
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
    }
    const { tally } = await runSweep(store.connect, { learn: true, dryRun: true });
    expect(await redis.dbsize()).toBe(120);
    const shapes = Object.values(tally.shapes ?? {});
    expect(shapes.map(({ shape, type, keys, resembles = '' }) => [shape, type, keys, resembles])).toEqual(
      expect.arrayContaining([
        ['fiber:{hex:32}', 'string', 30, ''],
        ['gate:{hex:32}', 'hash', 30, 'micronaut'],
        ['Session:userId:*', 'integer', 30, ''],
        ['shop:{hex:32}', 'string', 30, 'connect-redis'],
      ]),
    );
    expect(JSON.stringify(tally.shapes)).not.toMatch(/user-\d|0{20}/);
    const learned = shapes.flatMap((one) => dialectOf(one) ?? []) as Omit<
      Parameters<typeof judgePattern>[0],
      'structural' | 'idleSeconds'
    >[];
    expect(learned).toHaveLength(3);
    expect(learned.map((one) => judgePattern({ ...one, structural: false, idleSeconds: 1_800 }))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const dialects = learned.map((one) => ({ ...one, structural: false, idleSeconds: 1_800 }));
    const repaired = await runSweep(store.connect, { settings: { dialects } });
    expect(repaired.tally.unknown).toBe(30);
    expect(await redis.ttl(`fiber:${'0'.repeat(32)}`)).toBeGreaterThan(1_700);
  } finally {
    await store.stop();
  }
});
