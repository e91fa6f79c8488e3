/** What the scheduled function reads and writes in AWS: passwords, and the sessions that it keeps. */
import { randomBytes } from 'node:crypto';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import {
  type CanaryRecord,
  dynamoCanaryRecords,
  emptyRecord,
  readCanary,
  withVanished,
} from '../../../functions/canary/contract/canary-records.ts';
import { RecipeFailed } from '../../../functions/canary/contract/errors.ts';
import type { Cookie } from '../../../functions/canary/http/cookie-jar.ts';
import type { Kept } from '../../../functions/canary/kept/judge-kept.ts';
import { scheduledTurn } from '../../../functions/canary/schedule/scheduled-turn.ts';
import { KEY_COST, keptParameter, openSessions, sealSessions, sessionsKey } from '../../../functions/canary/schedule/seal-sessions.ts';
import { secretPasswords } from '../../../functions/canary/schedule/secret-passwords.ts';
import type { DynamoCalls } from '../../../functions/records/dynamo-calls.ts';
import { createRecordsTable } from '../../../functions/records/records-table.ts';
import { fakeClient, serviceError } from '../fakes/fake-client.ts';
import { memoryRecipe, memorySite, PASSWORDS } from './memory-site.ts';

/** A guess costs nothing here. */
const keyOf = (passwords: readonly string[], name: string) => sessionsKey(passwords, name, { N: 2, r: 1, p: 1 });

const serviceOf = <Client>(answer: (operation: string, input: Record<string, unknown>) => unknown): Client => fakeClient<Client>(answer);

describe('passwords', () => {
  const read = (secrets: Readonly<Record<string, string>>) =>
    secretPasswords(
      serviceOf((operation, { SecretId }) => {
        expect(operation).toBe('GetSecretValue');
        const SecretString = secrets[String(SecretId)];
        if (SecretString === undefined) throw serviceError('ResourceNotFoundException', 'no such secret', 400);
        return { SecretString };
      }),
      memoryRecipe(),
    );

  it('are text, or the field "password" of a JSON object', async () => {
    const passwords = await read({ 'shop/anna': 'one two', 'shop/ben': '{"username":"ben","password":"three"}' });
    expect(Object.fromEntries(passwords)).toEqual({ 'canary-anna': 'one two', 'canary-ben': 'three' });
  });

  it.each([
    ['a secret that is not there', { 'shop/anna': 'x' }, 'shop/ben cannot be read (ResourceNotFoundException)'],
    ['an object without the field', { 'shop/anna': '{"pass":"secret-words"}', 'shop/ben': 'x' }, 'neither text nor a field'],
    ['broken JSON', { 'shop/anna': '{"password":"secret-words"', 'shop/ben': 'x' }, 'neither text nor a field'],
    ['an empty one', { 'shop/anna': '', 'shop/ben': 'x' }, 'neither text nor a field'],
  ])('make the recipe fail with %s, and are in no message', async (_, secrets, why) => {
    const error = await read(secrets as unknown as Record<string, string>).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RecipeFailed);
    expect((error as Error).message).toContain(why);
    expect((error as Error).message).not.toContain('secret-words');
  });

  it('fail as themselves where Secrets Manager has trouble: that is none of the recipe', async () => {
    const trouble = serviceOf<SecretsManagerClient>(() => {
      throw serviceError('InternalServiceError', 'later', 500);
    });
    await expect(secretPasswords(trouble, memoryRecipe())).rejects.toThrow(expect.objectContaining({ name: 'InternalServiceError' }));
  });
});

describe('the kept sessions', () => {
  const kept: Kept = {
    names: ['SID'],
    a: { cookies: [], startedAtMs: 1, lastUsedAtMs: 2 },
    b: { cookies: [], startedAtMs: 1, lastUsedAtMs: 2, next: 'after' },
  };
  const parameterStore = (key = async () => keyOf(['one', 'two'], '/kept')) => {
    const written: Record<string, unknown>[] = [];
    const ssm = serviceOf<SSMClient>((operation, input) => {
      if (operation === 'PutParameter') {
        written.push(input);
        return {};
      }
      expect(input).toMatchObject({ Name: '/kept', WithDecryption: true });
      const value = written.at(-1)?.['Value'];
      if (value === undefined) throw serviceError('ParameterNotFound', 'none', 400);
      return { Parameter: { Value: value } };
    });
    return { written, store: keptParameter(ssm, '/kept', key) };
  };

  it('are none before the first write, and what was written after it', async () => {
    const { store, written } = parameterStore();
    expect(await store.read()).toBeUndefined();
    await store.write(kept);
    expect(await store.read()).toEqual(kept);
    await store.write(undefined);
    expect(await store.read()).toBeUndefined();
    // What somebody else has written there, or an earlier version in plain text.
    for (const Value of ['{"a":"secret', JSON.stringify(kept), 'v2.', 'v2.AAAA', `v2.${'A'.repeat(80)}`]) {
      written.push({ ...written.at(-1), Value });
      expect(await store.read()).toBeUndefined();
    }
    for (const input of written) expect(input).toMatchObject({ Name: '/kept', Type: 'SecureString', Overwrite: true });
  });
});

