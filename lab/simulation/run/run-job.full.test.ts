import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FULL } from '../../../test/e2e/full-run.ts';
import { synthesizeInto } from '../fakes/synthesized.ts';
import type { Job } from './job.ts';
import { printSeed } from './print-seed.ts';
import { runJob, runJobs } from './run-job.ts';
import type { SeedResult } from './seed-result.ts';

let folder: string;
let installationsFile: string;
/** Seed 3, with its timeline. */
let kept: SeedResult;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'holdfast-run-job-'));
  installationsFile = await synthesizeInto(folder);
  [kept] = (await run({ first: 3, keepTimeline: true })) as [SeedResult];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
const job = (change: Partial<Job> = {}): Job => ({ installationsFile, first: 1, count: 1, step: 1, keepTimeline: false, ...change });

async function run(change: Partial<Job> = {}, signal = never): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  await runJob(job(change), (result) => results.push(result), signal);
  return results;
}

test('seeds are shared out among workers, and each runs the same in another process, whether or not somebody reads its timeline', async () => {
  const results: SeedResult[] = [];
  await runJobs({ installationsFile, first: 3, count: 2, keepTimeline: false }, 2, (result) => results.push(result), never);
  expect(results.map(({ seed }) => seed).sort()).toEqual([3, 4]);
  expect(results.find(({ seed }) => seed === 3)).toEqual({ ...kept, timeline: undefined });
});

test('the timeline of a seed is for people: its plan, a line for each moment in order, how it ended, and its hash', () => {
  const lines = printSeed(kept).split('\n');
  expect(lines[0]).toMatch(/^seed 3: (calm|brief|bad release|abort|chaos)$/);
  expect(lines[1]).toMatch(/^ {2}servers: (created|existing|sticky)$/);
  expect(lines[2]).toMatch(/^ {2}\d+ servers, \d+ users/);
  expect(lines.at(-1)).toMatch(
    new RegExp(`^(SUCCEEDED|FAILED|ABORTED|refused).* · \\d+ s of virtual time · \\d+ violations · hash ${kept.hash}$`),
  );
  const moments = lines.filter((line) => /^ *\d+\.\d{3} {2}\S/.test(line));
  expect(moments.length).toBeGreaterThan(100);
  const times = moments.map((line) => Number.parseFloat(line));
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(moments.join('\n')).toMatch(/ execution deploy deploy-1 ends: /);
  // Neither objects nor lines that are broken.
  expect(lines.filter((line) => line.includes('[object'))).toEqual([]);
});

test('a worker that fails ends the others at once, and names its seed', async () => {
  const plant = {
    name: 'a wrong program',
    file: 'lab/simulation/run/draw-run.ts',
    text: 'const first = ',
    becomes: "if (seed === 3) throw new RangeError('no such run'); const first = ",
    caughtBy: 'L1',
  } as const;
  const seeds: number[] = [];
  const runs = runJobs({ installationsFile, first: 1, count: 1_000, keepTimeline: false, plant }, 2, ({ seed }) => seeds.push(seed), never);
  await expect(runs).rejects.toThrow(/^seed 3: no such run/);
  expect(seeds.length).toBeLessThan(100);
});

test.runIf(FULL)('an interruption ends the workers, with the results until then', async () => {
  const interruption = new AbortController();
  const seeds: number[] = [];
  const first = ({ seed }: SeedResult) => {
    seeds.push(seed);
    interruption.abort();
  };
  await runJobs({ installationsFile, first: 1, count: 1_000, keepTimeline: false }, 2, first, interruption.signal);
  expect(seeds.length).toBeGreaterThan(0);
  expect(seeds.length).toBeLessThan(100);
});
