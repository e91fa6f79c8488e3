/** Which files are scenarios of the product, and which of them a run has been through. */
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** These inspect the cloud itself: their calls do not show what a role needs. */
const NO_SCENARIOS: readonly string[] = [
  'incident-permissions.test.ts',
  'leaks.test.ts',
  'permissions.test.ts',
  'permissions-used.test.ts',
  'service-permissions.test.ts',
  'templates.test.ts',
  'valid-answers.test.ts',
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
export const hasRun = (runFolder: string, file: string): boolean =>
  readFileSync(path.join(runFolder, NOTE), 'utf8').split('\n').includes(file);

/** Scenario files that this run has not been through. */
export function missingFiles(runFolder: string): readonly string[] {
  const noted = new Set(readFileSync(path.join(runFolder, NOTE), 'utf8').split('\n'));
  return scenarioFiles().filter((name) => !noted.has(name));
}
