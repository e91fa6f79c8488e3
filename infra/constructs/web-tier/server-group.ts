import {
  aws_autoscaling as autoscaling,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_ec2 as ec2,
  type aws_iam as iam,
  Tags,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { autoScalingGroupName, FLEET_TAG } from '../../../functions/shared/naming.ts';
import { createsGroup, createsLoadBalancer, type FleetWithGroup, mostCapacity, retainsServers } from '../../config/fleet.ts';
import type { NamedFleet } from '../../config.ts';
import type { Network } from '../network.ts';
import type { StoreEndpoint } from '../store/store-endpoint.ts';
import { type FleetAlarmPlace, fleetAlarm, minuteOf } from '../watch-alarm.ts';

interface FleetSecurityGroups {
  readonly loadBalancer?: ec2.ISecurityGroup | undefined;
  readonly servers?: ec2.ISecurityGroup | undefined;
}

/** The created and existing groups of load balancer and servers, with the rules between them; each rule is deleted with the stack. */
export function fleetSecurityGroups(
  scope: Construct,
  { fleetName, fleet }: NamedFleet,
  network: Network,
  store: StoreEndpoint,
): FleetSecurityGroups {
  const { loadBalancerSecurityGroupId, instanceSecurityGroupId } = fleet.existing ?? {};
  const create = (id: string, description: string, allowAllOutbound: boolean) =>
    new ec2.SecurityGroup(scope, id, { vpc: network.vpc, description, allowAllOutbound });
  // The rules between two existing groups are their owner's: EC2 rejects a rule that a group already has.
  const existing = (id: string, groupId: string | undefined, mutable: boolean) =>
    groupId === undefined ? undefined : ec2.SecurityGroup.fromSecurityGroupId(scope, id, groupId, { mutable });
  const loadBalancer =
    existing('LoadBalancerSecurityGroup', loadBalancerSecurityGroupId, false) ??
    (createsLoadBalancer(fleet) ? create('LoadBalancerSecurityGroup', `Load balancer of ${fleetName}`, false) : undefined);
  const servers =
    existing('InstanceSecurityGroup', instanceSecurityGroupId, loadBalancerSecurityGroupId === undefined) ??
    (createsGroup(fleet) ? create('InstanceSecurityGroup', `Servers of ${fleetName}`, true) : undefined);
  const appPort = ec2.Port.tcp(fleet.port);
  if (loadBalancer && servers && (createsGroup(fleet) || createsLoadBalancer(fleet))) {
    if (createsLoadBalancer(fleet)) loadBalancer.addEgressRule(servers, appPort, 'Servers');
    servers.addIngressRule(loadBalancer, appPort, 'Load balancer');
  }
  if (loadBalancer && createsLoadBalancer(fleet)) {
    for (const { nodeId, ip, port } of fleet.existing?.nodes ?? [])
      loadBalancer.addEgressRule(ec2.Peer.ipv4(`${ip}/32`), ec2.Port.tcp(port), nodeId);
  }
  if (servers && store.securityGroup && !(instanceSecurityGroupId && store.isExisting)) {
    new ec2.CfnSecurityGroupIngress(scope, 'StoreFromServers', {
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

/** A retained server costs as any other, and nobody but an operator ends it. */
export const retainedServersAlarm = (scope: Construct, place: FleetAlarmPlace): cloudwatch.Alarm =>
  fleetAlarm(scope, place, 'retained-servers', {
    severity: 'medium',
    sentence: `Auto Scaling retains servers of ${place.fleetName}, since their termination was not completed`,
    metric: new cloudwatch.Metric({
      namespace: 'AWS/AutoScaling',
      metricName: RETAINED_METRIC,
      dimensionsMap: { AutoScalingGroupName: autoScalingGroupName(place.installation, place.fleetName) },
      ...minuteOf('Maximum'),
    }),
    threshold: 1,
    // Auto Scaling sends the number, zero too, each minute on a best-effort basis: a gap says nothing about a server that is retained.
    missing: cloudwatch.TreatMissingData.IGNORE,
  });

/** Instances in the state Terminating:Retained. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/manage-retained-instances.html */
const RETAINED_METRIC = 'GroupTerminatingRetainedInstances';

export interface ServerGroupProps extends Omit<NamedFleet, 'fleet'> {
  readonly fleet: FleetWithGroup;
  readonly network: Network;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly role: iam.IRole;
  readonly userData: string;
}

/**
 * An instance whose termination nobody completed has sessions that nobody waited for: it stays, and an alarm shows it.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-lifecycle-policy.html
 */
const RETENTION = {
  instanceLifecyclePolicy: { retentionTriggers: { terminateHookAbandon: autoscaling.TerminateHookAbandonAction.RETAIN } },
  groupMetrics: [new autoscaling.GroupMetrics(new autoscaling.GroupMetric(RETAINED_METRIC))],
};

/** A created Auto Scaling group, whose instances prepare themselves by their user data. */
export function serverGroup(scope: Construct, props: ServerGroupProps): autoscaling.AutoScalingGroup {
  const { config, fleetName, fleet, network, securityGroup, role } = props;
  const { installation } = config;
  const launchTemplate = new ec2.LaunchTemplate(scope, 'LaunchTemplate', {
    // Resolved at each launch, to the newest image: synthesis needs no look-up.
    machineImage: ec2.MachineImage.resolveSsmParameterAtLaunch('/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64'),
    instanceType: new ec2.InstanceType(fleet.instanceType),
    securityGroup,
    role,
    requireImdsv2: true,
    httpTokens: ec2.LaunchTemplateHttpTokens.REQUIRED,
    // Amazon Linux 2023's images have 2: a container's process, one network further, could be the server.
    httpPutResponseHopLimit: 1,
    associatePublicIpAddress: true,
    userData: ec2.UserData.custom(props.userData),
    blockDevices: [
      { deviceName: '/dev/xvda', volume: ec2.BlockDeviceVolume.ebs(16, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }) },
    ],
  });
  const group = new autoscaling.AutoScalingGroup(scope, 'Group', {
    autoScalingGroupName: autoScalingGroupName(installation, fleetName),
    vpc: network.vpc,
    vpcSubnets: network.webSubnets,
    launchTemplate,
    // No desired capacity: it would reset the group's size at each `cdk deploy`.
    minCapacity: fleet.minCapacity,
    maxCapacity: mostCapacity(fleet),
    healthChecks: autoscaling.HealthChecks.withAdditionalChecks({
      additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
      gracePeriod: Duration.minutes(5),
    }),
    ...(retainsServers(fleet) && RETENTION),
  });
  Tags.of(group).add(FLEET_TAG, `${installation}/${fleetName}`);
  return group;
}
