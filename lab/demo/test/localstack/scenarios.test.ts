import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { namePattern, SCENARIOS } from './scenarios.ts';

it.each(Object.entries(SCENARIOS))('names a test of %s that exists', (file, name) => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../../../test/e2e', file), 'utf8');
  expect(text).toContain(`it('${name}'`);
});

it('has the tests that are named run, and no other', () => {
  const pattern = new RegExp(namePattern(['a rollback ends (well)', 'a sweep']));
  const names = ['a rollback ends (well)', 'at night > a sweep', 'at night a sweep', 'a sweep ends', 'a rollback ends well'];
  expect(names.filter((name) => pattern.test(name))).toEqual(['a rollback ends (well)', 'at night > a sweep', 'at night a sweep']);
});
