import { aws_autoscaling as autoscaling, Duration, aws_ec2 as ec2, type aws_iam as iam, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { autoScalingGroupName, FLEET_TAG } from '../../../functions/shared/naming.ts';
import { type FleetWithGroup, mostCapacity, retainsServers } from '../../config/fleet.ts';
import type { Network } from '../network.ts';

/** Instances in the state Terminating:Retained. @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/manage-retained-instances.html */
export const RETAINED_METRIC = 'GroupTerminatingRetainedInstances';

export interface ServerGroupProps {
  readonly installation: string;
  readonly fleetName: string;
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
  const { installation, fleetName, fleet, network, securityGroup, role } = props;
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
