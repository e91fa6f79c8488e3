import { expect, it } from 'vitest';
import { createStoreCheck, type StoreProbe } from '../../../functions/deploy/store-check.ts';
import { DEPLOY } from '../fakes/fixtures.ts';

const PRIMARY = 'role:master\r\nslave0:state=online,offset=1,lag=0\r\nmaster_repl_offset:1\r\n';

function fakeStore(info: () => Promise<string>): StoreProbe & { disconnected: boolean } {
  const store = {
    disconnected: false,
    ping: async () => 'PONG',
    info,
    disconnect() {
      store.disconnected = true;
    },
  };
  return store;
}
const check = (connect: () => Promise<StoreProbe>) =>
  createStoreCheck({ connect, wantedReplicas: 1, storeName: 'store:6379' })({ step: 'checkStore', deploy: DEPLOY });

it('tells how many replicas are in step, and disconnects', async () => {
  const store = fakeStore(async () => PRIMARY);
  expect(await check(async () => store)).toEqual({ replicas: 1 });
  expect(store.disconnected).toBe(true);
});

it('throws StoreUnavailable, not a retry, when the store cannot be reached', async () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  await expect(check(() => Promise.reject(refused))).rejects.toMatchObject({
    name: 'StoreUnavailable',
    message: expect.stringContaining('store:6379 does not answer: Error: connect ECONNREFUSED'),
  });
});

it('disconnects from a store that fails in between', async () => {
  const store = fakeStore(() => Promise.reject(new Error('Command timed out')));
  await expect(check(async () => store)).rejects.toMatchObject({ name: 'StoreUnavailable' });
  expect(store.disconnected).toBe(true);
});
