import { describe, expect, it } from 'vitest';
import { CHANGING, createChanges } from '../../../../functions/incidents/collect/collect-changes.ts';
import { readChange } from '../../../../functions/incidents/collect/read-change.ts';
import type { TrailEvent } from '../../../../functions/shared/aws/signed/trail.ts';
import { factsOf, GROUP, MINUTE_MS, request, SIGN_MS } from './request.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Operator';
const assumed = {
  type: 'AssumedRole',
  arn: 'arn:aws:sts::123456789012:assumed-role/Operator/jane@example.com',
  sessionContext: { sessionIssuer: { arn: ROLE } },
};
const event = (name: string, record: object = {}, more: Partial<TrailEvent> = {}): TrailEvent => ({
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

function collect(lookUp: (name: string) => Promise<{ events: readonly TrailEvent[]; more: boolean }>, fleets?: readonly string[]) {
  let nowMs = SIGN_MS;
  const asked: string[] = [];
  const pauses: number[] = [];
  const collected = createChanges({
    trail: {
      lookUp: (name) => {
        asked.push(name);
        return lookUp(name);
      },
    },
    concerned: async () => ['holdfast', GROUP],
    now: () => nowMs,
    pause: async (ms) => {
      pauses.push(ms);
      nowMs += ms;
    },
  })(request(fleets && { fleets }));
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { collected, asked, pauses, advance };
}
const found = (...events: TrailEvent[]) => ({ events, more: false });

describe('changes', () => {
  it('name role, event and resource, and nothing personal', async () => {
    const { collected } = collect(async (name) => found(...(name === 'ModifyTargetGroupAttributes' ? [event(name)] : [])));
    const facts = factsOf(await collected);
    expect(facts.changes).toEqual([
      {
        atMs: SIGN_MS - 20 * MINUTE_MS,
        event: 'ModifyTargetGroupAttributes',
        roleArn: ROLE,
        eventId: 'id-of-ModifyTargetGroupAttributes',
        resource: GROUP,
        // Which attributes they are could not be read.
        stickiness: 'changes',
        ...{ kind: 'stickiness', who: 'role', isOwn: true },
      },
    ]);
    expect(JSON.stringify(await collected)).not.toMatch(/jane|198\.51/);
  });

  it('of a store alone are those of the store: nothing of load balancers and servers is asked for', async () => {
    const { collected, asked } = collect(async () => found(), []);
    await collected;
    expect(asked).toEqual(expect.arrayContaining(['ModifyReplicationGroup', 'ModifyUser', 'RevokeSecurityGroupIngress', 'PutSecretValue']));
    expect(asked.filter((name) => /Listener|TargetGroup|Instances|Rule$|WebACL/.test(name))).toEqual([]);
    expect(asked).toHaveLength(25);
  });

  it.each([
    ['stickiness.enabled', 'false', 'changes'],
    ['stickiness.enabled', 'true', 'enables'],
    ['stickiness.lb_cookie.duration_seconds', '60', 'changes'],
    ['deregistration_delay.timeout_seconds', '30', 'none'],
  ])('of the attribute %s to %s: %s', async (key, value, stickiness) => {
    const requestParameters = { targetGroupArn: GROUP, attributes: [{ key, value }] };
    const { collected } = collect(async (name) =>
      found(...(name === 'ModifyTargetGroupAttributes' ? [event(name, { requestParameters })] : [])),
    );
    expect(factsOf(await collected).changes).toMatchObject([{ stickiness }]);
  });

  it('are complete only until fifteen minutes ago, which is a gap', async () => {
    const { collected } = collect(async () => found());
    expect(factsOf(await collected)).toMatchObject({ changes: [], completeUntilMs: SIGN_MS - 15 * MINUTE_MS });
    expect(await collected).toMatchObject({ gaps: [expect.stringContaining('changes after 2026-11-21T09:45:00.000Z can be missing')] });
  });

  it('are looked up slower than two calls a second', async () => {
    const { collected, asked, pauses } = collect(async () => found());
    await collected;
    expect(asked).toEqual(CHANGING);
    expect(pauses).toHaveLength(CHANGING.length - 1);
    expect(Math.min(...pauses)).toBeGreaterThan(500);
  });

  it('of other teams’ load balancers are left out; a security group’s are kept, for its name says nothing', async () => {
    const { collected } = collect(async (name) => {
      if (name === 'ModifyTargetGroupAttributes')
        return found(event(name, { requestParameters: { targetGroupArn: GROUP.replace('holdfast-web', 'blog') } }));
      if (name !== 'RevokeSecurityGroupIngress') return found();
      return found(event(name, { eventSource: 'ec2.amazonaws.com', requestParameters: { groupId: 'sg-1' } }));
    });
    expect(factsOf(await collected).changes).toMatchObject([{ event: 'RevokeSecurityGroupIngress', resource: 'sg-1' }]);
  });

  it('of what carries no name of the installation are kept, but for instances that a service ends', async () => {
    const ec2 = { eventSource: 'ec2.amazonaws.com' };
    const instances = { ...ec2, requestParameters: { instancesSet: { items: [{ instanceId: 'i-1' }, { instanceId: 'i-2' }] } } };
    const service = { type: 'AssumedRole', arn: 'arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling' };
    const events: Readonly<Record<string, TrailEvent>> = {
      CreateNetworkAclEntry: event('CreateNetworkAclEntry', { ...ec2, requestParameters: { networkAclId: 'acl-1' } }),
      StopInstances: event('StopInstances', instances),
      TerminateInstances: event('TerminateInstances', { ...instances, userIdentity: service }),
      RebootCacheCluster: event('RebootCacheCluster', {
        eventSource: 'elasticache.amazonaws.com',
        requestParameters: { cacheClusterId: 'blog-001' },
      }),
    };
    const { collected } = collect(async (name) => found(...(events[name] ? [events[name]] : [])));
    expect(factsOf(await collected).changes).toMatchObject([
      { event: 'CreateNetworkAclEntry', resource: 'acl-1', kind: 'network-acl' },
      { event: 'StopInstances', resource: 'i-1, i-2', kind: 'instance' },
    ]);
  });

  it('of other applications are left out first, where there are too many', async () => {
    const secret = (secretId: string, minutes: number) =>
      event(
        'PutSecretValue',
        { eventSource: 'secretsmanager.amazonaws.com', requestParameters: { secretId } },
        { atMs: SIGN_MS - minutes * MINUTE_MS },
      );
    const many = [secret('holdfast-store', 200), ...Array.from({ length: 60 }, (_, minutes) => secret('blog', minutes + 20))];
    const { collected } = collect(async (name) => found(...(name === 'PutSecretValue' ? many : [])));
    const { changes } = factsOf(await collected);
    expect(changes).toHaveLength(50);
    expect(changes.at(-1)).toMatchObject({ resource: 'holdfast-store', kind: 'secret', isOwn: true });
    expect(await collected).toMatchObject({ gaps: [expect.anything(), expect.stringMatching(/^11 changes are left out/)] });
  });

  it('name the operations that could not be looked up', async () => {
    const { collected } = collect(async (name) => {
      if (name === 'ModifyRule') throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
      return { events: [], more: name === 'CreateRule' };
    });
    expect(await collected).toMatchObject({
      gaps: [
        expect.stringContaining('can be missing'),
        'not looked up: ModifyRule (ThrottlingException: Rate exceeded)',
        'only the latest 50 calls were looked up of CreateRule',
      ],
    });
  });

  it('end after thirty seconds with what there is', async () => {
    const { collected, asked, advance } = collect(async () => {
      advance(14_000);
      return found();
    });
    await collected;
    expect(asked).toHaveLength(3);
    expect(await collected).toMatchObject({ gaps: [expect.anything(), expect.stringMatching(/^not looked up: CreateRule, .*30 s/)] });
  });

  it('fail when CloudTrail answers nothing', async () => {
    await expect(collect(async () => Promise.reject(new Error('denied'))).collected).rejects.toThrow('denied');
  });
});

describe('who changed it', () => {
  const who = (userIdentity: object) => readChange(event('ModifyRule', { userIdentity }))?.roleArn;
  it.each([
    [assumed, ROLE],
    [{ type: 'AssumedRole', arn: assumed.arn }, 'arn:aws:sts::123456789012:assumed-role/Operator'],
    [{ type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/jane@example.com', userName: 'jane@example.com' }, 'an IAM user'],
    [{ type: 'Root', arn: 'arn:aws:iam::123456789012:root' }, 'arn:aws:iam::123456789012:root'],
    [{ type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }, 'autoscaling.amazonaws.com'],
    [{ type: 'FederatedUser', arn: 'arn:aws:sts::123456789012:federated-user/jane' }, 'an identity that is no role'],
    [{}, 'an identity that is no role'],
  ])('%j: %s', (identity, expected) => {
    expect(who(identity)).toBe(expected);
  });

  it('is not asked for a refused call, another service’s or a record that is not valid JSON', () => {
    expect(readChange(event('ModifyRule', { errorCode: 'AccessDenied' }))).toBeUndefined();
    expect(readChange(event('ModifyUser', { eventSource: 'chatbot.amazonaws.com' }))).toBeUndefined();
    expect(readChange(event('ModifyRule', {}, { record: 'null' }))).toBeUndefined();
    expect(readChange(event('ModifyRule', {}, { record: '<' }))).toBeUndefined();
  });
});

describe('what was changed', () => {
  const change = (name: string, service: string, requestParameters: object = {}) =>
    readChange(event(name, { eventSource: `${service}.amazonaws.com`, requestParameters }));
  it.each([
    ['DeleteNetworkAclEntry', 'ec2', { networkAclId: 'acl-1' }, 'network-acl', 'acl-1'],
    ['ReplaceRoute', 'ec2', { routeTableId: 'rtb-1', destinationCidrBlock: '10.1.0.0/16' }, 'route', 'rtb-1'],
    ['ReplaceNetworkAclAssociation', 'ec2', { networkAclId: 'acl-1' }, 'network-acl', 'acl-1'],
    ['RevokeSecurityGroupIngress', 'ec2', { groupId: 'sg-1' }, 'security-group', 'sg-1'],
    ['ModifySecurityGroupRules', 'ec2', { groupId: 'sg-1' }, 'security-group', 'sg-1'],
    ['ModifyUser', 'elasticache', { userId: 'app', passwords: 'HIDDEN_DUE_TO_SECURITY_REASONS' }, 'store-password', 'app'],
    ['ModifyUser', 'elasticache', { userId: 'app', accessString: 'off' }, 'store-user', 'app'],
    ['ModifyUserGroup', 'elasticache', { userGroupId: 'apps' }, 'store-user', 'apps'],
    [
      'ModifyReplicationGroup',
      'elasticache',
      { replicationGroupId: 's', authToken: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
      'store-password',
      's',
    ],
    ['ModifyReplicationGroup', 'elasticache', { replicationGroupId: 's', securityGroupIds: ['sg-1'] }, 'security-group', 's'],
    ['ModifyReplicationGroup', 'elasticache', { replicationGroupId: 's', userGroupIdsToRemove: ['apps'] }, 'store-user', 's'],
    ['ModifyReplicationGroup', 'elasticache', { replicationGroupId: 's', cacheNodeType: 'cache.r7g.large' }, 'other', 's'],
    ['RebootCacheCluster', 'elasticache', { cacheClusterId: 's-001' }, 'store-reboot', 's-001'],
    ['TestFailover', 'elasticache', { replicationGroupId: 's' }, 'store-reboot', 's'],
    ['CreateSnapshot', 'elasticache', { replicationGroupId: 's', snapshotName: 'n' }, 'store-snapshot', 's'],
    ['StartZonalShift', 'arc-zonal-shift', { resourceIdentifier: 'arn:balancer', awayFrom: 'euw1-az1' }, 'zone', 'arn:balancer'],
    ['RotateSecret', 'secretsmanager', { secretId: 'shop/signing' }, 'secret', 'shop/signing'],
    ['UpdateWebACL', 'wafv2', { name: 'shop', scope: 'REGIONAL' }, 'waf', 'shop'],
    ['AssociateWebACL', 'wafv2', { webACLArn: 'arn:acl', resourceArn: 'arn:balancer' }, 'waf', 'arn:balancer'],
    ['UpdateRuleGroup', 'wafv2', { name: 'rules' }, 'waf', 'rules'],
    ['ModifyRule', 'elasticloadbalancing', { ruleArn: 'arn:rule' }, 'balancer-rule', 'arn:rule'],
    ['ModifyListener', 'elasticloadbalancing', { listenerArn: 'arn:listener' }, 'listener', 'arn:listener'],
    ['TerminateInstanceInAutoScalingGroup', 'autoscaling', { instanceId: 'i-1' }, 'instance', 'i-1'],
    ['RebootInstances', 'ec2', { instancesSet: { items: [{ instanceId: 'i-1' }] } }, 'instance', 'i-1'],
    ['ModifyCacheParameterGroup', 'elasticache', { cacheParameterGroupName: 'p' }, 'other', 'p'],
  ] as const)('%s of %s with %j: %s', (name, service, parameters, kind, resource) => {
    expect(change(name, service, parameters)).toMatchObject({ kind, resource });
    expect(JSON.stringify(change(name, service, parameters))).not.toContain('HIDDEN');
  });

  it('CreateSnapshot of a volume is none of the store', () => {
    expect(change('CreateSnapshot', 'ec2', { volumeId: 'vol-1' })).toBeUndefined();
  });

  it.each([
    [{ type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/jane' }, 'person'],
    [{ type: 'Root', arn: 'arn:aws:iam::123456789012:root' }, 'person'],
    [{ type: 'AssumedRole', arn: 'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/jane' }, 'person'],
    [assumed, 'role'],
    [{ type: 'AssumedRole', arn: 'arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling' }, 'service'],
    [{ type: 'AWSService', invokedBy: 'elasticache.amazonaws.com' }, 'service'],
  ])('by %j: a %s', (userIdentity, who) => {
    expect(readChange(event('ModifyRule', { userIdentity }))?.who).toBe(who);
  });
});
