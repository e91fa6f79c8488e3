import { aws_ec2 as ec2, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HoldfastConfig } from '../config.ts';
import { acknowledge } from '../constructs/acknowledge.ts';

export interface NetworkStackProps extends StackProps {
  readonly config: HoldfastConfig;
  readonly cidr: string;
}

/**
 * A VPC without NAT and without interface endpoints: the functions inside it talk to the store, DynamoDB and S3 only,
 * and the last two have gateway endpoints, which are free. Servers stand in the public subnets behind a security group
 * that lets in the load balancer alone, because they have to reach Systems Manager.
 */
export class NetworkStack extends Stack {
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
      'AwsSolutions-VPC7': "Flow logs are billed by volume and belong to the account's baseline: Holdfast reads none of them.",
      'CloudFormation-Validate::W3010':
        'Zones are named by the configuration: letting AWS pick them is a look-up, and synthesis makes none.',
    });
  }

  /** The configured zones. Without this the CDK asks AWS for an account's zones, and synthesis would need credentials. */
  override get availabilityZones(): string[] {
    return [...this.zones];
  }
}
