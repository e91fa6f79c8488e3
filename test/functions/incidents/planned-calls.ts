/** What the plan of each mitigation has on record, as an installation named holdfast in eu-west-1 gets it. */
import type { MitigationRecord } from '../../../functions/incidents/contract/incident.ts';
import type { ApiCall, MitigationName } from '../../../functions/incidents/contract/mitigations.ts';

const ELB = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
const TARGET_GROUP = `${ELB}:targetgroup/holdfast-web/73e2d6bc24d8a067`;
const call = (service: string, operation: string, input: ApiCall['input']): ApiCall => ({ service, operation, input });

const PLANS: Readonly<Record<MitigationName, Pick<MitigationRecord, 'calls' | 'effect'>>> = {
  'restore-stickiness': {
    calls: [
      call('elbv2', 'ModifyTargetGroupAttributes', {
        TargetGroupArn: TARGET_GROUP,
        Attributes: [
          { Key: 'stickiness.enabled', Value: 'true' },
          { Key: 'stickiness.type', Value: 'lb_cookie' },
          { Key: 'stickiness.lb_cookie.duration_seconds', Value: '86400' },
        ],
      }),
    ],
    effect: 'users stay on one server again',
  },
  're-login-page': {
    calls: [
      call('elbv2', 'CreateRule', {
        ListenerArn: `${ELB}:listener/app/holdfast-web/50dc6c495c0c9188/f2f7dc8efc522ab2`,
        Priority: 1,
        Conditions: [{ Field: 'path-pattern', Values: ['*'] }],
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503', ContentType: 'text/html' } }],
      }),
    ],
    effect: 'users see a page that tries again by itself instead of errors',
  },
  'stop-deploy': { calls: [], effect: 'the deploy stops, and its servers have the previous release again' },
  'sweep-now': { calls: [], effect: 'keys without a TTL get one' },
  'promote-replica': {
    calls: [
      call('elasticache', 'ModifyReplicationGroup', {
        ReplicationGroupId: 'holdfast-sessions',
        PrimaryClusterId: 'holdfast-sessions-002',
        ApplyImmediately: true,
      }),
    ],
    effect: 'the replica becomes the primary; what it has not received is lost',
  },
};

export const plannedCalls = (name: MitigationName): Pick<MitigationRecord, 'calls' | 'effect'> => PLANS[name];
