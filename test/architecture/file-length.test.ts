import { expect, it } from 'vitest';
import { readSources } from './read-sources.ts';

const MAX_LINES = 400;

it(`no file of TypeScript or Python has more than ${MAX_LINES} lines`, () => {
  const sources = readSources('**/*.{ts,py}');
  expect(sources.length).toBeGreaterThan(2_000);
  const lines = sources.map(({ file, text }) => [file, text.split('\n').length - 1] as const);
  expect(lines.filter(([, count]) => count > MAX_LINES)).toEqual([]);
});
