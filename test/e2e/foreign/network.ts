/** The shop's VPC: two public subnets for the load balancer and the servers, two isolated ones for the store. */
import { getAtt } from './names.ts';

export const network = (): object => ({
  Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.40.0.0/16', EnableDnsHostnames: true, Tags: [tag('shop')] } },
  InternetGateway: { Type: 'AWS::EC2::InternetGateway', Properties: { Tags: [tag('shop')] } },
  InternetAccess: {
    Type: 'AWS::EC2::VPCGatewayAttachment',
    Properties: { VpcId: { Ref: 'Vpc' }, InternetGatewayId: { Ref: 'InternetGateway' } },
  },
  WebRoutes: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: { Ref: 'Vpc' }, Tags: [tag('web')] } },
  WebRoute: {
    Type: 'AWS::EC2::Route',
    Properties: { RouteTableId: { Ref: 'WebRoutes' }, DestinationCidrBlock: '0.0.0.0/0', GatewayId: { Ref: 'InternetGateway' } },
    DependsOn: ['InternetAccess'],
  },
  WebRoutesA: routes('WebSubnetA'),
  WebRoutesB: routes('WebSubnetB'),
  WebSubnetA: subnet('10.40.0.0/24', 'us-east-1a', 'web-a'),
  WebSubnetB: subnet('10.40.1.0/24', 'us-east-1b', 'web-b'),
  StoreSubnetA: subnet('10.40.8.0/24', 'us-east-1a', 'store-a'),
  StoreSubnetB: subnet('10.40.9.0/24', 'us-east-1b', 'store-b'),
  LoadBalancerSecurityGroup: securityGroup('Everybody to the load balancer', [
    { IpProtocol: 'tcp', FromPort: 80, ToPort: 83, CidrIp: '0.0.0.0/0', Description: 'Everybody' },
  ]),
  ServerSecurityGroup: securityGroup('The load balancer to the servers', [
    { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, SourceSecurityGroupId: getAtt('LoadBalancerSecurityGroup', 'GroupId') },
  ]),
  StoreSecurityGroup: securityGroup('The servers to the store', [
    { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, SourceSecurityGroupId: getAtt('ServerSecurityGroup', 'GroupId') },
  ]),
});

const tag = (Value: string) => ({ Key: 'Name', Value });

const subnet = (CidrBlock: string, AvailabilityZone: string, name: string): object => ({
  Type: 'AWS::EC2::Subnet',
  Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock, AvailabilityZone, Tags: [tag(name)] },
});

const routes = (subnetName: string): object => ({
  Type: 'AWS::EC2::SubnetRouteTableAssociation',
  Properties: { SubnetId: { Ref: subnetName }, RouteTableId: { Ref: 'WebRoutes' } },
});

const securityGroup = (GroupDescription: string, SecurityGroupIngress: object[]): object => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { GroupDescription, VpcId: { Ref: 'Vpc' }, SecurityGroupIngress, Tags: [{ Key: 'owner', Value: 'shop' }] },
});
