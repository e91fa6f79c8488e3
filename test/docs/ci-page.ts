/** What docs/ci.md has a pipeline run, and the exit codes that it explains. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');

interface Step {
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly 'timeout-minutes': number;
  readonly steps: readonly Step[];
}

const blocks = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => parse(text) as { jobs?: Record<string, Job> } | Step[]);

/** The jobs of every workflow on the page. */
export const jobs: readonly Job[] = blocks.flatMap((block) => (Array.isArray(block) ? [] : Object.values(block.jobs ?? {})));

const steps = [...jobs.flatMap((job) => job.steps), ...blocks.flatMap((block) => (Array.isArray(block) ? block : []))];

/** Lines of a shell, in the page's order. */
export const runLines: readonly string[] = steps.flatMap(({ run }) => run ?? []);

/** The exit codes in the page's table. */
export const exitCodes: readonly number[] = [...page.matchAll(/^\| (\d+(?:, \d+)*) +\|/gm)].flatMap(([, codes = '']) =>
  codes.split(', ').map(Number),
);
