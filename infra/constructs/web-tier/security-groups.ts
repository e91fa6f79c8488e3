import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { createsGroup, createsLoadBalancer, type FleetConfig } from '../../config/fleet.ts';
import type { Network } from '../network.ts';
import type { StoreEndpoint } from '../store/store-endpoint.ts';

export interface FleetSecurityGroupsProps {
  readonly fleetName: string;
  readonly fleet: FleetConfig;
  readonly network: Network;
  readonly store: StoreEndpoint;
}

export interface FleetSecurityGroups {
  readonly loadBalancer?: ec2.ISecurityGroup | undefined;
  readonly servers?: ec2.ISecurityGroup | undefined;
}

/** The created and existing groups of load balancer and servers, with the rules between them; each rule is deleted with the stack. */
export function fleetSecurityGroups(scope: Construct, { fleetName, fleet, network, store }: FleetSecurityGroupsProps): FleetSecurityGroups {
  const { loadBalancerSecurityGroupId, instanceSecurityGroupId } = fleet.existing ?? {};
  const create = (id: string, description: string, allowAllOutbound: boolean) =>
    new ec2.SecurityGroup(scope, id, { vpc: network.vpc, description, allowAllOutbound });
  // The rules between two existing groups are their owner's: EC2 rejects a rule that a group already has.
  const existing = (id: string, groupId: string | undefined, mutable: boolean) =>
    groupId === undefined ? undefined : ec2.SecurityGroup.fromSecurityGroupId(scope, id, groupId, { mutable });
  const loadBalancer =
    existing('LoadBalancerSecurityGroup', loadBalancerSecurityGroupId, false) ??
    (createsLoadBalancer(fleet) ? create('LoadBalancerSecurityGroup', `Load balancer of ${fleetName}`, false) : undefined);
  const servers =
    existing('InstanceSecurityGroup', instanceSecurityGroupId, loadBalancerSecurityGroupId === undefined) ??
    (createsGroup(fleet) ? create('InstanceSecurityGroup', `Servers of ${fleetName}`, true) : undefined);
  const appPort = ec2.Port.tcp(fleet.port);
  if (loadBalancer && servers && (createsGroup(fleet) || createsLoadBalancer(fleet))) {
    if (createsLoadBalancer(fleet)) loadBalancer.addEgressRule(servers, appPort, 'Servers');
    servers.addIngressRule(loadBalancer, appPort, 'Load balancer');
  }
  if (loadBalancer && createsLoadBalancer(fleet)) {
    for (const { nodeId, ip, port } of fleet.existing?.nodes ?? [])
      loadBalancer.addEgressRule(ec2.Peer.ipv4(`${ip}/32`), ec2.Port.tcp(port), nodeId);
  }
  if (servers && store.securityGroup && !(instanceSecurityGroupId && store.isExisting)) {
    new ec2.CfnSecurityGroupIngress(scope, 'StoreFromServers', {
      groupId: store.securityGroup.securityGroupId,
      sourceSecurityGroupId: servers.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: store.rulePort,
      toPort: store.rulePort,
      description: `Servers of ${fleetName}`,
    });
  }
  return { loadBalancer, servers };
}