describe('kept sessions that are too large', () => {
  it('are refused as the recipe is, before anything is sent: Parameter Store would refuse them with an error of its own', async () => {
    const sent: string[] = [];
    const store = keptParameter(
      serviceOf((operation) => void sent.push(operation)),
      '/kept',
      async () => keyOf(['one', 'two'], '/kept'),
    );
    const value = randomBytes(4_096).toString('base64url');
    const session = { cookies: [{ name: 'SID', value, host: 'shop', secure: true, httpOnly: true }], startedAtMs: 1, lastUsedAtMs: 2 };
    await expect(store.write({ names: ['SID'], a: session, b: { ...session, next: 'before' } })).resolves.toBeUndefined();
    const other = {
      ...session,
      cookies: session.cookies.map((cookie) => ({ ...cookie, value: randomBytes(4_096).toString('base64url') })),
    };
    await expect(store.write({ names: ['SID'], a: session, b: { ...other, next: 'before' } })).rejects.toThrow(
      expect.objectContaining({ name: 'RecipeFailed', message: expect.stringContaining('a parameter has room for 8192') }),
    );
    expect(sent).toEqual(['PutParameter']);
  });
});

describe('the kept sessions in the parameter', () => {
  const id = 'Zr3kQ-xD_9vLw2HcTn7bYpM4';
  const session = {
    cookies: [{ name: '__Host-SID', value: id, host: 'shop.example.com', secure: true, httpOnly: true }],
    ...{ startedAtMs: 1, lastUsedAtMs: 2 },
  };
  const sessions: Kept = { names: ['__Host-SID'], a: session, b: { ...session, next: 'before' } };
  const key = keyOf(['one', 'two'], '/kept');

  it('are encrypted, each time otherwise', () => {
    const [first, next] = [sealSessions(sessions, key), sealSessions(sessions, key)];
    expect(first).not.toBe(next);
    for (const text of [first, Buffer.from(first.slice(3), 'base64url').toString('latin1')])
      for (const part of [id, 'SID', 'shop.example.com']) expect(text).not.toContain(part);
    expect(openSessions(first, key)).toEqual(sessions);
  });

  it.each([
    ['another password of A', keyOf(['One', 'two'], '/kept')],
    ['another password of B', keyOf(['one', 'Two'], '/kept')],
    ['the same letters in other passwords', keyOf(['onet', 'wo'], '/kept')],
    ['the passwords of each other', keyOf(['two', 'one'], '/kept')],
    ['the parameter of another fleet', keyOf(['one', 'two'], '/other')],
  ])('are none with %s', (_, other) => {
    expect(openSessions(sealSessions(sessions, key), other)).toBeUndefined();
  });

  it('are none once a single bit was changed, or the tag was shortened', () => {
    const bytes = Buffer.from(sealSessions(sessions, key).slice(3), 'base64url');
    for (const [at, byte] of bytes.entries()) {
      const changed = Buffer.from(bytes);
      changed[at] = byte ^ 1;
      expect(openSessions(`v2.${changed.toString('base64url')}`, key)).toBeUndefined();
    }
    for (let end = 0; end < bytes.length; end += 1)
      expect(openSessions(`v2.${bytes.subarray(0, end).toString('base64url')}`, key)).toBeUndefined();
  });

  it('have a key that costs each guess at a password 16 MB, five times over, as OWASP asks for', () => {
    expect(128 * KEY_COST.N * KEY_COST.r).toBeGreaterThanOrEqual(16 * 1_024 * 1_024);
    expect(KEY_COST.p).toBeGreaterThanOrEqual(5);
    expect(sessionsKey(['one', 'two'], '/kept')).not.toEqual(keyOf(['one', 'two'], '/kept'));
  });

  it('are hardly longer than their text: a parameter has 8 KB', () => {
    const token = () => ({ ...session, cookies: [{ ...session.cookies[0], value: randomBytes(2_200).toString('base64url') } as Cookie] });
    const long: Kept = { ...sessions, a: token(), b: { ...token(), next: 'before' } };
    expect(sealSessions(long, key).length).toBeLessThan(1.05 * JSON.stringify(long).length);
  });
});

