import {
  type EC2Client,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcEndpoints,
} from '@aws-sdk/client-ec2';
import { CommandFailure, EXIT } from '../../failure.ts';
import { allOf, askAws } from './ask-aws.ts';
import type { NetworkFacts } from './find-ways.ts';

/**
 * Subnets, and what routes and endpoints their VPCs have.
 * @param subnetIds of the store, and those that were asked for
 * @throws CommandFailure NoSuchSubnet, NotAllowed
 */
export async function readNetwork(ec2: EC2Client, region: string, subnetIds: readonly string[]): Promise<NetworkFacts> {
  const subnets = await readSubnets(ec2, [...new Set(subnetIds)]);
  const vpcIds = [...new Set(subnets.flatMap(({ VpcId }) => VpcId ?? []))];
  const ofVpcs = { Filters: [{ Name: 'vpc-id', Values: vpcIds }] };
  // The emulators of EC2 ignore some filters, so what they give is filtered once more.
  const inVpcs = ({ VpcId = '' }: { readonly VpcId?: string | undefined }): boolean => vpcIds.includes(VpcId);
  const [routeTables, endpoints] = await Promise.all([
    askAws('ec2:DescribeRouteTables', () => allOf(paginateDescribeRouteTables({ client: ec2 }, ofVpcs), (page) => page.RouteTables)),
    askAws('ec2:DescribeVpcEndpoints', () => allOf(paginateDescribeVpcEndpoints({ client: ec2 }, ofVpcs), (page) => page.VpcEndpoints)),
  ]);
  const own = endpoints.filter(inVpcs);
  const ofEndpoints = own.flatMap(({ Groups = [] }) => Groups.flatMap(({ GroupId }) => GroupId ?? []));
  const groupIds = [...new Set(ofEndpoints)];
  const named = { Filters: [{ Name: 'group-id', Values: groupIds }] };
  const groups =
    groupIds.length === 0
      ? []
      : await askAws('ec2:DescribeSecurityGroups', () =>
          allOf(paginateDescribeSecurityGroups({ client: ec2 }, named), (page) => page.SecurityGroups),
        );
  return {
    region,
    subnets,
    routeTables: routeTables.filter(inVpcs),
    endpoints: own,
    securityGroups: groups.filter(({ GroupId = '' }) => groupIds.includes(GroupId)),
  };
}

async function readSubnets(ec2: EC2Client, ids: readonly string[]): Promise<NetworkFacts['subnets']> {
  if (ids.length === 0) return [];
  const named = { Filters: [{ Name: 'subnet-id', Values: [...ids] }] };
  const found = await askAws('ec2:DescribeSubnets', () => allOf(paginateDescribeSubnets({ client: ec2 }, named), (page) => page.Subnets));
  const missing = ids.filter((id) => !found.some(({ SubnetId }) => SubnetId === id));
  if (missing.length === 0) return found;
  throw new CommandFailure(
    'NoSuchSubnet',
    `There is no subnet ${missing.join(', ')} in this account and Region. Nothing was written.`,
    EXIT.badInput,
  );
}
