/** `npm run measure:deploys -- --compare`, in a process of its own. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { USAGE_ERROR_PERCENT } from '../../../cli/cost/deploy-usage.ts';
import type { Difference } from './main.ts';

const MAIN = path.join(import.meta.dirname, 'main.ts');
/** Larger differences at the default settings mean that deploys have changed since `npm run measure:deploys`. */
const STALE_PERCENT = 6;

let differences: readonly Difference[];
beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, '--compare']);
  differences = JSON.parse(stdout) as readonly Difference[];
});

const worst = (some: readonly Difference[]) => Math.max(...some.map(({ percent }) => Math.abs(percent)));

it('what "holdfast cost" expects of a deploy is what deploys with other settings use, within its error', () => {
  expect(differences).toHaveLength(6);
  expect(worst(differences), JSON.stringify(differences)).toBeLessThanOrEqual(USAGE_ERROR_PERCENT);
});

it('what it expects is up to date: npm run measure:deploys', () => {
  expect(worst(differences.filter(({ hasDefaults }) => hasDefaults))).toBeLessThanOrEqual(STALE_PERCENT);
});
