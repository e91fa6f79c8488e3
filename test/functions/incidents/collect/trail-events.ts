/** Events as CloudTrail has them of calls of the load balancer. */
import type { TrailEvent } from '../../../../functions/shared/aws/trail.ts';
import { GROUP, MINUTE_MS, SIGN_MS } from './request.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/Operator';
export const assumed = {
  type: 'AssumedRole',
  arn: 'arn:aws:sts::123456789012:assumed-role/Operator/jane@example.com',
  sessionContext: { sessionIssuer: { arn: ROLE } },
};
export const event = (name: string, record: object = {}, more: Partial<TrailEvent> = {}): TrailEvent => ({
  eventId: `id-of-${name}`,
  name,
  atMs: SIGN_MS - 20 * MINUTE_MS,
  record: JSON.stringify({
    eventSource: 'elasticloadbalancing.amazonaws.com',
    userIdentity: assumed,
    sourceIPAddress: '198.51.100.7',
    requestParameters: { targetGroupArn: GROUP },
    ...record,
  }),
  ...more,
});
