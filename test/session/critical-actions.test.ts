/** Without a table: what is checked before a write, and what happens when the table or the key does not answer. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCriticalActions, criticalActionsFromEnvironment } from '../../session/critical-actions/index.mjs';

const ORDER = { id: 'order-1', kind: 'order', body: { item: 'pen' } };
const USER_KEY = 'k'.repeat(32);
const clientOf = (send: (command: { input: object }) => Promise<unknown>) => ({ send }) as never;
const answers = (answer: unknown = {}) => clientOf(async () => answer);
const actionsOf = (client: never, more: object = {}) => createCriticalActions({ client, table: 'orders', userKey: USER_KEY, ...more });

describe('a critical action that is not valid is not written', () => {
  it.each([
    ['an id with blanks', { ...ORDER, id: 'a b' }, /^id must be/],
    ['a kind in upper case', { ...ORDER, kind: 'Order' }, /^kind must be/],
    ['a revision below 1', { ...ORDER, revision: 0 }, /^revision must be/],
    ['a body that JSON cannot express', { ...ORDER, body: undefined }, /^body must be/],
    ['a body that contains itself', { ...ORDER, body: circular() }, /^body must be/],
    ['a body that is too large', { ...ORDER, body: 'é'.repeat(8_192) }, /^body has 16386 bytes as JSON, and the maximum is 16384$/],
  ])('%s', async (_, action, message) => {
    const refused = actionsOf(clientOf(() => Promise.reject(new Error('written')))).save('ann', action);
    await expect(refused).rejects.toMatchObject({ name: 'InvalidCriticalAction', message: expect.stringMatching(message) });
  });

  it.each(['', 42, 'u'.repeat(1_025)])('a user that is none: %s', async (user) => {
    await expect(actionsOf(answers()).pending(user as string)).rejects.toMatchObject({ name: 'InvalidCriticalAction' });
  });
});

describe('a table that does not answer', () => {
  const unavailable = { name: 'CriticalActionsUnavailable' };

  it('ends a call within its time, also where the client does not stop', async () => {
    const never = clientOf(() => new Promise(() => {}));
    await expect(actionsOf(never, { timeoutMs: 20 }).save('ann', ORDER)).rejects.toMatchObject(unavailable);
  });

  it('is named by its error without what was to be written', async () => {
    const refuses = clientOf(() => Promise.reject(Object.assign(new Error('ann pen'), { name: 'AccessDeniedException' })));
    await expect(actionsOf(refuses).finish('ann', 'order-1')).rejects.toMatchObject({
      ...unavailable,
      message: 'the table of critical actions: AccessDeniedException',
    });
  });

  it('reads no more than four pages', async () => {
    let pages = 0;
    const endless = clientOf(async () => {
      pages += 1;
      return { Items: [], LastEvaluatedKey: { user: { S: 'u' } } };
    });
    expect(await actionsOf(endless).pending('ann')).toEqual([]);
    expect(pages).toBe(4);
  });
});

describe('the key that hashes users', () => {
  it('is read again after a failure, and once after that', async () => {
    let reads = 0;
    const userKey = async () => {
      reads += 1;
      if (reads === 1) throw new Error('no');
      return USER_KEY;
    };
    const actions = actionsOf(answers(), { userKey });
    await expect(actions.pending('ann')).rejects.toMatchObject({ name: 'CriticalActionsUnavailable' });
    await actions.pending('ann');
    await actions.pending('ann');
    expect(reads).toBe(2);
  });

  it('decides the hash, which is 64 hex digits', async () => {
    const hashes: unknown[] = [];
    const client = clientOf(async ({ input }) => {
      hashes.push((input as { ExpressionAttributeValues: { ':user': { S: string } } }).ExpressionAttributeValues[':user'].S);
      return {};
    });
    await actionsOf(client).pending('ann');
    await actionsOf(client, { userKey: 'x'.repeat(32) }).pending('ann');
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).not.toBe(hashes[0]);
  });

  it('must not be short', async () => {
    await expect(actionsOf(answers(), { userKey: 'short' }).pending('ann')).rejects.toThrow('fewer than 32 characters');
  });
});

describe('the environment', () => {
  it('has no table where the fleet has none', () => {
    expect(criticalActionsFromEnvironment({})).toBeUndefined();
  });
  it('is refused with a table and no key', () => {
    expect(() => criticalActionsFromEnvironment({ CRITICAL_ACTIONS_TABLE: 't' })).toThrow(
      /CRITICAL_ACTIONS_SECRET_ARN nor CRITICAL_ACTIONS_KEY/,
    );
  });
});

describe('the clients that it makes', () => {
  afterEach(() => vi.unstubAllEnvs());

  // The time of a call is real: a machine that stands still for a second takes a third of it.
  const again = { retry: 2 };
  it.each(['table', 'key'] as const)('try again within the time of a call when the %s is silent on a connection', again, async (what) => {
    let requests = 0;
    const server = createServer((_request, response) => {
      requests += 1;
      // The first one is never answered.
      if (requests > 1) response.setHeader('Content-Type', 'application/x-amz-json-1.0').end(JSON.stringify({ SecretString: USER_KEY }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a-key');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret');
    try {
      const key = what === 'key' ? { CRITICAL_ACTIONS_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:k' } : {};
      const actions = criticalActionsFromEnvironment({
        CRITICAL_ACTIONS_TABLE: 't',
        CRITICAL_ACTIONS_KEY: what === 'table' ? USER_KEY : '',
        ...key,
      });
      expect(await actions?.pending('ann')).toEqual([]);
      expect(requests).toBe(what === 'key' ? 3 : 2);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

function circular(): object {
  const body: Record<string, unknown> = {};
  body['self'] = body;
  return body;
}
