import { describe, expect, it } from 'vitest';
import type { StoreReadiness } from '../../../../functions/deploy/contract/store-check-steps.ts';
import { createStoreCheck, type StoreProbe } from '../../../../functions/deploy/store-check/store-check.ts';
import { DEPLOY, ROLL, START_MS } from '../../fakes/fixtures.ts';

const PRIMARY = 'role:master\r\nslave0:state=online,offset=1,lag=0\r\nmaster_replid:a1\r\nmaster_repl_offset:1\r\n';
const ALONE = 'role:master\r\nmaster_replid:b2\r\nmaster_repl_offset:1\r\n';

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
const at = (connect: () => Promise<StoreProbe>, nowMs = START_MS) =>
  createStoreCheck({ connect, wantedReplicas: 1, storeName: 'store:6379', now: () => nowMs });
const check = (connect: () => Promise<StoreProbe>) => at(connect)({ step: 'checkStore', deploy: DEPLOY });
const answering = (info: string) => async () => fakeStore(async () => info);
const away = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));

describe('checkStore', () => {
  it('returns the current primary, and disconnects', async () => {
    const store = fakeStore(async () => PRIMARY);
    expect(await check(async () => store)).toEqual({ verdict: 'DONE', waitingSinceMs: 0, replicationId: 'a1', failedOver: false });
    expect(store.disconnected).toBe(true);
  });

  it('throws StoreUnavailable, not a retry, when the store cannot be reached', async () => {
    await expect(check(away)).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringContaining('store:6379 does not answer: Error: connect ECONNREFUSED'),
    });
  });

  it('throws ReplicasOutOfSync when a failover would lose sessions', async () => {
    await expect(check(answering(ALONE))).rejects.toMatchObject({ name: 'ReplicasOutOfSync' });
  });

  it('disconnects from a store that fails in between', async () => {
    const store = fakeStore(() => Promise.reject(new Error('Command timed out')));
    await expect(check(async () => store)).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(store.disconnected).toBe(true);
  });
});

describe('awaitStore', () => {
  const wait = (connect: () => Promise<StoreProbe>, waitingSinceMs: number, nowMs = START_MS, before = 'a1') =>
    at(
      connect,
      nowMs,
    )({ step: 'awaitStore', deploy: DEPLOY, store: { verdict: 'DONE', replicationId: before, failedOver: false, waitingSinceMs } });
  const limitMs = DEPLOY.settings.storeTimeoutSeconds * 1000;

  it.each([
    ['that is away', away],
    ['whose replica is missing', answering(ALONE)],
  ])('waits for a store %s, and throws when the time is up', async (_which, connect) => {
    const waiting = { verdict: 'WAIT', waitingSinceMs: START_MS, replicationId: 'a1', failedOver: true, notReadyAtMs: START_MS };
    expect(await wait(connect, 0)).toEqual(waiting);
    expect(await wait(connect, START_MS, START_MS + limitMs - 1)).toMatchObject({ verdict: 'WAIT', waitingSinceMs: START_MS });
    await expect(wait(connect, START_MS, START_MS + limitMs)).rejects.toMatchObject({
      name: expect.stringMatching(/^(StoreUnavailable|ReplicasOutOfSync)$/),
    });
  });

  it('goes on with a store that is ready again, and waits anew the next time', async () => {
    const ready = { verdict: 'DONE', waitingSinceMs: 0, replicationId: 'a1' };
    expect(await wait(answering(PRIMARY), START_MS)).toEqual({ ...ready, failedOver: false });
  });

  it('remembers that there was another primary, or none', async () => {
    expect(await wait(answering(PRIMARY), 0, START_MS, 'z9')).toMatchObject({ verdict: 'DONE', replicationId: 'a1', failedOver: true });
    const store = { verdict: 'DONE', replicationId: 'a1', failedOver: true, waitingSinceMs: 0 } as const;
    expect(await at(answering(PRIMARY))({ step: 'awaitStore', deploy: DEPLOY, store })).toMatchObject({ failedOver: true });
  });

  const at10 = START_MS + 600_000;
  const wasAway = { verdict: 'WAIT', replicationId: 'a1', failedOver: true, waitingSinceMs: START_MS, notReadyAtMs: START_MS } as const;
  const look = (connect: () => Promise<StoreProbe>, store: StoreReadiness, nowMs: number) =>
    at(connect, nowMs)({ step: 'awaitStore', deploy: DEPLOY, store });

  it('excuses alarms for ten minutes after it was not ready, and no longer', async () => {
    const soon = await look(answering(PRIMARY), wasAway, at10 - 1);
    expect(soon).toEqual({ verdict: 'DONE', waitingSinceMs: 0, replicationId: 'a1', failedOver: true, notReadyAtMs: START_MS });
    const later = { verdict: 'DONE', waitingSinceMs: 0, replicationId: 'a1', failedOver: false };
    expect(await look(answering(PRIMARY), soon as StoreReadiness, at10)).toEqual(later);
  });

  it('excuses them to the end where the primary has changed, also when it is not ready afterwards', async () => {
    const changed = { verdict: 'DONE', waitingSinceMs: 0, replicationId: 'a1', failedOver: true } as const;
    expect(await look(answering(PRIMARY), { ...wasAway, replicationId: 'z9' }, at10)).toEqual(changed);
    const away2 = await look(away, changed, at10);
    expect(away2).not.toHaveProperty('notReadyAtMs');
    expect(await look(answering(PRIMARY), away2 as StoreReadiness, at10 + 3_600_000)).toEqual(changed);
  });
});

describe('compareStore', () => {
  const compare = (connect: () => Promise<StoreProbe>, replicationId: string, nowMs = START_MS) =>
    at(connect, nowMs)({ step: 'compareStore', deploy: DEPLOY, roll: ROLL, store: { replicationId } });

  it.each([
    ['DONE for the primary that was there before', PRIMARY, 'a1', 'DONE'],
    ['AGAIN for another one', PRIMARY, 'z9', 'REPEAT'],
    ['AGAIN for one that was away', PRIMARY, '', 'REPEAT'],
    ['AGAIN for one whose replicas are not there yet', ALONE, 'a1', 'REPEAT'],
  ])('says %s', async (_title, info, before, verdict) => {
    expect(await compare(answering(info), before)).toMatchObject({ verdict });
  });

  it('waits while the store is away, within the life of the lock', async () => {
    expect(await compare(away, 'a1')).toEqual({ verdict: 'WAIT', replicationId: '' });
    expect(await compare(away, '', START_MS + 300_000)).toMatchObject({ verdict: 'DONE' });
    expect(DEPLOY.settings.leaseSeconds).toBeGreaterThan(300);
  });
});
