import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  APART_MS,
  CHANGING,
  changesOf,
  createChanges,
  readChange,
  TRAIL_CLIENT_OPTIONS,
} from '../../../../functions/incidents/collect/collect-changes.ts';
import { COLLECTOR_LIMIT_MS } from '../../../../functions/incidents/collect/run-collector.ts';
import type { ChangesLookUp, IncidentRecords } from '../../../../functions/incidents/records/incident-records.ts';
import type { TrailEvent } from '../../../../functions/shared/aws/trail.ts';
import { MEASURES } from '../../../../functions/shared/limits/service-limits.ts';
import { toAttributes } from '../../../../lab/simulation/dynamodb/attribute-values.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';
import { simulatedIncidentRecords } from '../simulated-incident-records.ts';
import { factsOf, GROUP, MINUTE_MS, request, SIGN_MS } from './request.ts';
import { assumed, event, ROLE } from './trail-events.ts';

type LookUp = (name: string) => Promise<{ events: readonly TrailEvent[]; more: boolean }>;

/** Time stands still for the look-up; `pauses` has what each call of it waited for. */
function collect(lookUp: LookUp, fleets?: readonly string[]) {
  const asked: string[] = [];
  const pauses: number[] = [];
  const collected = createChanges({
    trail: {
      lookUp: (name) => {
        asked.push(name);
        return lookUp(name);
      },
    },
    records: memoryIncidentRecords(),
    concerned: async () => ['holdfast', GROUP],
    deploying: ['holdfast-web-deploy-session-gate'],
    now: () => SIGN_MS,
    pause: async (ms) => pauses.push(ms),
  })(request(fleets && { fleets }));
  return { collected, asked, pauses };
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
    expect(pauses).toHaveLength(CHANGING.length);
    for (const [at, ms] of pauses.entries()) expect(ms - (pauses[at - 1] ?? -600)).toBeGreaterThan(500);
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

  it('of rules by the functions of deploys are no suspects; those by anybody else are', async () => {
    const by = (session: string, more: object = {}) => ({
      userIdentity: { ...assumed, arn: `arn:aws:sts::123456789012:assumed-role/Operator/${session}`, ...more },
      requestParameters: { ruleArn: `${GROUP}/rule` },
    });
    const own = 'holdfast-web-deploy-session-gate';
    const { collected } = collect(async (name) => {
      if (name === 'DeleteRule') return found(event(name, by(own)));
      if (name !== 'ModifyRule') return found();
      return found(event(name, by(own)), event(name, by(own, { type: 'IAMUser' })), event(name, by(`${own}-2`)));
    });
    expect(factsOf(await collected).changes.map((change) => change.event)).toEqual(['ModifyRule', 'ModifyRule', 'DeleteRule']);
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

  // https://repost.aws/questions/QU_pkYincJQBytmgwCE_CczQ: a busy Region answers in 4 s on average.
  it('are all looked up within a collector’s time from a CloudTrail that takes as long as a call may', async () => {
    vi.useFakeTimers({ now: SIGN_MS });
    const beganMs: number[] = [];
    const collected = createChanges({
      trail: {
        async lookUp() {
          beganMs.push(Date.now());
          const { maxAttempts, requestHandler } = TRAIL_CLIENT_OPTIONS;
          await sleep(maxAttempts * requestHandler.requestTimeout + 2_000);
          return found();
        },
      },
      ...ports(memoryIncidentRecords()),
    })(request());
    await vi.advanceTimersByTimeAsync(COLLECTOR_LIMIT_MS - 5_000);
    expect(await collected).toMatchObject({ gaps: [expect.stringContaining('can be missing')] });
    expect(beganMs).toHaveLength(CHANGING.length);
  });

  it('are a gap with its reason when CloudTrail answers nothing', async () => {
    expect(await collect(async () => Promise.reject(new Error('denied'))).collected).toEqual({ gap: 'Error: denied' });
  });
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const ports = (records: IncidentRecords) => ({ records, concerned: async () => [GROUP], now: Date.now, pause: sleep });
afterEach(() => {
  vi.useRealTimers();
});

describe.each([
  ['memory', memoryIncidentRecords],
  ['DynamoDB', simulatedIncidentRecords],
] as const)('changes that several incidents ask for, with records of %s', (_, createRecords) => {
  const begin = () => {
    vi.useFakeTimers({ now: SIGN_MS });
    const [records, beganMs] = [createRecords(), [] as number[]];
    const trail = {
      async lookUp(name: string) {
        beganMs.push(Date.now());
        await sleep(200);
        return found(...(name === 'ModifyRule' ? [event(name)] : []));
      },
    };
    return { records, beganMs, run: createChanges({ trail, ...ports(records) }) };
  };

  it('are looked up once for 21 runs at the same time, and again after a minute', async () => {
    const { beganMs, run } = begin();
    const runs = () => Promise.all(Array.from({ length: 21 }, (_, at) => run(request({ incidentId: `inc-${at}` }))));
    const first = runs();
    await vi.advanceTimersByTimeAsync(30_000);
    for (const collected of await first) expect(factsOf(collected).changes).toMatchObject([{ event: 'ModifyRule', isOwn: true }]);
    const second = await runs();
    expect(second.map(factsOf)).toEqual((await first).map(factsOf));
    expect(beganMs).toHaveLength(CHANGING.length);
    for (const [at, ms] of beganMs.entries()) expect(ms - (beganMs[at - 2] ?? 0), 'two a second').toBeGreaterThan(1_000);
    await vi.advanceTimersByTimeAsync(APART_MS - 30_000);
    const third = runs();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(factsOf((await third)[20] as Awaited<typeof third>[0]).completeUntilMs).toBe(SIGN_MS + APART_MS - 15 * MINUTE_MS);
    expect(beganMs).toHaveLength(2 * CHANGING.length);
  });

  it('are a gap within a collector’s time where the function that looks them up dies', async () => {
    const { records, beganMs, run } = begin();
    await records.putLookUp('dies', SIGN_MS, SIGN_MS + APART_MS);
    const collected = run(request());
    await vi.advanceTimersByTimeAsync(COLLECTOR_LIMIT_MS - 1);
    expect(await collected).toEqual({ gap: expect.stringContaining('nothing was looked up') });
    expect(beganMs).toEqual([]);
  });

  // https://github.com/justinram11/langgraph-checkpoint-dynamodb/issues/2: an item that grows with its content is refused one day.
  it('fit into an item of DynamoDB in the busiest account, the latest of them, and what was before is a gap', async () => {
    const { records } = begin();
    const trail = {
      lookUp: async (name: string) => ({
        events: Array.from({ length: 50 }, (_, at) =>
          event(
            name,
            { eventSource: 'ec2.amazonaws.com', requestParameters: { groupId: `${GROUP}${'é'.repeat(400)}` } },
            { atMs: SIGN_MS - (20 + at) * MINUTE_MS },
          ),
        ),
        more: true,
      }),
    };
    const run = createChanges({ trail, ...ports(records) })(request());
    await vi.advanceTimersByTimeAsync(30_000);
    const { facts, gaps } = (await run) as Extract<Awaited<typeof run>, { facts: unknown }> & { gaps: readonly string[] };
    const onRecord = (await records.getLookUp()) as ChangesLookUp;
    const { changes, fromMs, cut } = onRecord;
    expect(MEASURES.item(toAttributes({ found: onRecord }))).toBeLessThan(400 * 1_024);
    expect(changes.length).toBeGreaterThan(200);
    expect(fromMs).toBe(changes.at(-1)?.atMs);
    expect([facts.fromMs, facts.changes.length]).toEqual([fromMs, 50]);
    expect(gaps).toContainEqual(`not looked up: what was before ${new Date(fromMs).toISOString()}`);
    expect(Object.keys(cut)).toEqual(CHANGING);
  });
});

describe('what an incident lacks of a look-up that it shares', () => {
  const HOUR_MS = 60 * MINUTE_MS;
  const change = { atMs: SIGN_MS - 20 * MINUTE_MS, event: 'ModifyRule', roleArn: ROLE, eventId: 'e-1', resource: GROUP } as const;
  const lookUp: ChangesLookUp = { atMs: SIGN_MS, fromMs: SIGN_MS - 12 * HOUR_MS, changes: [change], failed: [], failure: '', cut: {} };
  const late = expect.stringContaining('can be missing');
  // This incident needs the six hours before the sign.
  it.each<[string, Partial<ChangesLookUp>, Parameters<typeof request>[0], unknown[], number]>([
    ['nothing', {}, {}, [late], 1],
    ['what came after the look-up: it is complete until 15 minutes before that', { atMs: SIGN_MS - 50_000 }, {}, [late], 1],
    ['what its window has not', {}, { toMs: SIGN_MS - 30 * MINUTE_MS }, [late], 0],
    ['what is older than its window', { changes: [{ ...change, atMs: SIGN_MS - 7 * HOUR_MS }] }, {}, [late], 0],
    [
      'what was before the look-up’s begin',
      {},
      { fromMs: SIGN_MS - 8 * HOUR_MS },
      [late, 'not looked up: what was before 2026-11-20T22:00:00.000Z'],
      1,
    ],
    [
      'calls that were too many since its begin',
      { cut: { ModifyRule: SIGN_MS - 5 * HOUR_MS } },
      {},
      [late, expect.stringContaining('of ModifyRule')],
      1,
    ],
    ['nothing of calls that were too many before its begin', { cut: { ModifyRule: SIGN_MS - 7 * HOUR_MS } }, {}, [late], 1],
    [
      'operations that failed',
      { failed: ['ModifyUser'], failure: 'TimeoutError' },
      {},
      [late, 'not looked up: ModifyUser (TimeoutError)'],
      1,
    ],
  ])('%s', (_, more, window, gaps, count) => {
    const shared = { ...lookUp, ...more };
    const collected = changesOf(shared, request(window), [GROUP]);
    expect(collected).toMatchObject({ takenAtMs: shared.atMs, gaps });
    const { changes, completeUntilMs, fromMs } = factsOf(collected);
    const { fromMs: beganMs, toMs } = request(window);
    expect(changes).toHaveLength(count);
    expect([completeUntilMs, fromMs]).toEqual([
      Math.min(toMs, shared.atMs - 15 * MINUTE_MS),
      Math.max(beganMs - 5 * HOUR_MS, shared.fromMs),
    ]);
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
