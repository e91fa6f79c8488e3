/** The report: what every check concluded, what the recipe accepts, and how bad it is. Pure. */

import type { CheckName, FindingName, Weakness } from '../findings/catalogue.ts';
import type { Outcome } from '../findings/result.ts';
import { WEAKNESSES } from '../findings/weaknesses.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** From best to worst. `unknown`: something got in the way of the check. */
export const SEVERITIES = ['ok', 'notice', 'unknown', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface ReportLine {
  readonly check: CheckName;
  readonly result: 'holds' | 'finding' | 'notice' | 'not-checked';
  readonly severity: Severity;
  /** One sentence without a full stop. Never an id, a cookie's value or a password. */
  readonly what: string;
  /** This and the following ones are only for findings. */
  readonly finding?: FindingName;
  readonly clauses?: readonly string[];
  readonly why?: string;
  readonly fix?: Weakness['fix'];
  /** The recipe's reason for accepting it. */
  readonly accepted?: string;
}

export interface CanaryReport {
  readonly url: string;
  readonly lines: readonly ReportLine[];
  /** Findings that the recipe does not accept. */
  readonly findings: number;
  readonly worst: Severity;
  readonly sent: { readonly requests: number; readonly logins: number };
}

export function makeReport(
  { url, recipe, sent }: { readonly url: string; readonly recipe: Recipe; readonly sent: CanaryReport['sent'] },
  outcomes: readonly Outcome[],
): CanaryReport {
  const accepted = new Map((recipe.accept ?? []).map(({ finding, reason }) => [finding, reason]));
  const lines = [...withoutRepeats(outcomes).map((outcome) => lineOf(outcome, accepted)), ...needless(outcomes, accepted)];
  return {
    url,
    lines,
    findings: lines.filter(({ finding, accepted: reason }) => finding !== undefined && reason === undefined).length,
    worst: SEVERITIES[Math.max(0, ...lines.map(({ severity }) => SEVERITIES.indexOf(severity)))] as Severity,
    sent: { ...sent },
  };
}

/** A finding that is made twice is reported once, with what was seen first. */
const withoutRepeats = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.filter(
    (one, at) => one.is !== 'finding' || outcomes.findIndex((other) => other.is === 'finding' && other.finding === one.finding) === at,
  );

function lineOf(outcome: Outcome, accepted: ReadonlyMap<FindingName, string>): ReportLine {
  const { what } = outcome;
  if (outcome.is === 'holds') return { check: outcome.check, result: 'holds', severity: 'ok', what };
  if (outcome.is === 'notice') return { check: outcome.check, result: 'notice', severity: 'notice', what };
  if (outcome.is === 'notChecked')
    return { check: outcome.check, result: 'not-checked', severity: outcome.unclear ? 'unknown' : 'notice', what };
  const { check, severity, ...more } = WEAKNESSES[outcome.finding];
  const reason = accepted.get(outcome.finding);
  return {
    check,
    result: 'finding',
    severity: reason === undefined ? severity : 'notice',
    what,
    finding: outcome.finding,
    ...more,
    ...(reason !== undefined && { accepted: reason }),
  };
}

/** What is accepted although its whole check found nothing: the entry would hide the weakness when it comes back. */
function needless(outcomes: readonly Outcome[], accepted: ReadonlyMap<FindingName, string>): ReportLine[] {
  return [...accepted.keys()].flatMap((finding): ReportLine[] => {
    const { check } = WEAKNESSES[finding];
    const isFound = outcomes.some((outcome) => outcome.is === 'finding' && outcome.finding === finding);
    const isOpen = outcomes.some((outcome) => outcome.is === 'notChecked' && outcome.unclear && outcome.check === check);
    const isChecked = !isOpen && outcomes.some((outcome) => outcome.is === 'holds' && outcome.check === check);
    if (isFound || !isChecked) return [];
    return [{ check, result: 'notice', severity: 'notice', what: `"accept" has ${finding}, which was not found: remove the entry` }];
  });
}
