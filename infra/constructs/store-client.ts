import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ENV } from '../../functions/deploy/contract.ts';
import type { HoldfastFunction, HoldfastFunctionProps } from './holdfast-function.ts';
import type { Network } from './network.ts';
import type { StoreEndpoint, StoreUser } from './store-endpoint.ts';

export interface StoreClientProps {
  readonly network: Network;
  readonly store: StoreEndpoint;
  readonly user: StoreUser;
  /** Logical id of the function's security group. */
  readonly securityGroupId: string;
  /** Logical id of the store's rule that lets it in. */
  readonly ingressId: string;
  /** Of the security group, and of the rule. */
  readonly description: string;
  readonly ruleDescription: string;
  /** It talks to DynamoDB or S3 beside the store. @default false */
  readonly usesGatewayEndpoints?: boolean;
}

/** What a function needs to talk to the store: a place in the VPC, where the store is, and the right to sign in. */
export interface StoreClient {
  readonly vpc: NonNullable<HoldfastFunctionProps['vpc']>;
  readonly environment: Readonly<Record<string, string>>;
  /** Adds what its role must be allowed. A policy of the client's stack: the store's knows nothing of its clients. */
  allow(fn: HoldfastFunction): void;
}

export function storeClient(scope: Construct, props: StoreClientProps): StoreClient {
  const { network, store, user } = props;
  const securityGroup = new ec2.SecurityGroup(scope, props.securityGroupId, {
    vpc: network.vpc,
    description: props.description,
    allowAllOutbound: false,
  });
  securityGroup.addEgressRule(store.securityGroup ?? ec2.Peer.anyIpv4(), ec2.Port.tcp(store.rulePort), 'Session store');
  const signIn = store.signIn[user];
  // By endpoints whose addresses only a look-up knows; isolated subnets have no other way out.
  const services = [
    ...(props.usesGatewayEndpoints ? ['DynamoDB and S3'] : []),
    ...(signIn.environment[ENV.storeAuth] === 'password' ? ['Secrets Manager'] : []),
  ];
  if (services.length > 0) securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), `${services.join(', ')}, by endpoints`);
  if (store.securityGroup) {
    new ec2.CfnSecurityGroupIngress(scope, props.ingressId, {
      groupId: store.securityGroup.securityGroupId,
      sourceSecurityGroupId: securityGroup.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: store.rulePort,
      toPort: store.rulePort,
      description: props.ruleDescription,
    });
  }
  return {
    vpc: { vpc: network.vpc, subnets: network.storeSubnets, securityGroup },
    environment: {
      [ENV.storeHost]: store.host,
      [ENV.storePort]: store.port,
      [ENV.storeTls]: String(store.tls),
      ...signIn.environment,
    },
    allow(fn) {
      if (signIn.actions.length > 0) fn.allow([...signIn.actions], [...signIn.resources]);
    },
  };
}
