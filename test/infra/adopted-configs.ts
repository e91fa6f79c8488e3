/** Configurations with existing resources, for the tests of adoption. */
import type { z } from 'zod';
import type { holdfastConfig } from '../../infra/config.ts';

type ConfigInput = z.input<typeof holdfastConfig>;
type Fleet = NonNullable<ConfigInput['fleets']>[string];

const ACCOUNT = '111122223333';
const elb = (rest: string) => `arn:aws:elasticloadbalancing:us-east-1:${ACCOUNT}:${rest}`;

export const SECRET = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:shop-store-AbCdEf`;
export const TARGET_GROUP = elb('targetgroup/shop/0123456789abcdef');
export const LOAD_BALANCER = elb('loadbalancer/app/shop/fedcba9876543210');
export const LISTENER = elb('listener/app/shop/fedcba9876543210/0a1b2c3d4e5f6071');

export const EXISTING_NETWORK = {
  vpcId: 'vpc-0123456789abcdef0',
  webSubnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
  storeSubnetIds: ['subnet-00000000000000003', 'subnet-00000000000000004'],
};

export const EXISTING_STORE = {
  host: 'master.sessions.abc123.use1.cache.amazonaws.com',
  port: 6380,
  tls: true,
  auth: 'iam',
  engine: 'valkey',
  engineVersion: '8.0',
  replicationGroupId: 'sessions',
  userName: 'shop-deploy',
  application: { userName: 'shop', secretArn: SECRET },
  securityGroupId: 'sg-0123456789abcdef0',
  replicas: 2,
} as const;

/** Without what only servers need. */
export const WATCHED_STORE = (({ application: _, ...store }) => store)(EXISTING_STORE);

const BEHIND = { targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER };

export const EXISTING_GROUP: Fleet = {
  existing: {
    ...BEHIND,
    autoScalingGroupName: 'shop',
    instanceRoleName: 'shop-instance',
    instanceSecurityGroupId: 'sg-0123456789abcdef1',
    replacesService: 'shop.service',
  },
};
export const EXISTING_INSTANCES: Fleet = {
  members: 'instances',
  existing: { ...BEHIND, instanceIds: ['i-00000000000000001', 'i-00000000000000002', 'i-00000000000000003'] },
};
export const EXISTING_ADDRESSES: Fleet = {
  members: 'ip',
  existing: {
    ...BEHIND,
    nodes: [
      { nodeId: 'i-00000000000000001', ip: '10.0.1.10', port: 8080 },
      { nodeId: 'mi-00000000000000002', ip: '192.168.7.4', port: 9090, availabilityZone: 'all' },
    ],
  },
};
/** Created servers behind an existing listener. */
export const BEHIND_A_LISTENER: Fleet = {
  existing: {
    listenerArn: LISTENER,
    listenerRule: { priority: 10, hosts: ['shop.example.com'], paths: ['/*'] },
    loadBalancerSecurityGroupId: 'sg-0123456789abcdef2',
  },
};

/** Existing servers behind a created load balancer. */
export const BEHIND_A_CREATED_ONE: Fleet = {
  members: 'ip',
  allowPlainHttp: true,
  existing: { nodes: [{ nodeId: 'mi-00000000000000002', ip: '192.168.7.4', port: 9090, availabilityZone: 'all' }] },
};

/** Existing network, store and web tier; `web` is the fleet's configuration. */
export const adopted = (
  web: Fleet = EXISTING_GROUP,
  store: NonNullable<ConfigInput['store']> = { existing: EXISTING_STORE },
): ConfigInput => ({
  account: ACCOUNT,
  network: { existing: EXISTING_NETWORK },
  store,
  fleets: { web },
});

/** Existing network and store, and the sessions of an application that no fleet deploys. */
export const storeAlone = (change: Partial<ConfigInput> = {}): ConfigInput => ({
  account: ACCOUNT,
  network: { existing: EXISTING_NETWORK },
  store: { existing: WATCHED_STORE, sessions: [{ keyPrefix: 'sess:', framework: 'connect-redis' }] },
  ...change,
});
