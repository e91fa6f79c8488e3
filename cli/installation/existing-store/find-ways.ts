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
  /** It leads out of the VPC to something whose own routes are not read: whether it goes on is not known. */
  readonly unseen?: true;
  /** The security group that would have to admit the subnet. */
  readonly shutBy?: string;
}

const NONE: Way = { open: false, by: 'no gateway or interface endpoint, and no NAT' };
const HTTPS = 443;

/**
 * A function has no public address, so an internet gateway leads it nowhere. A name that the VPC resolves to an interface endpoint leads there, whatever
 * gateway endpoint or NAT there is.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
 */
export function wayToService(network: NetworkFacts, subnet: Subnet, service: CalledService): Way {
  const table = tableOf(network, subnet);
  const endpoints = network.endpoints.filter(
    ({ VpcId, ServiceName = '', State = '' }) =>
      VpcId === subnet.VpcId && ServiceName.endsWith(`.${network.region}.${service}`) && State.toLowerCase() === 'available',
  );
  const interfaces = endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface');
  const named = interfaces.filter(isNamedInVpc).map((one) => throughInterface(network, subnet, one));
  if (named[0]) return named.find(({ open }) => open) ?? named[0];
  const gateway = endpoints.find(
    ({ RouteTableIds = [] }) => table?.RouteTableId !== undefined && RouteTableIds.includes(table.RouteTableId),
  );
  if (gateway) return { open: true, by: `the gateway endpoint ${gateway.VpcEndpointId}` };
  // Of a shared VPC, whose owner alone sees its endpoints: of which service it is nothing says here.
  const owners = table?.Routes?.find(
    (route) =>
      route.DestinationPrefixListId !== undefined &&
      isActive(route) &&
      isFirewall(route) &&
      !network.endpoints.some(({ VpcEndpointId }) => VpcEndpointId === route.GatewayId),
  );
  if (owners && ['s3', 'dynamodb'].includes(service))
    return { open: true, by: `the gateway endpoint ${owners.GatewayId} of the VPC's owner`, unseen: true };
  const out = table?.Routes?.find((route) => route.DestinationCidrBlock === '0.0.0.0/0' && isOutboundRoute(route));
  if (out) return throughRoute(out);
  const [nameless] = interfaces;
  return nameless ? { open: false, by: `the interface endpoint ${nameless.VpcEndpointId}, without a private DNS name in the VPC` } : NONE;
}

/**
 * Only for the resolvers of networks elsewhere, the name leads functions in the VPC to the gateway endpoint.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DnsOptions.html
 */
const isNamedInVpc = ({ PrivateDnsEnabled, DnsOptions }: VpcEndpoint): boolean =>
  PrivateDnsEnabled === true && DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint !== true;

function throughInterface({ securityGroups }: NetworkFacts, subnet: Subnet, endpoint: VpcEndpoint): Way {
  const by = `the interface endpoint ${endpoint.VpcEndpointId}`;
  const ids = (endpoint.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
  const groups = securityGroups.filter(({ GroupId = '' }) => ids.includes(GroupId));
  const [shutBy] = groups;
  if (shutBy?.GroupId === undefined || groups.some((group) => admitsSubnet(group, subnet))) return { open: true, by };
  return {
    open: false,
    by: `${by}, whose security group ${ids.join(', ')} does not admit ${subnet.CidrBlock}`,
    shutBy: shutBy.GroupId,
  };
}

function throughRoute({ NatGatewayId, TransitGatewayId, CoreNetworkArn, GatewayId }: Route): Way {
  if (NatGatewayId !== undefined) return { open: true, by: `the NAT gateway ${NatGatewayId}` };
  if (TransitGatewayId !== undefined) return { open: true, by: `the transit gateway ${TransitGatewayId}`, unseen: true };
  if (CoreNetworkArn !== undefined) return { open: true, by: `the core network ${CoreNetworkArn}`, unseen: true };
  if (GatewayId !== undefined) return { open: true, by: `the firewall behind ${GatewayId}`, unseen: true };
  return { open: true, by: 'the default route' };
}

/** The functions' own security groups come into being with the stacks, so no rule names them yet. */
const admitsSubnet = ({ IpPermissions = [] }: SecurityGroup, { CidrBlock = '' }: Subnet): boolean =>
  IpPermissions.some(
    ({ IpProtocol, FromPort = 0, ToPort = 65_535, IpRanges = [] }) =>
      (IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= HTTPS && HTTPS <= ToPort)) &&
      IpRanges.some(({ CidrIp = '' }) => covers(CidrIp, CidrBlock)),
  );

/** In a VPC each subnet has a route to each; from another one, a peering or a transit gateway leads to every subnet of the store. */
export function isRoutedToStore(network: NetworkFacts, from: Subnet, storeSubnets: readonly Subnet[]): boolean {
  const routes = tableOf(network, from)?.Routes ?? [];
  return storeSubnets.every(
    ({ VpcId, CidrBlock = '' }) =>
      VpcId === from.VpcId || routes.some((route) => isExternalRoute(route) && covers(route.DestinationCidrBlock ?? '', CidrBlock)),
  );
}

export function tableOf({ routeTables }: NetworkFacts, { SubnetId, VpcId }: Subnet): RouteTable | undefined {
  const own = routeTables.find(({ Associations = [] }) => Associations.some((one) => one.SubnetId === SubnetId));
  return own ?? routeTables.find((table) => table.VpcId === VpcId && table.Associations?.some(({ Main }) => Main));
}

/** A route whose target is gone stays as a black hole. */
const isActive = ({ State }: Route): boolean => State !== 'blackhole';
const isOutboundRoute = (route: Route): boolean =>
  isActive(route) &&
  ([route.NatGatewayId, route.TransitGatewayId, route.CoreNetworkArn, route.NetworkInterfaceId, route.InstanceId].some(Boolean) ||
    isFirewall(route));
/** An endpoint of a Gateway Load Balancer or of Network Firewall. @see https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config.html */
const isFirewall = ({ GatewayId = '' }: Route): boolean => GatewayId.startsWith('vpce-');
const isExternalRoute = (route: Route): boolean =>
  isActive(route) && [route.VpcPeeringConnectionId, route.TransitGatewayId, route.CoreNetworkArn].some(Boolean);

/** Whether a block of IPv4 addresses contains another: `10.0.0.0/16` contains `10.0.3.0/24`. */
export function covers(block: string, inner: string): boolean {
  const [[address = '', bits], [own = '', ownBits]] = [block.split('/'), inner.split('/')];
  if (!isIPv4(address) || !isIPv4(own) || Number(bits) > Number(ownBits)) return false;
  const addresses = new BlockList();
  addresses.addSubnet(address, Number(bits));
  return addresses.check(own);
}
