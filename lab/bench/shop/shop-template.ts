/**
 * A shop as teams have it before Holdfast: network, session store, two load balancers, and three kinds of servers. Nothing of Holdfast's is in
 * it but the user of its functions, which the page has a person create.
 */
import { nodeServer, tomcatServer } from './servers.ts';

export const STORE = 'shop-sessions';
export const FUNCTIONS_USER = 'holdfast';
export const PORT = 8080;
const ZONES = ['a', 'b'] as const;

const ref = (Ref: string) => ({ Ref });
const att = (id: string, attribute: string) => ({ 'Fn::GetAtt': [id, attribute] });
const groupIdOf = (id: string) => att(id, 'GroupId');

const subnets = (name: string, third: number, region: string) =>
  Object.fromEntries(
    ZONES.flatMap((zone, at) => [
      [
        `${name}${zone}`,
        {
          Type: 'AWS::EC2::Subnet',
          Properties: { VpcId: ref('Vpc'), CidrBlock: `10.60.${third + at}.0/24`, AvailabilityZone: `${region}${zone}` },
        },
      ],
      [
        `${name}${zone}Table`,
        { Type: 'AWS::EC2::SubnetRouteTableAssociation', Properties: { RouteTableId: ref('Table'), SubnetId: ref(`${name}${zone}`) } },
      ],
    ]),
  );
const subnetRefs = (name: string) => ZONES.map((zone) => ref(`${name}${zone}`));

const securityGroup = (GroupDescription: string, port: number, from: object) => ({
  Type: 'AWS::EC2::SecurityGroup',
  Properties: { GroupDescription, VpcId: ref('Vpc'), SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...from }] },
});
const endpoint = (region: string, service: string) => ({
  Type: 'AWS::EC2::VPCEndpoint',
  Properties: { VpcId: ref('Vpc'), ServiceName: `com.amazonaws.${region}.${service}`, RouteTableIds: [ref('Table')] },
});
const user = (UserId: string, UserName: string, AccessString: string, AuthenticationMode: object) => ({
  Type: 'AWS::ElastiCache::User',
  Properties: { Engine: 'valkey', UserId, UserName, AccessString, AuthenticationMode },
});
const password = { 'Fn::Sub': '{{resolve:secretsmanager:$' + '{Secret}:SecretString:password}}' };

const store = {
  Secret: {
    Type: 'AWS::SecretsManager::Secret',
    Properties: {
      Name: 'shop/sessions',
      GenerateSecretString: {
        SecretStringTemplate: '{}',
        GenerateStringKey: 'password',
        ExcludeCharacters: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
        PasswordLength: 32,
      },
    },
  },
  Default: user('shop-default', 'default', 'off -@all', { Type: 'password', Passwords: [password] }),
  Application: user('shop-app', 'shop', 'on ~sess:* &* -@all +@read +@write +@connection +@transaction +@scripting +@pubsub +info', {
    Type: 'password',
    Passwords: [password],
  }),
  Functions: user(FUNCTIONS_USER, FUNCTIONS_USER, 'on ~* &* +@all', { Type: 'iam' }),
  Users: {
    Type: 'AWS::ElastiCache::UserGroup',
    Properties: { Engine: 'valkey', UserGroupId: 'shop-users', UserIds: [ref('Default'), ref('Application'), ref('Functions')] },
  },
  StoreSubnets: {
    Type: 'AWS::ElastiCache::SubnetGroup',
    Properties: { CacheSubnetGroupName: STORE, Description: 'sessions', SubnetIds: subnetRefs('Store') },
  },
  Store: {
    Type: 'AWS::ElastiCache::ReplicationGroup',
    Properties: {
      ReplicationGroupId: STORE,
      ReplicationGroupDescription: 'sessions',
      Engine: 'valkey',
      EngineVersion: '8.0',
      CacheNodeType: 'cache.t4g.small',
      CacheSubnetGroupName: ref('StoreSubnets'),
      SecurityGroupIds: [groupIdOf('StoreGroup')],
      NumCacheClusters: 2,
      AutomaticFailoverEnabled: true,
      TransitEncryptionEnabled: true,
      UserGroupIds: [ref('Users')],
    },
  },
};

const loadBalancer = (Name: string) => ({
  Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  Properties: { Name, Type: 'application', Subnets: subnetRefs('Web'), SecurityGroups: [groupIdOf('FrontGroup')] },
});
const targetGroup = (Name: string, instances: readonly string[] = []) => ({
  Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  Properties: {
    ...{ Name, VpcId: ref('Vpc'), TargetType: 'instance', Port: PORT, Protocol: 'HTTP' },
    ...{ HealthCheckPath: '/live', HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 },
    TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '120' }],
    ...(instances.length > 0 && { Targets: instances.map((id) => ({ Id: ref(id), Port: PORT })) }),
  },
});
const forward = (group: string) => [{ Type: 'forward', TargetGroupArn: ref(group) }];
const listener = (balancer: string, Port: number, DefaultActions: object[]) => ({
  Type: 'AWS::ElasticLoadBalancingV2::Listener',
  Properties: { LoadBalancerArn: ref(balancer), Port, Protocol: 'HTTP', DefaultActions },
});

