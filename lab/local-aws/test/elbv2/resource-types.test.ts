import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, healthy, named, send, type World } from './support.ts';

describe('CloudFormation resource types', () => {
  let world: World;
  beforeEach(() => {
    world = createWorld();
  });
  afterEach(() => world.stop());
  const type = (name: string) => `AWS::ElasticLoadBalancingV2::${name}`;
  const request = (name: string, logicalId: string, properties: Record<string, unknown>) => ({
    type: type(name),
    logicalId,
    stackName: 'Web-Tier',
    properties,
  });
  const provider = (name: string) => {
    const found = world.elb.resourceTypes[type(name)];
    if (found === undefined) throw new Error(`no provider for ${name}`);
    return found;
  };
  const create = (name: string, logicalId: string, properties: Record<string, unknown>) =>
    provider(name).create(request(name, logicalId, properties));

  const GROUP = {
    Port: 8080,
    Protocol: 'HTTP',
    TargetType: 'instance',
    VpcId: 'vpc-1',
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: '5',
    HealthCheckTimeoutSeconds: 4,
    Matcher: { HttpCode: '200' },
    TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
  };
  const forward = (TargetGroupArn: string) => [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn, Weight: '1' }] } }];

  async function stack() {
    const loadBalancer = await create('LoadBalancer', 'Alb16C2F182', {
      Scheme: 'internet-facing',
      SecurityGroups: ['sg-1'],
      Subnets: ['subnet-1', 'subnet-2'],
      Type: 'application',
      LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '90' }],
    });
    const group = await create('TargetGroup', 'Group', GROUP);
    const listener = await create('Listener', 'Http', {
      LoadBalancerArn: loadBalancer.physicalId,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: forward(group.physicalId),
    });
    const rule = await create('ListenerRule', 'Rule', {
      ListenerArn: listener.physicalId,
      Priority: 10,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/stop'] } }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '403', ContentType: 'text/plain', MessageBody: 'no' } }],
    });
    return { loadBalancer, group, listener, rule };
  }

  it('give the ARN as Ref, and the attributes that templates ask for', async () => {
    const { loadBalancer, group, listener, rule } = await stack();
    const fullName = loadBalancer.physicalId.split(':loadbalancer/')[1];
    expect(loadBalancer.attributes).toEqual({
      DNSName: 'localhost',
      CanonicalHostedZoneID: expect.any(String),
      LoadBalancerArn: loadBalancer.physicalId,
      LoadBalancerFullName: fullName,
      LoadBalancerName: fullName?.split('/')[1],
      SecurityGroups: ['sg-1'],
    });
    expect(loadBalancer.attributes['LoadBalancerName']).toMatch(/^WebTi.*-Alb16C2F182-[0-9A-F]{12}$|^Web-Ti-Alb16C2F182-[0-9A-F]{12}$/);
    expect(group.attributes).toMatchObject({
      TargetGroupArn: group.physicalId,
      TargetGroupFullName: group.physicalId.split(':').at(-1),
      LoadBalancerArns: [],
    });
    expect(listener.attributes['ListenerArn']).toBe(listener.physicalId);
    expect(rule.attributes['RuleArn']).toBe(rule.physicalId);
  });

  it('make a load balancer that serves', async () => {
    const { loadBalancer, group } = await stack();
    const target = await world.instance(named('served'));
    await world.elb.targetGroups.register(group.physicalId, target.id);
    await healthy(world, group.physicalId, target);
    const port = world.elb.addressOf(loadBalancer.physicalId, 80)?.port ?? 0;
    expect(await send(port)).toMatchObject({ status: 200, body: 'served' });
    expect(await send(port, '/stop')).toMatchObject({ status: 403, body: 'no' });
  });

  it('update in place what AWS updates in place', async () => {
    const { group, rule, listener } = await stack();
    const properties = {
      ...GROUP,
      HealthCheckPath: '/ready',
      TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '45' }],
    };
    const updated = await provider('TargetGroup').update({
      ...request('TargetGroup', 'Group', properties),
      physicalId: group.physicalId,
      previous: GROUP,
    });
    expect(updated.physicalId).toBe(group.physicalId);
    expect(await world.call('DescribeTargetGroups', { TargetGroupArns: [group.physicalId] })).toMatchObject({
      TargetGroups: [{ HealthCheckPath: '/ready' }],
    });

    const ruleProperties = {
      ListenerArn: listener.physicalId,
      Priority: '20',
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/halt'] } }],
      Actions: forward(group.physicalId),
    };
    const moved = await provider('ListenerRule').update({
      ...request('ListenerRule', 'Rule', ruleProperties),
      physicalId: rule.physicalId,
      previous: { ...ruleProperties, Priority: 10 },
    });
    expect(moved.physicalId).toBe(rule.physicalId);
    expect(await world.call('DescribeRules', { RuleArns: [rule.physicalId] })).toMatchObject({
      Rules: [{ Priority: '20', Conditions: [{ Values: ['/halt'] }] }],
    });
  });

  it('replace what AWS replaces', async () => {
    const { group } = await stack();
    const properties = { ...GROUP, Port: 9090 };
    const replaced = await provider('TargetGroup').update({
      ...request('TargetGroup', 'Group', properties),
      physicalId: group.physicalId,
      previous: GROUP,
    });
    expect(replaced.physicalId).not.toBe(group.physicalId);
  });

  it('do not treat a port given as text as a change', async () => {
    const { group } = await stack();
    const properties = { ...GROUP, Port: '8080' };
    const same = await provider('TargetGroup').update({
      ...request('TargetGroup', 'Group', properties),
      physicalId: group.physicalId,
      previous: GROUP,
    });
    expect(same.physicalId).toBe(group.physicalId);
  });

  it('delete in reverse order, and deleting what is gone succeeds', async () => {
    const made = await stack();
    const order = [
      ['ListenerRule', made.rule],
      ['Listener', made.listener],
      ['TargetGroup', made.group],
      ['LoadBalancer', made.loadBalancer],
    ] as const;
    for (const round of [1, 2]) {
      for (const [name, { physicalId }] of order) {
        await expect(provider(name).delete({ ...request(name, `Round${round}`, {}), physicalId })).resolves.toBeUndefined();
      }
    }
    expect(world.elb.listeners()).toEqual([]);
  });

  it('refuse a name that is taken', async () => {
    await create('LoadBalancer', 'One', { Name: 'same' });
    await expect(create('LoadBalancer', 'Two', { Name: 'same' })).rejects.toMatchObject({ code: 'DuplicateLoadBalancerName' });
  });
});
