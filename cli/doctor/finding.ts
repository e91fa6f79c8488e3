/** One line of the doctor's report. */

/** From best to worst. `unknown`: it could not be seen, so nobody can say that it is well. */
export const SEVERITIES = ['ok', 'notice', 'unknown', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Finding {
  /** Name for scripts: `deregistration-delay`. */
  readonly check: string;
  readonly severity: Severity;
  /** What was seen, in one sentence without a full stop. */
  readonly what: string;
  /** What it does to sessions, users or deploys. */
  readonly why: string;
  /** What to do; empty when there is nothing to do. */
  readonly mend: string;
  /** Name or ARN of what was looked at. */
  readonly resource: string;
}

/** The worst of the severities; `ok` of nothing. */
export function worstOf(findings: readonly Finding[]): Severity {
  return SEVERITIES[Math.max(0, ...findings.map(({ severity }) => SEVERITIES.indexOf(severity)))] as Severity;
}

/** Findings of one check about one resource; the reason is the same whatever is found. */
export interface Topic {
  ok(what: string): Finding;
  notice(what: string, mend?: string): Finding;
  unknown(what: string, mend: string): Finding;
  warning(what: string, mend: string): Finding;
  error(what: string, mend: string): Finding;
}

export function topic(check: string, resource: string, why: string): Topic {
  const make =
    (severity: Severity) =>
    (what: string, mend = ''): Finding => ({ check, severity, what, why, mend, resource });
  return { ok: make('ok'), notice: make('notice'), unknown: make('unknown'), warning: make('warning'), error: make('error') };
}
