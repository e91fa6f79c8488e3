import { expect, it } from 'vitest';
import { compareWithList, type Exceptions } from './compare-with-list.ts';
import { readSources } from './read-sources.ts';

const MAX_LINES = 250;

/** Longer files, with their lines. The list only shrinks. */
const LONGER: Exceptions = {
  'test/cli/doctor/gather.test.ts': 324,
  'test/console/fake-backend.ts': 363,
  'test/console/in-browser.test.ts': 359,
  'test/console/server.test.ts': 262,
  'test/e2e/clean-up.test.ts': 288,
  'test/examples/java/store-keys.full.test.ts': 269,
  'test/examples/spring-app.test.ts': 255,
  'test/examples/tomcat-app.test.ts': 315,
  'test/functions/deploy/assess/assess.test.ts': 332,
  'test/functions/deploy/clean-up/clean-up.test.ts': 492,
  'test/functions/deploy/command/command.test.ts': 423,
  'test/functions/deploy/traffic/traffic.test.ts': 265,
  'test/functions/incidents/classify/precedence.test.ts': 258,
  'test/functions/incidents/collect/servers.test.ts': 273,
  'test/functions/incidents/report/page.test.ts': 332,
  'test/functions/incidents/tend.test.ts': 314,
  'test/functions/refresh/refresh.test.ts': 293,
  'test/functions/sweep/replica.full.test.ts': 365,
  'test/functions/sweep/store-faults.full.test.ts': 277,
  'test/infra/adopted.test.ts': 346,
  'test/infra/app.test.ts': 364,
  'test/infra/config/existing.test.ts': 311,
  'test/infra/documents/documents-conformance.ts': 441,
  'test/infra/documents/requests-in-flight.test.ts': 350,
  'test/infra/permissions.test.ts': 458,
  'test/infra/workflows.test.ts': 623,
  'test/local/aws/clients/machines.py': 285,
  'test/local/aws/elbv2/hard-cases.test.ts': 288,
  'test/local/aws/emulator/cloudformation-suite.ts': 278,
  'test/local/aws/emulator/localstack/localstack.full.test.ts': 258,
  'test/local/aws/emulator/publish-suite.ts': 329,
  'test/simulation/faults/aims.ts': 401,
};

it(`no file of TypeScript or Python has more than ${MAX_LINES} lines`, () => {
  const sources = readSources('**/*.{ts,py}');
  expect(sources.length).toBeGreaterThan(2_000);
  const lines = sources.map(({ file, text }) => [file, text.split('\n').length - 1] as const);
  expect(compareWithList(Object.fromEntries(lines.filter(([, count]) => count > MAX_LINES)), LONGER)).toEqual([]);
});
