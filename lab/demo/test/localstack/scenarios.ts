/**
 * The tests of test/e2e that also run on LocalStack, by file: one each of a deploy, a sweep and an incident. What they share with the others
 * runs on the default emulator; its IAM is not enforced, so that no test about permissions could fail there.
 */
export const SCENARIOS: Readonly<Record<string, string>> = {
  'deploy.test.ts': 'loses no session and fails no request under the traffic of many users, and is the only one of its fleet',
  'sweep.test.ts': 'a dry run reports what a sweep then does; the sweep repairs persistent keys and changes nothing else',
  'incidents.test.ts': 'an alarm that fires twice starts one runbook, whose report names its evidence by its hash',
};

/** Vitest's name pattern for tests with these titles, in whatever group, and no other. */
export const namePattern = (names: readonly string[] = Object.values(SCENARIOS)): string =>
  `(?:^|\\s)(?:${names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`;
