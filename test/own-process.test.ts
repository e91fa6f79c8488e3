import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { filesWithOwnProcess } from './own-process.ts';
import { REPOSITORY } from './run-node.ts';

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');

it('a file that replaces a module or changes the environment has a process of its own', () => {
  const files = filesWithOwnProcess();
  expect(files).toContain('test/infra/bundles.test.ts');
  expect(files).toContain('test/cli/cloud-state.test.ts');
  expect(files).not.toContain('test/cli/errors.test.ts');
});

it('no module that test files share registers a test or a hook when it is loaded: it would have effect for the first of them only', () => {
  // Vitest loads what is set up for each file anew.
  const setUp = ['test/e2e/note-file.ts', 'test/infra/without-bundles.ts'];
  const shared = globSync('test/**/*.ts', { cwd: REPOSITORY }).filter((file) => !file.endsWith('.test.ts') && !setUp.includes(file));
  expect(shared.length).toBeGreaterThan(100);
  const registers = /^(?:it|test|describe|(?:before|after)(?:All|Each))\b.*\(/m;
  expect(shared.filter((file) => registers.test(read(file)))).toEqual([]);
  expect(registers.test(read('test/e2e/note-file.ts'))).toBe(true);
});
