import { describe, expect, it } from 'vitest';
import { hasAwsAccess } from '../../../infra/config/fleet.ts';
import {
  adopted,
  BEHIND_A_CREATED_ONE,
  BEHIND_A_LISTENER,
  EXISTING_ADDRESSES,
  EXISTING_GROUP,
  EXISTING_INSTANCES,
  EXISTING_NETWORK,
  EXISTING_STORE,
  LISTENER,
  LOAD_BALANCER,
  SECRET,
  TARGET_GROUP,
} from '../adopted-configs.ts';
import { parse, refusal } from '../parse-config.ts';

/** A fleet with some of its `existing` changed. */
const but = (fleet: object, change: object, rest: object = {}) => ({
  ...fleet,
  ...rest,
  existing: { ...(fleet as { existing: object }).existing, ...change },
});
const store = (change: object) => ({ ...adopted(), store: { existing: { ...EXISTING_STORE, ...change } } });
const fleet = (web: object) => ({ ...adopted(), fleets: { web } });
const node = (change: object) => ({ nodeId: 'i-00000000000000001', ip: '10.0.1.10', port: 8080, ...change });

describe("an application's access to AWS", () => {
  it.each([
    ['is closed on created servers', { allowPlainHttp: true }, false],
    ['is opened there by awsAccess', { allowPlainHttp: true, awsAccess: true }, true],
    ['is left as it is on existing ones', EXISTING_INSTANCES, true],
    ['is closed there by awsAccess', { ...EXISTING_INSTANCES, awsAccess: false }, false],
  ])('%s', (_, web, open) => {
    const { web: parsed } = parse(fleet(web)).fleets;
    expect(parsed && hasAwsAccess(parsed)).toBe(open);
  });
});

