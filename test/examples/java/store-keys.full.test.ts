/**
 * The keys that a real Tomcat with Redisson and a real Spring Boot with its indexed repository write, as users of a created store with TLS
 * and the templates' access strings: what a sweep makes of them, and what the collector counts.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import { readCounters } from '../../../functions/sweep/begin/read-counters.ts';
import type { KeyType } from '../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../functions/sweep/keys/classify-key.ts';
import { makeBaseline } from '../../../functions/sweep/report/make-baseline.ts';
import { type DialectReport, makeReport, type SweepReport, sharesOf } from '../../../functions/sweep/report/make-report.ts';
import { whyNoJava } from '../../../setup/java.mjs';
import { FULL } from '../../e2e/full-run.ts';
import { testCollector } from '../../functions/fakes/test-collector.ts';
import { contextOf, runSweep, type SweepOptions } from '../../functions/sweep/run-sweep.ts';
import { OBSERVER, PASSWORD, startTemplateStore, type TemplateStore } from '../../infra/template-store.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { type Browser, openBrowser } from './browser.ts';
import { type JavaApps, prepareJavaApps } from './java-apps.ts';
import type { JavaServer } from './java-server.ts';
import { flushSettled, keysOf, settledKeysOf, valuesIn } from './redis-dump.ts';

const noJava = whyNoJava();
const SHOP = { user: 'app-shop', password: PASSWORD, keyPrefix: 'sess:shop:' };
const BANK = { user: 'app-bank', password: PASSWORD, keyPrefix: 'sess:bank:' };
const SPRING = `${BANK.keyPrefix}spring:session:`;
const INDEX = `${SPRING}index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:`;
/** Longest life of both examples' sessions. */
const MAX_SECONDS = 1_800;

const tomcatKey = ({ cookie }: Browser) => `${SHOP.keyPrefix}redisson:tomcat_session:${cookie}`;
const springId = ({ cookie }: Browser) => Buffer.from(cookie, 'base64').toString();
const springKey = (user: Browser) => `${SPRING}sessions:${springId(user)}`;

