/**
 * Servers as Systems Manager reaches them: a folder with logs, a port that answers the readiness check and the session page, and the documents that
 * read logs, which really run on it.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { APP_CONTRACT_FILE, type AppContract } from '../../../functions/shared/app-contract.ts';
import type { CommandOrder, CommandState, Commands } from '../../../functions/shared/aws/commands.ts';
import { READ_CONTENTS } from '../../../server/documents/read-logs.ts';
import { scriptOf } from '../../../test/server/documents/unpack.ts';
import { runPython } from '../../../test/server/documents/warm-python.ts';
import { instanceIdOf } from '../world/application.ts';
import { type App, PATTERNS } from '../world/log-lines.ts';
import type { World } from '../world/simulate.ts';
import { fails } from '../world/store.ts';
import { NOW_MS } from '../world/timeline.ts';

/** What the documents run, at this process's priority: there are no users here that come first. */
const SCRIPTS = new Map<string, string>(
  READ_CONTENTS.map(([name, step, content]) => [name, scriptOf(content(), step).replace('os.nice(10)', 'pass')]),
);
/** Here they have the names that the contract gives them. */
export const documentNames = Object.fromEntries(READ_CONTENTS.map(([name]) => [name, name])) as Record<
  (typeof READ_CONTENTS)[number][0],
  string
>;
/** It ends by its own limits, long before that. */
const LIMIT_SECONDS = 90;
const NO_PORT = 1;
const PONG = '+PONG\r\n';

export function contractOf({ situation, settings }: World, version: string, server = 1): AppContract {
  const { app = 'node', sessions = 'store' } = situation.installation ?? {};
  const { cookie } = settings(server, NOW_MS);
  return {
    start: ['node', 'server.mjs'],
    port: 8080,
    health: { loadBalancer: '/live', ready: '/health' },
    logs: { access: { path: 'logs/access.log', pattern: PATTERNS[app as App](cookie.name) }, application: 'logs/app.log' },
    session: { cookie: cookie.name, page: '/internal/session' },
    ...(sessions === 'memory' && { sessions: { path: '/internal/status', field: 'sessions.active' } }),
    ...(version === '' && { keepAliveSeconds: 75 }),
  } as AppContract;
}

/** What a server's PING meets: a port, or a name that leads nowhere. */
function pingOf(world: World, server: number): { readonly host: string; readonly answer: string | undefined | null } {
  const trouble = world.store.troubleFor(server, NOW_MS);
  const host = '127.0.0.1';
  if (trouble === undefined) return { host, answer: PONG };
  const usual = {
    down: 'refused',
    loading: 'LOADING',
    busy: 'BUSY',
    withoutName: 'noName',
    slow: 'silent',
    outOfConnections: 'PONG',
  } as const;
  const ping = trouble.ping ?? usual[trouble.is as keyof typeof usual] ?? 'PONG';
  if (ping === 'noName') return { host: 'sessions.invalid', answer: undefined };
  if (ping === 'refused') return { host, answer: undefined };
  if (ping === 'silent') return { host, answer: null };
  if (trouble.is === 'outOfConnections' && trouble.ping === undefined) return { host, answer: '-ERR max number of clients reached\r\n' };
  const errors = {
    LOADING: '-LOADING Valkey is loading the dataset in memory\r\n',
    BUSY: '-BUSY Valkey is busy running a script.\r\n',
    PONG,
  };
  return { host, answer: errors[ping] };
}

/** As a store answers one command after another. */
function answersTo(socket: Socket, answer: string | null, refusesLogin: boolean): void {
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (answer === null) return;
    socket.write(
      data.toString().includes('AUTH')
        ? refusesLogin
          ? '-WRONGPASS invalid username-password pair or user is disabled.\r\n'
          : '+OK\r\n'
        : answer,
    );
  });
}

