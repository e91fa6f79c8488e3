import { Annotations, aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ExistingNetwork } from '../config/installation.ts';

export interface Network {
  readonly vpc: ec2.IVpc;
  readonly webSubnets: ec2.SubnetSelection;
  /** Subnets of the store and of the functions that connect to it. */
  readonly storeSubnets: ec2.SubnetSelection;
}

/** A part as one stack uses it: the created part itself, or the stack's own import of an existing one. */
export type Part<T> = (scope: Construct) => T;

export function createdNetwork(stack: { readonly vpc: ec2.IVpc }): Part<Network> {
  return () => ({
    vpc: stack.vpc,
    webSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    storeSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  });
}

/** An existing network, used by its ids alone: without look-ups, synthesis needs no credentials. */
export function existingNetwork({ vpcId, webSubnetIds = [], storeSubnetIds }: ExistingNetwork): Part<Network> {
  return (scope) => {
    const subnets = (name: string, ids: readonly string[]): ec2.SubnetSelection => ({
      subnets: ids.map((id, index) => subnetOf(scope, `${name}${index + 1}`, id)),
    });
    return {
      // The CDK requires zones; none is used, since every subnet has its id.
      vpc: ec2.Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: ['any'] }),
      webSubnets: subnets('WebSubnet', webSubnetIds),
      storeSubnets: subnets('StoreSubnet', storeSubnetIds),
    };
  };
}

/** The CDK warns, once per subnet and stack, that the subnet's route table is not known; nothing of Holdfast uses it. */
function subnetOf(scope: Construct, id: string, subnetId: string): ec2.ISubnet {
  const subnet = ec2.Subnet.fromSubnetId(scope, id, subnetId);
  Annotations.of(subnet).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId', 'Nothing uses the route table.');
  return subnet;
}
