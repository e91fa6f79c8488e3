import type { Route, RouteTable, SecurityGroup, Subnet, VpcEndpoint } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import {
  type CalledService,
  covers,
  isRoutedToStore,
  type NetworkFacts,
  wayToService,
} from '../../../../cli/installation/existing-store/find-ways.ts';

const subnet: Subnet = { SubnetId: 'subnet-a', VpcId: 'vpc-1', CidrBlock: '10.0.1.0/24' };
const local: Route = { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' };
const table = (routes: readonly Route[], ...more: Partial<RouteTable>[]): RouteTable =>
  Object.assign({ RouteTableId: 'rtb-1', VpcId: 'vpc-1', Associations: [{ SubnetId: 'subnet-a' }], Routes: [local, ...routes] }, ...more);
const out = (target: Partial<Route>): Route => ({ DestinationCidrBlock: '0.0.0.0/0', State: 'active', ...target });
const interfaceTo = (service: string, more: Partial<VpcEndpoint> = {}): VpcEndpoint => ({
  VpcEndpointId: 'vpce-1',
  VpcId: 'vpc-1',
  VpcEndpointType: 'Interface',
  ServiceName: `com.amazonaws.eu-west-1.${service}`,
  // EC2 answers in lower case, whatever the SDK's type says.
  State: 'available' as 'Available',
  PrivateDnsEnabled: true,
  Groups: [{ GroupId: 'sg-1' }],
  ...more,
});
const gatewayTo = (service: string, tables: string[]): VpcEndpoint =>
  interfaceTo(service, { VpcEndpointType: 'Gateway', RouteTableIds: tables, PrivateDnsEnabled: false, Groups: [] });
const admitting = (CidrIp: string, FromPort = 443): SecurityGroup => ({
  GroupId: 'sg-1',
  IpPermissions: [{ IpProtocol: 'tcp', FromPort, ToPort: FromPort, IpRanges: [{ CidrIp }] }],
});
const network = (facts: Partial<NetworkFacts>): NetworkFacts => ({
  ...{ region: 'eu-west-1', subnets: [subnet], routeTables: [table([])], endpoints: [], securityGroups: [admitting('10.0.0.0/16')] },
  ...facts,
});

const TO_GATEWAY = { DestinationPrefixListId: 'pl-1', GatewayId: 'vpce-9', State: 'active' as const };

describe('the way from a subnet to a service', () => {
  it.each<[string, Partial<NetworkFacts>, CalledService, boolean, string]>([
    ['nothing', {}, 's3', false, 'no gateway or interface endpoint, and no NAT'],
    ['NAT', { routeTables: [table([out({ NatGatewayId: 'nat-1' })])] }, 'secretsmanager', true, 'the NAT gateway nat-1'],
    ['an instance', { routeTables: [table([out({ NetworkInterfaceId: 'eni-1' })])] }, 's3', true, 'the default route'],
    // A function has no public address.
    ['an internet gateway', { routeTables: [table([out({ GatewayId: 'igw-1' })])] }, 's3', false, 'no NAT'],
    ['a NAT that is gone', { routeTables: [table([out({ NatGatewayId: 'nat-1', State: 'blackhole' })])] }, 's3', false, 'no NAT'],
    ['a gateway endpoint', { endpoints: [gatewayTo('dynamodb', ['rtb-1'])] }, 'dynamodb', true, 'gateway endpoint vpce-1'],
    ['a gateway endpoint of another table', { endpoints: [gatewayTo('dynamodb', ['rtb-2'])] }, 'dynamodb', false, 'no gateway'],
    ['a gateway endpoint of another service', { endpoints: [gatewayTo('s3', ['rtb-1'])] }, 'dynamodb', false, 'no gateway'],
    [
      "the VPC owner's gateway endpoint, which leads to no interface",
      { routeTables: [table([TO_GATEWAY])] },
      'secretsmanager',
      false,
      'no NAT',
    ],
    [
      "one's own gateway endpoint of another service",
      { routeTables: [table([{ ...TO_GATEWAY, GatewayId: 'vpce-1' }])], endpoints: [gatewayTo('s3', ['rtb-1'])] },
      'dynamodb',
      false,
      'no gateway',
    ],
    [
      'an endpoint that is pending',
      { endpoints: [interfaceTo('secretsmanager', { State: 'Pending' })] },
      'secretsmanager',
      false,
      'no NAT',
    ],
    ['an interface', { endpoints: [interfaceTo('secretsmanager')] }, 'secretsmanager', true, 'the interface endpoint vpce-1'],
    ['an interface in China', { endpoints: [interfaceTo('x', { ServiceName: 'cn.com.amazonaws.eu-west-1.s3' })] }, 's3', true, 'vpce-1'],
    // With private DNS the name resolves to the interface, also where a gateway endpoint is in the route table.
    [
      'an interface whose group lets nobody in, next to a gateway endpoint',
      { endpoints: [gatewayTo('s3', ['rtb-1']), interfaceTo('s3')], securityGroups: [admitting('10.0.2.0/24')] },
      's3',
      false,
      'sg-1 does not admit 10.0.1.0/24',
    ],
    [
      'a gateway endpoint, next to an interface with a name for inbound resolvers alone',
      {
        endpoints: [
          interfaceTo('s3', { VpcEndpointId: 'vpce-2', DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: true } }),
          gatewayTo('s3', ['rtb-1']),
        ],
        securityGroups: [admitting('10.0.2.0/24')],
      },
      's3',
      true,
      'the gateway endpoint vpce-1',
    ],
    [
      'an interface with a name for inbound resolvers alone',
      { endpoints: [interfaceTo('s3', { DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: true } })] },
      's3',
      false,
      'without a private DNS name in the VPC',
    ],
    // Worklytics/psoxy 677: the endpoint was there, and its name led nowhere.
    [
      'an interface without private DNS',
      { endpoints: [interfaceTo('secretsmanager', { PrivateDnsEnabled: false })] },
      'secretsmanager',
      false,
      'without a private DNS name',
    ],
    [
      'an interface without private DNS next to NAT',
      {
        endpoints: [interfaceTo('secretsmanager', { PrivateDnsEnabled: false })],
        routeTables: [table([out({ NatGatewayId: 'nat-1' })])],
      },
      'secretsmanager',
      true,
      'nat-1',
    ],
    // With private DNS the name resolves to the endpoint, also where NAT would lead out.
    [
      'an interface whose group lets nobody in, next to NAT',
      {
        endpoints: [interfaceTo('secretsmanager')],
        securityGroups: [admitting('10.0.2.0/24')],
        routeTables: [table([out({ NatGatewayId: 'nat-1' })])],
      },
      'secretsmanager',
      false,
      'sg-1 does not admit 10.0.1.0/24',
    ],
    [
      'an interface whose group lets another port in',
      { endpoints: [interfaceTo('secretsmanager')], securityGroups: [admitting('0.0.0.0/0', 80)] },
      'secretsmanager',
      false,
      'does not admit',
    ],
    [
      'the main table, where the subnet has none of its own',
      { routeTables: [table([out({ NatGatewayId: 'nat-1' })], { Associations: [{ Main: true }] })] },
      's3',
      true,
      'nat-1',
    ],
  ])('%s', (_, facts, service, open, by) => {
    const way = wayToService(network(facts), subnet, service);
    expect(way).toMatchObject({ open, by: expect.stringContaining(by) });
    expect(way.unseen).toBeUndefined();
  });

  it.each<[string, Partial<Route>, string]>([
    ['a transit gateway', { TransitGatewayId: 'tgw-1' }, 'the transit gateway tgw-1'],
    ['a core network', { CoreNetworkArn: 'arn:c' }, 'the core network arn:c'],
    // ansible-collections/amazon.aws 1867: the endpoint of a firewall is the target of a route.
    ['the endpoint of a firewall', { GatewayId: 'vpce-0f' }, 'the firewall behind vpce-0f'],
    // aws-containers/amazon-ecs-exec-checker 30: in a shared VPC the owner's endpoints are not listed.
    ["the VPC owner's gateway", { ...TO_GATEWAY, DestinationCidrBlock: undefined }, "the gateway endpoint vpce-9 of the VPC's owner"],
  ])('%s leads out, and how far is not seen', (_, target, by) => {
    expect(wayToService(network({ routeTables: [table([out(target)])] }), subnet, 's3')).toEqual({ open: true, by, unseen: true });
  });
});

