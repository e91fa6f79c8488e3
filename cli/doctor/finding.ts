/** One line of the doctor's report, and what a check is. */
import type { Facts, StoreFacts } from './facts.ts';
import type { StoreScope, Subject } from './subject.ts';

/** From best to worst. `unknown`: it could not be read, so it may be wrong. */
export const SEVERITIES = ['ok', 'notice', 'unknown', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Finding {
  /** Name for scripts: `deregistration-delay`. */
  readonly check: string;
  readonly severity: Severity;
  /** What was found: one sentence without a full stop. */
  readonly what: string;
  /** What it means for sessions, users or deploys. */
  readonly why: string;
  /** What to do; empty when there is nothing to do. */
  readonly fix: string;
  /** Name or ARN of the resource. */
  readonly resource: string;
}

/** The worst severity; `ok` without findings. */
export function worstOf(findings: readonly Finding[]): Severity {
  return SEVERITIES[Math.max(0, ...findings.map(({ severity }) => SEVERITIES.indexOf(severity)))] as Severity;
}

/** Makes findings of one check about one resource; all have the same reason. */
export interface Topic {
  ok(what: string): Finding;
  notice(what: string, fix?: string): Finding;
  unknown(what: string, fix: string): Finding;
  warning(what: string, fix: string): Finding;
  error(what: string, fix: string): Finding;
}

export function topic(check: string, resource: string, why: string): Topic {
  const make =
    (severity: Severity) =>
    (what: string, fix = ''): Finding => ({ check, severity, what, why, fix, resource });
  return { ok: make('ok'), notice: make('notice'), unknown: make('unknown'), warning: make('warning'), error: make('error') };
}

/** What a check finds: one thing, several or none. What could not be read is none here: `check-missing-facts.ts` reports it. */
export type Findings = Finding | readonly Finding[];

/** One family of checks. Pure. */
export type Check = (facts: Facts, subject: Subject) => Findings;

/** One that asks nothing of a fleet. Pure. */
export type StoreCheck = (facts: StoreFacts, subject: StoreScope) => Findings;
