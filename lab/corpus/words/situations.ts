/** What can be wrong with a store, done to a real one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RealStore, startStore } from '../../../test/functions/sweep/real-store.ts';
import { makeTls } from '../../../test/functions/sweep/store-tls.ts';
import { freePort } from '../../processes/free-port.ts';

/** What the reader of application logs should count an error as; `none` for what has nothing to do with sessions. */
export type Category = 'storeConnection' | 'readOnly' | 'outOfMemory' | 'serialization' | 'decryption' | 'sessionTimeout' | 'none';

/** A store with one fault. */
export interface Fault {
  /** How a program reaches it, below its `STORE_` names. */
  readonly env: Readonly<Record<string, string>>;
  /** The fault begins when the program has used the store once. */
  strike?(): Promise<void>;
  /** After its program has begun its second use of the store. */
  after?(): Promise<void>;
  end(): Promise<void>;
}

export interface Situation {
  readonly category: Category;
  begin(): Promise<Fault>;
}

const at = (port: number | string, host = '127.0.0.1') => ({ STORE_HOST: host, STORE_PORT: String(port) });
const nothing = async (): Promise<void> => undefined;
const WITHOUT_MASTER = '127.0.0.1 1';

/** A store that is given its fault before a client reaches it. */
async function faulty(settings: readonly string[], change: (store: RealStore) => Promise<unknown> = nothing, env = {}): Promise<Fault> {
  const store = await startStore(...settings);
  await change(store);
  return { env: { ...at(store.port), ...env }, end: () => store.stop() };
}

async function pidOf(store: RealStore): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await store.redis.info('server'))?.[1]);
}

/** A store that serves a client until it is struck. */
async function struck(
  strike: (store: RealStore, pid: number) => Promise<unknown>,
  after?: (store: RealStore) => Promise<unknown>,
): Promise<Fault> {
  const store = await startStore();
  const pid = await pidOf(store);
  return {
    env: at(store.port),
    strike: async () => void (await strike(store, pid)),
    ...(after && { after: async () => void (await after(store)) }),
    end: () => store.stop(),
  };
}

const user =
  (name: string, ...rules: string[]) =>
  (store: RealStore) =>
    store.redis.call('ACL', 'SETUSER', name, 'on', ...rules);

/** It has read its keys from its file for a while, and goes on. */
async function loading(): Promise<Fault> {
  const folder = mkdtempSync(path.join(tmpdir(), 'words-store-'));
  const first = await startStore('--dir', folder, '--enable-debug-command', 'local');
  await first.redis.call('DEBUG', 'POPULATE', '20000', 'key', '100');
  await first.redis.save();
  await first.stop();
  const store = await startStore('--dir', folder, '--key-load-delay', '5000', '--loading-process-events-interval-bytes', '1024');
  const end = async () => {
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { env: at(store.port), end };
}

/** It saves to a folder that is gone. */
async function loseFolder({ redis }: RealStore): Promise<void> {
  const [, folder = ''] = (await redis.config('GET', 'dir')) as string[];
  await redis.config('SET', 'save', '3600 1');
  rmSync(folder, { recursive: true, force: true });
  await redis.bgsave();
  for (let poll = 0; !/rdb_last_bgsave_status:err/.test(await redis.info('persistence')) && poll < 50; poll += 1) await sleep(50);
}

async function expired(): Promise<Fault> {
  const folder = mkdtempSync(path.join(tmpdir(), 'words-tls-'));
  const tls = await makeTls();
  const file = (name: string) => path.join(folder, name);
  const openssl = (...words: string[]) => void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const ca = tls.words[tls.words.indexOf('--tls-ca-cert-file') + 1] as string;
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-keyout',
    'key.pem',
    '-out',
    'request.pem',
  );
  const authority = ['-CA', ca, '-CAkey', ca.replace(/\.pem$/, '.key'), '-set_serial', '4711', '-copy_extensions', 'copy'];
  openssl('x509', '-req', '-in', 'request.pem', ...authority, '-days', '-1', '-out', 'certificate.pem');
  const settings = [
    '--tls-cert-file',
    file('certificate.pem'),
    '--tls-key-file',
    file('key.pem'),
    '--tls-ca-cert-file',
    ca,
    '--tls-auth-clients',
    'no',
  ];
  const port = await freePort();
  const store = await startStore('--tls-port', String(port), ...settings);
  const end = async () => {
    await store.stop();
    tls.remove();
    rmSync(folder, { recursive: true, force: true });
  };
  return { env: { ...at(port, 'localhost'), STORE_CA: ca }, end };
}

const connection = (begin: Situation['begin']): Situation => ({ category: 'storeConnection', begin });

export const SITUATIONS = {
  stopped: connection(async () => ({ env: at(await freePort()), end: nothing })),
  killed: connection(() => struck((store) => store.kill())),
  'killed during a command': connection(() =>
    struck(
      (_, pid) => Promise.resolve(process.kill(pid, 'SIGSTOP')),
      async (store) => {
        await sleep(700);
        await store.kill();
      },
    ),
  ),
  slow: connection(() => struck((_, pid) => Promise.resolve(process.kill(pid, 'SIGSTOP')))),
  loading: connection(loading),
  'no master': connection(() => faulty(['--replicaof', WITHOUT_MASTER, '--replica-serve-stale-data', 'no'])),
  'cluster down': connection(() => faulty(['--cluster-enabled', 'yes'])),
  'out of connections': connection(() => faulty([], (store) => store.redis.config('SET', 'maxclients', '1'))),
  'wrong password': connection(() => faulty([], user('app', '>right', '~*', '+@all'), { STORE_USER: 'app', STORE_PASSWORD: 'wrong' })),
  'unknown user': connection(() => faulty([], nothing, { STORE_USER: 'nobody', STORE_PASSWORD: 'wrong' })),
  'no password': connection(() => faulty([], (store) => store.redis.config('SET', 'requirepass', 'right'))),
  'no permission': connection(() =>
    faulty([], user('app', '>right', '~*', '+@all', '-get', '-set'), { STORE_USER: 'app', STORE_PASSWORD: 'right' }),
  ),
  'expired certificate': connection(expired),
  'name not found': connection(async () => ({ env: at(6379, 'store.invalid'), end: nothing })),
  // Of a network that only documentation uses.
  'another address': connection(async () => ({ env: at(6379, '192.0.2.1'), end: nothing })),
  full: { category: 'outOfMemory', begin: () => faulty(['--maxmemory', '500kb', '--maxmemory-policy', 'noeviction']) },
  'full later': {
    category: 'outOfMemory',
    begin: () => struck((store) => store.redis.config('SET', 'maxmemory', '1mb')),
  },
  replica: { category: 'readOnly', begin: () => faulty(['--replicaof', WITHOUT_MASTER]) },
  'became a replica': { category: 'readOnly', begin: () => struck((store) => store.redis.replicaof('127.0.0.1', 1)) },
  'too few replicas': { category: 'readOnly', begin: () => faulty(['--min-replicas-to-write', '1']) },
  'cannot save': { category: 'readOnly', begin: () => faulty([], loseFolder) },
} as const satisfies Record<string, Situation>;

export type SituationName = keyof typeof SITUATIONS;
