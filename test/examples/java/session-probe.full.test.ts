/** The session probe's paths of the example for Tomcat and the one for Spring: on two servers of one release, by the document of a deploy. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readContract } from '../../../cli/releases/read-contract.ts';
import { observeOutput, type SessionProbed } from '../../../functions/instance/document-contract.ts';
import type { AppContract } from '../../../functions/shared/app-contract.ts';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { whyNoJava } from '../../../setup/java.mjs';
import { FULL } from '../../e2e/full-run.ts';
import { OBSERVER, PASSWORD, startTemplateStore, type TemplateStore } from '../../infra/template-store.ts';
import { runStep } from '../../server/documents/run-step.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { type JavaApps, prepareJavaApps } from './java-apps.ts';
import type { JavaServer } from './java-server.ts';
import { flushSettled, settledKeysOf } from './redis-dump.ts';

const noJava = whyNoJava();
const SHOP = { user: 'app-shop', password: PASSWORD, keyPrefix: 'sess:shop:' };
const BANK = { user: 'app-bank', password: PASSWORD, keyPrefix: 'sess:bank:' };
const CONTENT = documentContent('observe', '');
/** As the load balancer's requests have them, from elsewhere and from the same machine. */
const FORWARDED = [{ 'x-forwarded-for': '203.0.113.9' }, { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-port': '443' }];
/** What each framework adds to a session. */
const OWN_FIELDS = /^(session:|creationTime=|lastAccessedTime=|maxInactiveInterval=)/;

describe.skipIf(!FULL || noJava !== undefined)(`session probes of Java${noJava ? ` (${noJava})` : ''}`, { timeout: 180_000 }, () => {
  let folder: string;
  let store: TemplateStore;
  let redis: Redis;
  let apps: JavaApps;
  let fleets: Record<string, { readonly contract: AppContract; readonly servers: readonly [JavaServer, JavaServer] }>;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'java-probe-'));
    writeFileSync(path.join(folder, 'aws'), `#!/bin/sh\necho '${'k'.repeat(64)}'\n`);
    chmodSync(path.join(folder, 'aws'), 0o755);
    const channels = { shop: { channels: ['redisson-tomcat'] }, bank: { channels: ['spring-session-indexed'] } };
    store = await startTemplateStore(DEFAULT_ENGINE, {}, channels);
    redis = await store.withPassword(OBSERVER);
    apps = await prepareJavaApps(store);
    const contracts: AppContract[] = [];
    const keep = async (release: string) => void contracts.push(await readContract(release));
    const [a, b, c, d] = await Promise.all([
      ...(['a', 'b'] as const).map((name) => apps.startTomcat(SHOP, name, keep)),
      ...[apps.startSpring(BANK), apps.startSpring(BANK)],
    ]);
    fleets = {
      Tomcat: { contract: contracts[0] as AppContract, servers: [a, b] as [JavaServer, JavaServer] },
      Spring: { contract: await readContract('examples/spring-app'), servers: [c, d] as [JavaServer, JavaServer] },
    };
  }, 300_000);
  beforeEach(() => flushSettled(redis));
  afterAll(async () => {
    await apps?.stop();
    await store?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const fleetOf = (name: string) => {
    const { contract, servers } = fleets[name] as (typeof fleets)[string];
    return { contract, servers, ...(contract.session?.probe as { write: string; read: string }) };
  };
  /** What the document of a deploy reports on a server. */
  async function probe(contract: AppContract, { url }: JavaServer, parameters: Record<string, string>): Promise<SessionProbed | undefined> {
    const root = mkdtempSync(path.join(folder, 'server-'));
    const release = path.join(root, 'releases/1.0.0');
    for (const place of [release, path.join(root, 'etc')]) mkdirSync(place, { recursive: true });
    symlinkSync(release, path.join(root, 'current'));
    const { statusPort: _, ...rest } = contract;
    writeFileSync(path.join(release, 'holdfast.app.json'), JSON.stringify({ ...rest, port: Number(new URL(url).port) }));
    const { stdout, stderr } = await runStep(CONTENT, 'observe', root, {
      ...{ SSM_attempts: '0', SSM_intervalSeconds: '0', SSM_confirmSeconds: '0', SSM_sealed: '', SSM_probeSecret: 'arn:aws:secret' },
      ...{ HOLDFAST_ROOT: root, PATH: folder },
      ...parameters,
    });
    return stdout === '' ? { reason: stderr } : observeOutput.parse(JSON.parse(stdout)).probe;
  }

  it.each(['Tomcat', 'Spring'])('%s: a deploy’s document writes a session on one server and reads it on the other', async (name) => {
    const { contract, servers } = fleetOf(name);
    for (const [writer, reader] of [servers, servers.toReversed()] as [JavaServer, JavaServer][]) {
      const written = await probe(contract, writer, { SSM_probe: 'write' });
      expect(written).toEqual({ cookie: { name: 'SID', secure: true, httpOnly: true }, sealed: expect.any(String) });
      expect(await probe(contract, reader, { SSM_probe: 'read', SSM_sealed: written?.sealed ?? '' })).toEqual({
        read: 'same',
        status: 200,
      });
    }
  });

  it.each(['Tomcat', 'Spring'])('%s: the session has the answered value, and nothing of a user', async (name) => {
    const { servers, write } = fleetOf(name);
    const written = await fetch(`${servers[0].url}${write}`);
    expect(written.headers.get('content-type')).toMatch(/^text\/plain/);
    const value = await written.text();
    expect(value.trim()).toMatch(/^[0-9a-f-]{36}$/);
    const keys = await settledKeysOf(redis);
    const fields = [...keys.values()].filter(({ type }) => type === 'hash').flatMap((key) => key.value);
    expect(fields.filter((field) => !OWN_FIELDS.test(field))).toEqual([expect.stringMatching(/^(sessionAttr:)?probe=/)]);
    expect(fields.find((field) => field.includes('probe='))).toContain(value.trim());
    expect([...keys.keys()].join(' ')).not.toContain('PRINCIPAL_NAME');
  });

  it.each(['Tomcat', 'Spring'])('%s: a visitor gets 404 and no session, even with a session of the probe', async (name) => {
    const { servers, write, read } = fleetOf(name);
    const before = (await settledKeysOf(redis)).size;
    for (const headers of FORWARDED) {
      const refused = await fetch(`${servers[0].url}${write}`, { headers });
      expect([refused.status, refused.headers.get('set-cookie')]).toEqual([404, null]);
    }
    const without = await fetch(`${servers[0].url}${read}`);
    expect([without.status, without.headers.get('set-cookie')]).toEqual([404, null]);
    expect((await settledKeysOf(redis)).size).toBe(before);
    const written = await fetch(`${servers[0].url}${write}`);
    const cookie = written.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await fetch(`${servers[1].url}${read}`, { headers: { cookie } })).status).toBe(200);
    for (const headers of FORWARDED)
      expect((await fetch(`${servers[1].url}${read}`, { headers: { ...headers, cookie } })).status).toBe(404);
  });
});
