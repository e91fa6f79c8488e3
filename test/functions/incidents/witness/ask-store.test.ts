/** The fleet's side uses a real store, and stores that fail in each way. */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { witnessKey } from '../../../../functions/incidents/contract/store-facts.ts';
import { type AskStorePorts, createAskStore } from '../../../../functions/incidents/witness/ask-store.ts';
import { createStoreConnector } from '../../../../functions/shared/store/store-connection.ts';
import { createStoreLogin, passwordLogin } from '../../../../functions/shared/store/store-login.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { type RealStore, startStoreOn } from '../../sweep/real-store.ts';

const KEY = witnessKey('sess:web:', false);
const NONE = createStoreLogin({ mode: 'none' }, {}, Date.now);

const askAt = (port: number, over: Partial<AskStorePorts> = {}, login = NONE) =>
  createAskStore({
    fleet: 'web',
    key: KEY,
    signIn: 'none',
    ready: () => login.password(),
    connect: (node) => createStoreConnector({ host: '127.0.0.1', port, tls: false, auth: { mode: 'none' }, ...node }, login)(),
    now: Date.now,
    ...over,
  })();

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  beforeAll(async () => {
    store = await startStoreOn(engine);
  });
  afterAll(() => store?.stop());

  it('writes, reads and removes its key, which has a TTL meanwhile, and says how long it took', async () => {
    const seen: unknown[] = [];
    const watched = await store.redis.duplicate().monitor();
    watched.on('monitor', (_time, words: string[]) => seen.push(words));
    const answer = await askAt(store.port);
    expect(answer).toEqual({
      fleet: 'web',
      atMs: expect.any(Number),
      state: 'reached',
      signIn: 'none',
      signInMs: expect.any(Number),
      tookMs: expect.any(Number),
    });
    await expect.poll(() => seen.some((words) => (words as string[])[0]?.toLowerCase() === 'del')).toBe(true);
    expect(seen).toContainEqual([
      'set',
      expect.stringMatching(/^holdfast-witness:sess:web:[0-9a-f-]{36}$/),
      expect.stringMatching(/^\{"witness":"[0-9a-f-]{36}"\}$/),
      'EX',
      '30',
    ]);
    expect(await store.redis.keys('*')).toEqual([]);
    watched.disconnect();
  });

  it('is refused its login', async () => {
    const login = passwordLogin('nobody', async () => 'wrong');
    expect(await askAt(store.port, {}, login)).toMatchObject({ state: 'refusedLogin', error: expect.stringContaining('WRONGPASS') });
  });

  it('is refused what its access string does not allow', async () => {
    await store.redis.call('ACL', 'SETUSER', 'narrow', 'on', '>pw', '~other:*', '-@all', '+set', '+info');
    const login = passwordLogin('narrow', async () => 'pw');
    expect(await askAt(store.port, {}, login)).toMatchObject({ state: 'refusedLogin', error: expect.stringContaining('NOPERM') });
  });

  it('finds a node that refuses writes, and one that is full', async () => {
    await store.redis.call('REPLICAOF', '127.0.0.1', '1');
    await expect(askAt(store.port)).resolves.toMatchObject({ state: 'readOnly' });
    await store.redis.call('REPLICAOF', 'NO', 'ONE');
    await store.redis.config('SET', 'maxmemory', '1');
    await expect(askAt(store.port)).resolves.toMatchObject({ state: 'full' });
    await store.redis.config('SET', 'maxmemory', '0');
  });

  it('says that it could not try where it cannot read its secret', async () => {
    const ready = async () => {
      throw new TypeError('password=hunter2');
    };
    expect(await askAt(store.port, { ready })).toMatchObject({
      state: 'unknown',
      error: 'it could not read what it signs in with (TypeError)',
    });
  });

  it('follows a cluster to the node that has its key', async () => {
    const connect: AskStorePorts['connect'] = async (node) => {
      const client = await createStoreConnector({ host: '127.0.0.1', port: store.port, tls: false, auth: { mode: 'none' } }, NONE)();
      if (node?.port === 7_002) return client;
      const moved = async () => Promise.reject(new Error('MOVED 3999 node-2.example:7002'));
      return { set: moved, get: moved, del: moved, disconnect: () => client.disconnect() } as never;
    };
    expect(await askAt(store.port, { connect })).toMatchObject({ state: 'reached' });
  });
});

describe.concurrent('a store that is away', () => {
  let silent: Server;
  let port = 0;
  beforeAll(async () => {
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    port = (silent.address() as { port: number }).port;
  });
  afterAll(() => silent?.close());

  it('refuses the connection', async () => {
    expect(await askAt(1)).toMatchObject({ state: 'unreachable', unreachableReason: 'refused' });
  });

  it('has no name', async () => {
    const connect = () => createStoreConnector({ host: 'no.such.name.invalid', port, tls: false, auth: { mode: 'none' } }, NONE)();
    expect(await askAt(port, { connect })).toMatchObject({ state: 'unreachable', unreachableReason: 'dns' });
  });

  it('says nothing: the answer comes within ten seconds all the same', async () => {
    const beganMs = Date.now();
    expect(await askAt(port)).toMatchObject({ state: 'unreachable', unreachableReason: 'timeout' });
    expect(Date.now() - beganMs).toBeLessThan(10_000);
  });

  it('answers late', async () => {
    let nowMs = 0;
    const store = { set: async () => 'OK', get: async () => undefined, del: async () => 1, disconnect: () => undefined };
    let written = '';
    const connect = async () => {
      nowMs += 1_500;
      return {
        ...store,
        set: async (_: string, value: string) => {
          written = value;
        },
        get: async () => written,
      } as never;
    };
    expect(await askAt(port, { connect, now: () => nowMs })).toMatchObject({ state: 'slow', signInMs: 1_500, tookMs: 1_500 });
  });
});
