import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STORE_ENV } from '../../../functions/shared/store/store-settings.ts';
import type { HoldfastFunction, HoldfastFunctionProps } from '../holdfast-function.ts';
import type { Network } from '../network.ts';
import type { StoreEndpoint, StoreUser } from './store-endpoint.ts';

export interface StoreClientProps {
  readonly network: Network;
  readonly store: StoreEndpoint;
  readonly user: StoreUser;
  /** `Collector`: the store's rule that lets it in is `StoreFromCollector`. */
  readonly name: string;
  /** Of its security group. */
  readonly description: string;
  /** Logical id of that. @default SecurityGroup */
  readonly securityGroupId?: string;
  /** Of the rule. @default the name */
  readonly ruleDescription?: string;
  /** It connects to DynamoDB or S3 as well. @default false */
  readonly usesGatewayEndpoints?: boolean;
}

/** What a function needs to connect to the store: a place in the VPC, the store's address, and permission to sign in. */
export interface StoreClient {
  readonly vpc: NonNullable<HoldfastFunctionProps['vpc']>;
  readonly environment: Readonly<Record<string, string>>;
  /** The store's rule that lets it in; undefined where the rules of an existing store are not known. */
  readonly ingress: ec2.CfnSecurityGroupIngress | undefined;
  /** Adds the permissions to its role. The policy is in the client's stack: the store's stack does not know its clients. */
  allow(fn: HoldfastFunction): void;
}

export function storeClient(scope: Construct, props: StoreClientProps): StoreClient {
  const { network, store, user } = props;
  const securityGroup = new ec2.SecurityGroup(scope, props.securityGroupId ?? 'SecurityGroup', {
    vpc: network.vpc,
    description: props.description,
    allowAllOutbound: false,
  });
  securityGroup.addEgressRule(store.securityGroup ?? ec2.Peer.anyIpv4(), ec2.Port.tcp(store.rulePort), 'Session store');
  const signIn = store.signIn[user];
  // The rule leads to endpoints, but allows every address: only a look-up could find theirs, and isolated subnets have no other route.
  const services = [
    ...(props.usesGatewayEndpoints ? ['DynamoDB and S3'] : []),
    ...(signIn.environment[STORE_ENV.storeAuth] === 'password' ? ['Secrets Manager'] : []),
  ];
  if (services.length > 0) securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), `${services.join(', ')}, by endpoints`);
  const ingress =
    store.securityGroup &&
    new ec2.CfnSecurityGroupIngress(scope, `StoreFrom${props.name}`, {
      groupId: store.securityGroup.securityGroupId,
      sourceSecurityGroupId: securityGroup.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: store.rulePort,
      toPort: store.rulePort,
      description: props.ruleDescription ?? props.name,
    });
  return {
    ingress,
    vpc: { vpc: network.vpc, subnets: network.storeSubnets, securityGroup },
    environment: {
      [STORE_ENV.storeHost]: store.host,
      [STORE_ENV.storePort]: store.port,
      [STORE_ENV.storeTls]: String(store.tls),
      ...signIn.environment,
    },
    allow(fn) {
      if (signIn.actions.length > 0) fn.allow([...signIn.actions], [...signIn.resources]);
    },
  };
}
