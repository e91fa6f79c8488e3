/** A server that is not this project's, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** On a machine that does other work too. */
const START_MS = 120_000;
const STOP_MS = 10_000;

export interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

interface Started {
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  readonly port: number;
  /** Answers below 500 once the server is up. */
  readonly path: string;
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A process that runs until it is stopped. */
export function startCommand({ command: [program, ...words], folder, logFile, environment }: Omit<Started, 'port' | 'path'>) {
  const log = openSync(logFile, 'a');
  const child = spawn(program, words, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(late);
  };
  return { child, stop };
}

/** Settles when the server answers. @throws Error that names the log */
export async function startServer({ port, path, ...started }: Started): Promise<Server> {
  const { logFile } = started;
  const { child, stop } = startCommand(started);
  const isUp = () =>
    fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(5_000) }).then(
      ({ status }) => status < 500,
      () => false,
    );
  const untilMs = Date.now() + START_MS;
  while (!(await isUp())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended before it was up: ${logFile}`);
    if (Date.now() > untilMs) {
      await stop();
      throw new Error(`the server was not up within ${START_MS / 1_000} s: ${logFile}`);
    }
    await sleep(100);
  }
  return { port, stop };
}

/** Two servers, or neither: one that starts is stopped when the other does not. */
export async function startTwo(start: (number: 1 | 2) => Promise<Server>): Promise<readonly Server[]> {
  const both = await Promise.allSettled([start(1), start(2)]);
  const started = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = both.find((one) => one.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((server) => server.stop()));
  throw failed.reason;
}
