import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { notChosen, SCENARIOS, SKIPPED, skippingPattern } from './scenarios.ts';

it('names files that exist, each either run or skipped', () => {
  const names = [...SCENARIOS, ...Object.keys(SKIPPED)];
  expect(names.filter((name) => !existsSync(path.resolve(import.meta.dirname, '../../../../test/e2e', name)))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

it('skips by name, for its reason, every file that needs IAM to be enforced', () => {
  const files = readdirSync(path.resolve(import.meta.dirname, '../../../../test/e2e')).filter((file) => file.endsWith('.test.ts'));
  expect(files.filter((file) => /permission|polic/.test(file)).toSorted()).toEqual(Object.keys(SKIPPED).toSorted());
  expect(notChosen(['deploy.test.ts', 'policies.test.ts', 'soak.full.test.ts'])).toEqual(['soak.full.test.ts']);
});

it('leaves out the tests that are named, and no other', () => {
  const pattern = new RegExp(skippingPattern(['a rollback ends (well)', 'a sweep']));
  const names = ['a rollback ends (well)', 'a sweep', 'a sweep ends', 'a rollback ends well'];
  expect(names.filter((name) => pattern.test(name))).toEqual(['a sweep ends', 'a rollback ends well']);
});
