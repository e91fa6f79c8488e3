/** A dry run judges the configuration's own dialects by a sample of a real store. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judgeConfigured, NO_COUNT } from '../../../../functions/sweep/begin/judge-configured.ts';
import type { ConfiguredCount, SweepSummary } from '../../../../functions/sweep/contract/record.ts';
import { type ConfiguredDialect, DEFAULT_SWEEP_SETTINGS } from '../../../../functions/sweep/contract/settings.ts';
import type { Begun, EndedClean, SweepInput } from '../../../../functions/sweep/contract/steps.ts';
import { createSweep, type SweepPorts } from '../../../../functions/sweep/sweep.ts';
import { keyAt, plant as plantRecorded } from '../../../../lab/corpus/check/plant.ts';
import type { Recording } from '../../../../lab/corpus/recordings/recording.ts';
import { COOKIE, uuid } from '../planted.ts';
import { type RealStore, snapshot, startStore } from '../real-store.ts';
import { beginOf, portsOf, sweepToEnd } from '../steps-of-sweep.ts';

const CARTS: ConfiguredDialect = {
  name: 'carts',
  pattern: 'shop:{uuid}',
  type: 'string',
  firstBytes: '0dff81',
  structural: false,
  idleSeconds: 3_600,
};

let store: RealStore;
let runs = 0;
beforeAll(async () => {
  store = await startStore();
});
afterAll(() => store?.stop());
beforeEach(() => store.redis.flushall());

async function sweep(
  dialects: readonly ConfiguredDialect[],
  input: SweepInput = { dryRun: true, full: true },
  change: Partial<SweepPorts> = {},
) {
  runs += 1;
  const settings = { ...DEFAULT_SWEEP_SETTINGS, pace: 'fast' as const, dialects };
  const ports = portsOf(() => store.connect(), [], { settings, ...change });
  const begun = (await createSweep(ports)(beginOf(`s${runs}`, input))) as Begun | EndedClean;
  if (begun.verdict === 'SKIP') return (await ports.records.getSweep(`s${runs}`))?.summary as SweepSummary;
  return (await sweepToEnd(ports, begun)).summary as SweepSummary;
}
const plant = async (count: number, value: string | Buffer, name = 'shop') => {
  for (let at = 0; at < count; at += 1) await store.redis.set(`${name}:${uuid(at)}`, value);
};

describe('a dialect', () => {
  it('that takes what it states is counted, and changes nothing', async () => {
    await plant(30, Buffer.from('0dff81aabbcc', 'hex'));
    await store.redis.set(`shop:${uuid(90)}`, '{"promotion":1}');
    await store.redis.hset(`shop:${uuid(91)}`, { a: '1' });
    await store.redis.set('other', 'x');
    const before = await snapshot(store.redis);
    expect((await sweep([CARTS])).dialects).toEqual([
      { dialect: 'carts', sampled: 33, taken: 32, ofType: 31, stated: 30, unread: 0, foreign: {}, resembles: {}, result: 'ok' },
    ]);
    expect(await snapshot(store.redis)).toEqual(before);
  });

  it('is judged too where the counters show nothing to do, and not by a sweep that repairs', async () => {
    expect(await sweep([CARTS], { dryRun: true })).toMatchObject({ dialects: [{ result: 'warning', taken: 0 }] });
    await plant(3, Buffer.from('0dff81aabbcc', 'hex'));
    expect(await sweep([CARTS], {})).not.toHaveProperty('dialects');
  });

  it('has no values read where that counts as a use', async () => {
    await plant(3, Buffer.from('0dff81aabbcc', 'hex'));
    for (let at = 0; at < 3; at += 1)
      await store.redis.call(
        'RESTORE',
        `shop:${uuid(at)}`,
        '0',
        await store.redis.dumpBuffer(`shop:${uuid(at)}`),
        'REPLACE',
        'IDLETIME',
        '9999',
      );
    await store.redis.call('ACL', 'SETUSER', 'touching', 'on', 'nopass', '~*', '+@all', '-client|no-touch');
    const connect = async () => {
      const one = await store.connect();
      await one.call('AUTH', 'touching', '');
      return one;
    };
    expect((await sweep([CARTS], { dryRun: true, full: true }, { connect })).dialects).toMatchObject([
      { taken: 3, unread: 3, result: 'ok' },
    ]);
    expect(Number(await store.redis.object('IDLETIME', `shop:${uuid(1)}`))).toBeGreaterThanOrEqual(9_999);
  });

  it('whose keys are sessions of a known framework gets a hint at what reads their lives', async () => {
    await plant(5, COOKIE);
    expect((await sweep([{ ...CARTS, firstBytes: '7b22' }])).dialects).toMatchObject([
      { result: 'ok', resembles: { 'connect-redis': 5 }, because: expect.stringContaining('sessions.keyPrefix and framework') },
    ]);
  });

  it('that takes sessions which the sweep knows is refused', async () => {
    await store.redis.set('sess:abcdefghijklmnopqrstuvwxyzabcdef', COOKIE);
    const dialect = { ...CARTS, pattern: 'sess:{base64url:32}', firstBytes: '7b' };
    expect((await sweep([dialect])).dialects).toMatchObject([{ result: 'refused', foreign: { 'connect-redis': 1 } }]);
  });
});

describe('a dialect that takes what another program writes, as it was recorded, is refused', () => {
  it.each([
    ['rq', 'rq:job:{uuid}', 'hash', { field: 'data' }, 'RQ'],
    ['bullmq', 'bull:mail:{uuid}', 'hash', { field: 'data' }, 'BullMQ'],
    ['hangfire', 'hangfire:job:{uuid}', 'hash', { field: 'State' }, 'Hangfire'],
    ['redis-hash', 'person:{uuid}', 'hash', { field: 'name' }, 'Spring Data'],
    ['asp-net-core-cache', 'Basket:{uuid}', 'hash', { field: 'data' }, 'the cache of ASP.NET Core'],
    ['celery', 'celery-task-meta-{uuid}', 'string', { firstBytes: '7b' }, 'Celery'],
  ] as const)('%s', async (library, pattern, type, stated, program) => {
    const recording = JSON.parse(readFileSync(new URL(`../../../corpus/keys/${library}.json`, import.meta.url), 'utf8')) as Recording;
    const keys = recording.keys.map((key) => keyAt(key, Date.now()));
    await plantRecorded(store.redis, keys, 'none');
    const [judged] = (await sweep([{ name: 'own', pattern, type, structural: false, idleSeconds: 60, ...stated }])).dialects ?? [];
    expect(judged).toMatchObject({ result: 'refused', because: expect.stringContaining(`takes keys of ${program}`) });
    expect(judged?.foreign[program]).toBe(judged?.stated);
  });
});

it.each<[string, Partial<ConfiguredCount>, 'ok' | 'warning' | 'refused', RegExp | undefined]>([
  ['takes nothing', {}, 'warning', /takes no key/],
  ['takes keys of another type alone', { taken: 5 }, 'warning', /of the type string/],
  ['takes keys without its first bytes alone', { taken: 5, ofType: 5 }, 'warning', /has the first bytes 0dff81/],
  ['takes keys that may not be read', { taken: 5, ofType: 5, unread: 5 }, 'ok', undefined],
  ['takes one key of another program', { taken: 5, ofType: 5, stated: 5, foreign: { RQ: 1 } }, 'refused', /takes keys of RQ/],
  ['takes its own', { taken: 5, ofType: 5, stated: 4 }, 'ok', undefined],
])('a dialect that %s', (_, count, result, because) => {
  const judged = judgeConfigured(CARTS, { ...NO_COUNT, ...count }, 100);
  expect(judged.result).toBe(result);
  if (because) expect(judged.because).toMatch(because);
  else expect(judged.because).toBeUndefined();
});
