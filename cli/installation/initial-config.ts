/** The configuration that `holdfast init` writes. Pure. */
import { FILL_IN } from '../../infra/config/explain-issue.ts';
import { CommandFailure, EXIT } from '../failure.ts';

export interface InitOptions {
  readonly certificateArn?: string;
  readonly existing?: boolean;
  readonly allowPlainHttp?: boolean;
  readonly region?: string;
  readonly installation?: string;
  readonly fleet?: string;
}

const DEFAULT_REGION = 'us-east-1';
const DEFAULT_FLEET = 'web';

/**
 * @param zones of the created network, where they are not the default ones
 * @throws CommandFailure InvalidOption unless exactly one way to serve is named
 */
export function initialConfig(options: InitOptions, zones?: readonly string[]): Record<string, unknown> {
  const { certificateArn, existing = false, allowPlainHttp = false } = options;
  const ways = [certificateArn !== undefined, existing, allowPlainHttp].filter(Boolean).length;
  if (ways !== 1) {
    throw new CommandFailure(
      'InvalidOption',
      'One of --certificate-arn ARN, --existing and --allow-plain-http is needed, and only one. Nothing was written. The first creates an HTTPS listener; with the second you fill in your own load balancer, network and servers.',
      EXIT.badInput,
    );
  }
  const region = options.region ?? certificateArn?.split(':')[3] ?? DEFAULT_REGION;
  const fleet = certificateArn !== undefined ? { certificateArn } : allowPlainHttp ? { allowPlainHttp } : EXISTING_FLEET;
  return {
    $schema: './node_modules/holdfast/holdfast.schema.json',
    ...(options.installation !== undefined && { installation: options.installation }),
    region,
    ...(zones && { zones }),
    ...(existing && { network: EXISTING_NETWORK }),
    fleets: { [options.fleet ?? DEFAULT_FLEET]: fleet },
  };
}

/** What only the user knows: a synthesis refuses each by name until it is filled in. */
const EXISTING_NETWORK = {
  existing: {
    vpcId: `${FILL_IN}the VPC of the servers, vpc-…`,
    webSubnetIds: [`${FILL_IN}a subnet of the load balancer, subnet-…`, `${FILL_IN}one in another zone, subnet-…`],
    storeSubnetIds: [`${FILL_IN}a subnet for the session store, subnet-…`, `${FILL_IN}one in another zone, subnet-…`],
  },
};

const EXISTING_FLEET = {
  existing: {
    targetGroupArn: `${FILL_IN}the target group of the servers, arn:…:targetgroup/…`,
    loadBalancerArn: `${FILL_IN}their load balancer, arn:…:loadbalancer/app/…`,
    autoScalingGroupName: `${FILL_IN}their Auto Scaling group`,
    instanceRoleName: `${FILL_IN}the role of their instance profile, without its path`,
    instanceSecurityGroupId: `${FILL_IN}their security group, sg-…`,
  },
};
