/** Outcomes of a run, in short. */
import type { CheckName } from '../../../functions/canary/contract/findings.ts';
import type { Outcome } from '../../../functions/canary/findings/result.ts';

/** `holds`, `notice`, `not checked`, `unclear`, or the name of the finding. */
export const briefly = (outcome: Outcome): string => {
  if (outcome.is === 'finding') return outcome.finding;
  if (outcome.is === 'notChecked') return outcome.unclear ? 'unclear' : 'not checked';
  return outcome.is;
};

/** The outcomes of one check that are not findings. */
export const ofCheck = (outcomes: readonly Outcome[], check: CheckName): readonly string[] =>
  outcomes.filter((one) => one.is !== 'finding' && one.check === check).map(briefly);

export const findingsIn = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.flatMap((one) => (one.is === 'finding' ? [one.finding] : []));
