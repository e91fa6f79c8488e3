/** What docs/ci.md has a pipeline run, and the exit codes that it explains. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');

interface Step {
  readonly run?: string;
}

const steps = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].flatMap(([, text = '']): Step[] => {
  const value = parse(text) as { jobs?: { deploy: { steps: Step[] } } } | Step[];
  return Array.isArray(value) ? value : (value.jobs?.deploy.steps ?? []);
});

/** Lines of a shell, in the page's order. */
export const runLines: readonly string[] = steps.flatMap(({ run }) => run ?? []);

/** Of the page's table. */
export const exitCodes: readonly number[] = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) => Number(code));
