import type { TargetHealth } from '../../shared/aws/target-group.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import { TargetNeverHealthy } from '../errors.ts';

/**
 * Whether a registered target takes traffic yet.
 * @throws TargetNeverHealthy when `registerTimeoutSeconds` have passed; it quotes the load balancer's reason
 */
export function judgeRegistration(
  health: TargetHealth,
  phaseStartedAtMs: number,
  nowMs: number,
  registerTimeoutSeconds: number,
): VerdictOf<'DONE' | 'WAIT'> {
  if (health.state === 'healthy') return 'DONE';
  if (nowMs - phaseStartedAtMs < registerTimeoutSeconds * 1000) return 'WAIT';
  throw new TargetNeverHealthy(
    `${health.instanceId} was still ${health.state} at the load balancer ${registerTimeoutSeconds} s after it was registered${health.detail === undefined ? '' : ` (${health.detail})`}`,
  );
}
