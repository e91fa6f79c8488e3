import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { settleAll } from '../../../functions/shared/end-at.ts';

it('gives the answers in the order of the calls', async () => {
  expect(await settleAll([sleep(2, 'slow'), Promise.resolve(1)])).toEqual(['slow', 1]);
});

it('throws the first failure in that order, when every call has ended', async () => {
  const ended: string[] = [];
  const end = async (name: string, ms: number, error?: Error) => {
    await sleep(ms);
    ended.push(name);
    if (error) throw error;
  };
  const calls = [end('slow', 9, new Error('throttled')), end('fails', 1, new Error('refused')), end('writes', 5)] as const;
  await expect(settleAll(calls)).rejects.toThrow('throttled');
  expect(ended).toEqual(['fails', 'writes', 'slow']);
});
