import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TestReport } from '../../../test/read-report.ts';
import type { Importers } from '../importers.ts';
import { type Mutant, make } from '../mutant.ts';
import { runLimited } from '../run-limited.ts';

/** Scenarios of `npm test` in which the functions of a capability, or what is around them, do their work. */
const SCENARIOS: Readonly<Record<string, readonly string[]>> = {
  'functions/collect': ['store-reading'],
  'functions/deploy': ['first-deploy', 'deploy', 'clean-up'],
  'functions/incidents': ['incidents'],
  'functions/lifecycle': ['service-permissions', 'refresh'],
  'functions/releases': ['first-deploy', 'policies'],
  'functions/sweep': ['sweep', 'sweep-alarm'],
  'functions/widgets': ['console'],
};
/** Scenarios for mutants in what any deploy needs: documents, the local cloud, the command line and the like. */
const ANY_DEPLOY = ['first-deploy', 'deploy', 'clean-up'];

/** The scenarios that call a mutant's files: by the functions whose bundles have them. */
export function scenariosOf({ edits }: Mutant, importers: Importers): readonly string[] {
  const users = edits.flatMap(({ file }) => [...importers.dependants(file).keys()]);
  const capabilities = new Set(
    users.filter((file) => /^functions\/.*\/handler\.ts$/.test(file)).map((file) => file.split('/').slice(0, 2).join('/')),
  );
  const called = [...capabilities].flatMap((capability) => SCENARIOS[capability] ?? []);
  return [...new Set(called.length > 0 ? called : ANY_DEPLOY)].map((name) => `test/e2e/${name}.test.ts`);
}

/** The local cloud begins in two minutes on a busy machine, and a scenario takes up to two. */
const LIMIT_MS = 15 * 60_000;

/** @returns scenarios that failed; all of them when the local cloud did not come up, or did not end within the limit */
async function failedScenarios(checkout: string, scenarios: readonly string[]): Promise<readonly string[]> {
  const report = path.join(checkout, '.holdfast', 'scenarios.json');
  await rm(report, { force: true });
  const reporters = ['--reporter=json', `--outputFile.json=${report}`];
  await runLimited(['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', ...reporters, ...scenarios], {
    cwd: checkout,
    limitMs: LIMIT_MS,
  });
  const { testResults = [] } = JSON.parse(await readFile(report, 'utf8').catch(() => '{}')) as TestReport;
  const passed = testResults.filter(({ status }) => status === 'passed').map(({ name }) => path.relative(checkout, name));
  return scenarios.filter((scenario) => !passed.includes(scenario));
}

/** @returns scenarios that fail twice with the mutant, and pass without it */
export async function scenariosThatNotice(mutant: Mutant, checkout: string, importers: Importers): Promise<readonly string[]> {
  const restore = make(mutant, checkout);
  let failed: readonly string[];
  try {
    failed = await failedScenarios(checkout, scenariosOf(mutant, importers));
    if (failed.length > 0) failed = await failedScenarios(checkout, failed);
  } finally {
    restore();
  }
  if (failed.length === 0) return [];
  const flaky = await failedScenarios(checkout, failed);
  return failed.filter((scenario) => !flaky.includes(scenario));
}
