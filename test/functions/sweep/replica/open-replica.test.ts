import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { openReplica } from '../../../../functions/sweep/replica/open-reader.ts';
import { startStore } from '../real-store.ts';

it('a replica that refuses a write of a dry run keeps its connection, and so the cursor that belongs to it', async () => {
  const store = await startStore();
  onTestFinished(() => store.stop());
  await store.redis.call('REPLICAOF', '127.0.0.1', '1');
  const connectTo = async () => {
    const redis = await store.connect();
    // As every connection to the store has it: it may be another node that is to take the write.
    redis.options.reconnectOnError = (error) => error.message.startsWith('READONLY');
    return redis;
  };
  const link = await openReplica({ storeName: 'the store', connectTo }, { host: '127.0.0.1', port: store.port }, false);
  onTestFinished(() => link?.close());
  await expect(link?.run(() => link.redis.set('key', 'value'))).rejects.toThrow('READONLY');
  await sleep(50);
  expect(await link?.run(() => link.redis.ping())).toBe('PONG');
});
