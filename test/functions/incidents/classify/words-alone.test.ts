/** What visitors and applications write into a log is a hint: over the whole table of causes, words alone make none certain. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { RUNBOOKS } from '../../../../functions/incidents/contract/causes.ts';
import { APPLICATION_CATEGORIES } from '../../../../functions/incidents/contract/read-logs.ts';
import { application, evidence, NOW_MS, SIGN_MS, server } from '../healthy-evidence.ts';
import { rolling } from './world-parts.ts';

const EVERY = [...APPLICATION_CATEGORIES];
const CASES = [...EVERY.map((category) => [category]), EVERY];
const written = (categories: readonly string[]) => {
  const each = <Value>(value: Value) => Object.fromEntries(categories.map((category) => [category, value]));
  return application({
    lines: 9_000,
    ...each(900),
    sessionSerialization: 900,
    firstMs: each(SIGN_MS - 60_000),
    lastMs: each(NOW_MS - 1_000),
  });
};

describe.each(RUNBOOKS)('in the %s runbook', (runbook) => {
  it.each(
    CASES.flatMap((categories) => [
      { categories, deploys: [] as object[] },
      { categories, deploys: [rolling] },
    ]),
  )(
    'no cause is certain by words about $categories.length kinds alone: $categories, $deploys.length deploys',
    ({ categories, deploys }) => {
      const servers = ['i-1', 'i-2'].map((id) => server(id, { application: written(categories) }));
      const finding = classify(evidence({ servers: { servers }, deploys: { deploys: deploys as never } }), runbook);
      expect(finding).not.toMatchObject({ confidence: 'certain' });
    },
  );
});
