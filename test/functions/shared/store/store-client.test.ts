/** What would be logged of each kind of error of a connection to the store: no argument of a command, a password least of all. */
import { inspect } from 'node:util';
import type { Redis, RedisOptions } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TransientServiceError } from '../../../../functions/shared/errors.ts';
import { createStoreConnector, StoreClient } from '../../../../functions/shared/store/store-connection.ts';
import { StoreUnreachable } from '../../../../functions/sweep/errors.ts';
import { STORE_ENGINES } from '../../../store-engines.ts';
import { type RealStore, startStoreOn } from '../../sweep/real-store.ts';

const PLANTED = 'planted-password-0123456789';
const SESSION = 'sess:planted-session-id';
/** Engines cut what they quote. */
const SECRETS = [/planted-p/, /planted-s/];

describe.each(STORE_ENGINES)('on $name', (engine) => {
  let store: RealStore;
  /** A server that does not know AUTH by its name quotes the password that it was sent. */
  let renamed: RealStore;
  const opened: Redis[] = [];
  beforeAll(async () => {
    store = await startStoreOn(engine);
    renamed = await startStoreOn(engine, ['--rename-command', 'AUTH', 'SIGN-IN']);
  });
  afterEach(() => {
    for (const client of opened.splice(0)) client.disconnect();
  });
  afterAll(async () => {
    await store?.stop();
    await renamed?.stop();
  });

  async function connected(options: Omit<RedisOptions, 'replyMapping'> = {}): Promise<StoreClient> {
    const client = new StoreClient(store.port, '127.0.0.1', {
      lazyConnect: true,
      disableClientInfo: true,
      retryStrategy: () => null,
      ...options,
    });
    client.on('error', () => undefined);
    opened.push(client);
    await client.connect();
    return client;
  }

  const FAULTS: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a password that the store refuses', async () => (await connected()).auth('somebody', PLANTED)],
    ['AUTH of a server that has another name for it', async () => await authRenamed()],
    ['a command that the store does not know', async () => (await connected()).call('NO-COMMAND', SESSION, PLANTED)],
    [
      'a command on a key of another type',
      async () => {
        const client = await connected();
        await client.rpush(SESSION, PLANTED);
        await client.hset(SESSION, 'field', PLANTED);
      },
    ],
    [
      'a pipeline',
      async () => errorsOf(await (await connected()).pipeline().call('NO-COMMAND', PLANTED).hset(SESSION, 'f', PLANTED).exec()),
    ],
    ['a transaction that is discarded', async () => (await connected()).multi().call('NO-COMMAND', PLANTED).set(SESSION, PLANTED).exec()],
    [
      'a transaction with a command that fails',
      async () => errorsOf(await (await connected()).multi().rpush(SESSION, PLANTED).hset(SESSION, 'f', PLANTED).exec()),
    ],
    ['a script', async () => (await connected()).eval(`return redis.call('HGET', KEYS[1], ARGV[1])`, 1, SESSION, PLANTED)],
    [
      'a connection that is cut',
      async () => {
        const client = await connected({ autoResendUnfulfilledCommands: false });
        const waiting = client.blpop(`${SESSION}:absent`, PLANTED, 30);
        setTimeout(() => client.stream.destroy(), 20);
        await waiting;
      },
    ],
    [
      'a pipeline that is cut',
      async () => {
        const client = await connected({ maxRetriesPerRequest: 0 });
        const replies = client.pipeline().set(`${SESSION}:1`, PLANTED).blpop(`${SESSION}:absent`, PLANTED, 30).set(SESSION, PLANTED).exec();
        setTimeout(() => client.stream.destroy(), 50);
        errorsOf(await replies);
      },
    ],
    ['no answer in time', async () => (await connected({ commandTimeout: 20 })).blpop(`${SESSION}:absent`, PLANTED, 30)],
    [
      'a connection that was closed',
      async () => {
        const client = await connected();
        client.disconnect();
        await client.set(SESSION, PLANTED);
      },
    ],
    [
      'a duplicate of the connection',
      async () => {
        const copy = (await connected()).duplicate();
        opened.push(copy);
        await copy.auth('somebody', PLANTED);
      },
    ],
  ];

  async function authRenamed(): Promise<unknown> {
    const client = new StoreClient(renamed.port, '127.0.0.1', { lazyConnect: true, disableClientInfo: true, retryStrategy: () => null });
    opened.push(client);
    await client.connect();
    return client.auth('somebody', PLANTED);
  }

  it.each(FAULTS)('%s: what is logged has no argument', async (_title, fail) => {
    const error = await fail().then(
      () => expect.unreachable('it has to fail'),
      (reason: unknown) => reason as Error,
    );
    for (const text of logsOf(error)) for (const secret of SECRETS) expect(text).not.toMatch(secret);
  });

  it.each([2, 3] as const)('a function that is refused at log-in, by protocol %d', async (protocol) => {
    const client = new StoreClient(store.port, '127.0.0.1', {
      lazyConnect: true,
      username: 'somebody',
      password: PLANTED,
      protocol,
      retryStrategy: () => null,
    });
    opened.push(client);
    const emitted: Error[] = [];
    client.on('error', (error) => emitted.push(error));
    await client.connect().catch((error) => emitted.push(error));
    await client.ping().catch((error) => emitted.push(error));
    expect(emitted.length).toBeGreaterThan(0);
    for (const text of emitted.flatMap(logsOf)) expect(text).not.toMatch(/planted/);
  });

  it('the connection of functions is such a client', async () => {
    const settings = { host: '127.0.0.1', port: store.port, tls: false, auth: { mode: 'none' } } as const;
    const login = {
      userName: undefined,
      password: async () => undefined,
      passwordAfterRefusal: async () => undefined,
      renewAfterMs: undefined,
    };
    const client = await createStoreConnector(settings, login)();
    opened.push(client);
    expect(client).toBeInstanceOf(StoreClient);
    const error = await client.auth('somebody', PLANTED).catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ message: expect.stringMatching(/^WRONGPASS/), command: { name: 'auth' } });
    for (const text of logsOf(error as Error)) expect(text).not.toMatch(/planted/);
  });
});

/** Each error of a pipeline's replies, as the causes of one. */
function errorsOf(replies: readonly (readonly [Error | null, unknown])[] | null): never {
  const errors = (replies ?? []).flatMap(([error]) => error ?? []);
  expect(errors.length).toBeGreaterThan(0);
  throw new AggregateError(errors, 'some commands failed');
}

/** What the Lambda runtime, console.error, Powertools and a test's own assertion would print of it, and of an error with it as its cause. */
function logsOf(error: Error): readonly string[] {
  const all = [error, new StoreUnreachable('the store refuses', { cause: error }), new TransientServiceError(error)];
  return all.flatMap((one) => [
    inspect(one, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    JSON.stringify(one, withProperties),
    String(one.stack),
    String(one),
  ]);
}

/** As the Lambda runtime writes an error: all of its own properties. */
const withProperties = (_name: string, value: unknown): unknown =>
  value instanceof Error
    ? Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, (value as unknown as Record<string, unknown>)[name]]))
    : value;
