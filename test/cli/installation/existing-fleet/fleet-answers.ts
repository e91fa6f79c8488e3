/** AWS and servers as `init --existing --target-group` meets them: clients that answer from a table, in the shapes of the API. */
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient } from '@aws-sdk/client-iam';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type Answers, answeringBy, clientsWith, placeIn } from '../existing-store/aws-answers.ts';

const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:';
export const TARGET_GROUP = `${ARN}targetgroup/shop/0123456789abcdef`;
const LOAD_BALANCER = `${ARN}loadbalancer/app/shared/fedcba9876543210`;
export const IDS = ['i-0123456789abcdef1', 'i-0123456789abcdef2', 'i-0123456789abcdef3'];

const GROUP = {
  TargetGroupArn: TARGET_GROUP,
  TargetGroupName: 'shop',
  TargetType: 'instance',
  Protocol: 'HTTP',
  Port: 80,
  VpcId: 'vpc-0123456789abcdef0',
  HealthCheckPath: '/health',
  HealthCheckPort: 'traffic-port',
  Matcher: { HttpCode: '200-399' },
  LoadBalancerArns: [LOAD_BALANCER],
};
export const targetGroupWith = (more: object): Answers => ({ DescribeTargetGroups: { TargetGroups: [{ ...GROUP, ...more }] } });
export const targetsWith = (...targets: object[]): Answers => ({
  DescribeTargetHealth: { TargetHealthDescriptions: targets.map((Target) => ({ Target, TargetHealth: { State: 'healthy' } })) },
});
export const attributesWith = (given: Readonly<Record<string, string>>): Answers => ({
  DescribeTargetGroupAttributes: { Attributes: Object.entries(given).map(([Key, Value]) => ({ Key, Value })) },
});

export const instance = (InstanceId: string, more: object = {}) => ({
  InstanceId,
  SubnetId: `subnet-0123456789abcdef${Number(InstanceId.at(-1)) % 2}`,
  PrivateIpAddress: `10.0.0.${InstanceId.at(-1)}`,
  SecurityGroups: [{ GroupId: 'sg-0123456789abcdef8' }, { GroupId: 'sg-0123456789abcdef9' }],
  IamInstanceProfile: { Arn: 'arn:aws:iam::111122223333:instance-profile/web/shop' },
  Tags: [{ Key: 'aws:autoscaling:groupName', Value: 'shop' }],
  ...more,
});
export const instancesWith = (more: object, ids = IDS): Answers => ({
  DescribeInstances: { Reservations: [{ Instances: ids.map((id) => instance(id, more)) }] },
});
export const agent = (InstanceId: string, more: object = {}) => ({
  InstanceId,
  PingStatus: 'Online',
  PlatformType: 'Linux',
  AgentVersion: '3.3.4000.0',
  ...more,
});
export const agentsWith = (more: object, ids = IDS): Answers => ({
  DescribeInstanceInformation: { InstanceInformationList: ids.map((id) => agent(id, more)) },
});
/** As teams have them outside of any group. */
export const listedServers = (ids: readonly string[]): Answers => ({
  ...targetsWith(...ids.map((Id) => ({ Id, Port: 8080 }))),
  ...instancesWith({ Tags: [] }, [...ids]),
  ...agentsWith({}, [...ids]),
});

const VIEW = {
  units: ['tomcat.service'],
  programs: ['java'],
  java: { home: '/usr/lib/jvm/java-17-amazon-corretto', version: 17 },
  tomcat: { home: '/opt/tomcat', version: '10.1.24.0', applications: ['ROOT'], flags: ['-Xmx2g'], properties: ['user.timezone'] },
  processes: 0,
  closed: [],
  connected: true,
  others: [],
  aws: true,
};
/** A Tomcat that differs from the usual one. */
export const tomcatWith = (more: object): object => ({ tomcat: { ...VIEW.tomcat, ...more } });
/** What the script prints on each server, by the last digit of its id; one for all without. */
export const viewsWith = (...views: object[]): Answers => ({
  GetCommandInvocation: ({ InstanceId }) => {
    const view = views[views.length === 1 ? 0 : Number(String(InstanceId).at(-1)) - 1];
    return { Status: 'Success', StandardOutputContent: JSON.stringify({ ...VIEW, ...view }) };
  },
});

const USUAL: Answers = {
  ...targetGroupWith({}),
  ...attributesWith({ 'stickiness.enabled': 'false', 'deregistration_delay.timeout_seconds': '120' }),
  ...targetsWith(...IDS.map((Id) => ({ Id, Port: 8080 }))),
  ...instancesWith({}),
  ...agentsWith({}),
  ...viewsWith({}),
  DescribeTags: { TagDescriptions: [] },
  DescribeLoadBalancers: {
    LoadBalancers: [
      {
        LoadBalancerArn: LOAD_BALANCER,
        LoadBalancerName: 'shared',
        AvailabilityZones: [{ SubnetId: 'subnet-0123456789abcdefa' }, { SubnetId: 'subnet-0123456789abcdefb' }],
      },
    ],
  },
  DescribeListeners: { Listeners: [{ ListenerArn: 'arn:l', Protocol: 'HTTPS', Port: 443 }] },
  DescribeRules: {
    Rules: [
      {
        Priority: '10',
        Conditions: [{ Field: 'host-header', HostHeaderConfig: { Values: ['shop.example.com'] } }],
        Actions: [{ Type: 'forward', TargetGroupArn: TARGET_GROUP }],
      },
      { IsDefault: true, Priority: 'default', Actions: [{ Type: 'forward', TargetGroupArn: `${ARN}targetgroup/other/1` }] },
    ],
  },
  DescribeAutoScalingGroups: { AutoScalingGroups: [{ AutoScalingGroupName: 'shop', TargetGroupARNs: [TARGET_GROUP] }] },
  GetInstanceProfile: { InstanceProfile: { Roles: [{ RoleName: 'shop-server' }] } },
  DescribeSecurityGroups: {
    SecurityGroups: [
      { GroupId: 'sg-0123456789abcdef8', GroupName: 'ssh', IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22 }] },
      { GroupId: 'sg-0123456789abcdef9', GroupName: 'web', IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080 }] },
    ],
  },
  SendCommand: { Command: { CommandId: 'c-1' } },
};

/** @param asked gets the name of each operation */
export const fleetPlace = (folder: string, answers: Answers = {}, asked: string[] = []) => ({
  ...placeIn(folder, {}, []),
  clients: (region: string) => {
    const answering = answeringBy({ ...USUAL, ...answers }, asked);
    return {
      ...clientsWith({ ...USUAL, ...answers }, asked)(),
      elb: answering(new ElasticLoadBalancingV2Client({ region })),
      autoScaling: answering(new AutoScalingClient({ region })),
      iam: answering(new IAMClient({ region })),
      ssm: answering(new SSMClient({ region })),
    };
  },
});
