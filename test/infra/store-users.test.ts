/**
 * The templates' users, on a real store: each user can run the commands that its function sends, and no others. A function
 * with a user needs a row in SESSIONS.
 */
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStoreNodes } from '../../functions/collect/store-nodes.ts';
import { createStoreCheck } from '../../functions/deploy/store-check/store-check.ts';
import { createStoreCollector } from '../../functions/incidents/collect/store/store.ts';
import { witnessKey } from '../../functions/incidents/contract/store-facts.ts';
import { createAskStore } from '../../functions/incidents/witness/ask-store.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../functions/sweep/keys/classify-key.ts';
import { MONITORING_USER } from '../../infra/constructs/store/access-strings.ts';
import { DEPLOY } from '../functions/fakes/fixtures.ts';
import { testCollector } from '../functions/fakes/test-collector.ts';
import { runSweep } from '../functions/sweep/run-sweep.ts';
import { adminOf } from '../session/user-sessions/admin.ts';
import { runHistories, seedsFrom } from '../session/user-sessions/run-history.ts';
import { connectClient } from '../session/user-sessions/site.ts';
import { STORE_ENGINES } from '../store-engines.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';
import { OBSERVER, PASSWORD, startTemplateStore, type TemplateStore } from './template-store.ts';
import { type Admin, recordCommands, runnableCommands } from './watch-commands.ts';

interface Session {
  /** Everything that the function does with the store, in each of its branches. */
  readonly work: (connect: () => Promise<Redis>) => Promise<unknown>;
  /** Keys that must exist for it. */
  readonly plant?: (admin: Admin) => Promise<void>;
  /** Commands that it might seem to need. */
  readonly refused: readonly (readonly [string, ...string[]])[];
}

/** One key of each way to read a life, and a set with a dead member. */
const plantKeys = async (admin: Admin) => {
  await admin('SET', 'sess:web:1', '{"cookie":{"originalMaxAge":null}}');
  await admin('SET', 'sess:web:2', 'x', 'EX', '100');
  await admin('HSET', 'sess:web:spring:session:sessions:old', 'lastAccessedTime', '1700000000000', 'maxInactiveInterval', '1');
  const visitor = 'sess:web:spring:session:sessions:visitor';
  await admin('HSET', visitor, 'lastAccessedTime', String(Date.now()), 'maxInactiveInterval', '1800');
  await admin('EXPIRE', visitor, '2100');
  await admin('SADD', 'sess:web:spring:session:sessions:index:PRINCIPAL_NAME_INDEX_NAME:ann', '00000000-0000-4000-8000-000000000000');
};

let store: TemplateStore;
const admin: Admin = (...words) => store.admin(...words);

