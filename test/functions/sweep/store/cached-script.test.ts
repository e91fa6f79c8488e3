/** A script that is sent once, on a real server. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { cachedScript } from '../../../../functions/sweep/store/scripted-repair.ts';
import { connectTo, type RealStore, startStore } from '../real-store.ts';

const SCRIPT = `if ARGV[1] == 'bad' then return redis.call('GET') end return ARGV[1]`;

let store: RealStore;
beforeAll(async () => {
  store = await startStore();
});
beforeEach(async () => {
  await store.redis.script('FLUSH');
  await store.redis.config('RESETSTAT');
});
afterAll(() => store?.stop());

/** How often each command was called, refused ones too. */
async function calls(): Promise<Record<string, number>> {
  const lines = (await store.redis.info('commandstats')).matchAll(/^cmdstat_(eval\w*):calls=(\d+).*rejected_calls=(\d+)/gm);
  return Object.fromEntries([...lines].map(([, name = '', made, refused]) => [name, Number(made) + Number(refused)]));
}

it.each([
  ['EVAL_RO', 'evalsha_ro', 'eval_ro'],
  ['EVAL', 'evalsha', 'eval'],
] as const)('is sent whole by %s once, and once more after the server lost it', async (evaluate, byHash, whole) => {
  const run = cachedScript(store.redis, evaluate, SCRIPT);
  for (const word of ['1', '2', '3']) expect(await run(word)).toEqual(Buffer.from(word));
  expect(await calls()).toEqual({ [byHash]: 3, [whole]: 1 });
  await store.redis.script('FLUSH');
  for (const word of ['1', '2']) expect(await run(word)).toEqual(Buffer.from(word));
  expect(await calls()).toEqual({ [byHash]: 5, [whole]: 2 });
});

it('is sent whole each time by a user who may not go by its hash', async () => {
  await store.redis.call('ACL', 'SETUSER', 'no-hash', 'on', 'nopass', '~*', '+@all', '-evalsha_ro');
  const redis = await connectTo(store.port, { username: 'no-hash', password: 'any' });
  const run = cachedScript(redis, 'EVAL_RO', SCRIPT);
  for (const word of ['1', '2', '3']) expect(await run(word)).toEqual(Buffer.from(word));
  expect(await calls()).toEqual({ evalsha_ro: 1, eval_ro: 3 });
  redis.disconnect();
});

it('fails as the script does', async () => {
  const run = cachedScript(store.redis, 'EVAL_RO', SCRIPT);
  await run('1');
  await expect(run('bad')).rejects.toThrow(/number of arg/i);
  expect(await run('2')).toEqual(Buffer.from('2'));
});
