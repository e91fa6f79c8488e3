/** Small WARs in real Tomcats: releases as publishing makes them, started as a server's service does. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readContract } from '../../../cli/releases/read-contract.ts';
import { buildTomcatRelease } from '../../../cli/releases/tomcat/build-release.ts';
import { packJar } from '../../../cli/releases/tomcat/compile-valves.ts';
import type { TomcatFleet } from '../../../cli/releases/tomcat/contract-of.ts';
import { tomcatApp as appSchema } from '../../../infra/config/app-kind.ts';
import { freePort } from '../../../lab/processes/free-port.ts';
import { ensureJava, ensureMavenOutput } from '../../../setup/java.mjs';

/** A Java server starts in 2 s alone, and in 20 s on a machine that does other work. */
const START_MS = 90_000;
const STOP_MS = 20_000;

/** A WAR of these files, by name. */
export async function writeWar(file: string, content: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const entries = Object.entries(content).map(([name, text]) => ({ name, content: Buffer.from(text) }));
  writeFileSync(file, await packJar(entries));
  return file;
}

/** The release of a WAR in the Tomcat of the example, or in that of `app`. */
export async function releaseOf(war: string, folder: string, fleet: Omit<Partial<TomcatFleet>, 'app'> & { app?: object }): Promise<string> {
  const own = fleet.app && ('archive' in fleet.app || 'home' in fleet.app);
  const home = own ? {} : { home: path.join(await ensureMavenOutput('tomcat-app'), 'tomcat') };
  const app = appSchema.parse({ kind: 'tomcat', ...home, javaOptions: ['-XX:TieredStopAtLevel=1', '-Xmx192m'], ...fleet.app });
  return buildTomcatRelease({ war, fleet: { port: 8080, strategy: 'sticky', ...fleet, app }, folder });
}

export interface RunningTomcat {
  readonly url: string;
  readonly statusUrl: string;
  output(): string;
  /** As a long garbage collection does: `SIGSTOP` until `SIGCONT`. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Settles once the load balancer's path answers. `data` is HOLDFAST_DATA. */
export async function startTomcat(release: string, data: string, more: Readonly<Record<string, string>> = {}): Promise<RunningTomcat> {
  const [port, statusPort] = [await freePort(), await freePort()];
  mkdirSync(data, { recursive: true });
  const [program = '', ...words] = (await readContract(release)).start;
  const own = { PATH: process.env['PATH'] ?? '', JAVA_HOME: ensureJava().home, HOST: '127.0.0.1', HOLDFAST_DATA: data };
  const child: ChildProcess = spawn(program, words, {
    cwd: release,
    env: { ...own, PORT: `${port}`, STATUS_PORT: `${statusPort}`, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => parts.push(part.toString()));
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(late);
  };
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  const answers = () =>
    fetch(`${url}/holdfast/live`).then(
      ({ status }) => status === 200,
      () => false,
    );
  while (!(await answers())) {
    if (child.exitCode !== null || Date.now() > until) {
      await end('SIGKILL');
      throw new Error(`Tomcat did not start:\n${parts.join('').slice(-4_000)}`);
    }
    await sleep(100);
  }
  return {
    url,
    statusUrl: `http://127.0.0.1:${statusPort}`,
    output: () => parts.join(''),
    signal: (name) => {
      child.kill(name);
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
