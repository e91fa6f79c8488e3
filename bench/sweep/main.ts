/**
 * `npm run bench:sweep`: how fast Holdfast and other tools find keys without a TTL, and what other clients notice
 * meanwhile, on one store in one run.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { medianCase, type SweepCase, unmetExpectations } from './judge-cases.ts';
import { PAGE, type Pass, PTTL_COUNT, runHoldfast, runMemkeys, runScan, runScanPttl, runShellLoop } from './run-case.ts';
import { startBenchStore } from './store.ts';

const HELP = `Usage: npm run bench:sweep -- [options]

Fill a store of its own with sessions, one in a hundred without a TTL, and go through it with Holdfast (a dry run, fast and
gentle), a bare SCAN, SCAN with pipelined PTTL, redis-cli --memkeys, and a shell loop of TTL commands on a slice. Meanwhile
another client GETs a session every millisecond. Rounds alternate the order of the cases; the median is printed.

  --keys N      number of sessions (default 1000000)
  --rounds N    number of rounds (default 5)
  --json        print exactly one line on standard output (progress goes to standard error)
  --help

Exit codes: 0 every expectation was met, 1 one was not (it is named), 2 an option is wrong.
`;

const IDLE_MS = 4_000;
/** A gentle sweep of a million keys takes minutes: only its start is measured. */
const PACED_SECONDS = 8;
/** Largest page of a gentle sweep: see limitsFor. */
const PACED_PAGE = 10;
const SHELL_LOOP_KEYS = 300;
/** Between two cases. */
const SETTLE_MS = 300;

interface Options {
  readonly keys: number;
  readonly rounds: number;
  readonly json: boolean;
}

function parse(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keys: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return { keys: whole('--keys', values.keys, 10_000, 100_000_000), rounds: whole('--rounds', values.rounds, 1, 99), json: values.json };
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new TypeError(`${option} ${text} is not a whole number from ${least} to ${most}`);
}

async function bench({ keys, rounds, json }: Options): Promise<number> {
  const say = (line: string) => (json ? process.stderr : process.stdout).write(`${line}\n`);
  const store = await startBenchStore(keys);
  const prober = fork(path.join(import.meta.dirname, 'prober.ts'), [String(store.port), String(keys)]);
  const end = async () => {
    prober.kill('SIGKILL');
    await store.stop();
  };
  const interrupted = () => void end().then(() => process.exit(130));
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    say(`${store.version}, ${keys} keys`);
    const cases: readonly [SweepCase['name'], number, () => Promise<Pass | undefined>][] = [
      ['idle', 0, () => sleep(IDLE_MS, { keys: 0, seconds: IDLE_MS / 1_000, clientCpuSeconds: 0 })],
      ['scan', PAGE, () => runScan(store.port)],
      ['holdfast', PAGE, () => runHoldfast(store.port, 'fast')],
      ['scan-pttl', PTTL_COUNT, () => runScanPttl(store.port)],
      ['holdfast-paced', PACED_PAGE, () => runHoldfast(store.port, 'gentle', PACED_SECONDS)],
      ['memkeys', 10, () => runMemkeys(store.port, keys)],
      ['shell-loop', 10, () => runShellLoop(store.port, SHELL_LOOP_KEYS)],
    ];
    const found = new Map<string, SweepCase[]>();
    for (let round = 1; round <= rounds; round += 1) {
      for (const [name, count, run] of round % 2 === 1 ? cases : cases.toReversed()) {
        const one = await runCase(name, count, run, prober);
        if (!one) continue;
        say(`round ${round}  ${describe(one)}`);
        found.set(name, [...(found.get(name) ?? []), one]);
      }
    }
    const medians = cases.flatMap(([name]) => (found.has(name) ? [medianCase(found.get(name) as SweepCase[])] : []));
    for (const one of medians) say(`median   ${describe(one)}`);
    if (json) process.stdout.write(`${JSON.stringify({ cases: medians })}\n`);
    const unmet = unmetExpectations(medians);
    for (const sentence of unmet) process.stderr.write(`not as expected: ${sentence}\n`);
    return unmet.length === 0 ? 0 : 1;
  } finally {
    await end();
  }
}

async function runCase(
  name: SweepCase['name'],
  count: number,
  run: () => Promise<Pass | undefined>,
  prober: ChildProcess,
): Promise<SweepCase | undefined> {
  await sleep(SETTLE_MS);
  prober.send('start');
  const pass = await run();
  prober.send('report');
  const [times] = (await once(prober, 'message')) as [number[]];
  if (!pass) return undefined;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    name,
    count,
    keysPerSecond: pass.keys / pass.seconds,
    probeP50Ms: at(0.5),
    probeP99Ms: at(0.99),
    probeMaxMs: at(1),
    clientCpuSeconds: pass.clientCpuSeconds,
  };
}

const describe = ({ name, count, keysPerSecond, probeP50Ms, probeP99Ms, probeMaxMs, clientCpuSeconds }: SweepCase): string =>
  `${name.padEnd(15)}${count ? `COUNT ${String(count).padStart(4)}` : '          '}  ${Math.round(keysPerSecond).toLocaleString('en-US').padStart(9)} keys/s, GET P50 ${probeP50Ms.toFixed(2)}, P99 ${probeP99Ms.toFixed(2)}, max ${probeMaxMs.toFixed(1)} ms, client CPU ${clientCpuSeconds.toFixed(1)} s`;

try {
  const options = parse(process.argv.slice(2));
  if (options === 'help') process.stdout.write(HELP);
  process.exit(options === 'help' ? 0 : await bench(options));
} catch (error) {
  const wrongOption = error instanceof TypeError;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(wrongOption ? 2 : 1);
}
