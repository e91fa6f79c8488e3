import { expect, it } from 'vitest';
import { compareWithList, type Exceptions } from './compare-with-list.ts';
import { readSources } from './read-sources.ts';

const MAX_LINES = 400;

/** Longer files, with their lines. The list only shrinks. */
const LONGER: Exceptions = {
  'test/functions/deploy/clean-up/clean-up.test.ts': 492,
  'test/functions/deploy/command/command.test.ts': 423,
  'test/server/documents/documents-conformance.ts': 441,
  'test/infra/permissions.test.ts': 458,
  'test/infra/workflows.test.ts': 623,
  'lab/simulation/faults/aims.ts': 401,
};

it(`no file of TypeScript or Python has more than ${MAX_LINES} lines`, () => {
  const sources = readSources('**/*.{ts,py}');
  expect(sources.length).toBeGreaterThan(2_000);
  const lines = sources.map(({ file, text }) => [file, text.split('\n').length - 1] as const);
  expect(compareWithList(Object.fromEntries(lines.filter(([, count]) => count > MAX_LINES)), LONGER)).toEqual([]);
});
