import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Subnet } from 'aws-cdk-lib/aws-ec2';
import { expect, it } from 'vitest';
import { existingNetwork } from '../../infra/constructs/network.ts';

const warningsOf = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue());

it('an existing network brings no warnings of the CDK, of which a synthesis printed one per subnet and stack', () => {
  const ids = [1, 2, 3, 4].map((digit) => `subnet-0123456789abcdef${digit}`);
  const stack = new Stack(new App(), 'Stack');
  const { webSubnets, storeSubnets } = existingNetwork({
    vpcId: 'vpc-0123456789abcdef0',
    webSubnetIds: ids.slice(0, 2),
    storeSubnetIds: ids.slice(2),
  })(stack);
  expect([...(webSubnets.subnets ?? []), ...(storeSubnets.subnets ?? [])].map(({ subnetId }) => subnetId)).toEqual(ids);
  expect(warningsOf(stack)).toEqual([]);
  // The CDK still has the warning.
  const other = new Stack(new App(), 'Stack');
  Subnet.fromSubnetId(other, 'Subnet', ids[0] ?? '');
  expect(warningsOf(other)).toHaveLength(1);
});