const listening = async (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

export interface SimulatedServers {
  readonly commands: Commands;
  close(): void;
}

export async function startServers(world: World): Promise<SimulatedServers> {
  const folder = mkdtempSync(path.join(tmpdir(), 'situation-'));
  const open: Server[] = [];
  const roots = new Map<string, string>();
  for (const server of world.servers) roots.set(instanceIdOf(server), await plant(world, server, { folder, open }));
  const running = new Map<string, ReturnType<typeof runPython>>();
  let sent = 0;
  return {
    commands: {
      async send({ documentName, instanceId, parameters }: CommandOrder) {
        const script = SCRIPTS.get(documentName);
        if (script === undefined) throw Object.assign(new Error(`there is no document ${documentName}`), { name: 'InvalidDocument' });
        const root = roots.get(instanceId);
        if (root === undefined) throw Object.assign(new Error('Instances not in a valid state for account'), { name: 'InvalidInstanceId' });
        const variables = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`SSM_${name}`, String(value)]));
        sent += 1;
        const environment = { HOLDFAST_ROOT: root, PATH: path.join(root, 'bin'), ...variables };
        running.set(`command-${sent}`, runPython({ script, cwd: root, environment, limitSeconds: LIMIT_SECONDS }));
        return `command-${sent}`;
      },
      async describe(commandId): Promise<CommandState> {
        const ran = await running.get(commandId);
        if (ran === undefined) return { state: 'running' };
        const ended = ran.code === 0 ? { state: 'succeeded', statusDetails: 'Success' } : { state: 'failed', statusDetails: 'Failed' };
        return { ...(ended as { state: 'succeeded'; statusDetails: string }), output: ran.stdout, errorOutput: ran.stderr };
      },
    },
    close() {
      for (const server of open) server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Place {
  readonly folder: string;
  readonly open: Server[];
}

/** @returns the root of the server's folder */
async function plant(world: World, server: number, { folder, open }: Place): Promise<string> {
  const { situation, logs, settings, store } = world;
  const inMemory = situation.installation?.sessions === 'memory';
  const own = settings(server, NOW_MS);
  const trouble = inMemory ? undefined : store.troubleFor(server, NOW_MS);
  const isUp = trouble === undefined || !(fails(trouble.is, 'write') && (trouble.share ?? 1) > 0.5);
  const page = createHttpServer((request, response) => {
    if (request.url === '/health')
      response.writeHead(isUp ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ status: isUp ? 'UP' : 'DOWN' }));
    else response.writeHead(200, { 'set-cookie': setCookie(own.cookie, request.headers.cookie) }).end();
  });
  open.push(page);
  const { host, answer } = pingOf(world, server);
  let port = NO_PORT;
  if (answer !== undefined) {
    const engine = createServer((socket) => answersTo(socket, answer, trouble?.is === 'refusingLogins'));
    open.push(engine);
    port = await listening(engine);
  }
  const root = path.join(folder, instanceIdOf(server));
  const release = path.join(root, 'releases', own.version);
  for (const each of [release, path.join(root, 'etc'), path.join(root, 'run'), path.join(root, 'bin'), path.join(root, 'var/logs')])
    mkdirSync(each, { recursive: true });
  symlinkSync(release, path.join(root, 'current'));
  writeFileSync(path.join(release, APP_CONTRACT_FILE), JSON.stringify(contractOf(world, own.version, server)));
  const environment = {
    HOLDFAST_INSTANCE_ID: instanceIdOf(server),
    PORT: String(await listening(page)),
    ...(!inMemory && { SESSION_STORE_HOST: host, SESSION_STORE_PORT: String(port) }),
  };
  writeFileSync(
    path.join(root, 'etc/instance.env'),
    Object.entries(environment)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  );
  if (trouble?.is === 'refusingLogins') writeFileSync(path.join(root, 'run/store.env'), 'SESSION_STORE_PASSWORD="of-before"\n');
  const written = logs.get(server) ?? { access: [], application: [] };
  for (const [name, lines] of [
    ['access.log', written.access],
    ['app.log', written.application],
  ] as const) {
    const file = path.join(root, 'var/logs', name);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    utimesSync(file, NOW_MS / 1_000, NOW_MS / 1_000);
  }
  return root;
}

function setCookie(cookie: ReturnType<World['settings']>['cookie'], sent: string | undefined): string[] {
  const { name, sameSite, maxAgeSeconds, secure, httpOnly, slides } = cookie;
  const value = /=([0-9a-f]{32})/.exec(sent ?? '')?.[1];
  if (value !== undefined && !slides) return [];
  const attributes = [
    'Path=/',
    `SameSite=${sameSite}`,
    ...(maxAgeSeconds === null ? [] : [`Max-Age=${maxAgeSeconds}`]),
    ...(secure ? ['Secure'] : []),
    ...(httpOnly ? ['HttpOnly'] : []),
  ];
  return [`${name}=${value ?? '0123456789abcdef0123456789abcdef'}; ${attributes.join('; ')}`];
}
