/** Runs a server, lets users come to it, and writes what it logged in each of its formats. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../processes/free-port.ts';
import type { Library } from '../library.ts';
import { idsOut, otherId } from '../record/fixed-ids.ts';
import { folderOf, installLibrary, type Program } from '../record/install.ts';
import type { LogServer } from './log-server.ts';
import { LOGS_FOLDER, type LogRecording, logFileOf, type RecordedScenario, SCENARIOS, type ScenarioName, textOf } from './recorded-logs.ts';
import { LOG_SERVERS } from './servers.ts';
import { type Command, commandOf, type Place } from './start-server.ts';
import { Visitor } from './visit.ts';

const START_LIMIT_MS = 120_000;
/** Without a fault as many as use each way four times; of each fault as many as use each once. */
const USERS = { healthy: 20, flushed: 5, stickinessOff: 5, secretRotated: 5 } as const;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const asLibrary = ({ name, server, version, registry, packages, program }: LogServer): Library => ({
  name: program ?? `logs-${name}`,
  library: server,
  version,
  kind: 'session',
  registry,
  packages,
  program: program ?? 'logs-node',
  keys: [],
});

/** Serves on its ports, and ends with {@link stop}. */
class Running {
  readonly place: Place;
  readonly #processes: ChildProcess[];

  private constructor(place: Place, processes: ChildProcess[]) {
    this.place = place;
    this.#processes = processes;
  }

  static async start(server: LogServer, programs: { readonly own: Program; readonly app: Program }, name: string): Promise<Running> {
    const folder = path.join(folderOf(`logs-${server.name}`), 'logs', name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const ports = await twoPorts();
    const isProxy = server.program === undefined;
    const behind = isProxy ? await twoPorts() : ports;
    const place = { port: ports, behind, folder };
    const processes = [launch(commandOf(server, programs.own, place), programs.own.cwd, folder, 'stdout')];
    if (isProxy) {
      const node = LOG_SERVERS.get('node') as LogServer;
      const apps = path.join(folder, 'app');
      mkdirSync(apps);
      processes.push(launch(commandOf(node, programs.app, { port: behind, behind, folder: apps }), programs.app.cwd, apps, 'stdout'));
    }
    const running = new Running(place, processes);
    await running.#untilReady();
    return running;
  }

  async #untilReady(): Promise<void> {
    const endMs = Date.now() + START_LIMIT_MS;
    for (;;) {
      const status = await new Visitor(0).send(this.place.port, 'GET /ready').catch(() => 0);
      if (status > 0 && status < 500) return;
      if (this.#processes.some(({ exitCode }) => exitCode !== null) || Date.now() > endMs) {
        await this.stop();
        throw new Error(`The server of ${this.place.folder} did not start: stdout.log there says why. Nothing was recorded.`);
      }
      await pause(200);
    }
  }

  async order(what: 'flush' | 'rotate'): Promise<void> {
    writeFileSync(path.join(this.place.folder, 'flushed'), '');
    await new Visitor(0).send(this.place.behind + 1, `GET /${what}`).catch(() => 0);
  }

  async stop(): Promise<void> {
    await pause(1_500);
    for (const process of this.#processes) {
      process.kill('SIGTERM');
      if (process.exitCode === null) await Promise.race([new Promise((resolve) => process.once('exit', resolve)), pause(5_000)]);
      process.kill('SIGKILL');
    }
  }
}

/** A port whose next one is free too. */
async function twoPorts(): Promise<number> {
  return freePort();
}

function launch({ command, args, env }: Command, cwd: string, folder: string, name: string): ChildProcess {
  const out = openSync(path.join(folder, `${name}.log`), 'a');
  return spawn(command, args, { cwd, env: { ...process.env, TZ: 'UTC', ...env }, stdio: ['ignore', out, out] });
}

async function play(scenario: ScenarioName, servers: readonly Running[]): Promise<{ users: number; lost: number; values: string[] }> {
  const ports = servers.map(({ place }) => place.port);
  const [first = 0] = ports;
  const visitors = Array.from({ length: USERS[scenario] }, (_, number) => new Visitor(number));
  for (const visitor of visitors) await visitor.enter(first);
  for (const visitor of visitors) await visitor.work(first);
  if (scenario === 'healthy') for (const visitor of visitors) await visitor.leave(first);
  let lost = 0;
  if (scenario !== 'healthy') {
    for (const server of servers) if (scenario !== 'stickinessOff') await server.order(scenario === 'flushed' ? 'flush' : 'rotate');
    const next = scenario === 'stickinessOff' ? (ports[1] as number) : first;
    for (const visitor of visitors) lost += (await visitor.goOn(next)) >= 300 ? 1 : 0;
    for (const visitor of visitors) await visitor.again(next);
  }
  return { users: visitors.length, lost, values: visitors.flatMap(({ values }) => values) };
}

/** The random parts of cookies. */
const partsOf = (value: string): string[] => value.split(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9_-]/).filter((part) => part.length >= 6);

function linesOf({ place }: Running, name: string): string[] {
  const file = path.join(place.folder, `${name}.log`);
  const text = readFileSync(existsSync(file) ? file : path.join(place.folder, 'stdout.log'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && (existsSync(file) || / HTTP\/1/.test(line)) && !line.includes('/ready'));
}

export async function recordLogs(server: LogServer): Promise<string[]> {
  const own = await installLibrary(asLibrary(server));
  const node = LOG_SERVERS.get('node') as LogServer;
  const programs = { own, app: server.program === undefined ? await installLibrary(asLibrary(node)) : own };
  const scenarios = new Map<string, Partial<Record<ScenarioName, RecordedScenario>>>();
  for (const scenario of SCENARIOS) {
    if (scenario === 'secretRotated' && server.hasSecret !== true) continue;
    const servers: Running[] = [];
    for (const name of scenario === 'stickinessOff' ? ['one', 'other'] : ['one'])
      servers.push(await Running.start(server, programs, `${scenario}-${name}`));
    const { users, lost, values } = await play(scenario, servers).finally(() => Promise.all(servers.map((each) => each.stop())));
    for (const { name } of server.formats) {
      const logs = servers.map((each) => linesOf(each, name));
      const parts = [...new Set(values.flatMap(partsOf))].filter((part) => logs.flat().some((line) => line.includes(part)));
      const ids = parts
        .map((part, at) => otherId(part, `${name} ${scenario} ${at}`))
        .toSorted(([one], [other]) => other.length - one.length);
      const steady = logs.map((lines) => lines.map((line) => idsOut(line, ids)));
      scenarios.set(name, { ...scenarios.get(name), [scenario]: { users, lost, logs: steady, ids: ids.map(([, fixed]) => fixed) } });
    }
  }
  mkdirSync(LOGS_FOLDER, { recursive: true });
  return server.formats.map(({ name, written, pattern, origin }) => {
    const recorded = scenarios.get(name) ?? {};
    // A format that shows no session shows none that is lost.
    const shows = (recorded.healthy?.ids.length ?? 0) > 0;
    const recording: LogRecording = {
      server: server.server,
      version: server.version,
      packages: server.packages,
      command: `npm run record -- logs/${server.name}`,
      locale: server.locale ?? (name.endsWith('-de') ? 'de' : 'en'),
      origin,
      cookie: server.cookie,
      pattern: pattern ?? written,
      scenarios: shows ? recorded : { ...(recorded.healthy && { healthy: recorded.healthy }) },
    };
    writeFileSync(logFileOf(name), textOf(recording));
    return `${name}: ${Object.values(recording.scenarios).flatMap(({ logs }) => logs.flat()).length} lines`;
  });
}
