import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '#local-aws/test/emulator/world.ts';
import { createCriticalActionsCollector } from '../../../../../functions/incidents/collect/collect-records.ts';
import { CRITICAL_ACTIONS_TABLE } from '../../../../../functions/incidents/contract/environment.ts';
import { criticalActionsTableName } from '../../../../../functions/shared/naming.ts';
import { createCriticalActions } from '../../../../../session/critical-actions/index.mjs';
import { startApp, startStore } from '../../../../../test/examples/processes.ts';
import { until } from '../../../../../test/until.ts';

const TABLE = criticalActionsTableName('holdfast', 'web');
const USER_KEY = 'k'.repeat(64);
const ORDER = { id: 'order-1', kind: 'order', body: { item: 'pen', quantity: 2 } };
const DAY_MS = 86_400_000;
const HARDENED = 'hardened-node-app';

/**
 * Critical actions as an application writes them and a runbook counts them, on the table's real keys and index.
 * @param isFull whether the hardened example is started too
 */
export function describeCriticalActions(world: () => World, isFull: boolean): void {
  const examples = ['node-app', ...(isFull ? [HARDENED] : [])];
  describe('critical actions', () => {
    let client: DynamoDBClient;
    let nowMs = Date.parse('2026-11-22T03:00:00Z');
    const actions = () => createCriticalActions({ client, table: TABLE, userKey: USER_KEY, now: () => nowMs });

    beforeAll(async () => {
      client = new DynamoDBClient(world().config);
      const { partitionKey, sortKey, ttl, pendingIndex } = CRITICAL_ACTIONS_TABLE;
      await client.send(
        new CreateTableCommand({
          TableName: TABLE,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: partitionKey, AttributeType: 'S' },
            { AttributeName: sortKey, AttributeType: 'S' },
            { AttributeName: pendingIndex.partitionKey, AttributeType: 'S' },
            { AttributeName: ttl, AttributeType: 'N' },
          ],
          KeySchema: [
            { AttributeName: partitionKey, KeyType: 'HASH' },
            { AttributeName: sortKey, KeyType: 'RANGE' },
          ],
          GlobalSecondaryIndexes: [
            {
              IndexName: pendingIndex.name,
              KeySchema: [
                { AttributeName: pendingIndex.partitionKey, KeyType: 'HASH' },
                { AttributeName: ttl, KeyType: 'RANGE' },
              ],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          ],
        }),
      );
    });
    afterAll(() => client?.destroy());

    const count = async () => {
      const dynamo = DynamoDBDocumentClient.from(client);
      const collect = createCriticalActionsCollector({ dynamo, installation: 'holdfast', fleets: ['web', 'gone'], now: () => nowMs });
      return collect({
        incidentId: 'inc-0123456789ab',
        runbook: 'store-failure',
        fleets: ['web', 'gone', 'without'],
        fromMs: 0,
        toMs: nowMs,
        firstSignMs: 0,
        hashKey: '00',
      });
    };

    it('are offered again by another server until they are finished, to their user alone', async () => {
      expect(await actions().save('ann@example.com', ORDER)).toBe('pending');
      expect(await actions().pending('ann@example.com')).toEqual([{ ...ORDER, revision: 1, savedAt: new Date(nowMs) }]);
      expect(await actions().pending('bob@example.com')).toEqual([]);
      expect(await actions().finish('ann@example.com', 'order-1')).toBe('finished');
      expect(await actions().pending('ann@example.com')).toEqual([]);
    });

    it('are not carried out twice: a finished one stays finished', async () => {
      expect(await actions().save('ann@example.com', ORDER)).toBe('finished');
      expect(await actions().save('ann@example.com', { ...ORDER, revision: 7 })).toBe('finished');
      expect(await actions().finish('ann@example.com', 'order-1')).toBe('finished');
      expect(await actions().finish('ann@example.com', 'order-of-nobody')).toBe('absent');
    });

    it('take the same write again, a newer one, and no older or other one', async () => {
      const payment = { id: 'payment-1', kind: 'payment', body: { amount: 10 } };
      await actions().save('cid', payment);
      expect(await actions().save('cid', payment)).toBe('pending');
      expect(await actions().save('cid', { ...payment, revision: 2, body: { amount: 12 } })).toBe('pending');
      const refused = { name: 'CriticalActionConflict', message: expect.not.stringMatching(/amount|cid/) };
      await expect(actions().save('cid', payment)).rejects.toMatchObject(refused);
      await expect(actions().save('cid', { ...payment, revision: 2, body: { amount: 13 } })).rejects.toMatchObject(refused);
      expect(await actions().pending('cid')).toMatchObject([{ body: { amount: 12 }, revision: 2 }]);
    });

    it('are counted by the runbook without those that are finished, and a table that fails is a gap', async () => {
      expect(await count()).toEqual({
        takenAtMs: nowMs,
        facts: { fleets: [{ fleet: 'web', pending: 1 }] },
        gaps: ['the pending critical actions of fleet gone could not be counted (ResourceNotFoundException)'],
      });
    });

    it('hold no name of a user, and of a finished one no content', async () => {
      const { Items } = await client.send(new ScanCommand({ TableName: TABLE }));
      const text = JSON.stringify(Items);
      expect(Items).toHaveLength(2);
      expect(text).not.toMatch(/ann|example|cid|pen"/);
      expect(text).toContain('amount');
    });

    it('expire after a day, whether DynamoDB has deleted them yet or not', async () => {
      nowMs += DAY_MS + 1_000;
      expect(await actions().pending('cid')).toEqual([]);
      expect(await count()).toMatchObject({ facts: { fleets: [{ fleet: 'web', pending: 0 }] } });
      expect(await actions().save('cid', { id: 'payment-1', kind: 'payment', body: 'another' })).toBe('pending');
    });

    // The second one says with each page where its orders are.
    it.each(examples)(
      'outlive the sessions of %s: after a store that lost everything, its order is offered at the next login',
      async (example) => {
        const folder = await mkdtemp(join(tmpdir(), 'holdfast-orders-'));
        execFileSync(process.execPath, [`examples/${example}/build.mjs`, '--version', '1.1.0', '--out', folder]);
        const { endpoint, region, credentials } = world().config;
        const lost = await startStore();
        const app = await startApp(folder, lost.port, undefined, undefined, {
          AWS_ENDPOINT_URL: endpoint,
          AWS_REGION: region,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          CRITICAL_ACTIONS_TABLE: TABLE,
          CRITICAL_ACTIONS_KEY: USER_KEY,
          SESSION_SECRET: 'cookies',
        });
        let cookie = '';
        const ask = async (path: string, body?: object, accept = 'application/json') => {
          const headers = { 'content-type': 'application/json', 'x-forwarded-proto': 'https', cookie, accept };
          const response = await fetch(
            `http://127.0.0.1:${app.port}${path}`,
            body ? { method: 'POST', headers, body: JSON.stringify(body), redirect: 'manual' } : { headers },
          );
          cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
          return response;
        };
        const send = async (path: string, body?: object) => {
          const response = await ask(path, body);
          return { status: response.status, body: (await response.json()) as object };
        };
        const page = async () => (await ask('/', undefined, 'text/html')).text();
        const id = `o-1-${example}`;
        const order = { id, item: 'pen', quantity: 2 };
        let store = lost;
        try {
          await send('/login', { user: 'dora' });
          expect(await send('/orders', order)).toMatchObject({ status: 201, body: { outlivesSession: true } });
          expect((await send('/orders')).body).toEqual({ orders: [order] });
          await lost.stop('SIGKILL');
          store = await startStore(lost.port);
          await until(async () => (await send('/orders')).status === 401 || undefined);
          await send('/login', { user: 'dora' });
          expect((await send('/orders')).body).toEqual({ orders: [{ ...order, offeredAgain: true }] });
          if (example === HARDENED) {
            expect(await page()).toMatch(/2 × pen <span class="soft">from before you logged in[\s\S]*offered again wherever you log in/);
            // The page's form, sent twice, is one order.
            const form = { id: /name="id" value="([^"]+)"/.exec(await page())?.[1], item: 'ink' };
            for (let time = 1; time <= 2; time += 1) expect((await ask('/orders', form, 'text/html')).headers.get('location')).toBe('/');
            expect((await page()).match(/1 × ink/g)).toHaveLength(1);
            await send(`/orders/${form.id}/confirm`, {});
          }
          expect(await send(`/orders/${id}/confirm`, {})).toMatchObject({ status: 200 });
          expect((await send('/orders')).body).toEqual({ orders: [] });
          expect(await send('/orders', order)).toMatchObject({ status: 409 });
        } finally {
          await Promise.all([app.stop('SIGKILL'), store.stop('SIGKILL')]);
          await rm(folder, { recursive: true, force: true });
        }
      },
    );
  });
}
