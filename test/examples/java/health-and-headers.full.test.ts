/** What a Tomcat answers about its own health, and the headers with which both examples protect a browser's session. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { whyNoJava } from '../../../setup/java.mjs';
import { FULL } from '../../e2e/full-run.ts';
import { PASSWORD, startTemplateStore, type TemplateStore } from '../../infra/template-store.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { type JavaApps, prepareJavaApps } from './java-apps.ts';
import type { JavaServer } from './java-server.ts';

const noJava = whyNoJava();
const SHOP = { user: 'app-shop', password: PASSWORD, keyPrefix: 'sess:shop:' };
const BANK = { user: 'app-bank', password: PASSWORD, keyPrefix: 'sess:bank:' };
/** The store answers nobody meanwhile: longer than the readiness check waits. */
const PAUSE_MS = 6_000;
const AGAIN = { timeout: 60_000, interval: 500 };
const UP = { status: 'UP' };

describe.skipIf(!FULL || noJava !== undefined)(`Tomcat and Spring${noJava ? ` (${noJava})` : ''}`, { timeout: 180_000 }, () => {
  let store: TemplateStore;
  let apps: JavaApps;
  let tomcat: JavaServer;
  let spring: JavaServer;
  beforeAll(async () => {
    const fleets = { shop: { channels: ['redisson-tomcat'] }, bank: { channels: ['spring-session-indexed'] } };
    store = await startTemplateStore(DEFAULT_ENGINE, {}, fleets);
    apps = await prepareJavaApps(store);
    [tomcat, spring] = await Promise.all([apps.startTomcat(SHOP, 'a'), apps.startSpring(BANK)]);
  }, 300_000);
  afterAll(async () => {
    await apps?.stop();
    await store?.stop();
  }, 60_000);

  const readiness = async () => {
    const response = await fetch(`${tomcat.statusUrl}/health`);
    return [response.status, ((await response.json()) as { components: Record<string, { status: string }> }).components];
  };

  it('fails the readiness check of Tomcat while no session can be kept in the store', async () => {
    await vi.waitFor(async () => expect(await readiness()).toEqual([200, { application: UP, sessions: UP, pages: UP }]), AGAIN);
    await store.admin('CLIENT', 'PAUSE', `${PAUSE_MS}`, 'ALL');
    expect(await readiness()).toEqual([503, { sessions: { status: 'DOWN' } }]);
    await vi.waitFor(async () => expect((await readiness())[0]).toBe(200), AGAIN);
    const log = await readFile(tomcat.logFile, 'utf8');
    expect(log).toContain('The readiness check of the sessions is not done after 1700 ms.');
    expect(log).not.toMatch(/[0-9A-F]{32}/);
  });

  it('leaves no session of the readiness check behind for longer than a minute', async () => {
    const keys = (await store.admin('KEYS', `${SHOP.keyPrefix}redisson:*`)) as string[];
    const lifetimes = await Promise.all(keys.map((key) => store.admin('TTL', key)));
    expect(lifetimes.filter((seconds) => Number(seconds) < 0 || Number(seconds) > 120)).toEqual([]);
  });

  it.each(['Tomcat', 'Spring'])('%s sends HSTS to a browser that used HTTPS', async (name) => {
    const { url } = name === 'Tomcat' ? tomcat : spring;
    const { headers } = await fetch(`${url}/count`, { headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' } });
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000\b/);
    const plain = await fetch(`${url}/count`);
    expect(plain.headers.get('strict-transport-security')).toBeNull();
  });
});
