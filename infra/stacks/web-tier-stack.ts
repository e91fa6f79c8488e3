import { aws_ec2 as ec2, Stack, type StackProps, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { releasesBucketName } from '../../functions/shared/naming.ts';
import { type FleetConfig, isAdopted, makesGroup, makesLoadBalancer } from '../config/fleet.ts';
import type { HoldfastConfig } from '../config.ts';
import { accountOf, acknowledge, wildcard } from '../constructs/acknowledge.ts';
import { deadLetterAlarm } from '../constructs/dead-letter-alarm.ts';
import { instanceRole } from '../constructs/instance-role.ts';
import { Lifecycle } from '../constructs/lifecycle.ts';
import { type Members, membersOf } from '../constructs/members.ts';
import type { Network, Part } from '../constructs/network.ts';
import { prepareDocument } from '../constructs/prepare-document.ts';
import { serverGroup } from '../constructs/server-group.ts';
import type { StoreEndpoint } from '../constructs/store-endpoint.ts';
import { webFront } from '../constructs/web-front.ts';
import { webTierAlarms } from '../constructs/web-tier-alarms.ts';
import { webTierDashboard } from '../dashboards/fleet-dashboards.ts';
import { fleetUserData } from '../fleet/user-data.ts';
import type { ReleasesStack } from './releases-stack.ts';

export interface WebTierStackProps extends StackProps {
  readonly config: HoldfastConfig;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
  readonly network: Part<Network>;
  readonly store: Part<StoreEndpoint>;
  readonly releases: ReleasesStack;
  /** What every alarm tells. */
  readonly alarmsTopic: sns.ITopic;
}

/**
 * One fleet: what leads requests to its servers, and the servers, each as far as the configuration does not name it; the
 * alarms that a deploy watches; and, where servers come and go, what installs the current release on a new one.
 */
export class WebTierStack extends Stack {
  readonly targetGroupArn: string;
  readonly members: Members;
  /** Alarms that a deploy watches while it settles. */
  readonly alarmNames: readonly string[];

  constructor(scope: Construct, id: string, props: WebTierStackProps) {
    super(scope, id, props);
    const { config, fleetName, fleet } = props;
    const { installation } = config;
    const network = props.network(this);
    const store = props.store(this);
    const securityGroups = this.securityGroups(props, network, store);

    const targetGroup = webFront(this, { config, fleetName, fleet, network, securityGroup: securityGroups.loadBalancer });
    const userData = fleetUserData({
      port: fleet.port,
      storeHost: store.host,
      storePort: store.port,
      storeTls: store.tls,
      storeUser: store.application?.userName ?? '',
      storeSecretArn: store.application?.secret.secretArn ?? '',
      region: this.region,
      runtimePackages: fleet.runtimePackages,
      replacesService: fleet.existing?.replacesService,
    });
    this.members = membersOf(this, {
      installation,
      fleetName,
      fleet,
      prepareDocument: isAdopted(fleet) ? prepareDocument(this, { installation, fleetName, userData }) : undefined,
    });
    const lifecycle =
      this.members.autoScalingGroupName === undefined
        ? undefined
        : new Lifecycle(this, 'Lifecycle', {
            config,
            fleetName,
            fleet,
            releases: props.releases,
            members: this.members,
            autoScalingGroupName: this.members.autoScalingGroupName,
          });
    const role =
      makesGroup(fleet) || fleet.existing?.instanceRoleName ? instanceRole(this, { installation, fleetName, fleet, store }) : undefined;
    if (makesGroup(fleet) && role && securityGroups.servers) {
      const group = serverGroup(this, { installation, fleetName, fleet, network, securityGroup: securityGroups.servers, role, userData });
      group.attachToApplicationTargetGroup(targetGroup);
      lifecycle?.attachTo(group);
    } else {
      lifecycle?.attachToNamed();
    }

    acknowledge(this, {
      ...(makesLoadBalancer(fleet) && {
        'AwsSolutions-EC23': 'The load balancer is the public front: ports 80 and 443 are open to everyone by intent.',
        'AwsSolutions-ELB2':
          'Access logs carry no cookies, so they cannot show a session; an account that wants them names its own bucket on the load balancer.',
      }),
      ...(makesGroup(fleet) && {
        'AwsSolutions-AS3': 'Scaling events reach EventBridge without a topic; the lifecycle rules listen there.',
        'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]':
          'AmazonSSMManagedInstanceCore is what AWS keeps in step with its agent; a copy would fall behind.',
      }),
      ...(role && {
        [wildcard(this, 's3', `${releasesBucketName(installation, accountOf(this), this.region)}/${fleetName}/*`)]:
          "A server reads every release of its own fleet: the wildcard is the fleet's prefix.",
      }),
    });

    this.targetGroupArn = targetGroup.targetGroupArn;
    const topic = props.alarmsTopic;
    const alarms = webTierAlarms(this, { installation, fleetName, targetGroup, topic });
    this.alarmNames = alarms.watchedByDeploys.map(({ alarmName }) => alarmName);
    const deadLetters = lifecycle
      ? [deadLetterAlarm(this, { installation, fleetName, heading: 'lifecycle-dead-letters', queue: lifecycle.deadLetters, topic })]
      : [];
    webTierDashboard(this, { installation, fleetName, targetGroup, alarms: [...alarms.all, ...deadLetters] });
  }

  /** The groups that Holdfast makes or was given, with the rules between them; each rule goes with this stack. */
  private securityGroups(
    { fleetName, fleet }: WebTierStackProps,
    { vpc }: Network,
    store: StoreEndpoint,
  ): { readonly loadBalancer?: ec2.ISecurityGroup | undefined; readonly servers?: ec2.ISecurityGroup | undefined } {
    const { loadBalancerSecurityGroupId, instanceSecurityGroupId } = fleet.existing ?? {};
    const make = (id: string, description: string, allowAllOutbound: boolean) =>
      new ec2.SecurityGroup(this, id, { vpc, description, allowAllOutbound });
    // Rules of two named groups are their owner's, who has them: EC2 refuses to have one twice.
    const named = (id: string, groupId: string | undefined, mutable: boolean) =>
      groupId === undefined ? undefined : ec2.SecurityGroup.fromSecurityGroupId(this, id, groupId, { mutable });
    const loadBalancer =
      named('LoadBalancerSecurityGroup', loadBalancerSecurityGroupId, false) ??
      (makesLoadBalancer(fleet) ? make('LoadBalancerSecurityGroup', `Load balancer of ${fleetName}`, false) : undefined);
    const servers =
      named('InstanceSecurityGroup', instanceSecurityGroupId, loadBalancerSecurityGroupId === undefined) ??
      (makesGroup(fleet) ? make('InstanceSecurityGroup', `Servers of ${fleetName}`, true) : undefined);
    const appPort = ec2.Port.tcp(fleet.port);
    if (loadBalancer && servers && (makesGroup(fleet) || makesLoadBalancer(fleet))) {
      if (makesLoadBalancer(fleet)) loadBalancer.addEgressRule(servers, appPort, 'Servers');
      servers.addIngressRule(loadBalancer, appPort, 'Load balancer');
    }
    if (loadBalancer && makesLoadBalancer(fleet)) {
      for (const { nodeId, ip, port } of fleet.existing?.nodes ?? [])
        loadBalancer.addEgressRule(ec2.Peer.ipv4(`${ip}/32`), ec2.Port.tcp(port), nodeId);
    }
    if (servers && store.securityGroup && !(instanceSecurityGroupId && store.isNamed)) {
      new ec2.CfnSecurityGroupIngress(this, 'StoreFromServers', {
        groupId: store.securityGroup.securityGroupId,
        sourceSecurityGroupId: servers.securityGroupId,
        ipProtocol: 'tcp',
        fromPort: store.rulePort,
        toPort: store.rulePort,
        description: `Servers of ${fleetName}`,
      });
    }
    return { loadBalancer, servers };
  }
}
