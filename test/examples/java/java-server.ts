/** The example applications in Java as processes of their own, with the environment that a server of a fleet has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../lab/processes/free-port.ts';

/** A Java server starts in 4 s alone, and in 13 s on a machine that does other work. */
const START_MS = 90_000;
const STOP_MS = 15_000;

export interface JavaServer {
  readonly url: string;
  /** URL of its listener for probes alone. */
  readonly statusUrl: string;
  /** Its output. */
  readonly logFile: string;
  stop(): Promise<void>;
  /** Without a word to anybody. */
  kill(): Promise<void>;
}

export interface Started {
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  readonly logFile: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Settles when the load balancer's health path answers 200. */
export async function startJava({ command: [program, ...words], folder, logFile, environment }: Started): Promise<JavaServer> {
  const [port, statusPort] = [await freePort(), await freePort()];
  const child = spawn(program, words, {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: `${port}`, STATUS_PORT: `${statusPort}`, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  const isUp = () =>
    fetch(`${url}/live`).then(
      ({ status }) => status === 200,
      () => false,
    );
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
    log.end();
  };
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(late);
    log.end();
  };
  while (!(await isUp())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended before it was up: ${logFile}`);
    if (Date.now() > until) {
      await stop();
      throw new Error(`the server was not up within ${START_MS / 1_000} s: ${logFile}`);
    }
    await sleep(100);
  }
  return { url, statusUrl: `http://127.0.0.1:${statusPort}`, logFile, stop, kill };
}
