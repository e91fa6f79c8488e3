/** Spring for real on two servers: what the well-known chain ends and what it does not, a start that the store refuses, and what a killed server leaves. */
import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeReport } from '../../../functions/sweep/report/make-report.ts';
import { whyNoJava } from '../../../setup/java.mjs';
import { FULL } from '../../e2e/full-run.ts';
import { contextOf, runSweep } from '../../functions/sweep/run-sweep.ts';
import { OBSERVER, PASSWORD, startTemplateStore, type TemplateStore } from '../../infra/template-store.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { SECURITY_WITH_LOGIN, SECURITY_WITH_REGISTRY, WITHOUT_REGISTRY } from '../spring-snippets.ts';
import { openBrowser } from './browser.ts';
import { type JavaApps, prepareJavaApps } from './java-apps.ts';
import type { JavaServer } from './java-server.ts';

const noJava = whyNoJava();
const BANK = { user: 'app-bank', password: PASSWORD, keyPrefix: 'sess:bank:' };
const SPRING = `${BANK.keyPrefix}spring:session:`;
const INDEX = `${SPRING}index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:`;
const WAIT = { timeout: 20_000, interval: 200 };

describe.skipIf(!FULL || noJava !== undefined)(`Spring on two servers${noJava ? ` (${noJava})` : ''}`, { timeout: 240_000 }, () => {
  let store: TemplateStore;
  let redis: Redis;
  let apps: JavaApps;
  const running: JavaServer[] = [];
  beforeAll(async () => {
    store = await startTemplateStore(DEFAULT_ENGINE, {}, { bank: { channels: ['spring-session-indexed'] } });
    redis = await store.withPassword(OBSERVER);
    apps = await prepareJavaApps(store);
  }, 300_000);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.kill()));
    await redis.flushall();
  });
  afterAll(async () => {
    await apps?.stop();
    await store?.stop();
  }, 60_000);

  /** @param start of one server */
  async function twoOf(start: JavaApps['startSpring']): Promise<readonly [JavaServer, JavaServer]> {
    const servers = await Promise.all([start(BANK), start(BANK)]);
    running.push(...servers);
    return servers as [JavaServer, JavaServer];
  }
  async function logInAt({ url }: JavaServer, user: string) {
    const browser = openBrowser(url);
    expect(await browser.login(user)).toMatchObject({ status: 200, body: { user } });
    expect(await browser.count()).toMatchObject({ status: 200, body: { user, count: 1 } });
    return browser;
  }

  it('with the printed chain, a second login on the other server ends nothing: the limit is that of each JVM', async () => {
    const [one, two] = await twoOf(apps.springWith('printed', [SECURITY_WITH_LOGIN, WITHOUT_REGISTRY]));
    const [first, second] = [await logInAt(one, 'ann'), await logInAt(two, 'ann')];
    expect(await first.count()).toMatchObject({ status: 200, body: { user: 'ann', count: 2 } });
    expect(await first.count(two.url)).toMatchObject({ status: 200, body: { user: 'ann', count: 3 } });
    expect(await second.count(one.url)).toMatchObject({ status: 200, body: { user: 'ann', count: 2 } });
    // On the same server it does.
    const third = await logInAt(one, 'ann');
    expect((await first.count()).body).not.toHaveProperty('count');
    expect(await third.count()).toMatchObject({ status: 200, body: { count: 2 } });
  });

  it('with the shared registry alone, the ended session gets 200 with a text in the place of the page', async () => {
    const [one, two] = await twoOf(apps.springWith('registry', [SECURITY_WITH_REGISTRY]));
    const first = await logInAt(one, 'ann');
    await logInAt(two, 'ann');
    const response = await fetch(`${one.url}/count`, { headers: { cookie: `SID=${first.cookie}`, 'x-forwarded-proto': 'https' } });
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('This session has been expired')]);
  });

  it('with the example, the ended session gets 401', async () => {
    const [one, two] = await twoOf(apps.startSpring);
    const first = await logInAt(one, 'ann');
    const second = await logInAt(two, 'ann');
    expect(await first.count()).toMatchObject({ status: 401, body: { error: 'logged in elsewhere' } });
    expect(await second.count(one.url)).toMatchObject({ status: 200, body: { count: 2 } });
  });

  it('without configure-action: none it does not start, since its user may not change the store', async () => {
    const failed = await apps.startSpring(BANK, '--spring.session.redis.configure-action=notify-keyspace-events').then(
      () => 'it started',
      ({ message }: Error) => message,
    );
    expect(failed).toMatch(/^the server ended before it was up: .*[.]log$/);
    const log = await readFile(failed.replace(/^.*: /, ''), 'utf8');
    expect(log).toMatch(/NOPERM.*config\|get/);
    // The example's configuration has it.
    running.push(await apps.startSpring(BANK));
  });

  it('a killed server leaves an entry in the index of a session that ended meanwhile, which sweep --reconcile removes', async () => {
    const server = await apps.startSpring(BANK);
    const [ann, bob] = [await logInAt(server, 'ann'), await logInAt(server, 'bob')];
    const [ended, live] = [ann, bob].map(({ cookie }) => Buffer.from(cookie, 'base64').toString()) as [string, string];
    await server.kill();
    // As time does: nobody listens as the keys of the session expire.
    for (const key of await redis.keys(`${SPRING}*${ended}`)) await redis.pexpire(key, 1);
    await vi.waitFor(async () => expect(await redis.exists(`${SPRING}sessions:${ended}`)).toBe(0), WAIT);
    expect([await redis.scard(`${INDEX}ann`), await redis.scard(`${INDEX}bob`)]).toEqual([1, 1]);

    const sweep = async (reconcile: boolean) => {
      const all = { settings: { ...store.sweepSettings, pace: 'fast', jitterSeconds: 0, reconcile }, sweepId: `${reconcile}` } as const;
      return makeReport(contextOf(all), [await runSweep(store.connectorOf('holdfast-sweep'), all)], Date.now());
    };
    await sweep(false);
    expect(await redis.scard(`${INDEX}ann`)).toBe(1);
    await sweep(true);
    expect([await redis.exists(`${INDEX}ann`), await redis.scard(`${INDEX}bob`)]).toEqual([0, 1]);
    expect(await redis.exists(`${SPRING}sessions:${live}`)).toBe(1);
    const again = await apps.startSpring(BANK);
    running.push(again);
    expect(await bob.count(again.url)).toMatchObject({ status: 200, body: { user: 'bob', count: 2 } });
  });
});