/** By user name. */
const SESSIONS: Readonly<Record<string, Session>> = {
  'holdfast-deploy': {
    work: (connect) =>
      createStoreCheck({ connect, wantedReplicas: 0, storeName: 'store', now: Date.now })({ step: 'checkStore', deploy: DEPLOY }),
    refused: [
      ['GET', 'sess:web:1'],
      ['EXISTS', 'sess:web:1'],
      ['SCAN', '0'],
      ['DBSIZE'],
      ['KEYS', '*'],
      ['ROLE'],
      ['CLIENT', 'LIST'],
      ['SELECT', '1'],
    ],
  },
  'holdfast-sweep': {
    plant: plantKeys,
    work: async (connect) => {
      const settings = { policy: 'delete', reconcile: true, sampleEvery: 1 } as const;
      await runSweep(connect, { settings, dryRun: true });
      await runSweep(connect, { settings, sweepId: 'sweep-2' });
      await runSweep(connect, { settings, sweepId: 'shorten-1', lives: { change: 'shorten-anonymous', most: 10 } });
    },
    refused: [
      ['GET', 'sess:web:1'],
      ['SET', 'sess:web:1', 'x'],
      ['HSET', 'sess:web:1', 'field', 'x'],
      ['PERSIST', 'sess:web:1'],
      ['DEL', 'sess:web:1'],
      ['UNLINK', 'other:1'],
      ['EXPIRE', 'other:1', '1'],
      ['EVAL', 'return 1', '1', 'other:1'],
      ['DUMP', 'sess:web:1'],
      ['KEYS', '*'],
      ['DBSIZE'],
      ['FLUSHALL'],
      ['SCRIPT', 'LOAD', 'return 1'],
      ['CLIENT', 'LIST'],
      ['SELECT', '1'],
    ],
  },
  'holdfast-incidents': {
    plant: plantKeys,
    work: (connect) =>
      createStoreCollector({
        endpoint: async () => {
          const node = { name: 'store', host: 'localhost', port: store.port };
          return { ...node, info: async () => (await connect()).info() };
        },
        nodes: async () => [],
        record: async () => undefined,
        connect,
        databases: [0],
        classify: createClassify(DEFAULT_SWEEP_SETTINGS),
        now: Date.now,
      })({ incidentId: 'i', runbook: 'session-explosion', fleets: ['web'], fromMs: 0, toMs: 1, firstSignMs: 0, hashKey: '' }),
    refused: [
      ['GET', 'sess:web:1'],
      ['SET', 'sess:web:1', 'x'],
      ['EXPIRE', 'sess:web:1', '1'],
      ['HGETALL', 'sess:web:1'],
      ['DEL', 'sess:web:1'],
      ['EVAL', 'return 1', '0'],
      ['KEYS', '*'],
      ['CLIENT', 'LIST'],
      ['SELECT', '1'],
    ],
  },
  'holdfast-witness': {
    work: (connect) =>
      createAskStore({
        fleet: 'web',
        key: witnessKey('sess:web:', false),
        signIn: 'iam',
        ready: async () => undefined,
        connect,
        now: Date.now,
      })(),
    refused: [
      ['GET', 'sess:web:1'],
      ['SET', 'sess:web:1', 'x'],
      ['DEL', 'sess:web:holdfast-witness-2'],
      ['SET', 'sess:web:holdfast-witness', '{}'],
      ['SCAN', '0'],
      ['INFO'],
      ['KEYS', '*'],
    ],
  },
  'holdfast-collect': {
    work: (connect) =>
      testCollector({ nodes: createStoreNodes({ host: 'localhost', port: store.port, tls: true, auth: { mode: 'none' } }, {}, connect) })(),
    refused: [
      ['PING'],
      ['GET', 'sess:web:1'],
      ['SCAN', '0'],
      ['KEYS', '*'],
      ['DBSIZE'],
      ['MEMORY', 'USAGE', 'sess:web:1'],
      ['CONFIG', 'GET', 'maxmemory'],
      ['SLOWLOG', 'GET'],
      ['MONITOR'],
    ],
  },
};

