/** Evidence of a cause that misses one of its conditions does not name it. Which conditions earn a case `npm run ablate` says. */
import { expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { rowOf } from '../../../../functions/incidents/classify/table.ts';
import type { Cause, Finding } from '../../../../functions/incidents/contract/causes.ts';
import { NEAR_MISSES } from './near-misses.ts';

const named = (finding: Finding): readonly Cause[] => (finding.verdict === 'cause' ? [finding.cause, ...finding.also] : []);
const runbookOf = (cause: Cause) => rowOf(cause)?.runbook ?? 'logged-out';

it.each(NEAR_MISSES)('$cause is not named: $but', ({ cause, planted }) => {
  expect(named(classify(planted, runbookOf(cause)))).not.toContain(cause);
});
