/** A real failover under logins: the same cookie works afterwards, and the estimate of what was lost holds against the truth. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Reply, type RunningService, startService } from '#local-aws/test/elasticache/running-service.ts';
import type { StoreRecord } from '../../../../functions/collect/contract.ts';
import { createStoreNodes } from '../../../../functions/collect/store-nodes.ts';
import { describeLostSessions, estimateLostSessions } from '../../../../functions/incidents/estimate/report-facts.ts';
import { createStoreConnector } from '../../../../functions/shared/store/store-connection.ts';
import { createStoreLogin } from '../../../../functions/shared/store/store-login.ts';
import { type Process, startApp } from '../../../examples/processes.ts';
import { until } from '../../../until.ts';
import { testCollector } from '../../fakes/test-collector.ts';

const PAUSE_BETWEEN_LOGINS_MS = 10;
/** So many seconds of logins that those of the last few, which the error covers, are less than half. */
const SAMPLES = 12;
const SAMPLE_MS = 1_000;

let local: RunningService;
let app: Process;
let folder: string;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-failover-'));
  execFileSync(process.execPath, ['examples/node-app/build.mjs', '--version', '1.1.0', '--out', folder]);
  local = await startService();
  await local.call('CreateReplicationGroup', {
    ReplicationGroupId: 'store',
    ReplicationGroupDescription: 'sessions',
    Engine: 'valkey',
    NumCacheClusters: '3',
    AutomaticFailoverEnabled: 'true',
    MultiAZEnabled: 'true',
  });
  await local.service.settled('store');
  const reply: Reply = await local.call('DescribeReplicationGroups', { ReplicationGroupId: 'store' });
  port = reply.ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Port;
  app = await startApp(folder, port);
});
afterAll(async () => {
  await app?.stop('SIGKILL');
  await local?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The collector, with its record in memory and a sample of the window at every reading. */
function collector() {
  let stored: StoreRecord | undefined;
  const login = createStoreLogin({ mode: 'none' }, {}, Date.now);
  const settings = { host: 'localhost', port, tls: false, auth: { mode: 'none' } } as const;
  const collect = testCollector({
    nodes: createStoreNodes(settings, {}, (node) => createStoreConnector(node, login, {})()),
    records: {
      getStore: async () => stored,
      putStore: async (record) => {
        stored = record;
        return true;
      },
    },
    sampleSeconds: 1,
  });
  return { collect, record: () => stored as StoreRecord };
}

const url = (path: string) => `http://127.0.0.1:${app.port}${path}`;
/** The cookie of a login that was answered; undefined for one that was not. */
async function login(): Promise<string | undefined> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url('/login'), { method: 'POST', headers, body: '{"user":"ann"}', signal: AbortSignal.timeout(5_000) });
  await response.text();
  return response.status === 200 ? response.headers.get('set-cookie')?.split(';')[0] : undefined;
}
const isLoggedIn = async (cookie: string) => (await fetch(url('/count'), { headers: { cookie } })).status === 200;

describe('a primary that is killed while users log in', () => {
  it('leaves their cookies valid; those that replication lost are within the estimate', { timeout: 120_000 }, async () => {
    const cookies: string[] = [];
    let isOver = false;
    const users = Promise.all(
      [0, 1, 2, 3].map(async () => {
        while (!isOver) {
          const cookie = await login().catch(() => undefined);
          if (cookie) cookies.push(cookie);
          await sleep(PAUSE_BETWEEN_LOGINS_MS);
        }
      }),
    );
    const { collect, record } = collector();
    const primary = () => local.service.nodes('store').find(({ role }) => role === 'primary')?.nodeId ?? '';
    let kept: string[] = [];
    try {
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        await sleep(SAMPLE_MS);
        await collect();
      }
      const old = primary();
      kept = cookies.slice(0, 5);
      local.service.killNode('store', old);
      await until(() => primary() !== old && primary() !== '', 'the failover', 60_000);
      await until(async () => (await login().catch(() => undefined)) !== undefined, 'a login after the failover', 60_000);
      await until(
        async () => (await collect().catch(() => undefined)) !== undefined && record().lastFailover !== undefined,
        'a reading',
        60_000,
      );
    } finally {
      isOver = true;
      await users;
    }
    for (const cookie of kept) expect(await isLoggedIn(cookie)).toBe(true);
    const failover = record().lastFailover;
    if (!failover) throw new Error('no failover was noted');
    let lost = 0;
    for (const cookie of cookies) if (!(await isLoggedIn(cookie))) lost += 1;
    const estimate = estimateLostSessions(failover);
    console.log(`${cookies.length} logins, ${lost} lost; ${describeLostSessions(failover)}`, JSON.stringify({ failover, estimate }));
    expect(failover.continuedFrom).toBeGreaterThan(0);
    expect(cookies.length).toBeGreaterThan(100);
    expect(estimate?.low).toBeLessThanOrEqual(lost);
    expect(estimate?.high).toBeGreaterThanOrEqual(lost);
    // An error that says nothing would hold as well.
    expect(estimate?.high).toBeLessThan(cookies.length / 2);
  });
});
