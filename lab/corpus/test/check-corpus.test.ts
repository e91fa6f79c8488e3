import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import { FULL } from '../../../test/e2e/full-run.ts';
import { type RealStore, startStore } from '../../../test/functions/sweep/real-store.ts';
import { compatibilityPage } from '../check/compatibility-page.ts';
import { type CheckedCorpus, checkCommitted, compareWithToday, readWrongToday } from '../check/report.ts';
import { readWords } from '../words/recording.ts';

/** `npm run check:corpus` makes as many as the full run. */
const NEIGHBOURS = FULL ? 10_000 : 1_000;

let store: RealStore;
let corpus: CheckedCorpus;
beforeAll(async () => {
  store = await startStore();
  corpus = await checkCommitted(store, NEIGHBOURS);
});
afterAll(() => store?.stop());

it('a sweep takes every recorded key for what it is, except those of the list, which only shrinks', () => {
  expect(compareWithToday(corpus.wrong, readWrongToday())).toEqual([]);
  const { libraries, keys, foreign } = corpus.report;
  expect(libraries).toBeGreaterThanOrEqual(24);
  expect(keys.total).toBe(keys.recognised + keys.byLearn + keys.wrong.length);
  expect(foreign.keys).toBeGreaterThan(NEIGHBOURS);
});

it('docs/compatibility.md is what a sweep makes of the recorded keys: npm run docs -- compatibility', () => {
  expect(readFileSync(path.join(CHECKOUT, 'docs/compatibility.md'), 'utf8')).toBe(compatibilityPage(corpus.checked, readWords()));
});
