import { Duration, type aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { WITNESS_ENV, witnessFunctionName, witnessKey } from '../../../functions/incidents/contract/store-facts.ts';
import { STORE_ENV } from '../../../functions/shared/store/store-settings.ts';
import type { NamedFleet } from '../../config.ts';
import { HoldfastFunction } from '../holdfast-function.ts';
import type { Network } from '../network.ts';
import type { StoreEndpoint, StoreSignIn } from '../store/store-endpoint.ts';

export interface StoreWitnessProps extends NamedFleet {
  readonly network: Network;
  readonly store: StoreEndpoint;
  readonly keyPrefix: string;
  readonly signIn: StoreSignIn;
  /** That of the fleet's servers: the function has their way to the store and no other. */
  readonly securityGroup: ec2.ISecurityGroup;
}

/** Above the 8 s in which it answers, with a cold start in the VPC. */
const LIMIT = Duration.seconds(15);

/**
 * Uses the store from the fleet's side: with the subnets and the security group of its servers, and one key. It costs
 * nothing until somebody asks.
 */
export function storeWitness(scope: Construct, props: StoreWitnessProps): HoldfastFunction {
  const { config, fleetName, network, store, keyPrefix, signIn, securityGroup } = props;
  const fn = new HoldfastFunction(scope, 'StoreWitness', {
    functionName: witnessFunctionName(config.installation, fleetName),
    description: `Fleet ${fleetName}: whether the session store works for its network`,
    entry: 'functions/incidents/witness/handler.ts',
    environment: {
      [STORE_ENV.storeHost]: store.host,
      [STORE_ENV.storePort]: store.port,
      [STORE_ENV.storeTls]: String(store.tls),
      ...signIn.environment,
      [WITNESS_ENV.fleet]: fleetName,
      [WITNESS_ENV.key]: witnessKey(keyPrefix, store.isExisting),
    },
    timeout: LIMIT,
    // Public subnets are the servers': the function needs nothing outside the VPC.
    vpc: { vpc: network.vpc, subnets: network.webSubnets, securityGroup, allowPublicSubnet: true },
  });
  if (signIn.actions.length > 0) fn.allow([...signIn.actions], [...signIn.resources]);
  return fn;
}
