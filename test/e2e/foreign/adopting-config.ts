/** A second installation, which names what the shop has: three fleets of servers that run, and one of its own behind the shop's listener. */
import { type HoldfastConfig, holdfastConfig } from '../../../infra/config.ts';
import { SHORT } from '../../../lab/demo/local-settings.ts';
import { kept } from '../fleet.ts';
import { SERVER_PORT, SERVICE } from './names.ts';
import { APPLICATION_USER, DEPLOY_USER, KEY_PREFIX, REPLICATION_GROUP } from './session-store.ts';
import type { Shop } from './shop.ts';

export const INSTALLATION = 'adopting';
export const FLEETS = ['asg', 'plain', 'edge'] as const;

export function adoptingConfig({ outputs, nodes }: Shop): HoldfastConfig {
  const front = { loadBalancerArn: outputs.LoadBalancer, replacesService: SERVICE };
  const fleet = { port: SERVER_PORT, deploy: SHORT };
  return holdfastConfig.parse({
    installation: INSTALLATION,
    region: kept.region,
    account: '000000000000',
    retention: 'ephemeral',
    credentials: 'cli',
    network: {
      existing: {
        vpcId: outputs.VpcId,
        webSubnetIds: [outputs.WebSubnetA, outputs.WebSubnetB],
        storeSubnetIds: [outputs.StoreSubnetA, outputs.StoreSubnetB],
      },
    },
    store: {
      existing: {
        host: outputs.StoreHost,
        port: Number(outputs.StorePort),
        tls: true,
        auth: 'iam',
        engine: 'valkey',
        engineVersion: '8.0',
        replicationGroupId: REPLICATION_GROUP,
        userName: DEPLOY_USER,
        application: { userName: APPLICATION_USER, secretArn: outputs.ApplicationSecret },
        securityGroupId: outputs.StoreSecurityGroup,
        keyPrefix: KEY_PREFIX,
        replicas: 1,
      },
    },
    fleets: {
      asg: {
        ...fleet,
        existing: {
          ...front,
          targetGroupArn: outputs.AsgTargets,
          autoScalingGroupName: outputs.Group,
          instanceRoleName: outputs.InstanceRole,
        },
      },
      plain: {
        ...fleet,
        members: 'instances',
        existing: {
          ...front,
          targetGroupArn: outputs.PlainTargets,
          instanceIds: [outputs.Instance1, outputs.Instance2, outputs.Instance3],
          instanceRoleName: outputs.InstanceRole,
        },
      },
      edge: {
        ...fleet,
        members: 'ip',
        existing: {
          ...front,
          targetGroupArn: outputs.EdgeTargets,
          nodes: nodes.map(({ nodeId, ip }) => ({ nodeId, ip, port: SERVER_PORT })),
          instanceRoleName: outputs.OnPremisesRole,
        },
      },
      open: {
        ...fleet,
        healthCheckIntervalSeconds: 5,
        healthCheckTimeoutSeconds: 2,
        minCapacity: 1,
        existing: {
          listenerArn: outputs.OpenListener,
          listenerRule: { priority: 10, paths: ['/*'] },
          loadBalancerSecurityGroupId: outputs.LoadBalancerSecurityGroup,
        },
      },
    },
  });
}
