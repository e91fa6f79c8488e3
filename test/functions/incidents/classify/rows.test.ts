/** Each row of the table: evidence of its cause alone, whole, is enough. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { ROWS, rowOf } from '../../../../functions/incidents/classify/rows.ts';
import { CAUSES } from '../../../../functions/incidents/contract/causes.ts';
import { CASES } from './cases.ts';

describe('a row', () => {
  it('has evidence of its own for every cause', () => {
    expect(new Set(CASES.map(({ cause }) => cause))).toEqual(new Set(Object.values(CAUSES).flat()));
    expect(ROWS).toHaveLength(Object.values(CAUSES).flat().length);
  });

  it.each(CASES)('$cause: $when', ({ cause, planted }) => {
    const finding = classify(planted, rowOf(cause)?.runbook ?? 'logged-out');
    expect(finding).toMatchObject({ verdict: 'cause', cause });
    if (finding.verdict !== 'cause') return;
    expect(finding.sentence).toMatch(/since (2026-11-2\d )?\d\d:\d\d UTC$/);
    expect(finding.wouldRefute).toHaveLength(rowOf(cause)?.not.length ?? 0);
  });
});
