/** Which ways lead from a subnet to the store and to the services that functions there call. Pure. */
import { BlockList, isIPv4 } from 'node:net';
import type { Route, RouteTable, SecurityGroup, Subnet, VpcEndpoint } from '@aws-sdk/client-ec2';

export interface NetworkFacts {
  readonly region: string;
  readonly subnets: readonly Subnet[];
  readonly routeTables: readonly RouteTable[];
  readonly endpoints: readonly VpcEndpoint[];
  readonly securityGroups: readonly SecurityGroup[];
}

export type CalledService = 'dynamodb' | 's3' | 'secretsmanager';

export interface Way {
  readonly open: boolean;
  /** What it leads through, or what shuts it: the rest of a sentence. */
  readonly by: string;
}

const NONE: Way = { open: false, by: 'no gateway or interface endpoint, and no NAT' };
const HTTPS = 443;

/**
 * A function has no public address, so an internet gateway leads it nowhere.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
 */
export function wayToService(network: NetworkFacts, subnet: Subnet, service: CalledService): Way {
  const table = tableOf(network, subnet);
  const endpoints = network.endpoints.filter(
    ({ VpcId, ServiceName = '', State = '' }) =>
      VpcId === subnet.VpcId && ServiceName.endsWith(`.${network.region}.${service}`) && State.toLowerCase() === 'available',
  );
  const gateway = endpoints.find(
    ({ RouteTableIds = [] }) => table?.RouteTableId !== undefined && RouteTableIds.includes(table.RouteTableId),
  );
  if (gateway) return { open: true, by: `the gateway endpoint ${gateway.VpcEndpointId}` };
  const ways = endpoints
    .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
    .map((one) => throughInterface(network, subnet, one));
  const out = table?.Routes?.find((route) => route.DestinationCidrBlock === '0.0.0.0/0' && leadsOut(route));
  // A name that the VPC resolves to the endpoint is never looked for outside.
  const named = ways.find(({ open }) => open) ?? ways.find(({ by }) => !by.includes(NO_PRIVATE_NAME));
  if (named) return named;
  if (out) return { open: true, by: out.NatGatewayId === undefined ? 'the default route' : `the NAT gateway ${out.NatGatewayId}` };
  return ways[0] ?? NONE;
}

const NO_PRIVATE_NAME = 'without a private DNS name';

function throughInterface({ securityGroups }: NetworkFacts, subnet: Subnet, endpoint: VpcEndpoint): Way {
  const by = `the interface endpoint ${endpoint.VpcEndpointId}`;
  if (endpoint.PrivateDnsEnabled !== true) return { open: false, by: `${by}, ${NO_PRIVATE_NAME}` };
  const ids = (endpoint.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
  const groups = securityGroups.filter(({ GroupId = '' }) => ids.includes(GroupId));
  const admits = groups.length === 0 || groups.some((group) => admitsSubnet(group, subnet));
  return admits
    ? { open: true, by }
    : { open: false, by: `${by}, whose security group ${ids.join(', ')} does not admit ${subnet.CidrBlock}` };
}

/** The functions' own security groups come into being with the stacks, so no rule names them yet. */
const admitsSubnet = ({ IpPermissions = [] }: SecurityGroup, { CidrBlock = '' }: Subnet): boolean =>
  IpPermissions.some(
    ({ IpProtocol, FromPort = 0, ToPort = 65_535, IpRanges = [] }) =>
      (IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= HTTPS && HTTPS <= ToPort)) &&
      IpRanges.some(({ CidrIp = '' }) => covers(CidrIp, CidrBlock)),
  );

/** In a VPC each subnet has a route to each; from another one, a peering or a transit gateway leads to every subnet of the store. */
export function leadsToStore(network: NetworkFacts, from: Subnet, storeSubnets: readonly Subnet[]): boolean {
  const routes = tableOf(network, from)?.Routes ?? [];
  return storeSubnets.every(
    ({ VpcId, CidrBlock = '' }) =>
      VpcId === from.VpcId || routes.some((route) => leadsAway(route) && covers(route.DestinationCidrBlock ?? '', CidrBlock)),
  );
}

export function tableOf({ routeTables }: NetworkFacts, { SubnetId, VpcId }: Subnet): RouteTable | undefined {
  const own = routeTables.find(({ Associations = [] }) => Associations.some((one) => one.SubnetId === SubnetId));
  return own ?? routeTables.find((table) => table.VpcId === VpcId && table.Associations?.some(({ Main }) => Main));
}

/** A route whose target is gone stays as a black hole. */
const isActive = ({ State }: Route): boolean => State !== 'blackhole';
const leadsOut = (route: Route): boolean =>
  isActive(route) &&
  [route.NatGatewayId, route.TransitGatewayId, route.CoreNetworkArn, route.NetworkInterfaceId, route.InstanceId].some(Boolean);
const leadsAway = (route: Route): boolean =>
  isActive(route) && [route.VpcPeeringConnectionId, route.TransitGatewayId, route.CoreNetworkArn].some(Boolean);

/** Whether a block of IPv4 addresses contains another: `10.0.0.0/16` contains `10.0.3.0/24`. */
export function covers(block: string, inner: string): boolean {
  const [[address = '', bits], [own = '', ownBits]] = [block.split('/'), inner.split('/')];
  if (!isIPv4(address) || !isIPv4(own) || Number(bits) > Number(ownBits)) return false;
  const addresses = new BlockList();
  addresses.addSubnet(address, Number(bits));
  return addresses.check(own);
}
