/** The report: what every check concluded, what the recipe accepts, and how bad it is. Pure. */
import { type CanaryReport, type ReportLine, SEVERITIES, type Severity } from '../contract/findings.ts';
import type { Recipe } from '../contract/recipe.ts';
import type { Outcome } from './result.ts';
import { WEAKNESSES } from './weaknesses.ts';

export function makeReport(
  { url, recipe, sent }: { readonly url: string; readonly recipe: Recipe; readonly sent: CanaryReport['sent'] },
  outcomes: readonly Outcome[],
): CanaryReport {
  const accepted = recipe.accept ?? [];
  const lines = [...withoutRepeats(outcomes).map((outcome) => lineOf(outcome, accepted)), ...needless(outcomes, accepted)];
  return {
    url,
    lines,
    findings: lines.filter(({ finding, accepted: reason }) => finding !== undefined && reason === undefined).length,
    worst: SEVERITIES[Math.max(0, ...lines.map(({ severity }) => SEVERITIES.indexOf(severity)))] as Severity,
    sent: { ...sent },
  };
}

type Accepted = NonNullable<Recipe['accept']>;
type Found = Extract<Outcome, { is: 'finding' }>;

/** A finding that is made twice, of the same cookie where it is one's, is reported once, with what was seen first. */
const withoutRepeats = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.filter(
    (one, at) =>
      one.is !== 'finding' ||
      outcomes.findIndex((other) => other.is === 'finding' && other.finding === one.finding && other.cookie === one.cookie) === at,
  );

const isOf = ({ finding, cookie }: Accepted[number], found: Found): boolean =>
  finding === found.finding && (cookie === undefined || cookie === found.cookie);

function lineOf(outcome: Outcome, accepted: Accepted): ReportLine {
  const { what } = outcome;
  if (outcome.is === 'holds') return { check: outcome.check, result: 'holds', severity: 'ok', what };
  if (outcome.is === 'notice') return { check: outcome.check, result: 'notice', severity: 'notice', what };
  if (outcome.is === 'notChecked')
    return { check: outcome.check, result: 'not-checked', severity: outcome.unclear ? 'unknown' : 'notice', what };
  const { check, severity, clauses, why } = WEAKNESSES[outcome.finding];
  const reason = accepted.find((one) => isOf(one, outcome))?.reason;
  return {
    check,
    result: 'finding',
    severity: reason === undefined ? severity : 'notice',
    what,
    finding: outcome.finding,
    ...(outcome.cookie !== undefined && { cookie: outcome.cookie }),
    ...{ clauses, why },
    ...(reason !== undefined && { accepted: reason }),
  };
}

/** What is accepted although its whole check found nothing: the entry would hide the weakness when it comes back. */
function needless(outcomes: readonly Outcome[], accepted: Accepted): ReportLine[] {
  return accepted.flatMap((one): ReportLine[] => {
    const { check } = WEAKNESSES[one.finding];
    const isFound = outcomes.some((outcome) => outcome.is === 'finding' && isOf(one, outcome));
    const isOpen = outcomes.some((outcome) => outcome.is === 'notChecked' && outcome.unclear && outcome.check === check);
    const isOfOther = outcomes.some((outcome) => outcome.is === 'finding' && outcome.finding === one.finding && !isOf(one, outcome));
    const isChecked = !isOpen && (isOfOther || outcomes.some((outcome) => outcome.is === 'holds' && outcome.check === check));
    if (isFound || !isChecked) return [];
    const of = one.cookie === undefined ? '' : ` of cookie ${one.cookie}`;
    return [
      { check, result: 'notice', severity: 'notice', what: `"accept" has ${one.finding}${of}, which was not found: remove the entry` },
    ];
  });
}
