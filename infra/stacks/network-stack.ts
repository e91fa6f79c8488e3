import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { HoldfastStack, type HoldfastStackProps } from './holdfast-stack.ts';

export interface NetworkStackProps extends HoldfastStackProps {
  readonly cidr: string;
}

/**
 * A VPC without NAT and without interface endpoints: its functions connect only to the store, DynamoDB and S3, and the last
 * two have gateway endpoints, which are free. Servers are in the public subnets, because they must reach Systems
 * Manager; their security group accepts requests from the load balancer alone.
 */
export class NetworkStack extends HoldfastStack {
  readonly vpc: ec2.Vpc;
  private readonly zones: readonly string[];

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    const { config, cidr } = props;
    this.zones = config.zones.map((zone) => `${config.region}${zone}`);
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(cidr),
      availabilityZones: [...this.zones],
      natGateways: 0,
      // Nothing is in the default group (default-security-group.test.ts), so its rules reach nothing. To remove them the CDK
      // adds a function whose role may change rules of security groups: more than it takes away.
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [
        { name: 'Web', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 22 },
        { name: 'Store', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 22 },
      ],
      gatewayEndpoints: {
        DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB },
        S3: { service: ec2.GatewayVpcEndpointAwsService.S3 },
      },
    });
    acknowledge(this, {
      'AwsSolutions-VPC7': "Flow logs cost by volume and belong to the account's baseline: Holdfast does not read them.",
      'CloudFormation-Validate::W3010':
        'The configuration lists the zones: letting AWS choose them needs a look-up, and synthesis makes none.',
    });
  }

  /** The configured zones. Without this the CDK asks AWS for an account's zones, and synthesis would need credentials. */
  override get availabilityZones(): string[] {
    return [...this.zones];
  }
}
