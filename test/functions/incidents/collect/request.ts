import type { CollectRequest, IncidentFleet } from '../../../../functions/incidents/contract/environment.ts';
import type { Collected } from '../../../../functions/incidents/contract/evidence.ts';

export const MINUTE_MS = 60_000;
/** First sign of the incident of these tests. */
export const SIGN_MS = Date.parse('2026-11-21T10:00:00Z');

export const request = (more: Partial<CollectRequest> = {}): CollectRequest => ({
  incidentId: 'inc-0123456789ab',
  runbook: 'logged-out',
  fleets: ['web'],
  fromMs: SIGN_MS - 60 * MINUTE_MS,
  toMs: SIGN_MS + MINUTE_MS,
  firstSignMs: SIGN_MS,
  hashKey: '00',
  ...more,
});

export const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/holdfast-web/0123456789abcdef';
export const BALANCER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/holdfast-web/fedcba9876543210';

export const fleet = (more: Partial<IncidentFleet> = {}): IncidentFleet => ({
  targetGroupArn: GROUP,
  strategy: 'sticky',
  expectedStickiness: { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 },
  autoScalingGroup: 'holdfast-web',
  ...more,
});

/** @throws Error for a gap */
export function factsOf<Facts>(collected: Collected<Facts>): Facts {
  if ('gap' in collected) throw new Error(`a gap: ${collected.gap}`);
  return collected.facts;
}
