/**
 * Each need and each refuter of each row decides something: evidence of its cause that misses it does not name the cause, and without
 * the condition in the table, an expectation of these tests is no longer met.
 */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { Row } from '../../../../functions/incidents/classify/row.ts';
import { ROWS, rowOf } from '../../../../functions/incidents/classify/table.ts';
import type { Cause, Finding } from '../../../../functions/incidents/contract/causes.ts';
import { CASES } from './cases.ts';
import { NEAR_MISSES } from './near-misses.ts';
import { SITUATIONS } from './situations.ts';

const named = (finding: Finding): readonly Cause[] => (finding.verdict === 'cause' ? [finding.cause, ...finding.also] : []);
const runbookOf = (cause: Cause) => rowOf(cause)?.runbook ?? 'logged-out';

it.each(NEAR_MISSES)('$cause is not named: $but', ({ cause, planted }) => {
  expect(named(classify(planted, runbookOf(cause)))).not.toContain(cause);
});

/** Each row by the whole table, once for all of its conditions. */
const metByAll = new Map<Row, boolean>();
const isMetByAll = (row: Row): boolean => {
  const known = metByAll.get(row) ?? isMet(ROWS, row);
  metByAll.set(row, known);
  return known;
};

/** What the tables of cases, situations and near misses expect of a runbook, and whether it is so by these rows. */
function isMet(rows: readonly Row[], { cause: changed, runbook }: Row): boolean {
  const misses = NEAR_MISSES.filter(({ cause }) => cause === changed).every(
    ({ cause, planted }) => !named(classify(planted, runbook, rows)).includes(cause),
  );
  if (!misses) return false;
  const cases = CASES.filter(({ cause }) => runbookOf(cause) === runbook).every(({ cause, confidence = 'certain', planted }) => {
    const finding = classify(planted, runbook, rows);
    return finding.verdict === 'cause' && finding.cause === cause && finding.confidence === confidence;
  });
  const situations = SITUATIONS.filter((one) => one.runbook === runbook).every(({ expected, planted, never = [] }) => {
    const finding = classify(planted, runbook, rows);
    if (finding.verdict !== expected.verdict || never.some((cause) => named(finding).includes(cause))) return false;
    if (finding.verdict !== 'cause' || expected.verdict !== 'cause') return true;
    return finding.cause === expected.cause && finding.confidence === expected.confidence;
  });
  return cases && situations;
}

const without = (row: Row, part: 'needs' | 'refutedBy', index: number): readonly Row[] =>
  ROWS.map((one) => (one === row ? { ...one, [part]: one[part].filter((_condition, at) => at !== index) } : one));

describe('without a condition', () => {
  const conditions = ROWS.flatMap((row) =>
    (['needs', 'refutedBy'] as const).flatMap((part) => row[part].map(({ asks }, index) => ({ row, cause: row.cause, part, index, asks }))),
  );

  it.each(conditions)('$cause $part $index ($asks), an expectation is not met', ({ row, part, index }) => {
    expect(isMetByAll(row)).toBe(true);
    expect(isMet(without(row, part, index), row)).toBe(false);
  });
});
