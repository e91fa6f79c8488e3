/** A server's part: express-session with the store, and the calls of users' sessions. */
import session from 'express-session';
import { createClient, createCluster } from 'redis';
import { createUserSessions, GuardedRedisStore, type UserSessions } from '../../../session/user-sessions/index.mjs';
import type { Middleware, Request } from './browser.ts';

export const USER_KEY = 'k'.repeat(32);
export const PREFIX = 'sess:web:';

// biome-ignore lint/suspicious/noExplicitAny: node-redis types a client by all of its options.
export type Client = any;

export interface Site {
  readonly middleware: Middleware;
  readonly store: GuardedRedisStore;
  readonly users: UserSessions;
}

export interface SiteOptions {
  readonly max?: number;
  readonly store?: Partial<ConstructorParameters<typeof GuardedRedisStore>[0]>;
  /** More options of express-session. */
  readonly session?: object;
}

export function createSite(client: Client, { max = 1, store: more, session: options }: SiteOptions = {}): Site {
  const store = new GuardedRedisStore({ client, prefix: PREFIX, idleSeconds: 1_800, absoluteSeconds: 43_200, ...more });
  const middleware = session({ store, secret: 'a secret', resave: false, saveUninitialized: false, ...options });
  return { middleware, store, users: createUserSessions({ client, store, userKey: USER_KEY, max }) };
}

/** As applications do: the user in the session, which is saved with the answer. */
export async function login(site: Site, req: Request, user: string): Promise<void> {
  await site.users.login(req, user, ['basket']);
  req.session['user'] = user;
}

/** Plain AUTH and no CLIENT commands, as a user with narrow permissions needs it. */
const NARROW = { RESP: 2, disableClientInfo: true, maintNotifications: 'disabled' } as const;

export async function connectClient(port: number, more: object = {}): Promise<Client> {
  const { socket, ...rest } = more as { socket?: object };
  const client = createClient({ socket: { host: '127.0.0.1', port, ...socket }, ...NARROW, ...rest } as Client);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The client with some other commands. */
export const replacing = (client: Client, commands: object): Client =>
  new Proxy(client, { get: (of, name) => (name in commands ? commands[name as never] : (of[name]?.bind?.(of) ?? of[name])) });

export async function connectCluster(ports: readonly number[], defaults: object = {}): Promise<Client> {
  const cluster = createCluster({
    rootNodes: ports.map((port) => ({ socket: { host: '127.0.0.1', port } })),
    defaults: { ...NARROW, ...defaults } as Client,
  });
  cluster.on('error', () => undefined);
  await cluster.connect();
  return cluster;
}
