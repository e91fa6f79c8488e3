/** Which scenarios run on LocalStack: the same files as on the default emulator, and those that cannot run there, each with the reason. */

/** Files of test/e2e, in the order in which they run. */
export const SCENARIOS: readonly string[] = [
  'deploy.test.ts',
  'rollback.full.test.ts',
  'clean-up.test.ts',
  'deploy-faults.test.ts',
  'deploy-store-failover.full.test.ts',
  'interrupted-work.test.ts',
  'sweep.test.ts',
  'sweep-alarm.test.ts',
  'store-reading.test.ts',
  'doctor.test.ts',
  'console.test.ts',
];

const NO_IAM = 'LocalStack Community enforces no IAM';

/** Files that LocalStack cannot run. */
export const SKIPPED: Readonly<Record<string, string>> = {
  'permissions.test.ts': NO_IAM,
  'incident-permissions.test.ts': NO_IAM,
  'permissions-used.test.ts': NO_IAM,
  'service-permissions.test.ts': NO_IAM,
  'policies.test.ts': NO_IAM,
};

/** Files of other capabilities, and longer forms of these scenarios: they run on the default emulator, and most were not tried here. */
export const notChosen = (files: readonly string[]): readonly string[] =>
  files.filter((file) => !SCENARIOS.includes(file) && SKIPPED[file] === undefined);

/** Single tests that LocalStack cannot run, by their full names. */
export const SKIPPED_TESTS: Readonly<Record<string, string>> = {};

/** For Vitest's name pattern: every test but these. */
export const skippingPattern = (names: readonly string[]): string =>
  `^(?!(?:${names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$)`;