describe('the way to the store', () => {
  const store = { SubnetId: 'subnet-s', VpcId: 'vpc-2', CidrBlock: '10.9.3.0/24' };
  const peered = (DestinationCidrBlock: string, State: 'active' | 'blackhole' = 'active') =>
    table([{ DestinationCidrBlock, VpcPeeringConnectionId: 'pcx-1', State }]);
  it.each<[string, RouteTable, Subnet, boolean]>([
    ['in the same VPC', table([]), { ...store, VpcId: 'vpc-1' }, true],
    ['in another VPC without a route', table([]), store, false],
    ['by peering', peered('10.9.0.0/16'), store, true],
    ['by peering with another part of it', peered('10.9.4.0/24'), store, false],
    ['by a peering that was deleted', peered('10.9.0.0/16', 'blackhole'), store, false],
    ['by the default route to a transit gateway', table([out({ TransitGatewayId: 'tgw-1' })]), store, true],
    ['by NAT, which leads to the internet', table([out({ NatGatewayId: 'nat-1' })]), store, false],
  ])('%s', (_, routes, to, leads) => {
    expect(isRoutedToStore(network({ routeTables: [routes] }), subnet, [to])).toBe(leads);
  });
});

it.each([
  ['10.0.0.0/16', '10.0.255.0/24', true],
  ['10.0.0.0/16', '10.1.0.0/24', false],
  ['10.0.1.0/24', '10.0.0.0/16', false],
  ['0.0.0.0/0', '192.168.0.0/24', true],
  ['200.0.0.0/8', '200.1.0.0/16', true],
  ['10.0.1.7/24', '10.0.1.0/24', true],
  ['pl-1', '10.0.1.0/24', false],
])('%s covers %s: %s', (block, inner, expected) => {
  expect(covers(block, inner)).toBe(expected);
});
