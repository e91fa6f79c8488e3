import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../lab/processes/free-port.ts';
import { DEFAULT_ENGINE } from '../store-engines.ts';

/** Until a server or a store answers. */
export const PATIENCE = { timeout: 8_000, interval: 25 };

export interface Process {
  readonly child: ChildProcess;
  readonly port: number;
  /** Asks the process to end, and kills it after `killAfterMs`. Gives its exit status; null for a signal. */
  stop(signal?: NodeJS.Signals, killAfterMs?: number): Promise<number | null>;
}

function run(program: string, parameters: readonly string[], port: number, env: Record<string, string>): Process {
  const child = spawn(program, parameters, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  return {
    child,
    port,
    async stop(signal = 'SIGTERM', killAfterMs = 5_000) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      const [status] = (await ended) as [number | null];
      clearTimeout(timer);
      return status;
    },
  };
}

/** As vi.waitFor does, which works in tests alone. */
async function untilItWorks(attempt: () => Promise<void>): Promise<void> {
  const untilMs = Date.now() + PATIENCE.timeout;
  for (;;)
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await sleep(PATIENCE.interval);
    }
}

/** A store that listens when this settles; it writes no file, not even as a replica. */
export async function startStore(port?: number): Promise<Process> {
  const at = port ?? (await freePort());
  const store = run(
    DEFAULT_ENGINE.server,
    [
      '--port',
      `${at}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--repl-diskless-sync-delay',
      '0',
      '--repl-diskless-load',
      'swapdb',
    ],
    at,
    {},
  );
  await untilItWorks(async () => {
    const socket = connect(at, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  });
  return store;
}

/** The application from `folder`, live when this settles. */
export async function startApp(folder: string, storePort: number, port?: number, file = 'server.mjs', settings = {}): Promise<Process> {
  const at = port ?? (await freePort());
  const app = run(process.execPath, [join(folder, file)], at, {
    PORT: `${at}`,
    HOST: '127.0.0.1',
    SESSION_STORE_HOST: '127.0.0.1',
    SESSION_STORE_PORT: `${storePort}`,
    ...settings,
  });
  await untilItWorks(async () => expectStatus(await fetch(`http://127.0.0.1:${at}/live`), 200));
  return app;
}

export function expectStatus(response: Response, status: number): void {
  if (response.status !== status) throw new Error(`status ${response.status}, not ${status}`);
}
