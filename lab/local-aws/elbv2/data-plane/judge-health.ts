/** What a health check's result does to a target's health, by the thresholds of its group. */
import type { HealthCheck, HealthRecord } from '../resources.ts';

export type CheckResult =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'timedOut' }
  /** Refused, reset, or not HTTP. */
  | { readonly kind: 'failed' };

/**
 * The health after one more check. A target that is new, or not yet healthy, needs one passed check; one that was
 * unhealthy needs `healthyThreshold` in a row; `unhealthyThreshold` failures in a row make any target unhealthy.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function judgeHealth(
  before: HealthRecord,
  result: CheckResult,
  check: Pick<HealthCheck, 'matcher' | 'healthyThreshold' | 'unhealthyThreshold'>,
): HealthRecord {
  const checks = before.checks + 1;
  if (result.kind === 'answered' && matches(check.matcher, result.status)) {
    const passed = before.passed + 1;
    if (before.state !== 'unhealthy' || passed >= check.healthyThreshold) return { state: 'healthy', checks, passed, failed: 0 };
    return { ...before, checks, passed, failed: 0 };
  }
  const failed = before.failed + 1;
  const why = reasonOf(result);
  if (failed >= check.unhealthyThreshold || before.state === 'unhealthy') return { state: 'unhealthy', checks, passed: 0, failed, ...why };
  return { ...before, checks, passed: 0, failed };
}

/** Whether a matcher (`200`, `200,302`, `200-299`, or a mixture) names the status. */
export function matches(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [least, most = least] = part.trim().split('-').map(Number);
    return least !== undefined && most !== undefined && status >= least && status <= most;
  });
}

function reasonOf(result: CheckResult): { reason: string; description: string } {
  switch (result.kind) {
    case 'answered':
      return { reason: 'Target.ResponseCodeMismatch', description: `Health checks failed with these codes: [${result.status}]` };
    case 'timedOut':
      return { reason: 'Target.Timeout', description: 'Request timed out' };
    case 'failed':
      return { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
  }
}
