import path from 'node:path';
import type { TestReport } from '../../../test/read-report.ts';
import { WHOLE_RUN } from '../matrix.ts';

/** The outcome of one run of tests. */
export interface Outcome {
  readonly failed: readonly string[];
  /** It was ended at its time limit, or failed in a way that a slow machine can cause as well. */
  readonly isDoubtful: boolean;
}

/** An outcome, and whether it took long: a machine that is slow then can be slower the next time. */
export type TimedOutcome = Outcome & { readonly isSlow: boolean };

/** As Vitest and `until` put it. */
const OUT_OF_TIME = /\btimed out in \d+ ?ms\b|\bnot within \d+ ms\b/;

/**
 * @param code of the run; undefined when it was ended at its time limit
 * @param report of Vitest, which it does not write when it cannot begin
 */
export function outcomeOf(code: number | undefined, { testResults = [] }: TestReport, checkout: string): Outcome {
  if (code === undefined) return { failed: [], isDoubtful: true };
  const failed = testResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return code === 0 ? { failed: [], isDoubtful: false } : { failed: [WHOLE_RUN], isDoubtful: true };
  const reasons = failed.flatMap(({ message = '', assertionResults }) => [
    message,
    ...assertionResults.flatMap(({ failureMessages = [] }) => failureMessages),
  ]);
  return {
    failed: failed.map(({ name }) => path.relative(checkout, name)),
    // Vitest gives no reason where a hook failed.
    isDoubtful: !reasons.some((reason) => reason !== '' && !OUT_OF_TIME.test(reason)),
  };
}
