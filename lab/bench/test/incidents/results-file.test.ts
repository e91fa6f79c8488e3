import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CaseResult } from '../../incidents/judge.ts';
import { resultsFile } from '../../incidents/results-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-results-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (commit: string, seed: string | null) => resultsFile(path.join(folder, 'made/incidents.json'), { commit, seed });
const RESULT: CaseResult = {
  ...{ name: 'bot', found: 'nothing', verdict: 'correct', detectSeconds: 1, seconds: 2, mitigated: 0, undoneSafely: 0, gaps: {} },
  problems: [],
};

it('goes on with the same commit and seed, and keeps the latest result of a case', () => {
  const first = fileOf('a1', '7');
  expect(first.read()).toEqual([]);
  first.add(RESULT);
  fileOf('a1', '7').add({ ...RESULT, found: 'unknown' });
  expect(fileOf('a1', '7').read()).toEqual([{ ...RESULT, found: 'unknown' }]);
});

it.each([
  [
    'another commit',
    'b2',
    '7',
    '--resume goes on with commit a1 with seed 7 alone, and this is commit b2 with seed 7: nothing was started',
  ],
  ['another seed', 'a1', '8', 'commit a1 with seed 8'],
  ['no seed', 'a1', null, 'commit a1 in its usual order'],
])('refuses %s', (_what, commit, seed, sentence) => {
  fileOf('a1', '7').add(RESULT);
  expect(() => fileOf(commit, seed).read()).toThrow(TypeError);
  expect(() => fileOf(commit, seed).read()).toThrow(sentence);
});
