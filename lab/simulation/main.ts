/** `npm run simulate`: Holdfast's deploys in virtual time, against a cloud in which things go wrong. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { Reachable } from './coverage/coverage.ts';
import { writeInstallations } from './installation/installation-file.ts';
import { reachable } from './installation/reachable.ts';
import { synthesizeWithoutBundles } from './installation/synthesize-without-bundles.ts';
import { readCommit } from './run/commit.ts';
import { HELP, type Options, parseOptions } from './run/options.ts';
import { printSeed } from './run/print-seed.ts';
import { runJob, runJobs } from './run/run-job.ts';
import { type PlantResult, runPlants } from './run/run-plants.ts';
import { Summary } from './run/summary.ts';

/** How often long runs say how far they are. */
const PROGRESS_MS = 10_000;

const OPTION_IS_WRONG = 2;
const INTERRUPTED = 130;

class Interrupted extends Error {
  override readonly name = 'Interrupted';
  override readonly message = 'interrupted';
}

interface Prepared {
  readonly installationsFile: string;
  readonly expected: Reachable;
  /** Ctrl+C. */
  readonly signal: AbortSignal;
}

const say = (line: string) => void process.stderr.write(`${line}\n`);
const print = (line: string) => void process.stdout.write(`${line}\n`);
const elapsedSeconds = () => Math.round(performance.now() / 100) / 10;

/** @returns the exit code */
async function simulate(options: Options, signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-simulation-'));
  try {
    const installations = await synthesizeWithoutBundles();
    const installationsFile = path.join(folder, 'installations.json');
    writeInstallations(installationsFile, installations);
    const prepared: Prepared = { installationsFile, expected: reachable(installations), signal };
    const modes = { seed: runOne, planted: runPlanted, seeds: runMany };
    const code = await modes[options.mode](options, prepared);
    if (!signal.aborted) return code;
    say('interrupted');
    return INTERRUPTED;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runMany({ first, count, workers, json }: Options, { installationsFile, expected, signal }: Prepared): Promise<number> {
  const summary = new Summary();
  const commit = await readCommit();
  const replay = (seed: number) => `npm run simulate -- --seed ${seed} --at ${commit}`;
  let done = 0;
  let saidAtMs = performance.now();
  const job = { installationsFile, first, count, keepTimeline: false };
  await runJobs(
    job,
    workers,
    (result) => {
      summary.add(result);
      done += 1;
      const [first] = result.violations;
      if (first !== undefined) say(`seed ${result.seed}: ${first.predicate} ${first.text}`);
      if (performance.now() - saidAtMs < PROGRESS_MS) return;
      saidAtMs = performance.now();
      say(`${done} of ${count} seeds, ${summary.violated} violations, ${elapsedSeconds()} s`);
    },
    signal,
  );
  const seconds = elapsedSeconds();
  if (json) print(JSON.stringify(summary.json(seconds, expected)));
  else process.stdout.write(summary.text(seconds, expected, replay));
  return summary.violated === 0 && summary.missing(expected).length === 0 ? 0 : 1;
}

async function runOne({ first, at, json }: Options, { installationsFile, signal }: Prepared): Promise<number> {
  const commit = await readCommit();
  if (at !== undefined && !commit.startsWith(at)) {
    say(`warning: seed ${first} was reported for commit ${at}, and this checkout is ${commit}: it can run differently`);
  }
  let broken: number | undefined;
  const job = { installationsFile, first, count: 1, step: 1, keepTimeline: true };
  await runJob(
    job,
    (result) => {
      broken = result.violations.length;
      print(json ? JSON.stringify(result) : printSeed(result));
    },
    signal,
  );
  if (broken === undefined) throw new Interrupted();
  return broken === 0 ? 0 : 1;
}

async function runPlanted({ workers, json }: Options, { installationsFile, signal }: Prepared): Promise<number> {
  const tell = ({ plant, seed, others }: PlantResult) => {
    const how = seed === undefined ? (others.length > 0 ? `only by ${others.join(', ')}` : 'MISSED') : `seed ${seed}`;
    say(`${seed === undefined ? '✗' : '✓'} ${plant.caughtBy}  ${plant.name}: ${how}`);
  };
  const results = await runPlants(installationsFile, workers, tell, signal);
  const names = (some: readonly PlantResult[]) => some.map(({ plant }) => plant.name).sort();
  const caught = results.filter(({ seed }) => seed !== undefined);
  const missed = results.filter(({ seed, others }) => seed === undefined && others.length === 0);
  const byOther = results.filter(({ seed, others }) => seed === undefined && others.length > 0);
  const seconds = elapsedSeconds();
  const found = { planted: results.length, caught: caught.length, missed: names(missed), byOther: names(byOther), seconds };
  print(json ? JSON.stringify(found) : `${caught.length} of ${results.length} plants were found by their predicates, ${seconds} s`);
  return caught.length === results.length ? 0 : 1;
}

/** @returns the exit code, with one line of JSON where that is wanted */
function failed(error: Error, code: number): number {
  say(error.message);
  if (process.argv.includes('--json')) print(JSON.stringify({ error: { code: error.name, message: error.message } }));
  return code;
}

async function main(): Promise<number> {
  let options: ReturnType<typeof parseOptions>;
  try {
    options = parseOptions(process.argv.slice(2), availableParallelism());
  } catch (error) {
    return failed(error as Error, OPTION_IS_WRONG);
  }
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort());
  try {
    return await simulate(options, interruption.signal);
  } catch (error) {
    return failed(error as Error, error instanceof Interrupted ? INTERRUPTED : 1);
  }
}

process.exitCode = await main();
