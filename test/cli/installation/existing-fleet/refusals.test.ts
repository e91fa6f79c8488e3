/** What `init --existing --target-group` refuses: one sentence each that says what, what was left as it was, and what to do. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CommandFailure } from '../../../../cli/failure.ts';
import { initFleet } from '../../../../cli/installation/existing-fleet/init-fleet.ts';
import { createOutput } from '../../../../cli/output.ts';
import { type Answers, refusal } from '../existing-store/aws-answers.ts';
import {
  agent,
  agentsWith,
  fleetPlace,
  IDS,
  instance,
  instancesWith,
  listedServers,
  TARGET_GROUP,
  targetGroupWith,
  targetsWith,
  tomcatWith,
  viewsWith,
} from './fleet-answers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const many = Array.from({ length: 101 }, (_, at) => ({ Id: `i-${String(at).padStart(17, '0')}`, Port: 8080 }));
const ADDRESSES = { ...targetGroupWith({ TargetType: 'ip' }), ...targetsWith({ Id: '10.0.3.7', Port: 8080 }) };

it.each<[string, Answers, string]>([
  ['a target group that is not there', { DescribeTargetGroups: refusal('TargetGroupNotFoundException') }, 'There is no target group arn:'],
  [
    'one of a Lambda function',
    targetGroupWith({ TargetType: 'lambda', Protocol: undefined }),
    'A Lambda function is the target of target group shop',
  ],
  ['one of a load balancer', targetGroupWith({ TargetType: 'alb', Protocol: 'TCP' }), 'The protocol of target group shop is TCP'],
  ['one of a Network Load Balancer', targetGroupWith({ Protocol: 'TCP' }), 'The protocol of target group shop is TCP'],
  ['one with TLS to the servers', targetGroupWith({ Protocol: 'HTTPS' }), 'The protocol of target group shop is HTTPS'],
  ['one of gRPC', targetGroupWith({ ProtocolVersion: 'GRPC' }), 'The protocol version of target group shop is gRPC'],
  ['one of IPv6', targetGroupWith({ IpAddressType: 'ipv6' }), 'The targets of target group shop have IPv6 addresses'],
  ['one behind no load balancer', targetGroupWith({ LoadBalancerArns: [] }), 'No load balancer sends requests to target group shop'],
  [
    'one behind two load balancers',
    targetGroupWith({ LoadBalancerArns: ['a', 'b'] }),
    '2 load balancers send requests to target group shop',
  ],
  ['one without targets', targetsWith(), 'Target group shop has no targets but those that leave it'],
  [
    'one whose targets all leave',
    { DescribeTargetHealth: { TargetHealthDescriptions: [{ Target: { Id: IDS[0], Port: 80 }, TargetHealth: { State: 'draining' } }] } },
    'no targets but those that leave',
  ],
  ['one with more targets than a deploy rolls', targetsWith(...many), 'Target group shop has 101 targets'],
  // codesuki/ecs-nginx-proxy 7: tasks with dynamic host ports register one instance several times.
  [
    'containers on dynamic ports',
    targetsWith({ Id: IDS[0], Port: 32768 }, { Id: IDS[0], Port: 32770 }),
    'The targets of shop have several ports (32768, 32770)',
  ],
  [
    'pods',
    { DescribeTags: { TagDescriptions: [{ ResourceArn: TARGET_GROUP, Tags: [{ Key: 'elbv2.k8s.aws/cluster', Value: 'prod' }] }] } },
    'Kubernetes registers pods in shop',
  ],
  ['tasks of Fargate', { ...ADDRESSES, DescribeInstances: { Reservations: [] } }, '10.0.3.7 is the address of no instance'],
  [
    // aws/amazon-ssm-agent 407: a stopped instance is not listed at all.
    'instances without an agent',
    { DescribeInstanceInformation: { InstanceInformationList: [agent(IDS[0] as string)] } },
    `Systems Manager does not list ${IDS[1]}, ${IDS[2]} as Linux and Online`,
  ],
  // aws/amazon-ssm-agent 27: a node can report the address of its Docker bridge.
  [
    'a node with another address',
    {
      ...ADDRESSES,
      DescribeInstances: { Reservations: [] },
      DescribeInstanceInformation: { InstanceInformationList: [agent('mi-0123456789abcdef1', { IPAddress: '172.17.0.1' })] },
    },
    '10.0.3.7 is the address of no instance and of no node',
  ],
  [
    'servers of Elastic Beanstalk',
    instancesWith({ Tags: [{ Key: 'elasticbeanstalk:environment-name', Value: 'shop' }] }),
    'Elastic Beanstalk deploys to i-',
  ],
  ['agents that are lost', agentsWith({ PingStatus: 'ConnectionLost' }), 'Systems Manager does not list'],
  ['Windows', agentsWith({ PlatformType: 'Windows' }), 'as Linux and Online'],
  [
    'servers inside and outside of a group',
    {
      DescribeInstances: {
        Reservations: [{ Instances: [instance(IDS[0] as string), ...IDS.slice(1).map((id) => instance(id, { Tags: [] }))] }],
      },
    },
    'The servers are in different Auto Scaling groups (shop, none)',
  ],
  // Registered by hand: a scale-out would not be in the target group.
  [
    'a group that is not attached',
    { DescribeAutoScalingGroups: { AutoScalingGroups: [{ AutoScalingGroupName: 'shop' }] } },
    'Auto Scaling group shop does not register its servers',
  ],
  [
    'two services at the port of one server',
    viewsWith({ units: ['nginx.service', 'tomcat.service'] }),
    'Several services are at port 8080',
  ],
  [
    'services of two names',
    viewsWith({}, { units: ['tomcat9.service'] }, {}),
    'Several services are at port 8080 (tomcat.service on i-0123456789abcdef1, tomcat9.service on',
  ],
  // ODOT-PTS/TNExT 63: port 80 is led to Tomcat's own by iptables.
  ['nothing at the port', viewsWith({ units: [], programs: [] }), 'Nothing listens at port 8080'],
  ['a container of Docker', viewsWith({ units: ['docker.service'], programs: ['docker-proxy'] }), 'A container is at port 8080'],
  [
    'a container with the network of its host',
    viewsWith({ units: ['docker-0123abcd.scope'], programs: ['java'] }),
    'A container is at port 8080',
  ],
  ['a process that someone started', viewsWith({ units: ['session-3.scope'] }), 'belongs to session-3.scope'],
  // pranshuparmar/witr 60: systemd holds the socket of a service that nobody has asked yet.
  ['a socket without its service', viewsWith({ units: ['init.scope'], programs: ['systemd'] }), 'belongs to init.scope'],
  ['a service of a user', viewsWith({ units: ['user@1000.service'] }), 'belongs to user@1000.service'],
  ['a process without a unit', viewsWith({ units: ['none'] }), 'belongs to no unit of systemd'],
  ['an old Java', viewsWith({ java: { home: '/usr/lib/jvm/java-8', version: 8 } }), 'Tomcat or its Java is too old on i-'],
  ['an old Tomcat', viewsWith(tomcatWith({ version: '8.5.100.0' })), 'releases of a WAR need Tomcat 9 and Java 11, or newer'],
  [
    'a Tomcat with several applications',
    viewsWith(tomcatWith({ applications: ['ROOT', 'shop'] })),
    'Tomcat has several applications (ROOT, shop), and a release that Holdfast makes is one WAR at /: write the configuration for CodeDeploy bundles',
  ],
  [
    'a service whose name no configuration can have',
    viewsWith({ units: ['shop\\x2dweb.service'] }),
    'What was found is not valid: fleets.web.existing.replacesService ("shop',
  ],
  [
    'a store in another VPC, without a route to it',
    {
      DescribeCacheSubnetGroups: { CacheSubnetGroups: [{ VpcId: 'vpc-00000000', Subnets: [{ SubnetIdentifier: 'subnet-00000000' }] }] },
      DescribeSubnets: {
        Subnets: ['subnet-00000000', 'subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'].map((SubnetId) => ({
          SubnetId,
          VpcId: SubnetId.length > 16 ? 'vpc-0123456789abcdef0' : 'vpc-00000000',
          CidrBlock: '10.1.0.0/24',
        })),
      },
    },
    'From subnet-0123456789abcdef1, subnet-0123456789abcdef0 no route leads to the subnets of shop',
  ],
  ['no right', { DescribeRules: refusal('AccessDenied') }, 'do not allow elasticloadbalancing:DescribeRules'],
])('%s', async (_, answers, sentence) => {
  const listed = sentence.includes('tomcat9') ? listedServers(IDS) : {};
  const refused = initFleet({ targetGroup: TARGET_GROUP, store: 'shop' }, createOutput(true), {
    ...fleetPlace(folder, { ...listed, ...answers }),
  });
  const error = (await refused.catch((thrown: unknown) => thrown)) as CommandFailure;
  expect(error.message).toContain(sentence);
  expect(error.message).toContain('Nothing was written.');
  expect(error.message).toMatch(/\.$/);
  expect(error.message).not.toContain('\n');
  expect(readdirSync(folder)).toEqual([]);
});
