import { expect, it } from 'vitest';
import type { Concerned, Importers } from '../mutants/importers.ts';
import { chooseTests } from './choose.ts';

const importers = (testsOf: Record<string, readonly Concerned[]>) =>
  ({ testsOf: (file: string) => testsOf[file] ?? [] }) as unknown as Importers;

it('takes the nearest tests of every changed file, each once', () => {
  const near = importers({
    'a.ts': [
      { test: 'a.test.ts', distance: 1 },
      { test: 'both.test.ts', distance: 3 },
    ],
    'b.ts': [
      { test: 'both.test.ts', distance: 1 },
      { test: 'b.test.ts', distance: 2 },
    ],
  });
  expect(chooseTests(['a.ts', 'b.ts'], near, () => 1)).toEqual({ tests: ['a.test.ts', 'both.test.ts', 'b.test.ts'], left: [] });
});

it('leaves what is too long, and not what is short behind it', () => {
  const near = importers({
    'a.ts': [
      { test: 'quick.test.ts', distance: 1 },
      { test: 'long.test.ts', distance: 2 },
      { test: 'further.test.ts', distance: 3 },
    ],
  });
  const seconds = (test: string) => (test === 'long.test.ts' ? 500 : 5);
  expect(chooseTests(['a.ts'], near, seconds)).toEqual({ tests: ['quick.test.ts', 'further.test.ts'], left: ['long.test.ts'] });
});

it('runs a test that was changed itself, however long it is', () => {
  const near = importers({ 'long.test.ts': [{ test: 'long.test.ts', distance: 0 }] });
  expect(chooseTests(['long.test.ts'], near, () => 500).tests).toEqual(['long.test.ts']);
});

it('has none for a file that no test uses', () => {
  expect(chooseTests(['page.md'], importers({}), () => 1)).toEqual({ tests: [], left: [] });
});
