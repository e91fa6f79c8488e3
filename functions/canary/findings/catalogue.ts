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
  'user-taken-from-cookie',
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
