import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { balance, chainsOf, describeParts, describeSkipped, filesOfPart, LOCALSTACK, onlyInFull, PARTS, recordPart } from './full-parts.ts';
import { REPOSITORY } from './run-node.ts';

it('groups have sums as equal as the longest ones allow, whatever the order', () => {
  const seconds = new Map(Object.entries({ a: 50, b: 30, c: 30, d: 20, e: 10, f: 10 }));
  const groups = balance(seconds, 3);
  expect(groups.map((names) => names.reduce((sum, name) => sum + (seconds.get(name) ?? 0), 0))).toEqual([50, 50, 50]);
  expect(balance(new Map([...seconds].reverse()), 3)).toEqual(groups);
});

it('parts 2 to 4 have every file that npm test leaves out, or does not run whole, once, and LocalStack', () => {
  const all = onlyInFull(REPOSITORY);
  const inParts = Array.from({ length: PARTS - 1 }, (_, index) => filesOfPart(REPOSITORY, index + 2)).flat();
  expect(inParts.toSorted()).toEqual([...all.keys()].sort());
  expect(inParts).toContain(LOCALSTACK);
  expect(inParts).toContain('test/e2e/simulation.full.test.ts');
  expect(inParts).toContain('test/e2e/deploy-faults.test.ts');
  expect(inParts).not.toContain('test/e2e/sweep.test.ts');
  // They run on each engine there.
  expect(inParts).toEqual(
    expect.arrayContaining(['test/functions/sweep/sweep.test.ts', 'test/functions/shared/store/store-connection.test.ts']),
  );
});

it('each scenario of a part runs in one of its chains', () => {
  const scenarios = filesOfPart(REPOSITORY, 2).filter((file) => file.startsWith('test/e2e/'));
  const chains = chainsOf(scenarios, true);
  expect(chains.map((chain) => chain.length > 0)).toEqual([true, true]);
  expect(chains.flat().sort()).toEqual([...scenarios].sort());
});

it('no file but these decides for tests what the full run has, so that their names are enough to find such a test', () => {
  const helpers = globSync('{test,lab}/**/*.ts', { cwd: REPOSITORY }).filter((file) => !file.endsWith('.test.ts'));
  const deciding = helpers.filter((file) => readFileSync(path.join(REPOSITORY, file), 'utf8').includes("/full-run.ts'"));
  expect(deciding.sort()).toEqual(['test/files-for-each-engine.ts', 'test/store-engines.ts']);
  const files = (text: string) =>
    globSync('{test,lab}/**/*.ts', { cwd: REPOSITORY }).filter(
      (file) => file !== 'test/full-parts.test.ts' && readFileSync(path.join(REPOSITORY, file), 'utf8').includes(text),
    );
  // Those that start a run in a process of its own, and the one that reads it.
  expect(files('HOLDFAST_TEST_FULL').sort()).toEqual(['lab/demo/test/localstack/main.ts', 'test/e2e/full-run.ts', 'test/run.ts']);
  const throughHelpers = files("/store-engines.ts'").filter(
    (file) => !file.endsWith('.test.ts') && /import [^;]*\bSTORE_ENGINES\b[^;]*;/.test(readFileSync(path.join(REPOSITORY, file), 'utf8')),
  );
  expect(throughHelpers).toEqual([]);
});

it('what was skipped is named, and what is for the full run is counted', () => {
  const skipped = ['test/a.test.ts: 1 test', 'test/b.full.test.ts: 12 tests', 'test/c.full.test.ts: 2 tests'];
  expect(describeSkipped(skipped, ['test/b.full.test.ts', 'test/c.full.test.ts'])).toEqual([
    'test/a.test.ts: 1 test',
    'tests of 2 files, which are for npm run test:full',
  ]);
  expect(describeSkipped(skipped, [])).toEqual(skipped);
  expect(describeSkipped([], ['test/a.test.ts'])).toEqual([]);
});

it('the parts of a commit are recorded one after the other', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-parts-'));
  try {
    recordPart(folder, '1a2b3c', 1, { passed: 9, failed: 0, skipped: 0, seconds: 600, failures: [] });
    recordPart(folder, '1a2b3c', 3, { passed: 5, failed: 1, skipped: 2, seconds: 900, failures: ['a'] });
    recordPart(folder, 'another', 2, { passed: 1, failed: 0, skipped: 0, seconds: 1, failures: [] });
    expect(describeParts(folder, '1a2b3c')).toEqual([
      'part 1 of 4 of 1a2b3c: 9 passed, 0 failed, 0 files with skipped tests, 600 s',
      'part 2 of 4 of 1a2b3c: not run',
      'part 3 of 4 of 1a2b3c: 5 passed, 1 failed, 2 files with skipped tests, 900 s',
      'part 4 of 4 of 1a2b3c: not run',
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