describe.skipIf(!FULL || noJava !== undefined)(`keys of Tomcat and Spring${noJava ? ` (${noJava})` : ''}`, { timeout: 180_000 }, () => {
  let store: TemplateStore;
  let redis: Redis;
  let apps: JavaApps;
  let tomcat: JavaServer;
  let spring: JavaServer;
  beforeAll(async () => {
    store = await startTemplateStore(
      DEFAULT_ENGINE,
      {},
      {
        shop: { channels: ['redisson-tomcat'] },
        bank: { channels: ['spring-session-indexed'] },
      },
    );
    redis = await store.withPassword(OBSERVER);
    apps = await prepareJavaApps(store);
    const forever = '<%@ page session="false" %><% request.getSession(false).setMaxInactiveInterval(-1); %>{}';
    const addPage = (release: string) => writeFile(path.join(release, 'webapps/ROOT/forever.jsp'), forever);
    [tomcat, spring] = await Promise.all([apps.startTomcat(SHOP, 'a', addPage), apps.startSpring(BANK)]);
  }, 300_000);
  afterAll(async () => {
    await apps?.stop();
    await store?.stop();
  });
  beforeEach(() => flushSettled(redis));

  async function login(server: JavaServer, user: string): Promise<Browser> {
    const browser = openBrowser(server.url);
    expect(await browser.login(user)).toMatchObject({ status: 200, body: { user } });
    expect(await browser.count()).toMatchObject({ status: 200, body: { user, count: 1 } });
    return browser;
  }
  /** As the function does it, as the sweep's own user; every key with a TTL is in its sample. */
  async function sweep(options: Omit<SweepOptions, 'settings'> = {}): Promise<SweepReport> {
    const all = { ...options, settings: { ...store.sweepSettings, pace: 'fast', sampleEvery: 1, jitterSeconds: 0 } } as const;
    return makeReport(contextOf(all), [await runSweep(store.connectorOf('holdfast-sweep'), all)], Date.now());
  }
  const dialect = ({ byDialect }: SweepReport, name: string) => byDialect[name] as DialectReport;

  it('are known, each in its role, with the prefix that a fleet has by default', async () => {
    const [ann, bob] = [await login(tomcat, 'ann'), await login(spring, 'bob')];
    const gone = await login(tomcat, 'eve');
    await gone.logout();
    const classify = createClassify(store.sweepSettings);
    const roles = [...(await keysOf(redis))].map(([name, { type }]) => {
      const [known] = classify(name, type as KeyType);
      return `${known?.dialect.name} ${known?.rule.role} ${name.replaceAll(/[0-9A-F]{32}|[0-9a-f]{8}-[0-9a-f-]{27}|\d{13}/g, 'ID')}`;
    });
    expect(roles.toSorted()).toEqual([
      'redisson-tomcat companion sess:shop:redisson:tomcat_notified_nodes:ID.a',
      'redisson-tomcat session sess:shop:redisson:tomcat_session:ID.a',
      'redisson-tomcat session sess:shop:redisson:tomcat_session:ID.a',
      'spring-session companion sess:bank:spring:session:expirations:ID',
      'spring-session companion sess:bank:spring:session:sessions:expires:ID',
      'spring-session session sess:bank:spring:session:sessions:ID',
      `spring-session structural ${INDEX}bob`,
    ]);
    expect(await redis.exists(tomcatKey(ann), springKey(bob))).toBe(2);
  });

  it('a sweep of live sessions changes nothing, and their counters go on', async () => {
    const users = [await login(tomcat, 'ann'), await login(tomcat, 'bob'), await login(spring, 'ann'), await login(spring, 'bob')];
    const before = await settledKeysOf(redis);
    const report = await sweep();
    const after = await keysOf(redis);
    expect(valuesIn(after)).toEqual(valuesIn(before));
    for (const [name, { ttl }] of after) expect(Math.abs(ttl - (before.get(name)?.ttl ?? 0)), name).toBeLessThan(30);
    expect(report.summary).toMatchObject({ withoutTtl: 0, repaired: 0, unknown: 0, structural: 2 });
    expect([dialect(report, 'redisson-tomcat').sessions, dialect(report, 'spring-session').sessions]).toEqual([2, 2]);
    expect(report.remains).toEqual([]);
    for (const user of users) expect(await user.count()).toMatchObject({ status: 200, body: { count: 2 } });
  });

  it('sessions that have lost their TTL get the rest of their lives; what has none by design or intent keeps none', async () => {
    const [ann, ben] = [await login(tomcat, 'ann'), await login(spring, 'ben')];
    const forever = await login(tomcat, 'eve');
    expect((await forever.get('/forever.jsp')).status).toBe(200);
    const marker = `${SPRING}sessions:expires:${springId(ben)}`;
    const [minute = ''] = await redis.keys(`${SPRING}expirations:*`);
    const late = `${SHOP.keyPrefix}redisson:tomcat_notified_nodes:${ann.cookie}`;
    await redis.sadd(late, '92caf517-6ea4-49e6-bbee-ccc86cc1a40b');
    await settledKeysOf(redis);
    for (const key of [tomcatKey(ann), springKey(ben), marker, minute, tomcatKey(forever)]) expect(await redis.persist(key), key).toBe(1);
    const before = await keysOf(redis);
    const dry = await sweep({ dryRun: true, sweepId: 'dry' });
    expect(valuesIn(await keysOf(redis))).toEqual(valuesIn(before));
    expect([...(await keysOf(redis)).values()].map(({ ttl }) => ttl)).toEqual(Array(7).fill(-1));
    const report = await sweep();
    expect(valuesIn(await keysOf(redis))).toEqual(valuesIn(before));
    expect(report.persistentKeys.map(({ id, done, seconds }) => [id, done, seconds]).toSorted()).toEqual(
      dry.persistentKeys.map(({ id, done, seconds }) => [id, done, seconds && expect.closeTo(seconds, -1)]).toSorted(),
    );
    expect(report.summary).toMatchObject({ withoutTtl: 6, repaired: 5, deleted: 0, structural: 1, unknown: 0 });
    expect(dialect(report, 'redisson-tomcat').unrepaired).toEqual({ permanent: 1 });
    expect(dialect(report, 'spring-session').unrepaired).toEqual({});

    const ttlOf = async (key: string) => await redis.ttl(key);
    const expectAbout = async (key: string, seconds: number) => {
      const ttl = await ttlOf(key);
      expect([key, ttl > seconds - 60 && ttl <= seconds + 1]).toEqual([key, true]);
    };
    await expectAbout(tomcatKey(ann), MAX_SECONDS + 60);
    await expectAbout(springKey(ben), MAX_SECONDS + 300);
    await expectAbout(marker, MAX_SECONDS);
    expect(await ttlOf(marker)).toBeLessThan(await ttlOf(springKey(ben)));
    await expectAbout(minute, Number(/\d+$/.exec(minute)?.[0]) / 1_000 + 300 - Date.now() / 1_000);
    expect(await ttlOf(late)).toBeGreaterThan(0);
    expect([await ttlOf(`${INDEX}ben`), await ttlOf(tomcatKey(forever))]).toEqual([-1, -1]);
    for (const user of [ann, ben, forever]) expect(await user.count()).toMatchObject({ status: 200, body: { count: 2 } });
  });

  it('the hashes that logouts leave are named, and are no sessions', async () => {
    const [ann, ben] = [await login(tomcat, 'ann'), await login(spring, 'ben')];
    await login(tomcat, 'stays');
    const left = [tomcatKey(ann), springKey(ben)];
    const ids = [ann.cookie.slice(0, 32), springId(ben)];
    for (const user of [ann, ben]) {
      expect((await user.logout()).status).toBe(204);
      expect((await user.count()).status).toBe(401);
    }
    const [ofTomcat = 0, ofSpring = 0] = await Promise.all(left.map((key) => redis.ttl(key)));
    expect([ofTomcat > 0 && ofTomcat <= 60, ofSpring > 240 && ofSpring <= 300]).toEqual([true, true]);
    const report = await sweep();
    expect([dialect(report, 'redisson-tomcat').remains, dialect(report, 'spring-session').remains]).toEqual([{ ended: 1 }, { ended: 1 }]);
    expect([dialect(report, 'redisson-tomcat').sessions, dialect(report, 'spring-session').sessions]).toEqual([1, 0]);
    for (const id of ids) expect(JSON.stringify(report)).not.toContain(id);
  });

  it('ghosts of Redisson are named: a server writes its copy of a session back, which has gone from the store', async () => {
    const ann = await login(tomcat, 'ann');
    expect(await redis.del(tomcatKey(ann))).toBe(1); // as an eviction, or FLUSHALL
    await ann.count();
    expect((await redis.hkeys(tomcatKey(ann))).toSorted()).toEqual(
      expect.arrayContaining(['session:lastAccessedTime', 'session:thisAccessedTime']),
    );
    const report = await sweep();
    expect(dialect(report, 'redisson-tomcat')).toMatchObject({ sessions: 0, remains: { ghost: 1 } });
    expect(report.remains).toEqual([
      { id: expect.stringMatching(/^[0-9a-f]+$/), dialect: 'redisson-tomcat', remains: 'ghost', hasTtl: true },
    ]);
    // Without a TTL it gets one, as a session does.
    await redis.persist(tomcatKey(ann));
    expect(dialect(await sweep({ sweepId: 'next' }), 'redisson-tomcat')).toMatchObject({
      withoutTtl: 1,
      repaired: 1,
      remains: { ghost: 1 },
    });
    expect(await redis.ttl(tomcatKey(ann))).toBeGreaterThan(MAX_SECONDS - 60);
  });

  it('a login on a server with a ghost is known on every server', async () => {
    const other = await apps.startTomcat(SHOP, 'b');
    try {
      const ann = await login(tomcat, 'ann');
      expect(await ann.count(other.url)).toMatchObject({ body: { count: 2 } });
      await redis.flushall();
      expect([(await ann.count()).status, (await ann.count(other.url)).status]).toEqual([401, 401]);
      await ann.login('ann');
      expect(await ann.count()).toMatchObject({ status: 200, body: { count: 1 } });
      expect(await ann.count(other.url)).toMatchObject({ status: 200, body: { count: 2 } });
    } finally {
      await other.stop();
    }
  });

  it('partial hashes of Spring are named: a request has saved to a session that had gone', async () => {
    const ben = await login(spring, 'ben');
    // The request reads the session, which expires before the request saves its changes: the store holds writes back until then.
    await redis.pexpire(springKey(ben), 700);
    await redis.call('CLIENT', 'PAUSE', '1500', 'WRITE');
    await ben.count().catch(() => undefined);
    expect(await redis.hkeys(springKey(ben))).toEqual(expect.arrayContaining(['lastAccessedTime']));
    expect(await redis.hexists(springKey(ben), 'creationTime')).toBe(0);
    expect((await ben.count()).status).toBe(500);
    const report = await sweep();
    expect(dialect(report, 'spring-session')).toMatchObject({ sessions: 0, remains: { partial: 1 } });
  });

  it('the collector counts their sessions, and no index as a key that lacks a TTL', async () => {
    const users = [await login(tomcat, 'ann'), await login(tomcat, 'bob'), await login(spring, 'ann'), await login(spring, 'bob')];
    for (const user of [await login(tomcat, 'out'), await login(spring, 'out')]) await user.logout();
    const counters = () =>
      readCounters(
        store.connectorOf('holdfast-sweep'),
        () => true,
        async () => undefined,
      );
    const all = { settings: { ...store.sweepSettings, pace: 'fast', sampleEvery: 1 } } as const;
    const context = { ...contextOf(all), counters: await counters(), settingsKey: 'the same' };
    const checkpoint = await runSweep(store.connectorOf('holdfast-sweep'), all);
    const shares = sharesOf(makeReport(context, [checkpoint], Date.now()), undefined);
    const baseline = makeBaseline(context, [{ unit: '0001', checkpoint }], [0], await counters(), { takenAtMs: Date.now() });

    const kept: StoreRecord[] = [];
    const connect = store.connectorOf('holdfast-collect');
    // A reading that is some seconds old is given again: every one of these is a minute after the one before.
    const collect = testCollector({
      now: () => Date.now() + kept.length * 60_000,
      nodes: async () => [{ name: 'store', host: 'localhost', port: store.port, info: async () => (await connect()).info() }],
      shares: async () => shares,
      baseline: { get: async () => baseline, lower: async () => undefined },
      records: {
        getStore: async () => kept.at(-1),
        putStore: async (next) => kept.push(next) > 0,
      },
    });
    expect(await collect()).toMatchObject({
      activeSessions: 4,
      sessionsByDialect: { 'redisson-tomcat': 2, 'spring-session': 2 },
      withoutTtl: 0,
      structural: 2,
    });
    const used = async () => {
      for (const user of users) expect((await user.count()).status).toBe(200);
      return await collect();
    };
    const { hitRatePercent } = await used();
    expect(hitRatePercent).toBeGreaterThan(50);
    // Each request with a cookie whose session has gone is a miss.
    const stale = openBrowser(tomcat.url, 'F'.repeat(32));
    for (let times = 0; times < 50; times += 1) expect((await stale.count()).status).toBe(401);
    expect((await used()).hitRatePercent).toBeLessThan(hitRatePercent ?? 0);
    // As many again, in the same shares: the estimate between two sweeps.
    await Promise.all([login(tomcat, 'eve'), login(tomcat, 'joe'), login(spring, 'eve'), login(spring, 'joe')]);
    const { activeSessions, withoutTtl } = await collect();
    expect(activeSessions).toBeGreaterThanOrEqual(6);
    expect(activeSessions).toBeLessThanOrEqual(10);
    // The indexes of two users who are new since the sweep: below the alarm's threshold, and by design at the next sweep.
    expect(withoutTtl).toBeLessThanOrEqual(3);
  });
});