describe.each(STORE_ENGINES)('on $name', (engine) => {
  beforeAll(async () => {
    store = await startTemplateStore(engine, { monitoringUser: true });
  });
  afterAll(() => store?.stop());

  it('each user of a function has a row here, and each row a user', () => {
    const ofFunctions = store.users.filter(({ AuthenticationMode }) => AuthenticationMode.Type === 'iam').map(({ UserName }) => UserName);
    expect(ofFunctions.toSorted()).toEqual(Object.keys(SESSIONS).toSorted());
  });

  describe.each(Object.entries(SESSIONS))('the user %s', (userName, { work, refused, plant }) => {
    it('can run what its function sends, and nothing else', async () => {
      await plant?.(admin);
      const runnable = await runnableCommands(admin, userName);
      const sent = await recordCommands(await store.withPassword(OBSERVER), admin, () => work(store.connectorOf(userName)));
      expect(sent.size).toBeGreaterThan(0);
      expect([...runnable].toSorted()).toEqual([...sent].toSorted());
    });

    it.each(refused.map((words) => [words.join(' '), words] as const))('is refused %s', async (_title, [command, ...rest]) => {
      const client = await store.connectorOf(userName)();
      await expect(client.call(command, ...rest)).rejects.toThrow(/^NOPERM/);
    });
  });

  it.each(['holdfast-incidents', 'holdfast-sweep'])('%s can read what every session contains', async (userName) => {
    await admin('HSET', 'sess:web:content', 'sessionAttr:user', 'ann');
    const client = await store.connectorOf(userName)();
    // docs/security.md says so: no rule of a user ends at a field.
    expect(await client.hget('sess:web:content', 'sessionAttr:user')).toBe('ann');
    await expect(client.hset('sess:web:content', 'sessionAttr:user', 'eve')).rejects.toThrow(/^NOPERM/);
  });

  describe('the application’s user', () => {
    it('reads and writes sessions, and no other key', async () => {
      const client = await store.withPassword('app-web');
      await client.setex('sess:web:1', 60, 'data');
      expect(await client.get('sess:web:1')).toBe('data');
      for (const key of ['session', 'sess:1', 'sess:other:1', 'sess:web-2:1', 'other:1'])
        await expect(client.get(key)).rejects.toThrow(/^NOPERM/);
      await expect(client.keys('*')).rejects.toThrow(/^NOPERM/);
    });

    it('has what the sessions of session/user-sessions need, in any order and whatever dies', async () => {
      const observer = await store.withPassword(OBSERVER);
      const login = { username: 'app-web', password: PASSWORD, socket: { host: 'localhost', tls: true, ca: store.caPem } };
      const clients = [await connectClient(store.port, login), await connectClient(store.port, login)];
      expect(await runHistories(seedsFrom(30_001, 20), clients, adminOf([observer]))).toEqual([]);
      for (const client of clients) client.destroy();
    });

    it('asks a node for its role, as Lettuce does where it is given primary and replicas', async () => {
      const client = await store.withPassword('app-web');
      expect(await client.call('ROLE')).toEqual(['master', expect.any(Number), []]);
    });
  });

  describe('the user of redis_exporter', () => {
    // ops/monitoring's check proves that these suffice, with the exporter itself.
    it('can run what an exporter sends, and nothing else', async () => {
      expect([...(await runnableCommands(admin, MONITORING_USER))].toSorted()).toEqual(
        ['client|setname', 'info', 'latency|histogram', 'latency|latest', 'ping', 'slowlog|get', 'slowlog|len'].toSorted(),
      );
    });

    it('reads no key, and changes nothing', async () => {
      const client = await store.withPassword(MONITORING_USER);
      expect(await client.ping()).toBe('PONG');
      for (const [command, ...rest] of [
        ['GET', 'sess:web:1'],
        ['EXISTS', 'sess:web:1'],
        ['SCAN', '0'],
        ['DBSIZE'],
        ['CONFIG', 'GET', '*'],
        ['LATENCY', 'RESET'],
      ] as const)
        await expect(client.call(command, ...rest), command).rejects.toThrow(/^NOPERM/);
    });

    it('exists only where the configuration enables it, with a secret of its own', async () => {
      const plain = await SynthesizedApp.create(AWS_CONFIG);
      try {
        const names = plain.resources('AWS::ElastiCache::User').map(({ Properties }) => Properties['UserName']);
        expect(names).not.toContain(MONITORING_USER);
        expect(plain.resources('AWS::SecretsManager::Secret')).toHaveLength(1);
      } finally {
        await plain.remove();
      }
      const [own, applications] = [MONITORING_USER, 'app-web'].map((name) =>
        JSON.stringify(store.users.find(({ UserName }) => UserName === name)?.AuthenticationMode),
      );
      expect(own).toContain('MonitoringSecret');
      expect(applications).toContain('ApplicationSecret');
    });
  });

  it('nobody can sign in as the default user', async () => {
    await expect(store.withPassword('default')).rejects.toThrow(/WRONGPASS/);
  });
});
