/** How often the kernel's view of connections is right: its samples against what a real server knows, under load. Prints the figures. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { joinPython } from '../../server/documents/join-python.ts';

const SOURCE = joinPython('requests_in_flight');
/** Samples as wait-idle takes them, until its input ends. */
const SAMPLER = `
import select
watch = Connections([int(sys.argv[1])], True, time.monotonic(), dict())
while not select.select([sys.stdin], [], [], 0.05 if watch.changing else 0.2)[0]:
    begun = time.monotonic()
    watch.read(begun)
    print(json.dumps([begun, time.monotonic(), [[s["peer"], s["verdict"], s["sent_ms"], s["received_ms"]] for s in watch.before.values()]]))`;

type Connection = readonly [peer: string, verdict: 'idle' | 'inFlight' | 'tie', sentMs: number, receivedMs: number];
type Moment = readonly [begun: number, ended: number, connections: readonly Connection[]];
interface Served {
  readonly port: number;
  readonly start: number;
  end: number;
}

/** Seconds of the clock that Python's monotonic() has as well. */
const now = (): number => Number(process.hrtime.bigint()) / 1e9;
const servers: Server[] = [];
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill();
  for (const server of servers) server.close();
});

/** @param pauseMs mean pause of a user between two requests */
async function measure(users: number, pauseMs: number, seconds: number) {
  const served: Served[] = [];
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const entry: Served = { port: request.socket.remotePort ?? 0, start: now(), end: Number.POSITIVE_INFINITY };
    served.push(entry);
    response.on('finish', () => {
      entry.end = now();
    });
    const ms = Number(request.url?.slice(1));
    if (ms === 0) response.end('x'.repeat(200));
    else setTimeout(() => response.end('x'.repeat(200)), ms);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 100 });
  let stopped = false;
  const ask = (ms: number) =>
    new Promise<void>((resolve, reject) => {
      const options = { port, host: '127.0.0.1', path: `/${ms}`, agent, localAddress: '127.0.0.5' };
      get(options, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
  const user = async () => {
    while (!stopped) {
      const kind = Math.random();
      await ask(kind < 0.5 ? 0 : Math.round(Math.random() * (kind < 0.8 ? 20 : kind < 0.95 ? 400 : 2_500)));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 * pauseMs));
    }
  };
  const sampler = spawn('python3', ['-I', '-c', `${SOURCE}\n${SAMPLER}`, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(sampler);
  const moments: Moment[] = [];
  createInterface({ input: sampler.stdout }).on('line', (line) => moments.push(JSON.parse(line) as Moment));
  const ended = new Promise((resolve) => sampler.once('close', resolve));
  const all = Array.from({ length: users }, user);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  stopped = true;
  await Promise.all(all);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  sampler.stdin.end();
  await ended;
  agent.destroy();
  return { served, moments };
}

function judge({ served, moments }: Awaited<ReturnType<typeof measure>>) {
  const figures = {
    requests: served.length,
    busy: 0,
    busyTakenForIdle: 0,
    busyTies: 0,
    idle: 0,
    idleTakenForBusy: 0,
    idleTies: 0,
    tiesInTheEnd: 0,
  };
  for (const [begun, ended, connections] of moments) {
    for (const [peer, verdict, sentMs, receivedMs] of connections) {
      const own = served.filter(({ port }) => peer.endsWith(`:${port}`));
      if (own.some(({ start, end }) => start < begun - 0.002 && end > ended + 0.002)) {
        figures.busy += 1;
        figures.busyTakenForIdle += Number(verdict === 'idle');
        figures.busyTies += Number(verdict === 'tie');
      } else if (!own.some(({ start, end }) => start < ended + 0.01 && end > begun - 0.01) && Math.min(sentMs, receivedMs) > 300) {
        // Before, a response can wait for its acknowledgement.
        figures.idle += 1;
        figures.idleTakenForBusy += Number(verdict === 'inFlight');
        figures.idleTies += Number(verdict === 'tie');
      }
    }
  }
  figures.tiesInTheEnd = moments.at(-1)?.[2].filter(([, verdict]) => verdict === 'tie').length ?? 0;
  return figures;
}

describe('the kernel\u2019s view under load', () => {
  it.each([
    { users: 20, pauseMs: 300 },
    { users: 20, pauseMs: 30 },
  ])('takes no busy connection for idle: $users users, $pauseMs ms between requests', { timeout: 60_000 }, async ({ users, pauseMs }) => {
    const figures = judge(await measure(users, pauseMs, 12));
    process.stdout.write(`${JSON.stringify({ users, pauseMs, ...figures })}\n`);
    expect(figures.busy).toBeGreaterThan(100);
    expect(figures.idle).toBeGreaterThan(20);
    expect(figures).toMatchObject({ busyTakenForIdle: 0, idleTakenForBusy: 0 });
    expect(figures.tiesInTheEnd).toBeLessThanOrEqual(users / 2);
  });
});