describe('a configuration of existing resources', () => {
  it.each([
    ['a group', EXISTING_GROUP],
    ['instances', EXISTING_INSTANCES],
    ['addresses', EXISTING_ADDRESSES],
    ['a listener', BEHIND_A_LISTENER],
    ['servers behind a created load balancer', BEHIND_A_CREATED_ONE],
  ])('is valid with %s, and parses to the same value when it is parsed again', (_, web) => {
    const config = parse(adopted(web));
    expect(parse(config)).toEqual(config);
  });

  it('has no defaults for what Holdfast does not create', () => {
    const { fleets, store: existing, network } = parse(adopted());
    for (const key of ['instanceType', 'minCapacity', 'healthPath', 'allowPlainHttp', 'healthyThreshold'])
      expect(fleets['web']).not.toHaveProperty(key);
    expect(existing).not.toHaveProperty('nodeType');
    expect(network).not.toHaveProperty('cidr');
  });

  it('installs packages on existing servers only where the configuration lists them', () => {
    expect(parse(adopted()).fleets['web']?.runtimePackages).toEqual([]);
    expect(parse(fleet({ ...EXISTING_GROUP, runtimePackages: ['java-21'] })).fleets['web']?.runtimePackages).toEqual(['java-21']);
  });

  it.each<[string, unknown, string, string]>([
    [
      'a block of addresses',
      { ...adopted(), network: { cidr: '10.0.0.0/16', existing: EXISTING_NETWORK } },
      'network.cidr ("10.0.0.0/16")',
      'applies to a created network only',
    ],
    [
      'an id that is too short',
      { ...adopted(), network: { existing: { ...EXISTING_NETWORK, vpcId: 'vpc-1' } } },
      'network.existing.vpcId ("vpc-1")',
      '8 or 17 hexadecimal digits',
    ],
    [
      'one subnet',
      { ...adopted(), network: { existing: { ...EXISTING_NETWORK, webSubnetIds: ['subnet-00000000000000001'] } } },
      'network.existing.webSubnetIds',
      'at least 2 entries',
    ],
    [
      'a subnet twice',
      { ...adopted(), network: { existing: { ...EXISTING_NETWORK, storeSubnetIds: Array(2).fill('subnet-00000000000000001') } } },
      'network.existing.storeSubnetIds',
      'contains subnet-00000000000000001 twice',
    ],
    [
      'an unknown key',
      { ...adopted(), network: { existing: { ...EXISTING_NETWORK, name: 'x' } } },
      'network.existing',
      'is no key of a configuration',
    ],
    [
      'a node type',
      { ...adopted(), store: { nodeType: 'cache.t4g.small', existing: EXISTING_STORE } },
      'store.nodeType ("cache.t4g.small")',
      'applies to a created store only',
    ],
    ['a wrong type', store({ tls: 'yes' }), 'store.existing.tls ("yes")', 'must be true or false'],
    ['a host with a scheme', store({ host: 'rediss://x' }), 'store.existing.host ("rediss://x")', 'without scheme and port'],
    [
      'a store without a network',
      { ...adopted(), network: {}, fleets: { web: { allowPlainHttp: true } } },
      'store.existing.host',
      'set network.existing',
    ],
    [
      'IAM on Redis OSS 6',
      store({ engine: 'redis', engineVersion: '6.2' }),
      'store.existing.engineVersion ("6.2")',
      'of redis has no IAM authentication',
    ],
    ['IAM on Valkey 7.1', store({ engineVersion: '7.1' }), 'store.existing.engineVersion ("7.1")', 'needs Valkey 7.2 or later'],
    ['IAM without TLS', store({ tls: false }), 'store.existing.tls (false)', 'must be true with auth "iam"'],
    [
      'IAM without a group',
      store({ replicationGroupId: undefined }),
      'store.existing.replicationGroupId (absent)',
      'is required with auth "iam"',
    ],
    ['IAM without a user', store({ userName: undefined }), 'store.existing.userName (absent)', 'is required with auth "iam"'],
    ['IAM with a secret', store({ secretArn: SECRET }), 'store.existing.secretArn', 'cannot be combined with auth "iam"'],
    ['a password without a secret', store({ auth: 'password' }), 'store.existing.secretArn (absent)', 'is required with auth "password"'],
    [
      'a user without authentication',
      store({ auth: 'none' }),
      'store.existing.userName ("shop-deploy")',
      'cannot be combined with auth "none"',
    ],
    [
      'a secret of another Region',
      store({ application: { secretArn: SECRET.replace('us-east-1', 'eu-west-1') } }),
      'store.existing.application.secretArn',
      'is not in us-east-1',
    ],
    [
      'a certificate',
      fleet({ ...EXISTING_GROUP, certificateArn: 'arn:aws:acm:us-east-1:1:c' }),
      'fleets.web.certificateArn',
      'applies to a created load balancer only',
    ],
    [
      'a health check',
      fleet({ ...EXISTING_GROUP, healthPath: '/up' }),
      'fleets.web.healthPath ("/up")',
      'applies to a created target group only',
    ],
    [
      'a size',
      fleet({ ...EXISTING_INSTANCES, minCapacity: 3 }),
      'fleets.web.minCapacity (3)',
      'applies to a created Auto Scaling group only',
    ],
    [
      'an instance type',
      fleet({ ...EXISTING_GROUP, instanceType: 't4g.small' }),
      'fleets.web.instanceType ("t4g.small")',
      'applies to a created Auto Scaling group only',
    ],
    ['an unknown key of the fleet', fleet({ ...EXISTING_GROUP, prot: 1 }), 'fleets.web', 'is no key of a configuration'],
    ['an unknown key below', fleet(but(EXISTING_GROUP, { targetGroup: 'x' })), 'fleets.web.existing', 'is no key of a configuration'],
    [
      'a wrong kind of members',
      fleet({ ...EXISTING_GROUP, members: 'servers' }),
      'fleets.web.members ("servers")',
      'must be autoScalingGroup, instances or ip',
    ],
    [
      'a target group in a created network',
      { ...adopted(), network: {}, store: {} },
      'fleets.web.existing.targetGroupArn',
      'Holdfast would create the network',
    ],
    [
      'a target group of another Region',
      fleet(but(EXISTING_GROUP, { targetGroupArn: TARGET_GROUP.replace('us-east-1', 'eu-west-1') })),
      'fleets.web.existing.targetGroupArn',
      'is not in us-east-1',
    ],
    [
      'a load balancer of another account',
      fleet(but(EXISTING_GROUP, { loadBalancerArn: LOAD_BALANCER.replace('111122223333', '999999999999') })),
      'fleets.web.existing.loadBalancerArn',
      'is not in account 111122223333',
    ],
    [
      'an ARN of something else',
      fleet(but(EXISTING_GROUP, { targetGroupArn: LOAD_BALANCER })),
      `("${LOAD_BALANCER}")`,
      'must be an ARN of elasticloadbalancing:targetgroup/',
    ],
    [
      'a target group without its load balancer',
      fleet(but(EXISTING_GROUP, { loadBalancerArn: undefined })),
      'fleets.web.existing.targetGroupArn',
      'needs existing.loadBalancerArn',
    ],
    [
      'a listener together with a target group',
      fleet(but(EXISTING_GROUP, { listenerArn: LISTENER, listenerRule: { priority: 1, hosts: ['a'] } })),
      'fleets.web.existing.listenerArn',
      'applies to a created target group',
    ],
    [
      'a listener without a rule',
      fleet(but(BEHIND_A_LISTENER, { listenerRule: undefined })),
      'fleets.web.existing.listenerArn',
      'needs existing.listenerRule',
    ],
    [
      'a rule without a listener',
      fleet(but(EXISTING_GROUP, { listenerRule: { priority: 1, hosts: ['a'] } })),
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
      'created servers that no load balancer can reach',
      fleet(but(BEHIND_A_LISTENER, { loadBalancerSecurityGroupId: undefined })),
      'fleets.web.existing.loadBalancerSecurityGroupId (absent)',
      'they accept requests from it alone',
    ],
    [
      'instances without a list',
      fleet(but(EXISTING_INSTANCES, { instanceIds: undefined })),
      'fleets.web.members ("instances")',
      'needs existing.instanceIds',
    ],
    ['addresses without a list', fleet({ members: 'ip' }), 'fleets.web.members ("ip")', 'needs existing.nodes'],
    [
      'a group together with instances',
      fleet(but(EXISTING_INSTANCES, { autoScalingGroupName: 'shop' })),
      'fleets.web.existing.autoScalingGroupName ("shop")',
      'needs members "autoScalingGroup"',
    ],
    [
      'instances together with a group',
      fleet(but(EXISTING_GROUP, { instanceIds: ['i-00000000000000001'] })),
      'fleets.web.existing.instanceIds',
      'needs members "instances"',
    ],
    [
      'a group without its target group',
      fleet({ existing: { autoScalingGroupName: 'shop' }, allowPlainHttp: true }),
      'fleets.web.existing.autoScalingGroupName ("shop")',
      'needs existing.targetGroupArn',
    ],
    [
      'instances that a created load balancer cannot reach',
      fleet({ members: 'instances', existing: { instanceIds: ['i-00000000000000001'] }, allowPlainHttp: true }),
      'fleets.web.existing.instanceSecurityGroupId (absent)',
      'must accept its requests',
    ],
    [
      'an instance twice',
      fleet(but(EXISTING_INSTANCES, { instanceIds: Array(2).fill('i-00000000000000001') })),
      'fleets.web.existing.instanceIds',
      'contains i-00000000000000001 twice',
    ],
    [
      'an address twice',
      fleet(but(EXISTING_ADDRESSES, { nodes: [node({}), node({ nodeId: 'i-00000000000000002' })] })),
      'fleets.web.existing.nodes',
      'contains 10.0.1.10 twice',
    ],
    [
      'a public address',
      fleet(but(EXISTING_ADDRESSES, { nodes: [node({ ip: '8.8.8.8' })] })),
      'fleets.web.existing.nodes.0.ip ("8.8.8.8")',
      'is not an address that a target group accepts',
    ],
    [
      'a node that is not an id of Systems Manager',
      fleet(but(EXISTING_ADDRESSES, { nodes: [node({ nodeId: 'server-1' })] })),
      'fleets.web.existing.nodes.0.nodeId ("server-1")',
      'managed node of Systems Manager',
    ],
    [
      'a service of created servers',
      fleet(but(BEHIND_A_LISTENER, { replacesService: 'shop.service' })),
      'fleets.web.existing.replacesService',
      'they have no earlier service',
    ],
    [
      'a service that is a command',
      fleet(but(EXISTING_GROUP, { replacesService: 'x; id' })),
      'fleets.web.existing.replacesService ("x; id")',
      'must match the pattern',
    ],
    [
      'two fleets with one target group',
      { ...adopted(), fleets: { web: EXISTING_GROUP, shop: EXISTING_INSTANCES } },
      'fleets.shop.existing.targetGroupArn',
      'belongs to fleet web',
    ],
  ])('is rejected with %s, quoting the value and the rule', (_, config, value, rule) => {
    const message = refusal(config);
    expect(message).toMatch(/^the test is not valid:\n {2}/);
    expect(message).toContain(value);
    expect(message).toContain(rule);
  });
});
