import { describe, expect, it } from 'vitest';
import { InvalidConfiguration, parseConfig } from '../../../infra/config.ts';
import {
  adopted,
  BEHIND_A_CREATED_ONE,
  BEHIND_A_LISTENER,
  LISTENER,
  LOAD_BALANCER,
  NAMED_ADDRESSES,
  NAMED_GROUP,
  NAMED_INSTANCES,
  NAMED_NETWORK,
  NAMED_STORE,
  SECRET,
  TARGET_GROUP,
} from '../adopted-configs.ts';

const parse = (config: unknown) => parseConfig(JSON.stringify(config), 'the test');

function refusal(config: unknown): string {
  try {
    parse(config);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

/** A fleet with some of its `existing` changed. */
const but = (fleet: object, change: object, rest: object = {}) => ({
  ...fleet,
  ...rest,
  existing: { ...(fleet as { existing: object }).existing, ...change },
});
const store = (change: object) => ({ ...adopted(), store: { existing: { ...NAMED_STORE, ...change } } });
const fleet = (web: object) => ({ ...adopted(), fleets: { web } });
const node = (change: object) => ({ nodeId: 'i-00000000000000001', ip: '10.0.1.10', port: 8080, ...change });

describe('a configuration that names what is there', () => {
  it.each([
    ['a group', NAMED_GROUP],
    ['instances', NAMED_INSTANCES],
    ['addresses', NAMED_ADDRESSES],
    ['a listener', BEHIND_A_LISTENER],
    ['servers behind a created load balancer', BEHIND_A_CREATED_ONE],
  ])('stands with %s, and reads the same when it is read again', (_, web) => {
    const config = parse(adopted(web));
    expect(parse(config)).toEqual(config);
  });

  it('fills in no default of what is not made', () => {
    const { fleets, store: named, network } = parse(adopted());
    for (const key of ['instanceType', 'minCapacity', 'healthPath', 'allowPlainHttp', 'healthyThreshold'])
      expect(fleets['web']).not.toHaveProperty(key);
    expect(named).not.toHaveProperty('nodeType');
    expect(network).not.toHaveProperty('cidr');
  });

  it('installs no packages on machines that have their runtime, unless it is told to', () => {
    expect(parse(adopted()).fleets['web']?.runtimePackages).toEqual([]);
    expect(parse(fleet({ ...NAMED_GROUP, runtimePackages: ['java-21'] })).fleets['web']?.runtimePackages).toEqual(['java-21']);
  });

  it.each<[string, unknown, string, string]>([
    [
      'a block of addresses',
      { ...adopted(), network: { cidr: '10.0.0.0/16', existing: NAMED_NETWORK } },
      'network.cidr ("10.0.0.0/16")',
      'belongs to a created network',
    ],
    [
      'an id that is none',
      { ...adopted(), network: { existing: { ...NAMED_NETWORK, vpcId: 'vpc-1' } } },
      'network.existing.vpcId ("vpc-1")',
      '8 or 17 hexadecimal digits',
    ],
    [
      'one subnet',
      { ...adopted(), network: { existing: { ...NAMED_NETWORK, webSubnetIds: ['subnet-00000000000000001'] } } },
      'network.existing.webSubnetIds',
      '>=2 items',
    ],
    [
      'a subnet twice',
      { ...adopted(), network: { existing: { ...NAMED_NETWORK, storeSubnetIds: Array(2).fill('subnet-00000000000000001') } } },
      'network.existing.storeSubnetIds',
      'names subnet-00000000000000001 twice',
    ],
    [
      'an unknown key',
      { ...adopted(), network: { existing: { ...NAMED_NETWORK, name: 'x' } } },
      'network.existing',
      'Unrecognized key: "name"',
    ],
    [
      'a node type',
      { ...adopted(), store: { nodeType: 'cache.t4g.small', existing: NAMED_STORE } },
      'store.nodeType ("cache.t4g.small")',
      'belongs to a created store',
    ],
    ['a wrong type', store({ tls: 'yes' }), 'store.existing.tls ("yes")', 'expected boolean'],
    ['a host with a scheme', store({ host: 'rediss://x' }), 'store.existing.host ("rediss://x")', 'without scheme and port'],
    [
      'a store without a network',
      { ...adopted(), network: {}, fleets: { web: { allowPlainHttp: true } } },
      'store.existing.host',
      'name it under network.existing',
    ],
    [
      'IAM on Redis OSS 6',
      store({ engine: 'redis', engineVersion: '6.2' }),
      'store.existing.engineVersion ("6.2")',
      'of redis has no IAM authentication',
    ],
    ['IAM on Valkey 7.1', store({ engineVersion: '7.1' }), 'store.existing.engineVersion ("7.1")', 'from 7.2 on'],
    ['IAM without TLS', store({ tls: false }), 'store.existing.tls (false)', 'auth "iam" needs it'],
    [
      'IAM without a group',
      store({ replicationGroupId: undefined }),
      'store.existing.replicationGroupId (absent)',
      'is needed with auth "iam"',
    ],
    ['IAM without a user', store({ userName: undefined }), 'store.existing.userName (absent)', 'is needed with auth "iam"'],
    ['IAM with a secret', store({ secretArn: SECRET }), 'store.existing.secretArn', 'means nothing with auth "iam"'],
    ['a password without a secret', store({ auth: 'password' }), 'store.existing.secretArn (absent)', 'is needed with auth "password"'],
    ['a user whom nobody asks for', store({ auth: 'none' }), 'store.existing.userName ("shop-deploy")', 'means nothing with auth "none"'],
    [
      'a secret of another Region',
      store({ application: { secretArn: SECRET.replace('us-east-1', 'eu-west-1') } }),
      'store.existing.application.secretArn',
      'is not in us-east-1',
    ],
    [
      'a certificate',
      fleet({ ...NAMED_GROUP, certificateArn: 'arn:aws:acm:us-east-1:1:c' }),
      'fleets.web.certificateArn',
      'belongs to a created load balancer',
    ],
    ['a health check', fleet({ ...NAMED_GROUP, healthPath: '/up' }), 'fleets.web.healthPath ("/up")', 'belongs to a created target group'],
    [
      'a size',
      fleet({ ...NAMED_INSTANCES, minCapacity: 3 }),
      'fleets.web.minCapacity (3)',
      'belongs to an Auto Scaling group that Holdfast makes',
    ],
    [
      'an instance type',
      fleet({ ...NAMED_GROUP, instanceType: 't4g.small' }),
      'fleets.web.instanceType ("t4g.small")',
      'belongs to an Auto Scaling group',
    ],
    ['an unknown key of the fleet', fleet({ ...NAMED_GROUP, prot: 1 }), 'fleets.web', 'Unrecognized key: "prot"'],
    ['an unknown key below', fleet(but(NAMED_GROUP, { targetGroup: 'x' })), 'fleets.web.existing', 'Unrecognized key: "targetGroup"'],
    [
      'a wrong kind of members',
      fleet({ ...NAMED_GROUP, members: 'servers' }),
      'fleets.web.members ("servers")',
      '"autoScalingGroup"|"instances"|"ip"',
    ],
    [
      'a target group in a created network',
      { ...adopted(), network: {}, store: {} },
      'fleets.web.existing.targetGroupArn',
      'the network would be created',
    ],
    [
      'a target group of another Region',
      fleet(but(NAMED_GROUP, { targetGroupArn: TARGET_GROUP.replace('us-east-1', 'eu-west-1') })),
      'fleets.web.existing.targetGroupArn',
      'is not in us-east-1',
    ],
    [
      'a load balancer of another account',
      fleet(but(NAMED_GROUP, { loadBalancerArn: LOAD_BALANCER.replace('111122223333', '999999999999') })),
      'fleets.web.existing.loadBalancerArn',
      'is not in account 111122223333',
    ],
    [
      'an ARN of something else',
      fleet(but(NAMED_GROUP, { targetGroupArn: LOAD_BALANCER })),
      `("${LOAD_BALANCER}")`,
      'has to be the ARN of elasticloadbalancing:targetgroup/',
    ],
    [
      'a target group without its load balancer',
      fleet(but(NAMED_GROUP, { loadBalancerArn: undefined })),
      'fleets.web.existing.targetGroupArn',
      'needs existing.loadBalancerArn',
    ],
    [
      'a listener beside a target group',
      fleet(but(NAMED_GROUP, { listenerArn: LISTENER, listenerRule: { priority: 1, hosts: ['a'] } })),
      'fleets.web.existing.listenerArn',
      'goes with a created target group',
    ],
    [
      'a listener without a rule',
      fleet(but(BEHIND_A_LISTENER, { listenerRule: undefined })),
      'fleets.web.existing.listenerArn',
      'needs existing.listenerRule',
    ],
    [
      'a rule without a listener',
      fleet(but(NAMED_GROUP, { listenerRule: { priority: 1, hosts: ['a'] } })),
      'fleets.web.existing.listenerRule',
      'needs existing.listenerArn',
    ],
    [
      'a rule for nothing',
      fleet(but(BEHIND_A_LISTENER, { listenerRule: { priority: 1 } })),
      'fleets.web.existing.listenerRule ({"priority":1})',
      'needs one to five hosts and paths',
    ],
    [
      'created servers that nobody may reach',
      fleet(but(BEHIND_A_LISTENER, { loadBalancerSecurityGroupId: undefined })),
      'fleets.web.existing.loadBalancerSecurityGroupId (absent)',
      'they let in nobody else',
    ],
    [
      'instances that are not named',
      fleet(but(NAMED_INSTANCES, { instanceIds: undefined })),
      'fleets.web.members ("instances")',
      'needs existing.instanceIds',
    ],
    ['addresses that are not named', fleet({ members: 'ip' }), 'fleets.web.members ("ip")', 'needs existing.nodes'],
    [
      'a group beside instances',
      fleet(but(NAMED_INSTANCES, { autoScalingGroupName: 'shop' })),
      'fleets.web.existing.autoScalingGroupName ("shop")',
      'means nothing with members "instances"',
    ],
    [
      'instances beside a group',
      fleet(but(NAMED_GROUP, { instanceIds: ['i-00000000000000001'] })),
      'fleets.web.existing.instanceIds',
      'means nothing with members "autoScalingGroup"',
    ],
    [
      'a group without its target group',
      fleet({ existing: { autoScalingGroupName: 'shop' }, allowPlainHttp: true }),
      'fleets.web.existing.autoScalingGroupName ("shop")',
      'name that one under existing.targetGroupArn',
    ],
    [
      'instances that a created load balancer may not reach',
      fleet({ members: 'instances', existing: { instanceIds: ['i-00000000000000001'] }, allowPlainHttp: true }),
      'fleets.web.existing.instanceSecurityGroupId (absent)',
      'have to let it in',
    ],
    [
      'an instance twice',
      fleet(but(NAMED_INSTANCES, { instanceIds: Array(2).fill('i-00000000000000001') })),
      'fleets.web.existing.instanceIds',
      'names i-00000000000000001 twice',
    ],
    [
      'an address twice',
      fleet(but(NAMED_ADDRESSES, { nodes: [node({}), node({ nodeId: 'i-00000000000000002' })] })),
      'fleets.web.existing.nodes',
      'names 10.0.1.10 twice',
    ],
    [
      'a public address',
      fleet(but(NAMED_ADDRESSES, { nodes: [node({ ip: '8.8.8.8' })] })),
      'fleets.web.existing.nodes.0.ip ("8.8.8.8")',
      'is none that a target group takes',
    ],
    [
      'a node that Systems Manager has not',
      fleet(but(NAMED_ADDRESSES, { nodes: [node({ nodeId: 'server-1' })] })),
      'fleets.web.existing.nodes.0.nodeId ("server-1")',
      'managed node of Systems Manager',
    ],
    [
      'a service of created servers',
      fleet(but(BEHIND_A_LISTENER, { replacesService: 'shop.service' })),
      'fleets.web.existing.replacesService',
      'nothing runs there before',
    ],
    [
      'a service that is a command',
      fleet(but(NAMED_GROUP, { replacesService: 'x; id' })),
      'fleets.web.existing.replacesService ("x; id")',
      'must match pattern',
    ],
    [
      'two fleets with one target group',
      { ...adopted(), fleets: { web: NAMED_GROUP, shop: NAMED_INSTANCES } },
      'fleets.shop.existing.targetGroupArn',
      "is fleet web's",
    ],
  ])('is refused with %s, quoting the value and the rule', (_, config, value, rule) => {
    const message = refusal(config);
    expect(message).toMatch(/^the test is refused:\n {2}/);
    expect(message).toContain(value);
    expect(message).toContain(rule);
  });
});
