/** Which files are scenarios of the product, and which of them a run has been through. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** These inspect the cloud itself: their calls do not show what a role needs. */
const NO_SCENARIOS: readonly string[] = [
  'incident-permissions.test.ts',
  'leaks.test.ts',
  'permissions.test.ts',
  'permissions-used.test.ts',
  'service-permissions.test.ts',
];

/** Names of the scenario files of `npm test`: they have to use every permission. */
const scenarioFiles = (): readonly string[] =>
  readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith('.test.ts') && !name.endsWith('.full.test.ts') && !NO_SCENARIOS.includes(name),
  );

const NOTE = 'scenario-files.txt';

export function noteFile(runFolder: string, file: string): void {
  appendFileSync(path.join(runFolder, NOTE), `${path.basename(file)}\n`);
}

/** Whether this run has begun the file. */
export const hasRun = (runFolder: string, file: string): boolean => filesOf(runFolder).includes(file);

const filesOf = (runFolder: string): readonly string[] => readFileSync(path.join(runFolder, NOTE), 'utf8').split('\n');

/** Environment variable with the folder in which the runs that share the scenarios leave what each has shown. */
export const CHAINS_ENV = 'HOLDFAST_TEST_CHAINS';

/** What one of them has shown. */
export interface Shown {
  /** Scenario files that it has been through. */
  readonly files: readonly string[];
  /** Names of permissions that its scenarios did not use. */
  readonly unused: readonly string[];
}

/** Leaves what this run has shown, for the one that ends last. @returns what all that have ended have shown, this one with them */
export function shareShown(runFolder: string, unused: readonly string[]): readonly Shown[] {
  const own: Shown = { files: filesOf(runFolder), unused };
  const folder = process.env[CHAINS_ENV];
  if (folder === undefined) return [own];
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${path.basename(runFolder)}.json`), JSON.stringify(own));
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Shown);
}

/** Scenario files that no run has been through. */
export const missingFiles = (shown: readonly Pick<Shown, 'files'>[]): readonly string[] =>
  scenarioFiles().filter((name) => !shown.some(({ files }) => files.includes(name)));
