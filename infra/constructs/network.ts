import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { NamedNetwork } from '../config/network.ts';

/** Where the parts of an installation stand. */
export interface Network {
  readonly vpc: ec2.IVpc;
  /** Of load balancers and servers. */
  readonly webSubnets: ec2.SubnetSelection;
  /** Of the store and of the function that looks at it. */
  readonly storeSubnets: ec2.SubnetSelection;
}

/** What a stack uses of a part: the part itself where Holdfast makes it, its own import of it where it is named. */
export type Part<T> = (scope: Construct) => T;

export function createdNetwork(stack: { readonly vpc: ec2.IVpc }): Part<Network> {
  return () => ({
    vpc: stack.vpc,
    webSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    storeSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  });
}

/** A network that is there. Nothing of it is looked up, so that synthesis needs no credentials: its ids are all that is used. */
export function namedNetwork({ vpcId, webSubnetIds, storeSubnetIds }: NamedNetwork): Part<Network> {
  return (scope) => {
    const subnets = (name: string, ids: readonly string[]): ec2.SubnetSelection => ({
      subnets: ids.map((id, index) => ec2.Subnet.fromSubnetId(scope, `${name}${index + 1}`, id)),
    });
    return {
      // The CDK asks for zones; none is used, since every subnet is named by its id.
      vpc: ec2.Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: ['any'] }),
      webSubnets: subnets('WebSubnet', webSubnetIds),
      storeSubnets: subnets('StoreSubnet', storeSubnetIds),
    };
  };
}
