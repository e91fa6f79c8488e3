import { expect, it } from 'vitest';
import { chooseTests, untested } from './choose.ts';

/** Their order is the importers': the nearest first. */
const importers = (...tests: readonly string[]) => ({ testsOf: () => tests.map((test, index) => ({ test, distance: index })) });

it('takes the tests of every changed file, the nearest first', () => {
  const asked: string[][] = [];
  const near = {
    testsOf: (...files: readonly string[]) => {
      asked.push([...files]);
      return importers('a.test.ts', 'b.test.ts').testsOf();
    },
  };
  expect(chooseTests(['a.ts', 'b.ts'], near, () => 1)).toEqual({ tests: ['a.test.ts', 'b.test.ts'], left: [] });
  expect(asked).toEqual([['a.ts', 'b.ts']]);
});

it('leaves what is too long, and not what is short behind it', () => {
  const near = importers('quick.test.ts', 'long.test.ts', 'further.test.ts');
  const seconds = (test: string) => (test === 'long.test.ts' ? 500 : 5);
  expect(chooseTests(['a.ts'], near, seconds)).toEqual({ tests: ['quick.test.ts', 'further.test.ts'], left: ['long.test.ts'] });
});

it('runs a test that was changed itself, however long it is', () => {
  expect(chooseTests(['long.test.ts'], importers('long.test.ts'), () => 500).tests).toEqual(['long.test.ts']);
});

it('has none for a file that no test uses', () => {
  expect(chooseTests(['page.md'], importers(), () => 1)).toEqual({ tests: [], left: [] });
});

it('names the changed files that no test is known to concern, but for pages', () => {
  const some = { testsOf: (file = '') => (file === 'a.ts' ? [{ test: 'a.test.ts', distance: 1 }] : []) };
  expect(untested(['a.ts', 'b.yml', 'page.md'], some)).toEqual(['b.yml']);
});
