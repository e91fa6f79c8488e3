/** The configuration that `holdfast init` writes. Pure. */
import { regionalArn } from '../../functions/shared/aws/partition.ts';
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
/** No account of AWS has this id: a template with it cannot be deployed by mistake. */
const PLACEHOLDER_ACCOUNT = '000000000000';

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
  const fleet = certificateArn !== undefined ? { certificateArn } : allowPlainHttp ? { allowPlainHttp } : existingFleet(region);
  return {
    $schema: './node_modules/holdfast/holdfast.schema.json',
    ...(options.installation !== undefined && { installation: options.installation }),
    region,
    ...(zones && { zones }),
    ...(existing && { network: EXISTING_NETWORK }),
    fleets: { [options.fleet ?? DEFAULT_FLEET]: fleet },
  };
}

/** Ids to replace with one's own. */
const EXISTING_NETWORK = {
  existing: {
    vpcId: 'vpc-00000000000000000',
    webSubnetIds: ['subnet-00000000000000001', 'subnet-00000000000000002'],
    storeSubnetIds: ['subnet-00000000000000003', 'subnet-00000000000000004'],
  },
};

const balancingArn = (region: string, resource: string) =>
  regionalArn('elasticloadbalancing', { region, account: PLACEHOLDER_ACCOUNT }, resource);

const existingFleet = (region: string) => ({
  existing: {
    targetGroupArn: balancingArn(region, 'targetgroup/web/0000000000000000'),
    loadBalancerArn: balancingArn(region, 'loadbalancer/app/web/0000000000000000'),
    autoScalingGroupName: 'web',
    instanceRoleName: 'web-server',
    instanceSecurityGroupId: 'sg-00000000000000000',
  },
});
