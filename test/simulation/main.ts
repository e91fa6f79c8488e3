/** `npm run simulate`: Holdfast's deploys in virtual time, against a cloud in which things go wrong. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Installations, writeInstallations } from './installation/installation-file.ts';
import { reachable } from './installation/reachable.ts';
import { synthesizeInstallation } from './installation/synthesize-installation.ts';
import { HELP, type Options, parseOptions } from './run/options.ts';
import { printSeed } from './run/print-seed.ts';
import { runJob, runJobs } from './run/run-job.ts';
import { type PlantResult, runPlants } from './run/run-plants.ts';
import { Summary } from './run/summary.ts';

const started = performance.now();
const elapsedSeconds = () => Math.round((performance.now() - started) / 100) / 10;

/** @returns the exit code */
async function simulate(options: Options): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-simulation-'));
  try {
    const installations: Installations = {
      created: await synthesizeInstallation('created'),
      existing: await synthesizeInstallation('existing'),
    };
    const installationsFile = path.join(folder, 'installations.json');
    writeInstallations(installationsFile, installations);
    switch (options.mode) {
      case 'seed':
        return await runOne(options, installationsFile);
      case 'planted':
        return await runPlanted(options, installationsFile);
      case 'seeds':
        return await runMany(options, installationsFile, reachable(installations));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runMany(
  { first, count, workers, json }: Options,
  installationsFile: string,
  expected: ReturnType<typeof reachable>,
): Promise<number> {
  const summary = new Summary();
  const commit = await commitOf();
  let done = 0;
  await runJobs({ installationsFile, first, count, keepTimeline: false }, workers, (result) => {
    summary.add(result);
    done += 1;
    if (done % Math.max(100, Math.ceil(count / 20)) === 0)
      say(`${done} of ${count} seeds, ${summary.violated} violations, ${elapsedSeconds()} s`);
  });
  const seconds = elapsedSeconds();
  const replay = (seed: number) => `npm run simulate -- --seed ${seed} --at ${commit}`;
  process.stdout.write(json ? `${JSON.stringify(summary.json(seconds, expected))}\n` : summary.text(seconds, expected, replay));
  return summary.violated === 0 && summary.missing(expected).length === 0 ? 0 : 1;
}

async function runOne({ first, at, json }: Options, installationsFile: string): Promise<number> {
  const commit = await commitOf();
  if (at !== undefined && !commit.startsWith(at)) {
    say(`warning: seed ${first} was reported for commit ${at}, and this checkout is ${commit}: it can run differently`);
  }
  let broken = 0;
  await runJob({ installationsFile, first, count: 1, step: 1, keepTimeline: true }, (result) => {
    broken = result.violations.length;
    process.stdout.write(json ? `${JSON.stringify(result)}\n` : printSeed(result));
  });
  return broken === 0 ? 0 : 1;
}

async function runPlanted({ workers, json }: Options, installationsFile: string): Promise<number> {
  const results = await runPlants(installationsFile, workers, ({ plant, seed, others }) => {
    const how = seed === undefined ? (others.length > 0 ? `only by ${others.join(', ')}` : 'MISSED') : `seed ${seed}`;
    say(`${seed === undefined ? '✗' : '✓'} ${plant.caughtBy}  ${plant.name}: ${how}`);
  });
  const names = (some: readonly PlantResult[]) => some.map(({ plant }) => plant.name).sort();
  const caught = results.filter(({ seed }) => seed !== undefined);
  const missed = results.filter(({ seed, others }) => seed === undefined && others.length === 0);
  const byOther = results.filter(({ seed, others }) => seed === undefined && others.length > 0);
  const seconds = elapsedSeconds();
  const json1 = { planted: results.length, caught: caught.length, missed: names(missed), byOther: names(byOther), seconds };
  process.stdout.write(
    json ? `${JSON.stringify(json1)}\n` : `${caught.length} of ${results.length} plants were found by their predicates, ${seconds} s\n`,
  );
  return caught.length === results.length ? 0 : 1;
}

/** `-changed` where the tree differs; `unknown` without git. */
async function commitOf(): Promise<string> {
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: import.meta.dirname, timeout: 10_000 });
  try {
    const [head, changes] = await Promise.all([
      git('rev-parse', '--short=12', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ]);
    return `${head.stdout.trim()}${changes.stdout === '' ? '' : '-changed'}`;
  } catch {
    return 'unknown';
  }
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

try {
  const options = parseOptions(process.argv.slice(2), availableParallelism());
  if (options === 'help') process.stdout.write(HELP);
  process.exitCode = options === 'help' ? 0 : await simulate(options);
} catch (error) {
  const { name, message } = error as Error;
  process.stderr.write(`${message}\n`);
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error: { code: name, message } })}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}
