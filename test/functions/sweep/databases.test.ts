/** Sweeps of several databases: which are swept, and what happens where one cannot be selected. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SweepReport } from '../../../functions/sweep/report/make-report.ts';
import type { SweepPorts } from '../../../functions/sweep/sweep.ts';
import { STORE_ENGINES } from '../../store-engines.ts';
import { COOKIE } from './planted.ts';
import { connectTo, type RealStore, startStoreOn } from './real-store.ts';
import { begin, portsOf, sweepToEnd } from './steps-of-sweep.ts';

const reports: SweepReport[] = [];
let store: RealStore | undefined;
afterEach(async () => {
  reports.length = 0;
  await store?.stop();
  store = undefined;
});

const withDatabases = (ports: SweepPorts, ...databases: number[]): SweepPorts => ({ ...ports, settings: { ...ports.settings, databases } });

describe.each(STORE_ENGINES)('a store with 32 databases on $name', (engine) => {
  /** Five keys in database 0, ten in 3, twenty in 20; database 7 is not the application's. */
  async function start(): Promise<RealStore> {
    store = await startStoreOn(engine, ['--databases', '32']);
    for (const [database, keys] of [
      [0, 5],
      [3, 10],
      [20, 20],
      [7, 40],
    ] as const) {
      const redis = await store.connect();
      await redis.select(database);
      for (let at = 0; at < keys; at += 1) await redis.set(`sess:${database}-${at}`, COOKIE);
    }
    return store;
  }
  const persistentIn = async (database: number) => {
    const redis = await (store as RealStore).connect();
    await redis.select(database);
    const ttls = await Promise.all((await redis.keys('*')).map((key) => redis.ttl(key)));
    return ttls.filter((ttl) => ttl === -1).length;
  };

  it('has a unit for each configured database that contains keys, and no other is changed', async () => {
    const { connect } = await start();
    const ports = withDatabases(portsOf(connect, reports), 0, 1, 3, 20);
    const begun = await begin(ports, 'one');
    expect(begun.shards).toEqual(['0001', '0001/db3', '0001/db20']);
    expect(await sweepToEnd(ports, begun)).toMatchObject({ rounds: 1, summary: { keys: 35, repaired: 35 } });
    expect(await Promise.all([0, 3, 20, 7].map(persistentIn))).toEqual([0, 0, 0, 40]);
  });

  it('shares the limit of deletes among the units', async () => {
    const { connect } = await start();
    const ports = withDatabases(portsOf(connect, reports), 0, 3, 20);
    const { sweep } = await begin({ ...ports, settings: { ...ports.settings, maxDeletes: 9 } }, 'one');
    expect(sweep.settings.maxDeletes).toBe(3);
  });

  it('whose user is not allowed to select: database 0 is swept and reported, and the sweep fails naming the permission', async () => {
    const { redis, port } = await start();
    await redis.call('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '~*', '+@all', '-select');
    const connect = async () => {
      const client = await connectTo(port);
      await client.call('AUTH', 'narrow', '');
      return client;
    };
    const ports = withDatabases(portsOf(connect, reports), 0, 3);
    await expect(begin(ports, 'one').then((begun) => sweepToEnd(ports, begun))).rejects.toMatchObject({
      name: 'DatabaseRefused',
      message: expect.stringMatching(/^database 3 .* not swept: .*[+]select/),
    });
    expect(reports).toMatchObject([{ summary: { keys: 5, repaired: 5 } }]);
    expect(await Promise.all([0, 3].map(persistentIn))).toEqual([0, 10]);
    expect(await ports.records.getSweep('one')).toMatchObject({ status: 'FAILED', summary: { repaired: 5 } });
  });

  it('that did not answer when the sweep began, and has fewer databases than configured: the error names the parameter', async () => {
    const { connect } = await start();
    const ports = withDatabases(portsOf(connect, reports), 0, 40);
    const begun = await begin({ ...ports, connect: () => Promise.reject(new Error('connect ETIMEDOUT')) }, 'one');
    await expect(sweepToEnd(ports, begun)).rejects.toMatchObject({
      name: 'DatabaseRefused',
      message: expect.stringContaining('parameter databases above 40'),
    });
    expect(await persistentIn(0)).toBe(0);
  });
});
