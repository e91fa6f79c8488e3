/** `npm run bench:people`: releases that hurt people, which a deploy has to stop, and others, which it must not. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { settleAll } from '../../../functions/shared/end-at.ts';
import { bringUp } from '../../demo/bring-up.ts';
import { progressLog, runBench } from '../run-bench.ts';
import { againstScript } from './against-script.ts';
import { CASES, type Case, USUAL_FLEET } from './cases.ts';
import type { RecordedDeploy, ReleaseBench } from './contract.ts';
import { packed, resampled } from './resample.ts';
import { type Bench, runCase } from './run-case.ts';
import { sharedOut } from './share-out.ts';
import { buildRelease, SHOP_SERVER } from './shops.ts';

const HELP = `Usage: npm run bench:people -- [options]

Deploy releases that log people out or break their pages, and others under campaigns, scanners and the like, to three servers of a local
cloud, with real waits. Each looks at people by the servers' access logs, or, without one, by the load balancer's minutes: the hour before
is planted. Those that hurt have to be stopped at the first server, others must not be: neither now, nor with people drawn again from those
who were there, 1,000 times. Clouds share the cases.

  --clouds N    so many clouds at once, at most 4 (default: 3)
  --only NAMES  of these cases, with commas between them
  --skip NAMES  without these cases
  --record      write what the servers answered in deploys that must pass into lab/bench/people/looks.json
  --script      instead, a release that fails and a store that does, by Holdfast and by the shell script that it replaces
  --json        print exactly one line on standard output (progress goes to standard error)
  --help

Exit codes: 0 as expected, 1 not, 2 an option is wrong.
`;

const SEEDS = 1_000;
/** What shows nothing of people is shorter than the defaults: drains, the wait for the first UP, and the watch of alarms behind the last server. */
const DEPLOY = { drainFloorSeconds: 6, quietSeconds: 6, healthIntervalSeconds: 1, settleSeconds: 5 } as const;

interface Options {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly clouds: number;
  readonly record: boolean;
  readonly script: boolean;
}

async function bench(options: Options): Promise<number> {
  const { names, clouds, json, record, script } = options;
  process.env['HOLDFAST_STATE_FOLDER'] ??= path.resolve(import.meta.dirname, '../../../.holdfast/bench');
  const log = progressLog(json);
  if (script) return againstScript(json, log);
  const chosen = CASES.filter(({ name }) => names.includes(name));
  if (chosen.length === 0) throw new TypeError('No case is left. Nothing was started.');
  const parts = sharedOut(chosen, clouds);
  const results = await settleAll(
    parts.length === 1 ? [run(chosen, record, log)] : parts.map((part, at) => runApart(part, at, { record, log })),
  );
  const by = Object.assign({}, ...results.map(({ resampled }) => resampled.by));
  const stopped = results.reduce((sum, { resampled }) => sum + resampled.stopped, 0);
  const every = <T>(of: (one: ReleaseBench) => readonly T[]) => results.flatMap(of);
  const [missed, falseStops] = [every((one) => one.missed), every((one) => one.falseStops)];
  if (json)
    process.stdout.write(
      `${JSON.stringify({ cases: every(({ cases }) => cases), missed, falseStops, resampled: { seeds: SEEDS, stopped, by } })}\n`,
    );
  return missed.length + falseStops.length + stopped === 0 ? 0 : 1;
}

async function run(chosen: readonly Case[], record: boolean, log: (line: string) => void): Promise<ReleaseBench> {
  const cases: ReleaseBench['cases'][number][] = [];
  const recorded: RecordedDeploy[] = [];
  const fleets = Map.groupBy(chosen, ({ fleet = USUAL_FLEET }) => JSON.stringify(fleet));
  for (const onFleet of fleets.values())
    for (const { one, measured, looks } of await withFleet(onFleet, record, log)) {
      cases.push(measured);
      if (isRecorded(one)) recorded.push({ name: one.name, looks });
    }
  const missed = cases.filter(({ expected, outcome }) => expected === 'stop' && outcome !== 'stop').map(({ name }) => name);
  const falseStops = cases.filter(({ expected, outcome }) => expected === 'pass' && outcome !== 'pass').map(({ name }) => name);
  return { cases, missed, falseStops, resampled: { seeds: SEEDS, ...resampled(recorded, SEEDS) } };
}