const fronts = ({ node, api }: Scripts) => ({
  Lone: loadBalancer('shop'),
  Shared: loadBalancer('company'),
  TomcatTargets: targetGroup('shop-tomcat'),
  NodeTargets: targetGroup('shop-node', node ? ['Node1', 'Node2'] : []),
  ApiTargets: targetGroup('company-api', api ? ['Api1', 'Api2'] : []),
  TomcatListener: listener('Lone', 80, forward('TomcatTargets')),
  NodeListener: listener('Lone', 81, forward('NodeTargets')),
  SharedListener: listener('Shared', 80, [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }]),
  OtherRule: {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: ref('SharedListener'),
      Priority: 5,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/old/*'] } }],
      Actions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Path: '/' } }],
    },
  },
  ApiRule: {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: ref('SharedListener'),
      Priority: 10,
      Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['api.example.com'] } }],
      Actions: forward('ApiTargets'),
    },
  },
});

const IMAGE = 'ami-0abcdef1234567890';
const base64 = (script: object) => ({ 'Fn::Base64': script });

/** User data of each kind of servers, as CloudFormation takes a text. There are no servers of a kind without. */
export type Scripts = Readonly<Partial<Record<'node' | 'tomcat' | 'api', object>>>;

function servers({ node, api, tomcat }: Scripts): Record<string, object> {
  const instance = (zone: (typeof ZONES)[number], script: object) => ({
    Type: 'AWS::EC2::Instance',
    Properties: {
      ...{ ImageId: IMAGE, InstanceType: 't4g.small', SubnetId: ref(`Web${zone}`), UserData: base64(script) },
      ...{ SecurityGroupIds: [groupIdOf('ServerGroup')], IamInstanceProfile: 'shop-servers' },
    },
    DependsOn: ['Profile'],
  });
  return {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'shop-server',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore'],
        Policies: [
          {
            PolicyName: 'shop',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: ref('Secret') }],
            },
          },
        ],
      },
    },
    Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { InstanceProfileName: 'shop-servers', Roles: [ref('Role')] } },
    ...(tomcat && group(tomcat)),
    ...(node && { Node1: instance('a', node), Node2: instance('b', node) }),
    ...(api && { Api1: instance('a', api), Api2: instance('b', api) }),
  };
}

const group = (script: object) => ({
  Template: {
    Type: 'AWS::EC2::LaunchTemplate',
    Properties: {
      LaunchTemplateData: {
        ...{ ImageId: IMAGE, InstanceType: 't4g.small', UserData: base64(script) },
        ...{ IamInstanceProfile: { Name: 'shop-servers' }, SecurityGroupIds: [groupIdOf('ServerGroup')] },
      },
    },
    DependsOn: ['Profile'],
  },
  Group: {
    Type: 'AWS::AutoScaling::AutoScalingGroup',
    Properties: {
      ...{ AutoScalingGroupName: 'shop-tomcat', MinSize: '3', MaxSize: '4', VPCZoneIdentifier: subnetRefs('Web') },
      ...{ HealthCheckType: 'ELB', HealthCheckGracePeriod: 300, TargetGroupARNs: [ref('TomcatTargets')] },
      LaunchTemplate: { LaunchTemplateId: ref('Template'), Version: att('Template', 'LatestVersionNumber') },
    },
    DependsOn: ['TomcatListener'],
  },
});

/** @param tomcatHome where a Tomcat is unpacked on this machine, which is that of the local servers */
export const pages = (tomcatHome: string): Scripts => ({
  ...{ node: { 'Fn::Sub': nodeServer }, api: { 'Fn::Sub': nodeServer } },
  tomcat: { 'Fn::Join': ['', [tomcatServer(tomcatHome)]] },
});

export const shopTemplate = (region: string, scripts: Scripts) => ({
  Resources: {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.60.0.0/16' } },
    Table: { Type: 'AWS::EC2::RouteTable', Properties: { VpcId: ref('Vpc') } },
    ...subnets('Web', 0, region),
    ...subnets('Store', 8, region),
    ToDynamo: endpoint(region, 'dynamodb'),
    ToS3: endpoint(region, 's3'),
    FrontGroup: securityGroup('everybody to the load balancers', 80, { CidrIp: '0.0.0.0/0' }),
    ServerGroup: securityGroup('load balancers to servers', PORT, { SourceSecurityGroupId: groupIdOf('FrontGroup') }),
    StoreGroup: securityGroup('servers to the store', 6379, { SourceSecurityGroupId: groupIdOf('ServerGroup') }),
    ...store,
    ...fronts(scripts),
    ...servers(scripts),
  },
  Outputs: {
    Tomcat: { Value: ref('TomcatTargets') },
    Node: { Value: ref('NodeTargets') },
    Api: { Value: ref('ApiTargets') },
    Secret: { Value: ref('Secret') },
    Vpc: { Value: ref('Vpc') },
    ...Object.fromEntries(
      ['Weba', 'Webb', 'Storea', 'Storeb', 'Lone', ...(scripts.node ? ['Node1', 'Node2'] : [])].map((name) => [name, { Value: ref(name) }]),
    ),
    StoreGroup: { Value: groupIdOf('StoreGroup') },
    StoreHost: { Value: att('Store', 'PrimaryEndPoint.Address') },
    StorePort: { Value: att('Store', 'PrimaryEndPoint.Port') },
  },
});