describe('turns with sessions in the parameter', () => {
  it('go on with them, begin anew after a change of a password, and fail as the recipe does without one', async () => {
    const site = memorySite();
    let passwords: readonly string[] | undefined = [...PASSWORDS.values()];
    let value: unknown;
    let record: CanaryRecord | undefined;
    const ssm = serviceOf<SSMClient>((operation, input) => {
      if (operation === 'PutParameter') value = input['Value'];
      else if (value === undefined) throw serviceError('ParameterNotFound', 'none', 400);
      return { Parameter: { Value: value } };
    });
    const kept = keptParameter(ssm, '/kept', async () => {
      if (passwords === undefined) throw new RecipeFailed('the secret shop/anna cannot be read (AccessDeniedException)');
      return keyOf(passwords, '/kept');
    });
    const turn = () => {
      site.clock.pass(300_000);
      return scheduledTurn({
        ...{ recipe: memoryRecipe(), url: 'https://shop/', everyMs: 300_000, now: site.clock.now, leaseMs: 660_000, owner: 'me', kept },
        openSite: async () => site.open(memoryRecipe()),
        deploys: async () => ({ isBusy: false, deployedAtMs: undefined }),
        records: {
          get: async () => record,
          put: async (next) => {
            record = next;
          },
        },
        lease: { take: async () => true, release: async () => {} },
      });
    };
    expect([(await turn()).did, (await turn()).did]).toEqual(['run', 'turn']);
    passwords = ['changed', ...passwords.slice(1)];
    expect([(await turn()).did, (await turn()).did]).toEqual(['run', 'turn']);
    passwords = undefined;
    const { requests } = site;
    expect(await turn()).toMatchObject({ did: 'failed', why: 'the secret shop/anna cannot be read (AccessDeniedException)' });
    expect(site.requests).toBe(requests);
  });
});

describe('the record', () => {
  it('keeps the latest twenty times of sessions that vanished', () => {
    const many = Array.from({ length: 25 }, (_, at) => at).reduce(
      (record, at) => withVanished(record, 1, at),
      emptyRecord('https://shop/'),
    );
    expect(many.vanishedAtMs).toHaveLength(20);
    expect(many.vanishedAtMs.at(-1)).toBe(24);
  });

  it("is written under a key that the fleet's other records do not have, with a lease that ends", async () => {
    const calls: { readonly operation: string; readonly input: Record<string, unknown> }[] = [];
    const note = (operation: string) => async (input: object) => {
      calls.push({ operation, input: input as Record<string, unknown> });
      return { Attributes: {}, Responses: { records: [{ ...emptyRecord('https://shop/'), pk: 'CANARY#web', sk: 'STATE' }] } };
    };
    const dynamo = { get: note('get'), put: note('put'), update: note('update'), batchGet: note('batchGet') } as unknown as DynamoCalls;
    const table = createRecordsTable(dynamo, 'records');
    const canary = dynamoCanaryRecords(table, 'web');
    expect(await canary.lease.take('me', 1_000, 5_000)).toBe(true);
    await canary.put({ ...emptyRecord('https://shop/'), ranAtMs: undefined as never });
    await canary.lease.release('me');
    expect(await readCanary(table, 'web')).toEqual(emptyRecord('https://shop/'));
    expect(calls.map(({ operation }) => operation)).toEqual(['update', 'put', 'update', 'batchGet']);
    expect(calls[0]?.input).toMatchObject({
      Key: { pk: 'CANARY#web', sk: 'LEASE' },
      ConditionExpression: 'attribute_not_exists(heldBy) OR expiresAtMs <= :now',
    });
    expect(calls[1]?.input['Item']).toEqual({ ...emptyRecord('https://shop/'), pk: 'CANARY#web', sk: 'STATE' });
    expect(calls[2]?.input).toMatchObject({ ConditionExpression: 'heldBy = :owner' });
  });
});
