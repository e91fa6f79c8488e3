import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type Front, forwardTo, named, send, type World } from './support.ts';

const ACCOUNT = 'arn:aws:elasticloadbalancing:us-east-1:000000000000';
const missing = {
  loadBalancer: `${ACCOUNT}:loadbalancer/app/none/0000000000000000`,
  group: `${ACCOUNT}:targetgroup/none/0000000000000000`,
  listener: `${ACCOUNT}:listener/app/none/0000000000000000/0000000000000000`,
  rule: `${ACCOUNT}:listener-rule/app/none/0000000000000000/0000000000000000/0000000000000000`,
};
const fixed = (config: object = {}) => ({ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', ...config } });
const path = (...Values: string[]) => ({ Field: 'path-pattern', Values });
const header = (HttpHeaderName: string, ...Values: string[]) => ({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName, Values } });

describe('the API', () => {
  let world: World;
  let front: Front;
  let group: string;
  let defaultRule: string;
  beforeEach(async () => {
    world = createWorld();
    group = await world.group();
    front = await world.front(group);
    const { Rules } = await world.call<{ Rules: { RuleArn: string }[] }>('DescribeRules', { ListenerArn: front.listener });
    defaultRule = Rules[0]?.RuleArn ?? '';
    await rule({ Priority: 7 });
  });
  afterEach(() => world.stop());
  const rule = (more: object = {}) =>
    world.call<{ Rules: { RuleArn: string; Priority: string }[] }>('CreateRule', {
      ListenerArn: front.listener,
      Priority: 1,
      Conditions: [path('/x')],
      Actions: [fixed()],
      ...more,
    });

  it('has ARNs of AWS’s form', () => {
    expect(front.loadBalancer).toMatch(new RegExp(`^${ACCOUNT}:loadbalancer/app/lb-2/[0-9a-f]{16}$`));
    expect(group).toMatch(new RegExp(`^${ACCOUNT}:targetgroup/group-1/[0-9a-f]{16}$`));
    expect(front.listener).toMatch(new RegExp(`^${front.loadBalancer.replace('loadbalancer', 'listener')}/[0-9a-f]{16}$`));
    expect(defaultRule).toMatch(new RegExp(`^${front.listener.replace('listener', 'listener-rule')}/[0-9a-f]{16}$`));
  });

  // ELB API reference, "Errors" of each action.
  const G = () => ({ TargetGroupArn: group });
  const L = () => ({ ListenerArn: front.listener });
  const listener = (more: object) => ({
    LoadBalancerArn: front.loadBalancer,
    Port: 81,
    Protocol: 'HTTP',
    DefaultActions: [fixed()],
    ...more,
  });
  const newRule = (more: object) => ({ ...L(), Priority: 1, Conditions: [path('/x')], Actions: [fixed()], ...more });
  const attribute = (Key: string, Value: string) => ({ Attributes: [{ Key, Value }] });
  const wrong: [code: string, what: string, operation: string, input: () => Record<string, unknown>][] = [
    ['LoadBalancerNotFound', 'an unknown ARN', 'DescribeLoadBalancers', () => ({ LoadBalancerArns: [missing.loadBalancer] })],
    ['LoadBalancerNotFound', 'an unknown name', 'DescribeLoadBalancers', () => ({ Names: ['none'] })],
    ['DuplicateLoadBalancerName', 'the same name, another scheme', 'CreateLoadBalancer', () => ({ Name: 'lb-2', Scheme: 'internal' })],
    ['ValidationError', 'no name', 'CreateLoadBalancer', () => ({})],
    ['ValidationError', 'a name of 33 characters', 'CreateLoadBalancer', () => ({ Name: 'x'.repeat(33) })],
    [
      'InvalidConfigurationRequest',
      'an idle time-out of 0',
      'ModifyLoadBalancerAttributes',
      () => ({ LoadBalancerArn: front.loadBalancer, ...attribute('idle_timeout.timeout_seconds', '0') }),
    ],
    ['TargetGroupNotFound', 'an unknown ARN', 'DescribeTargetGroups', () => ({ TargetGroupArns: [missing.group] })],
    ['TargetGroupNotFound', 'an unknown group', 'RegisterTargets', () => ({ TargetGroupArn: missing.group, Targets: [{ Id: 'i-1' }] })],
    ['TargetGroupNotFound', 'an unknown group', 'DescribeTargetHealth', () => ({ TargetGroupArn: missing.group })],
    [
      'DuplicateTargetGroupName',
      'the same name, another port',
      'CreateTargetGroup',
      () => ({ Name: 'group-1', Protocol: 'HTTP', Port: 1 }),
    ],
    ['ResourceInUse', 'a group that a rule names', 'DeleteTargetGroup', G],
    ['InvalidTarget', 'an instance that does not run', 'RegisterTargets', () => ({ ...G(), Targets: [{ Id: 'i-00000000000000bad' }] })],
    ['ValidationError', 'something that is no instance id', 'RegisterTargets', () => ({ ...G(), Targets: [{ Id: '10.0.0.1' }] })],
    [
      'InvalidConfigurationRequest',
      'a delay above 3600 s',
      'ModifyTargetGroupAttributes',
      () => ({ ...G(), ...attribute('deregistration_delay.timeout_seconds', '3601') }),
    ],
    [
      'InvalidConfigurationRequest',
      'an unknown attribute',
      'ModifyTargetGroupAttributes',
      () => ({ ...G(), ...attribute('no.such', '1') }),
    ],
    [
      'InvalidConfigurationRequest',
      'AWSALB as the application’s cookie',
      'ModifyTargetGroupAttributes',
      () => ({ ...G(), ...attribute('stickiness.app_cookie.cookie_name', 'AWSALB') }),
    ],
    [
      'ValidationError',
      'a time-out as long as the interval',
      'ModifyTargetGroup',
      () => ({ ...G(), HealthCheckIntervalSeconds: '5', HealthCheckTimeoutSeconds: '5' }),
    ],
    ['ListenerNotFound', 'an unknown ARN', 'DescribeListeners', () => ({ ListenerArns: [missing.listener] })],
    ['DuplicateListener', 'a port in use', 'CreateListener', () => listener({ Port: 80 })],
    ['ValidationError', 'HTTPS without a certificate', 'CreateListener', () => listener({ Protocol: 'HTTPS' })],
    [
      'InvalidLoadBalancerAction',
      'an action that authenticates',
      'CreateListener',
      () => listener({ DefaultActions: [{ Type: 'authenticate-oidc' }] }),
    ],
    ['InvalidLoadBalancerAction', 'two actions that answer', 'CreateListener', () => listener({ DefaultActions: [fixed(), fixed()] })],
    ['RuleNotFound', 'an unknown ARN', 'ModifyRule', () => ({ RuleArn: missing.rule })],
    ['OperationNotPermitted', 'the default rule', 'DeleteRule', () => ({ RuleArn: defaultRule })],
    ['PriorityInUse', 'a priority in use', 'CreateRule', () => newRule({ Priority: 7 })],
    [
      'PriorityInUse',
      'a priority in use',
      'SetRulePriorities',
      () => ({ RulePriorities: [{ RuleArn: front.listener && extra, Priority: 7 }] }),
    ],
    ['ValidationError', 'priority 50001', 'CreateRule', () => newRule({ Priority: 50_001 })],
    ['ValidationError', 'no condition', 'CreateRule', () => newRule({ Conditions: [] })],
    ['TargetGroupNotFound', 'an unknown group', 'CreateRule', () => newRule({ Actions: [forwardTo(missing.group)] })],
    // ELB user guide, load-balancer-limits and rule-condition-types.
    ['ValidationError', 'four values in a condition', 'CreateRule', () => newRule({ Conditions: [path('/1', '/2', '/3', '/4')] })],
    ['ValidationError', 'a value of 129 characters', 'CreateRule', () => newRule({ Conditions: [header('Cookie', 'x'.repeat(129))] })],
    ['ValidationError', 'a header name of 41 characters', 'CreateRule', () => newRule({ Conditions: [header('X'.repeat(41), 'x')] })],
    ['ValidationError', 'the Host header', 'CreateRule', () => newRule({ Conditions: [header('Host', 'x')] })],
    ['ValidationError', 'a fixed response with a 3xx status', 'CreateRule', () => newRule({ Actions: [fixed({ StatusCode: '302' })] })],
  ];
  let extra = '';
  it.each(wrong)('refuses with %s: %s (%s)', async (code, _, operation, input) => {
    extra = (await rule({ Priority: 8 })).Rules[0]?.RuleArn ?? '';
    await expect(world.call(operation, input())).rejects.toMatchObject({ name: 'AwsError', code });
  });

  it('takes the application’s cookie as an http-header condition', async () => {
    await expect(rule({ Conditions: [header('Cookie', '*JSESSIONID=*')] })).resolves.toMatchObject({
      Rules: [{ Priority: '1', IsDefault: false }],
    });
  });

  // ELB user guide, load-balancer-limits: 100 rules per load balancer, default rules not counted.
  it('takes 100 rules and refuses the next with TooManyRules', async () => {
    for (let Priority = 101; Priority < 200; Priority += 1) await rule({ Priority });
    await expect(rule({ Priority: 300 })).rejects.toMatchObject({ code: 'TooManyRules' });
  });

  it('lets a group belong to one load balancer only', async () => {
    await expect(world.front(group)).rejects.toMatchObject({ code: 'TargetGroupAssociationLimit' });
  });

  it('describes a forward action in both of its forms', async () => {
    const { Listeners } = await world.call<{ Listeners: object[] }>('DescribeListeners', { LoadBalancerArn: front.loadBalancer });
    const ForwardConfig = { TargetGroups: [{ TargetGroupArn: group, Weight: 1 }], TargetGroupStickinessConfig: { Enabled: false } };
    expect(Listeners).toMatchObject([
      { Port: 80, Protocol: 'HTTP', DefaultActions: [{ Type: 'forward', TargetGroupArn: group, ForwardConfig }] },
    ]);
  });

  it('describes a target group with AWS’s defaults', async () => {
    await world.call('CreateTargetGroup', { Name: 'plain', Protocol: 'HTTP', Port: '80', VpcId: 'vpc-1' });
    const { TargetGroups } = await world.call<{ TargetGroups: { TargetGroupArn: string }[] }>('DescribeTargetGroups', { Names: ['plain'] });
    expect(TargetGroups).toMatchObject([
      {
        HealthCheckPath: '/',
        HealthCheckPort: 'traffic-port',
        HealthCheckIntervalSeconds: 30,
        HealthCheckTimeoutSeconds: 5,
        HealthyThresholdCount: 5,
        UnhealthyThresholdCount: 2,
        Matcher: { HttpCode: '200' },
      },
    ]);
    const [plain] = TargetGroups;
    const { Attributes } = await world.call<{ Attributes: object[] }>('DescribeTargetGroupAttributes', {
      TargetGroupArn: plain?.TargetGroupArn,
    });
    expect(Attributes).toContainEqual({ Key: 'deregistration_delay.timeout_seconds', Value: '300' });
    expect(Attributes).toContainEqual({ Key: 'load_balancing.algorithm.type', Value: 'round_robin' });
  });

  it('keeps tags of every kind of resource', async () => {
    for (const arn of [front.loadBalancer, group, front.listener, defaultRule]) {
      await world.call('AddTags', { ResourceArns: [arn], Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] });
      await world.call('RemoveTags', { ResourceArns: [arn], TagKeys: ['b'] });
      const reply = await world.call('DescribeTags', { ResourceArns: [arn] });
      expect(reply).toEqual({ TagDescriptions: [{ ResourceArn: arn, Tags: [{ Key: 'a', Value: '1' }] }] });
    }
  });

  it('deletes a load balancer with its listeners and rules, and deleting again succeeds', async () => {
    await world.call('DeleteLoadBalancer', { LoadBalancerArn: front.loadBalancer });
    await world.call('DeleteLoadBalancer', { LoadBalancerArn: front.loadBalancer });
    await expect(world.call('DescribeRules', { ListenerArn: front.listener })).rejects.toMatchObject({ code: 'ListenerNotFound' });
    await expect(send(front.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(world.call('DeleteTargetGroup', { TargetGroupArn: group })).resolves.toEqual({});
  });

  it('does not delete a protected load balancer', async () => {
    await world.call('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: front.loadBalancer,
      ...attribute('deletion_protection.enabled', 'true'),
    });
    await expect(world.call('DeleteLoadBalancer', { LoadBalancerArn: front.loadBalancer })).rejects.toMatchObject({
      code: 'OperationNotPermitted',
    });
  });

  it('reports to the console what each listener serves', async () => {
    const target = await world.instance(named('x'));
    await world.call('RegisterTargets', { ...G(), Targets: [{ Id: target.id }] });
    expect(world.elb.listeners()).toMatchObject([
      {
        loadBalancerName: 'lb-2',
        port: 80,
        address: { host: '127.0.0.1', port: front.port, protocol: 'HTTP' },
        targetGroups: [{ name: 'group-1', targets: [{ id: target.id, port: 8080, state: 'initial', inFlight: 0 }] }],
      },
    ]);
  });

  it('ends every socket when it stops, and stopping twice is harmless', async () => {
    await world.elb.stop();
    await world.elb.stop();
    await expect(send(front.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
