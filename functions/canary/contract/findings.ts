/**
 * What the canary can find: why it matters, the clause, and the fix for three frameworks, to which more-fixes.ts adds five.
 * @see https://owasp.org/www-project-application-security-verification-standard/ version 5.0
 */
export const CHECKS = [
  'new-id-at-login',
  'new-id-at-re-login',
  'foreign-id',
  'replay-after-logout',
  'late-save-after-logout',
  'session-limit',
  'logins-at-once',
  'other-user',
  'cookie-attributes',
  'return-from-other-site',
  'id-exposure',
  'caching',
  'transport',
  'id-strength',
  'time-outs',
  'other-servers',
] as const;
export type CheckName = (typeof CHECKS)[number];

export interface Weakness {
  readonly check: CheckName;
  /** Clauses of ASVS 5.0 that the weakness violates; empty where no clause is about it. */
  readonly clauses: readonly string[];
  readonly severity: 'warning' | 'error';
  readonly why: string;
  readonly fix: { readonly express: string; readonly spring: string; readonly tomcat: string };
}

export const FINDINGS = [
  'id-kept-at-login',
  'old-id-alive-after-login',
  'id-kept-at-re-login',
  'old-id-alive-after-re-login',
  'planted-id-adopted',
  'altered-id-accepted',
  'alive-after-logout',
  'revived-by-late-save',
  'sessions-not-limited',
  'surplus-login-not-as-promised',
  'other-user-logged-out',
  'cookie-not-secure',
  'cookie-without-prefix',
  'cookie-readable-by-scripts',
  'cookie-sent-cross-site',
  'cookie-for-other-hosts',
  'cookie-dropped',
  'logged-out-by-return',
  'id-in-url',
  'id-in-body',
  'page-cacheable',
  'page-of-another-user',
  'id-given-twice',
  'no-hsts',
  'plain-http-served',
  'id-too-short',
  'id-predictable',
  'ends-while-active',
  'ends-too-early',
  'no-idle-end',
  'no-absolute-end',
  'not-on-every-server',
] as const;
export type FindingName = (typeof FINDINGS)[number];

/** A row of the findings: why it matters, and the fix by framework. */
export const weakness = (
  check: CheckName,
  clauses: readonly string[],
  severity: Weakness['severity'],
  { why, ...fix }: Weakness['fix'] & Pick<Weakness, 'why'>,
): Weakness => ({ check, clauses, severity, why, fix });

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
  /** The cookie that has it, where it is one's. */
  readonly cookie?: string;
  readonly clauses?: readonly string[];
  readonly why?: string;
  /** The recipe's reason for accepting it. */
  readonly accepted?: string;
}

export interface CanaryReport {
  readonly url: string;
  readonly lines: readonly ReportLine[];
  readonly findings: number;
  readonly worst: Severity;
  readonly sent: { readonly requests: number; readonly logins: number };
}

export const EXTRAS = ['race', 'samples'] as const;
/** Checks that run only when they are asked for. */
export type Extra = (typeof EXTRAS)[number];