/** In a process of its own, since a checkout has one cloud for each state folder. */
async function runApart(
  chosen: readonly Case[],
  at: number,
  { record, log }: { readonly record: boolean; readonly log: (line: string) => void },
): Promise<ReleaseBench> {
  const names = chosen.map(({ name }) => name).join(',');
  const args = [process.argv[1] as string, '--clouds', '1', '--json', '--only', names, ...(record ? ['--record'] : [])];
  const env = { ...process.env, HOLDFAST_STATE_FOLDER: `${process.env['HOLDFAST_STATE_FOLDER']}-${at + 1}` };
  const child = spawn(process.execPath, [...process.execArgv, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => void child.kill();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  createInterface(child.stderr).on('line', (line) => log(`${at + 1} ${line}`));
  const result = await text(child.stdout);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, end);
  if (result === '') throw new Error(`Cloud ${at + 1} has no result: its lines above say why.`);
  return JSON.parse(result);
}

/** What is expected to turn people away is let through by its deploy's word, not by what it shows. */
const isRecorded = ({ expected, expect }: Case): boolean => expected === 'pass' && expect === undefined;

/** In the place of what was recorded of the same case; at once, for another cloud can do the same. */
function keepLooks(deploy: RecordedDeploy): void {
  const file = path.join(import.meta.dirname, 'looks.json');
  const known: readonly RecordedDeploy[] = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify([...known.filter(({ name }) => name !== deploy.name), packed(deploy)])}\n`);
}

type Ran = Awaited<ReturnType<typeof runCase>> & { readonly one: Case };

/** The cases of one fleet, one after the other in a cloud of their own. */
async function withFleet(cases: readonly Case[], record: boolean, log: (line: string) => void): Promise<readonly Ran[]> {
  const [first] = cases as readonly [Case, ...Case[]];
  const { servers, sticky = false } = first.fleet ?? USUAL_FLEET;
  const installation = await bringUp({
    ...{ fleet: 'web', realTime: true, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log },
    app: async () => ({ server: SHOP_SERVER, build: ({ folder }) => buildRelease(folder, first.app, first.from ?? {}) }),
    server: {
      minCapacity: servers,
      maxCapacity: servers + 1,
      ...(sticky && { stickiness: true }),
      deploy: { ...DEPLOY, minimumHealthyTargets: Math.min(2, servers - 1) },
    },
  });
  const { daemon } = installation;
  const end = () => void daemon.stop().then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  try {
    const on: Bench = { installation, log, serving: { app: first.app, release: first.from ?? {} }, published: 0 };
    const ran: Ran[] = [];
    for (const one of cases) {
      const each = { one, ...(await runCase(on, one)) };
      ran.push(each);
      if (record && isRecorded(one)) keepLooks({ name: one.name, looks: each.looks });
    }
    return ran;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, end);
    await daemon.stop();
  }
}

function parseOptions(args: string[]): Options | 'help' {
  const flag = { type: 'boolean', default: false } as const;
  const options = { only: { type: 'string' }, skip: { type: 'string' }, clouds: { type: 'string', default: '3' } } as const;
  const { values } = parseArgs({ args, options: { ...options, record: flag, script: flag, json: flag, help: flag } });
  if (values.help) return 'help';
  if (!/^[1-4]$/.test(values.clouds)) throw new TypeError(`--clouds is ${values.clouds}: give 1 to 4. Nothing was started.`);
  const all = CASES.map(({ name }) => name);
  const [only = all, skip = []] = [values.only, values.skip].map((text) => text?.split(','));
  const unknown = [...only, ...skip].find((name) => !all.includes(name));
  if (unknown !== undefined) throw new TypeError(`There is no case ${unknown}, only: ${all.join(', ')}. Nothing was started.`);
  return { ...values, clouds: Number(values.clouds), names: only.filter((name) => !skip.includes(name)) };
}

await runBench(parseOptions, HELP, bench);
